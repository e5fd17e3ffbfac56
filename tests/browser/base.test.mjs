// The parts that all pages share: keyboard, dialogs and menus without a script, themes, print, forced colours.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { at, axe, launch, leave, open, overflow, plan, small } from "./lib.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

async function visit(t, url, options = {}) {
  const opened = await open(browser, plan.servers[options.state ?? "normal"], options);
  t.after(() => opened.context.close());
  await opened.page.goto(url);
  return opened;
}

const focus = (page) => page.evaluate(() => {
  const e = document.activeElement;
  const style = getComputedStyle(e);
  return {
    tag: e.tagName, id: e.id, name: e.getAttribute("name"), text: e.textContent.trim().slice(0, 40), classes: e.className,
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
  };
});

test("the keyboard walks through every control of the page of components and shows where it is", async (t) => {
  const { page } = await visit(t, at("components"), { javaScriptEnabled: true });
  const wanted = await page.evaluate(() => [...document.querySelectorAll("#content a[href], #content button, #content input, #content select, #content textarea")]
    .filter((e) => e.checkVisibility() && !e.disabled && !e.closest("fieldset:disabled") && e.tabIndex >= 0 && e.type !== "hidden" && e.type !== "radio").length);
  await page.focus(".skip");
  await page.keyboard.press("Enter");
  const reached = new Set();
  for (let i = 0; i < wanted * 4 + 20; i++) { // a date has several parts
    await page.keyboard.press("Tab");
    const inside = await page.evaluate(() => document.activeElement.closest("#content") !== null);
    if (!inside) break;
    const now = await focus(page);
    assert.ok(now.ring, `no visible focus on ${now.tag} ${now.id} ${now.text}`);
    const radio = await page.evaluate(() => document.activeElement.type === "radio");
    if (!radio) reached.add(await page.evaluate(() => [...document.querySelectorAll("#content *")].indexOf(document.activeElement)));
  }
  assert.equal(reached.size, wanted);
});

test("a form that is wrong says so first, and each line leads to its field", async (t) => {
  const { page } = await visit(t, at("components"), { javaScriptEnabled: true });
  await page.fill("#f-name", "Stelle");
  await page.focus("#f-agree");
  await page.keyboard.press("Tab");
  await leave(page, () => page.keyboard.press("Enter"));
  assert.match((await focus(page)).classes, /error-summary/);
  assert.equal(await page.inputValue("#f-name"), "Stelle");
  assert.deepEqual(await axe(page), [], "the refused form");
  assert.equal(await overflow(page), "");
  const links = page.locator(".error-summary a");
  for (let i = 0; i < await links.count(); i++) {
    const to = (await links.nth(i).getAttribute("href")).slice(1);
    await links.nth(i).press("Enter");
    assert.equal((await focus(page)).id, to);
    const described = await page.evaluate(() => {
      const e = document.activeElement;
      const by = (e.getAttribute("aria-describedby") ?? e.closest("fieldset")?.getAttribute("aria-describedby") ?? "").split(" ");
      return by.map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
    });
    assert.ok(described.trim().length > 10, `${to} does not say what is wrong`);
  }
});

for (const javaScriptEnabled of [true, false]) {
  test(`a question opens, keeps the keyboard and closes ${javaScriptEnabled ? "with" : "without"} script`, async (t) => {
    const { page } = await visit(t, at("components"), { javaScriptEnabled });
    assert.equal(await page.locator("#ask").isVisible(), false);
    await page.focus(".opens-dialog");
    await page.keyboard.press("Enter");
    assert.equal(await page.locator("#ask").isVisible(), true);
    if (javaScriptEnabled) {
      assert.equal((await focus(page)).text, "Nein, zurück", "the harmless answer has the focus");
      assert.deepEqual(await axe(page), [], "the open question");
    }
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("#ask").isVisible(), false);
    if (javaScriptEnabled) assert.match((await focus(page)).classes, /opens-dialog/);
  });
}

test("a theme is chosen without script, stays, and never flashes", async (t) => {
  const { page } = await visit(t, at("findings"), { javaScriptEnabled: false });
  const ground = () => page.locator("html").evaluate((e) => getComputedStyle(e).backgroundColor).catch(() => null);
  await page.click("[popovertarget=view]");
  await leave(page, () => page.click("button[name=theme][value=dark]"));
  assert.equal(await page.getAttribute("html", "data-theme"), "dark");
  await page.goto(at("districts"));
  assert.equal(await page.getAttribute("html", "data-theme"), "dark", "on the next page, in the first bytes");
  assert.notEqual(await ground(), "rgb(250, 249, 246)");
  await page.click("[popovertarget=view]");
  assert.equal(await page.getAttribute("button[value=dark]", "aria-pressed"), "true");
  await leave(page, () => page.click("button[name=theme][value=auto]"));
  assert.equal(await page.getAttribute("html", "data-theme"), null);
});

test("the chosen theme goes before the one of the device", async (t) => {
  const { page, context } = await visit(t, at("imprint"), { colorScheme: "dark" });
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await ground();
  await context.addCookies([{ name: "gevor-theme", value: "light", url: plan.servers.normal }]);
  await page.reload();
  const light = await ground();
  assert.notEqual(light, dark);
  assert.deepEqual(await axe(page), [], "light on a dark device");
});

