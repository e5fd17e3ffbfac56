// Residents' pages: in German, in Arabic (right to left) and in Leichte Sprache; with and without JavaScript, by keyboard,
// on a phone, on paper, and without internet after the first visit.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { at, axe, launch, open, overflow, plan, small } from "./lib.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

// What is asked for in each language; the offer of the example town advises people in debt.
const asked = { de: "Schulden", ar: "ديون", "de-simple": "Schulden" };
const offer = () => new URL(at("offer")).pathname.split("/").pop();

async function visit(t, url, options = {}) {
  const opened = await open(browser, plan.servers.normal, options);
  t.after(() => opened.context.close());
  await opened.page.goto(url);
  return opened;
}

// A context of its own without interception: a service worker answers only where nothing stands in its way.
async function plain(t, options = {}) {
  const context = await browser.newContext({ viewport: { width: 360, height: 780 }, ...options });
  t.after(() => context.close());
  return { context, page: await context.newPage() };
}

async function looksRight(page, width, what) {
  await page.setViewportSize({ width, height: 900 });
  assert.equal(await overflow(page), "", `${what} at ${width} px`);
  assert.deepEqual(await small(page), [], `${what}: small targets at ${width} px`);
}

describe("results, sheet and emergency", () => {
  for (const lang of Object.keys(asked)) {
    for (const javaScriptEnabled of [true, false]) {
      test(`${lang}, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async (t) => {
        const { page, wrong } = await visit(t, at("finder", lang), { javaScriptEnabled, viewport: { width: 360, height: 780 } });
        assert.equal(await page.getAttribute("html", "dir"), lang === "ar" ? "rtl" : "ltr");
        await page.fill("#f-q", asked[lang]);
        await page.press("#f-q", "Enter");
        await page.waitForURL(/q=[^&]/);
        assert.ok(await page.locator(".offer").count() > 0, "an offer is found");
        await looksRight(page, 360, "results");
        await looksRight(page, 1280, "results");
        if (javaScriptEnabled) assert.deepEqual(await axe(page), []);
        await page.goto(`${at("finder", lang)}?show=all&map=1`);
        assert.ok(await page.locator(".offer").count() > 0);
        await looksRight(page, 360, "results with a map");
        await page.goto(`${at("finder", lang)}?q=xyzzyq`);
        assert.ok(await page.locator(".nothing .call").count() >= 3, "whom to call");
        await looksRight(page, 360, "nothing found");
        await page.goto(`${at("finder", lang)}?q=suizid`);
        assert.ok(await page.locator(".hotlines .call").count() > 0, "an acute word puts a number first");
        if (javaScriptEnabled) assert.deepEqual(await axe(page), []);
        await page.goto(`${at("sheet", lang)}?keep=${offer()}`);
        assert.equal(await page.locator(".leaflet").count(), 1);
        assert.equal(await page.locator(".leaflet .qr").count(), 1);
        await looksRight(page, 360, "sheet");
        if (javaScriptEnabled) assert.deepEqual(await axe(page), []);
        assert.deepEqual(wrong.foreign, []);
        assert.deepEqual(wrong.console, []);
      });
    }
  }
});

test("from the start to the sheet by keyboard alone, on a phone", async (t) => {
  const { page } = await visit(t, at("finder", "ar"), { javaScriptEnabled: false, viewport: { width: 360, height: 780 } });
  const go = async (wanted) => {
    for (let i = 0; i < 120; i++) {
      await page.keyboard.press("Tab");
      const now = await page.evaluate((sel) => {
        const e = document.activeElement;
        const s = getComputedStyle(e);
        return { hit: e.matches(sel), ring: e === document.body || (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2), what: e.outerHTML.slice(0, 80) };
      }, wanted);
      assert.ok(now.ring, `no visible focus on ${now.what}`);
      if (now.hit) return;
    }
    assert.fail(`the keyboard never reaches ${wanted}`);
  };
  await go("#f-q");
  await page.keyboard.type(asked.ar);
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=[^&]/);
  await go(".offer [data-keep]");
  await page.keyboard.press("Enter");
  await page.waitForURL(/keep=/);
  await go(".sheet-bar a");
  await page.keyboard.press("Enter");
  await page.waitForURL(/sheet/);
  assert.equal(await page.locator(".leaflet").count(), 1);
});

test("filters are plain links that narrow and can be taken back", async (t) => {
  const { page } = await visit(t, `${at("finder", "de-simple")}?show=all`, { javaScriptEnabled: false });
  const before = await page.locator(".offer").count();
  await page.locator(".narrow a").first().click();
  await page.waitForURL(/when=now/);
  const chosen = page.locator(".tags .chip:has(.visually-hidden)").first();
  await chosen.click();
  await page.waitForURL((u) => !u.searchParams.has("when"));
  assert.equal(await page.locator(".offer").count(), before);
});

test("the sheet prints in German and in every other language, with code and large type, and nothing else", async (t) => {
  const langs = plan.visits.filter((v) => v.route === "emergency" && v.state === "normal" && v.lang).map((v) => v.lang);
  assert.equal(langs.length, 14);
  const { page } = await visit(t, `${at("sheet")}?keep=${offer()}`);
  await page.emulateMedia({ media: "print" });
  for (const lang of langs) {
    await page.goto(`${at("sheet")}?keep=${offer()}&with=${lang}`);
    const seen = await page.evaluate(() => ({
      columns: [...document.querySelectorAll(".leaflet-columns > div")].map((d) => `${d.lang} ${d.dir}`),
      hidden: [".exit", ".top", ".foot", ".tags", ".sheet-print"].filter((s) => [...document.querySelectorAll(s)].some((e) => e.checkVisibility())),
      phone: parseFloat(getComputedStyle(document.querySelector(".leaflet-big")).fontSize),
      text: parseFloat(getComputedStyle(document.querySelector(".leaflet dd")).fontSize),
      code: document.querySelector(".leaflet .qr").getBoundingClientRect().width,
      wide: document.documentElement.scrollWidth - innerWidth,
    }));
    const rtl = ["ar", "fa", "ckb"].includes(lang);
    assert.deepEqual(seen.columns, lang === "de" ? ["de ltr"] : ["de ltr", `${lang} ${rtl ? "rtl" : "ltr"}`]);
    assert.deepEqual(seen.hidden, [], `${lang}: printed all the same`);
    assert.ok(seen.phone >= 20 && seen.text >= 16, `${lang}: type of ${seen.phone} and ${seen.text} px`);
    assert.ok(seen.code >= 110, `${lang}: code of ${seen.code} px`);
    assert.ok(seen.wide <= 0, `${lang}: ${seen.wide} px too wide`);
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
    assert.equal(pdf.match(/\/Type\s*\/Page[^s]/g)?.length, 1, `${lang}: one offer is one sheet of paper`);
  }
});

// settled waits until the worker is in charge and has what an emergency needs.
const settled = (page) => page.evaluate(async () => {
  await navigator.serviceWorker.ready;
  for (;;) {
    const pages = await caches.open("gevor-pages");
    if (await pages.match("/build")) return (await pages.keys()).map((r) => new URL(r.url).pathname).sort();
    await new Promise((done) => { setTimeout(done, 50); });
  }
});

test("after the first visit the emergency numbers and a kept sheet work without internet; searches do not stay", async (t) => {
  const { context, page } = await plain(t);
  await page.goto(`${at("finder", "ar")}?q=schulden`);
  const kept = await settled(page);
  assert.deepEqual(kept, ["/ar/help/emergency", "/ar/help/no-internet", "/build"]);
  await page.goto(`${at("sheet", "ar")}?keep=${offer()}`);
  await page.locator(".keep-on").click();
  await page.waitForFunction(() => document.querySelector(".keep-said").textContent !== "");

  await context.setOffline(true);
  await page.goto(at("emergency", "ar"));
  assert.equal(await page.locator("a[href='tel:112']").count(), 1);
  const look = await page.evaluate(() => getComputedStyle(document.querySelector(".lines .call")).fontWeight);
  assert.equal(look, "700", "the style sheet is there");
  await page.goto(at("sheet", "ar"));
  assert.equal(await page.locator(".leaflet").count(), 1, "the kept sheet");
  await page.goto(`${at("finder", "ar")}?q=schulden`);
  assert.equal(await page.locator(".offer").count(), 0, "results are not kept");
  assert.equal(await page.locator("a[href='tel:112']").count(), 1, "the stand-in holds the numbers");
  assert.equal(await page.getAttribute("html", "dir"), "rtl");
  const words = await page.evaluate(async () => {
    let all = "";
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) all += `${request.url} ${await (await cache.match(request)).text()}\n`;
    }
    return all;
  });
  assert.ok(!words.includes("schulden\"") && !words.includes("q=schulden"), "what was searched for lies nowhere");
});

test("the control: a browser without the worker shows nothing without internet", async (t) => {
  const { context, page } = await plain(t, { serviceWorkers: "block" });
  await page.goto(at("finder", "ar"));
  await context.setOffline(true);
  await assert.rejects(page.goto(at("emergency", "ar")), /ERR_INTERNET_DISCONNECTED/);
});

test("the quick exit leaves no list, no kept page, no cache and no worker behind", async (t) => {
  const { context, page } = await plain(t);
  await context.route("https://www.dwd.de/**", (route) => route.fulfill({ body: "weather" }));
  await page.goto(`${at("finder")}?show=all`);
  await settled(page);
  await page.locator("[data-keep]").first().click();
  await page.goto(`${at("sheet")}?keep=${offer()}`);
  await page.locator(".keep-on").click();
  await page.waitForFunction(() => document.querySelector(".keep-said").textContent !== "");
  const left = () => page.evaluate(async () => ({
    caches: (await caches.keys()).length, workers: (await navigator.serviceWorker.getRegistrations()).length, session: sessionStorage.length,
  }));
  const before = await left();
  assert.ok(before.caches >= 3 && before.workers === 1 && before.session === 1, `before: ${JSON.stringify(before)}`);
  await page.locator("[data-leave]").click();
  await page.waitForURL(/dwd\.de/);
  // A text of the same origin that holds no script of ours shows what is left.
  await page.goto(`${plan.servers.normal}/robots.txt`);
  assert.deepEqual(await left(), { caches: 0, workers: 0, session: 0 });
});

test("reading aloud is offered only with a voice on the device", async (t) => {
  const voices = (list) => `Object.defineProperty(globalThis, "speechSynthesis", { configurable: true, value: {
    getVoices: () => ${JSON.stringify(list)}, speak(u) { (globalThis.said ??= []).push(u.text); }, cancel() {}, addEventListener() {} } });
    globalThis.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };`;
  for (const [list, shown] of [
    [[], false],
    [[{ lang: "de-DE", localService: false }], false],
    [[{ lang: "en-GB", localService: true }], false],
    [[{ lang: "de-DE", localService: true }], true],
  ]) {
    const { context, page } = await plain(t, { serviceWorkers: "block" });
    await context.addInitScript(voices(list));
    await page.goto(at("emergency", "de-simple"));
    await page.waitForLoadState("load");
    assert.equal(await page.locator("[data-read]").isVisible(), shown, JSON.stringify(list));
    if (!shown) continue;
    await page.locator("[data-read]").click();
    const said = await page.evaluate(() => globalThis.said.join("\n"));
    assert.match(said, /112/);
    await context.close();
  }
});
