// What people do with the pages: by keyboard, without JavaScript, on paper, on the map.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { at, launch, leave, open, overflow, plan } from "./lib.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

async function visit(t, url, options = {}) {
  const opened = await open(browser, plan.servers.normal, options);
  t.after(() => opened.context.close());
  await opened.page.goto(url);
  return opened;
}

const focused = (page) => page.evaluate(() => ({ tag: document.activeElement.tagName, text: document.activeElement.textContent.trim().slice(0, 60), href: document.activeElement.getAttribute("href") }));

test("the keyboard reaches the content first, then everything in order, and sees where it is", async (t) => {
  const { page } = await visit(t, at("findings"));
  await page.keyboard.press("Tab");
  assert.equal((await focused(page)).href, "#content");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.equal((await focused(page)).tag, "SELECT", "after the skip link comes the first choice of the form");
  const reached = [];
  for (let i = 0; i < 40; i++) {
    const now = await page.evaluate(() => {
      if (document.activeElement === document.body) return { href: null, ring: true }; // the browser's own controls
      const style = getComputedStyle(document.activeElement);
      return { href: document.activeElement.getAttribute("href"), ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 };
    });
    assert.equal(now.ring, true, `no visible focus on ${now.href}`);
    reached.push(now.href);
    await page.keyboard.press("Tab");
  }
  assert.ok(reached.some((h) => h?.startsWith("/de/befunde/")), "findings are reached");
});

test("filters work by keyboard and without JavaScript", async (t) => {
  const { page } = await visit(t, at("findings"), { javaScriptEnabled: false });
  await page.selectOption("#f-cause", "too-far");
  await page.focus(".filter-actions button");
  await page.keyboard.press("Enter");
  await page.waitForURL(/cause=too-far/);
  assert.equal(new URL(page.url()).searchParams.get("cause"), "too-far");
  const causes = await page.locator(".finding-row .tag:first-of-type").allInnerTexts();
  assert.ok(causes.length > 0 && causes.every((c) => c.includes("zu weit")), causes.join());
});

test("every page says the same without JavaScript", async (t) => {
  for (const route of ["start", "atlas", "findings", "finding", "districts", "district", "methods", "notices", "exports"]) {
    const { page, wrong } = await visit(t, at(route), { javaScriptEnabled: false });
    assert.ok((await page.locator("main").innerText()).length > 200, route);
    if (["start", "atlas", "finding", "district"].includes(route)) assert.ok(await page.locator("svg.map").first().isVisible(), `${route} has a map`);
    assert.deepEqual(wrong.foreign, []);
  }
});

test("the menu of a small screen opens, leads on and closes by keyboard", async (t) => {
  const { page } = await visit(t, at("start"), { viewport: { width: 360, height: 740 } });
  assert.equal(await page.locator("#menu a").first().isVisible(), false);
  await page.focus(".menu-button");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("#menu a").first().isVisible(), true);
  assert.equal(await overflow(page), "");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#menu a").first().isVisible(), false);
});

test("the language changes without a script, the page stays, and the choice is remembered", async (t) => {
  const { page } = await visit(t, at("findings") + "?cause=too-far&page=2", { javaScriptEnabled: false });
  await page.click("[popovertarget=languages]");
  await leave(page, () => page.click(".languages button[lang=en]"));
  const url = new URL(page.url());
  assert.equal(url.pathname + url.search, "/en/findings?cause=too-far&page=2");
  await page.goto(plan.servers.normal + "/");
  assert.equal(new URL(page.url()).pathname, "/en/help");
});

test("the profile of a district prints on one sheet, with statistics on a second one", async (t) => {
  for (const state of ["normal", "suppressed", "empty"]) {
    for (const lang of ["de", "en"]) {
      const opened = await open(browser, plan.servers[state]);
      t.after(() => opened.context.close());
      await opened.page.goto(at("district", lang, state));
      const statistics = await opened.page.locator(".sheet-second").count();
      assert.ok(statistics === 1 || state === "empty" && statistics === 0, `${state} ${lang} has ${statistics} parts of statistics`);
      assert.equal(sheets(await opened.page.pdf({ preferCSSPageSize: true })), 1 + statistics, `${state} ${lang}`);
    }
  }
  // The control: the list of findings needs more than two sheets, and the count says so.
  const { page } = await visit(t, at("findings"));
  assert.ok(sheets(await page.pdf({ preferCSSPageSize: true })) > 2);
});

const sheets = (pdf) => pdf.toString("latin1").match(/\/Type\s*\/Page[^s]/g)?.length ?? 0;

for (const [route, query] of [["atlas", "?show=cause"], ["atlas", "?show=minutes"], ["atlas", "?show=shortfall"], ["finding", ""]]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`the map of ${route}${query} comes alive in the ${colorScheme} scheme, from this server alone`, async (t) => {
      const { page, wrong } = await visit(t, at(route) + query, { colorScheme });
      await page.waitForSelector(".island[data-ready=true]", { timeout: 30000 });
      assert.deepEqual(wrong.foreign, []);
      assert.deepEqual(wrong.console, []);
      assert.ok((await page.getAttribute(".maplibregl-canvas", "aria-label")).length > 20);
      assert.equal(await page.getAttribute(".maplibregl-ctrl-zoom-in", "aria-label"), "Vergrößern");
      assert.equal(await overflow(page), "");
      // Many colours mean that something was drawn: a blank map has one.
      const shot = await page.locator(".island").screenshot();
      assert.ok(shot.length > 15000, `the map is blank (${shot.length} bytes)`);
    });
  }
}

test("the drawn map stays where tiles cannot be read", async (t) => {
  const opened = await open(browser, plan.servers.normal);
  t.after(() => opened.context.close());
  await opened.context.route("**/*.pmtiles", (route) => route.fulfill({ status: 404, body: "" }));
  await opened.page.goto(at("atlas") + "?show=cause");
  await opened.page.waitForSelector(".island[data-failed]", { timeout: 30000 });
  assert.ok(await opened.page.locator("svg.map").isVisible());
  assert.equal(await opened.page.locator(".maplibregl-canvas").count(), 0);
});