test("the header holds its entries in one line from 1152 px and never sticks out", async (t) => {
  const { page } = await visit(t, plan.servers["signed-in"] + at("findings").slice(plan.servers.normal.length), { state: "signed-in" });
  for (const width of [1152, 1200, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    const rows = await page.evaluate(() => new Set([...document.querySelectorAll(".sections > li > a, .tools > *, .languages")]
      .filter((e) => e.checkVisibility()).map((e) => { const r = e.getBoundingClientRect(); return Math.round((r.top + r.bottom) / 20); })).size);
    assert.equal(rows, 1, `at ${width} px`);
    assert.equal(await overflow(page), "", `at ${width} px`);
  }
  for (const menu of ["view", "account", "languages"]) {
    await page.click(`[popovertarget=${menu}]`);
    assert.ok(await page.locator(`#${menu}`).isVisible());
    assert.deepEqual(await axe(page), [], `the open menu ${menu}`);
    const box = await page.locator(`#${menu}`).boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= 1440, `${menu} sticks out: ${JSON.stringify(box)}`);
    await page.keyboard.press("Escape");
  }
});

test("on a small screen the menu holds everything, in reach of a thumb", async (t) => {
  const { page } = await visit(t, plan.servers["signed-in"] + at("findings").slice(plan.servers.normal.length), { state: "signed-in", viewport: { width: 360, height: 740 } });
  await page.click(".menu-button");
  for (const dir of ["ltr", "rtl"]) {
    await page.evaluate((d) => { document.documentElement.dir = d; }, dir);
    assert.equal(await overflow(page), "", dir);
  }
  assert.deepEqual(await small(page), []);
  assert.ok(await page.locator("#menu button[value=dark]").isVisible(), "the theme");
  assert.ok(await page.locator("#menu .entries a[aria-current=page]").isVisible(), "where one is");
  assert.deepEqual(await axe(page), []);
});

test("a list becomes cards on a small screen, each value with its name", async (t) => {
  const { page } = await visit(t, at("components"), { viewport: { width: 360, height: 740 } });
  const names = await page.locator("#table tbody tr").first().locator("td").evaluateAll((cells) => cells.map((c) => getComputedStyle(c, "::before").content));
  assert.ok(names.length >= 3 && names.every((n) => n.length > 3), names.join());
});

describe("forced colours", () => {
  for (const route of ["components", "imprint", "feedback"]) {
    test(route, async (t) => {
      const { page } = await visit(t, at(route), { forcedColors: "active" });
      assert.equal(await page.evaluate(() => matchMedia("(forced-colors: active)").matches), true);
      const bare = await page.evaluate(() => [...document.querySelectorAll("#content .button, #content input, #content select, #content textarea")]
        .filter((e) => e.checkVisibility() && e.type !== "checkbox" && e.type !== "radio" && !e.closest(".visually-hidden") && parseFloat(getComputedStyle(e).borderTopWidth) < 1).length);
      assert.equal(bare, 0, "controls without an edge");
    });
  }
});

test("paper shows what is said, not what is pressed", async (t) => {
  const { page } = await visit(t, at("imprint"));
  const sheets = (pdf) => pdf.toString("latin1").match(/\/Type\s*\/Page[^s]/g)?.length ?? 0;
  assert.equal(sheets(await page.pdf({ preferCSSPageSize: true })), 1);
  await page.emulateMedia({ media: "print" });
  for (const gone of [".top", ".skip", ".foot-nav", ".crumbs"]) assert.equal(await page.locator(gone).first().isVisible(), false, gone);
  for (const there of [".print-head", "h1", ".written"]) assert.equal(await page.locator(there).first().isVisible(), true, there);
});

test("a report of a barrier needs no script and no name", async (t) => {
  const { page } = await visit(t, at("feedback"), { javaScriptEnabled: false });
  await page.fill("#f-message", "Die Karte liest mir niemand vor.");
  await leave(page, () => page.click("form.form button[type=submit]"));
  assert.match(await page.locator("[role=status]").first().innerText(), /Danke/);
  assert.equal(await page.locator("#f-website").getAttribute("tabindex"), "-1");
});

test("two who write a text see both, by keyboard", async (t) => {
  const base = plan.servers["signed-in"];
  const first = await visit(t, base + "/en/texts/imprint/edit", { state: "signed-in" });
  const second = await visit(t, base + "/en/texts/imprint/edit", { state: "signed-in" });
  await first.page.fill("#f-body", "# Who\n\nFirst version [[phone]]");
  await leave(first.page, () => first.page.click("button[value=preview]"));
  assert.match(await first.page.locator(".written mark").innerText(), /phone/);
  assert.deepEqual(await axe(first.page), [], "the preview");
  await leave(first.page, () => first.page.click("button[value=save]"));
  assert.match(await first.page.locator("main").innerText(), /First version/);
  assert.deepEqual(await axe(first.page), [], "the saved text");
  await second.page.fill("#f-body", "Second version");
  await leave(second.page, () => second.page.click("button[value=save]"));
  assert.match(await second.page.locator(".diff").innerText(), /First version[\s\S]*Second version/);
  assert.deepEqual(await axe(second.page), [], "both versions");
  await second.page.goto(base + "/en/texts/imprint/history");
  assert.deepEqual(await axe(second.page), [], "the history");
});
