// The log of contacts at phone width: in how many taps, with a line that breaks, without scripts, by keyboard.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { axe, counted, launch, open, overflow, plan, small } from "./lib.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
const house = `/de/organisationen/${plan.organisation}/kontakte`;
const address = `${plan.server}${house}/neu`;

// as opens a page for the navigator; without interception where the line is cut.
async function as(t, options = {}) {
  const opened = await open(browser, plan.server, { ...phone, ...options, extraHTTPHeaders: { "X-Test-Person": plan.navigator } });
  t.after(() => opened.context.close());
  return opened;
}

async function sound(page, wrong, where) {
  assert.deepEqual(await axe(page), [], where);
  assert.equal(await overflow(page), "", where);
  assert.deepEqual(await small(page), [], where);
  assert.deepEqual(wrong.console.filter((m) => !/ERR_|Failed to load/.test(m)), [], where);
  assert.deepEqual(wrong.foreign, [], where);
}

const picture = (page, name) => plan.pictures && page.screenshot({ path: `${plan.pictures}/${name}.png`, fullPage: name.endsWith("full") });
const group = (page, name) => page.locator(".need-group > summary", { hasText: name });
const chip = (page, name, within = ".contact-form") => page.locator(`${within} .chip-choice`, { hasText: name }).first();
const save = (page) => page.getByRole("button", { name: "Speichern" });
const waits = (page) => page.evaluate(() => new Promise((done, fail) => {
  const ask = indexedDB.open("gevor-contacts", 1);
  ask.onerror = () => fail(ask.error);
  ask.onsuccess = () => {
    const all = ask.result.transaction("waiting").objectStore("waiting").getAll();
    all.onsuccess = () => { ask.result.close(); done(all.result.length); };
  };
}));
// empties waits until nothing waits on the device any more.
async function empties(page) {
  for (let i = 0; i < 100 && await waits(page) > 0; i++) await new Promise((done) => { setTimeout(done, 200); });
  assert.equal(await waits(page), 0);
}
const sent = (page) => page.locator("[data-queue-said]", { hasText: "Gesendet." }).waitFor();

test("a contact in haste, and the next one in two taps", async (t) => {
  const { page, wrong } = await as(t);
  const taps = await counted(page);
  const opened = Date.now();
  await page.goto(address);
  await page.locator("[data-contact]").waitFor();
  const open = Date.now() - opened;
  await picture(page, "form");
  await sound(page, wrong, "the form");
  const began = Date.now();
  await group(page, "Geld").tap();
  await chip(page, "Schulden", ".need-group[open]").tap();
  await chip(page, "voll, Warteliste").tap();
  await picture(page, "chosen");
  await save(page).tap();
  await sent(page);
  const took = open + Date.now() - began;
  const first = await taps();
  console.log(`figure: a contact with an unmet need by a scripted hand at 360 px, from opening to sent: ${first} taps, ${(took / 1000).toFixed(1)} s`);
  assert.equal(first, 4);
  assert.ok(took <= 10_000, `${took} ms`);
  await sound(page, wrong, "sent");
  await picture(page, "sent");
  const again = Date.now();
  await chip(page, "Schulden", "[data-often]").tap();
  await save(page).tap();
  await page.getByRole("button", { name: "Letzten zurücknehmen" }).waitFor();
  await sent(page);
  console.log(`figure: the same need again on the same device: ${await taps() - first} taps, ${((Date.now() - again) / 1000).toFixed(1)} s`);
  assert.equal(await taps() - first, 2);
  await page.getByRole("button", { name: "Letzten zurücknehmen" }).tap();
  await page.locator("[data-queue-said]", { hasText: "Zurückgenommen." }).waitFor();
  assert.equal(await waits(page), 0);
});

test("without scripts it is a form", async (t) => {
  const { page } = await as(t, { javaScriptEnabled: false });
  await page.goto(address);
  await save(page).tap();
  await page.getByText("Bitte wählen Sie einen Bedarf.").first().waitFor();
  await group(page, "Wohnen").tap();
  await page.locator(".need-group[open] .chip-choice").first().tap();
  await save(page).tap();
  await page.getByText("Der Kontakt ist erfasst.").waitFor();
  assert.equal(await overflow(page), "");
});

