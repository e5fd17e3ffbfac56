// Signing in with a passkey, as people do it: by keyboard, on a small screen, with Chromium's virtual authenticator.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { axe, launch, open, overflow, plan, small } from "./lib.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

// Passkeys need a name for a host: the servers of the tests listen on loopback.
const base = plan.door.replace("127.0.0.1", "localhost");
const path = (route) => plan.visits.find((v) => v.route === route && v.lang === "de").path;

async function authenticator(context, page, options = {}) {
  const cdp = await context.newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, ...options },
  });
  return { cdp, authenticatorId, keys: async () => (await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials };
}

// tab moves the focus on until it lies on what is looked for, and sees that the way there is visible.
async function tab(page, selector) {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    const here = await page.evaluate((s) => ({
      found: document.activeElement.matches(s),
      ring: document.activeElement === document.body || parseFloat(getComputedStyle(document.activeElement).outlineWidth) >= 2,
    }), selector);
    assert.ok(here.ring, "the focus cannot be seen");
    if (here.found) return;
  }
  assert.fail(`the keyboard does not reach ${selector}`);
}

async function sound(page, name) {
  for (const width of [360, 1440]) {
    await page.setViewportSize({ width, height: 740 });
    assert.equal(await overflow(page), "", `${name} at ${width} px`);
    assert.deepEqual(await small(page), [], `${name}: small targets at ${width} px`);
  }
  await page.setViewportSize({ width: 360, height: 740 });
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await axe(page), [], `${name}, ${colorScheme}`);
  }
}

test("an invitation is accepted with a passkey, which then signs in, all by keyboard at 360 px", async (t) => {
  const { context, page, wrong } = await open(browser, base, { viewport: { width: 360, height: 740 } });
  t.after(() => context.close());
  const device = await authenticator(context, page);
  await page.goto(base + path("invitation"));
  await sound(page, "invitation");

  // Without a name the page says what is missing.
  await tab(page, "form.passkey button");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".error-summary");
  assert.equal((await device.keys()).length, 0);

  await tab(page, "#f-name");
  await page.keyboard.type("Tessa Taste");
  await tab(page, "form.passkey button");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/de/konto/notfallcodes*");
  assert.equal((await device.keys()).length, 1);
  assert.equal((await device.keys())[0].isResidentCredential, true);
  await sound(page, "recovery codes");

  await page.goto(base + path("account-ways"));
  assert.match(await page.locator("main").innerText(), /Chrome/, "the passkey has a name");
  await sound(page, "ways in");

  await context.clearCookies();
  await page.goto(base + path("account"));
  assert.equal(new URL(page.url()).pathname, path("sign-in"));
  await sound(page, "sign in");
  await tab(page, "form.passkey button");
  await page.keyboard.press("Enter");
  await page.waitForURL("**" + path("account"));
  assert.match(await page.inputValue("#f-name"), /Tessa Taste/);

  // The passkey is the last way in, so it stays.
  await page.goto(base + path("account-ways"));
  await tab(page, "a[href*='entfernen']");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/entfernen?**");
  await tab(page, "button.danger");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".note.error");
  assert.deepEqual(wrong.console, []);
  assert.deepEqual(wrong.foreign, []);

  // A device that does not verify who holds it signs nobody in.
  await context.clearCookies();
  await device.cdp.send("WebAuthn.setUserVerified", { authenticatorId: device.authenticatorId, isUserVerified: false });
  await page.goto(base + path("sign-in"));
  await tab(page, "form.passkey button");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector(".passkey-status").textContent !== "");
  assert.equal(new URL(page.url()).pathname, path("sign-in"));
});

test("without scripts the page offers no passkey, says why, and lets people in all the same", async (t) => {
  const { context, page } = await open(browser, base, { javaScriptEnabled: false, viewport: { width: 360, height: 740 } });
  t.after(() => context.close());
  await page.goto(base + path("sign-in"));
  assert.equal(await page.locator("form.passkey button").isVisible(), false);
  assert.match(await page.locator("main").innerText(), /JavaScript/);
  await tab2(page, "#f-email");
  await page.keyboard.type("niemand@west.example");
  await page.focus("#f-password");
  await page.keyboard.type("vier Boote am Kai");
  await page.focus("#f-code");
  await page.keyboard.type("000000");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".note.error");
  assert.equal(await page.inputValue("#f-email"), "niemand@west.example");
  assert.equal(await page.inputValue("#f-password"), "");
});

// tab2 is tab where the page may run no script: the browser itself says what has the focus.
async function tab2(page, selector) {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    if (await page.locator(`${selector}:focus`).count()) return;
  }
  assert.fail(`the keyboard does not reach ${selector}`);
}
