// Every page of the router, in every language and state: status, language, accessibility, width, console, requests.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { axe, launch, open, overflow, pages, plan, small } from "./lib.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

const widths = [360, 768, 1440];

// Two at once: a page is drawn by one core.
describe("pages", { concurrency: 2 }, () => {
  for (const visit of pages) {
    test(`${visit.state} ${visit.path}`, async () => {
      const { context, page, wrong } = await open(browser, plan.servers[visit.state]);
      try {
        // The map that moves has tests of its own; here the drawn one is looked at, as everybody gets it first.
        await context.route("**/map.js", (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
        const answer = await page.goto(plan.servers[visit.state] + visit.path);
        assert.equal(answer.status(), visit.state === "no-run" && visit.needsRun ? 503 : 200);
        assert.equal(await page.getAttribute("html", "lang"), visit.lang);
        for (const width of widths) {
          await page.setViewportSize({ width, height: 900 });
          assert.equal(await overflow(page), "", `at ${width} px`);
          assert.deepEqual(await small(page), [], `small targets at ${width} px`);
        }
        // Other languages have the same mark-up with other words: width and console are looked at, the rest in German, in
        // Arabic and in Leichte Sprache.
        assert.deepEqual(wrong.foreign, [], "requests to another server");
        assert.deepEqual(wrong.console, [], "console");
        if (!["de", "de-simple", "ar"].includes(visit.lang)) return;
        if (visit.lang === "de") {
          await page.evaluate(() => { document.documentElement.dir = "rtl"; });
          for (const width of [360, 1440]) {
            await page.setViewportSize({ width, height: 900 });
            assert.equal(await overflow(page), "", `right to left at ${width} px`);
          }
          await page.evaluate(() => { document.documentElement.dir = "ltr"; });
        }
        assert.deepEqual(await axe(page), [], "light");
        if (["normal", "suppressed", "signed-in"].includes(visit.state)) {
          // Another scheme has other colours and nothing else.
          await page.emulateMedia({ colorScheme: "dark" });
          assert.deepEqual(await axe(page, ["color-contrast"]), [], "dark");
        }
        assert.deepEqual(wrong.foreign, [], "requests to another server");
        assert.deepEqual(wrong.console, [], "console");
      } finally {
        await context.close();
      }
    });
  }
});

describe("addresses without a language", () => {
  for (const visit of plan.visits.filter((v) => !v.lang)) {
    test(`${visit.state} ${visit.path}`, async () => {
      const context = await browser.newContext({ extraHTTPHeaders: { "Accept-Language": "en-GB, de;q=0.5" } });
      try {
        // The quick exit leads away from here; where to is not asked for.
        const away = visit.route === "leave";
        const answer = await context.request.get(plan.servers[visit.state] + visit.path, away ? { maxRedirects: 0 } : {});
        const withoutRun = visit.state === "no-run" && visit.needsRun;
        assert.equal(answer.status(), away ? 303 : withoutRun ? 503 : 200);
        if (visit.route === "home") assert.equal(new URL(answer.url()).pathname, "/en/help");
      } finally {
        await context.close();
      }
    });
  }
});

test("the control page is caught by every check", async () => {
  const { context, page, wrong } = await open(browser, plan.control);
  try {
    await page.goto(plan.control);
    await page.waitForLoadState("networkidle");
    assert.match(await overflow(page), /too wide/);
    const found = (await axe(page)).join("\n");
    for (const rule of ["color-contrast", "html-has-lang", "image-alt"]) assert.match(found, new RegExp(rule));
    assert.equal(wrong.foreign.length, 1);
    assert.equal(wrong.console.length >= 2, true, String(wrong.console));
  } finally {
    await context.close();
  }
});