test("a search without a result opens the form prefilled, and no server hears of it", async (t) => {
  const { page, wrong } = await as(t);
  const asked = [];
  page.on("request", (r) => asked.push(r.url()));
  await page.goto(`${plan.server}/de/hilfe?need=schulden&home=${plan.district}&speaks=so&insurance=none&stepfree=1`);
  const link = page.getByRole("link", { name: "Kontakt erfassen" }).last();
  await picture(page, "search");
  asked.length = 0;
  await link.tap();
  await page.waitForURL(/kontakte\/neu$/);
  assert.ok(asked.every((u) => !u.includes("schulden") && !u.includes("#")), `the server was asked for ${asked}`);
  assert.equal(await page.locator('input[name="need"]:checked').first().getAttribute("value"), "geld/schulden");
  assert.equal(await page.locator('select[name="language"]').inputValue(), "so");
  assert.equal(await page.locator('select[name="district"]').inputValue(), plan.district);
  const reason = await page.locator('input[name="reason"]:checked').getAttribute("value");
  assert.ok(reason !== "", "why it stays open is known");
  await sound(page, wrong, "prefilled");
  await save(page).tap();
  await sent(page);
  await page.goto(`${plan.server}/de/hilfe/angebot/${plan.offer}`);
  await page.getByRole("link", { name: "Kontakt erfassen" }).last().tap();
  await page.waitForURL(/kontakte\/neu$/);
  assert.equal(await page.locator('select[name="language"]').inputValue(), "so", "the language of the search goes along to the offer");
});

test("three without a line, the page closed: exactly three arrive", async (t) => {
  const { context, page } = await as(t);
  await page.goto(address);
  await context.setOffline(true);
  for (const n of [1, 2, 3]) {
    await group(page, "Geld").tap();
    await page.locator(".need-group[open] .chip-choice").nth(n).tap();
    await save(page).tap();
    await page.locator("[data-queue-said]", { hasText: `Wartet auf Verbindung: ${n}` }).waitFor();
  }
  await picture(page, "waiting");
  assert.equal(await waits(page), 3);
  await page.close();
  await context.setOffline(false);
  const later = await context.newPage();
  await later.goto(address);
  await empties(later);
});

test("an answer that is lost on the way makes nothing count twice", async (t) => {
  const { page } = await as(t);
  await page.goto(address);
  await page.evaluate(() => fetch("/line/mute"));
  for (const n of [1, 2]) {
    await group(page, "Geld").tap();
    await page.locator(".need-group[open] .chip-choice").nth(n).tap();
    await save(page).tap();
    await page.locator("[data-queue-said]", { hasText: `Wartet auf Verbindung: ${n}` }).waitFor();
  }
  await page.evaluate(() => fetch("/line/hear"));
  await page.getByRole("button", { name: "Jetzt senden" }).tap();
  await empties(page);
});

test("a note that tells who it is about is warned of here and refused there", async (t) => {
  const { page, wrong } = await as(t);
  await page.goto(address);
  await page.getByText("Mehr angeben").tap();
  await page.getByLabel("Notiz").fill(`Frau ${plan.unspeakable}`);
  await page.getByText("Das sieht nach einer Angabe zur Person aus").waitFor();
  await sound(page, wrong, "everything open");
  await picture(page, "open-full");
  await group(page, "Geld").tap();
  await page.locator(".need-group[open] .chip-choice").first().tap();
  await save(page).tap();
  await page.getByText("Bitte keinen Namen.").waitFor();
  await page.getByRole("button", { name: "Verwerfen" }).tap();
  assert.equal(await waits(page), 0);
});

test("by keyboard, and the figures", async (t) => {
  const { page, wrong } = await as(t, { viewport: { width: 1440, height: 900 }, isMobile: false });
  await page.goto(address);
  await page.locator(".need-group > summary").first().focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  const on = await page.evaluate(() => ({ checked: document.activeElement.checked, ring: getComputedStyle(document.activeElement.nextElementSibling).outlineStyle }));
  assert.deepEqual(on, { checked: true, ring: "solid" });
  await picture(page, "form-wide");
  await page.goto(`${plan.server}${house}`);
  await sound(page, wrong, "figures");
  await picture(page, "figures-wide");
  for (const form of ["unmet", "needs", "languages"]) {
    await page.goto(`${plan.server}${house}?form=${form}`);
    assert.ok(await page.locator("tbody tr").count() > 0, form);
    await sound(page, wrong, form);
  }
  await page.setViewportSize({ width: 360, height: 740 });
  await sound(page, wrong, "figures on a phone");
  await picture(page, "figures");
});
