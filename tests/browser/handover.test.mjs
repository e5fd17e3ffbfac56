// Sealing in a real browser against the program, and the whole loop of two organisations and a person.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";

import { axe, counted, launch, leave, open, overflow, plan, small } from "./lib.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

const phone = { viewport: { width: 360, height: 740 }, hasTouch: true };
const heading = "/de/organisationen";

async function as(t, person, options = {}) {
  const opened = await open(browser, plan.server, { ...options, extraHTTPHeaders: person ? { "X-Test-Person": person } : {} });
  t.after(() => opened.context.close());
  return opened;
}

async function sound(page, wrong, where) {
  assert.deepEqual(await axe(page), [], where);
  assert.equal(await overflow(page), "", where);
  assert.deepEqual(await small(page), [], where);
  assert.deepEqual(wrong.console, [], where);
  assert.deepEqual(wrong.foreign, [], where);
}

test("what the program seals the browser opens, and the other way round", async (t) => {
  const { page } = await as(t, "");
  await page.goto(`${plan.server}/de/beleg`);
  const got = await page.evaluate(async (p) => {
    const s = await import(p.island);
    const text = new TextDecoder();
    const out = { failed: [] };
    const raw = await s.unwrap(p.wrap, p.context.ReceiverKey, p.passphrase, "p-1");
    const key = await s.keyOf(raw, p.context.ReceiverKey);
    const share = s.fromBase64(p.share);
    out.opened = text.decode(await s.open(p.box, p.context, key, share));
    const fails = async (what, work) => {
      try {
        await work();
      } catch {
        return;
      }
      out.failed.push(what);
    };
    for (const field of Object.keys(p.context)) await fails(`another ${field}`, () => s.open(p.box, { ...p.context, [field]: "x" }, key, share));
    await fails("another share", () => s.open(p.box, p.context, key, s.random(32)));
    const stranger = await s.makeKey();
    await fails("another key", async () => s.open(p.box, p.context, { ...await s.keyOf(stranger.pkcs8, stranger.id), id: key.id }, share));
    await fails("another passphrase", () => s.unwrap(p.wrap, p.context.ReceiverKey, "vier Worte", "p-1"));
    await fails("another holder", () => s.unwrap(p.wrap, p.context.ReceiverKey, p.passphrase, "p-2"));
    const box = JSON.parse(p.box);
    const changed = (change) => {
      const b = structuredClone(box);
      change(b);
      return JSON.stringify(b);
    };
    const flip = (b64, i) => {
      const bytes = s.fromBase64(b64);
      bytes[i] ^= 1;
      return s.toBase64(bytes);
    };
    for (const i of [0, 1, 40, 64, 65, 90, 112]) await fails(`byte ${i} of the secret`, () => s.open(changed((b) => { b.to[1].box = flip(b.to[1].box, i); }), p.context, key, share));
    for (const i of [0, 11, 12, 500, 4123]) await fails(`byte ${i} of the content`, () => s.open(changed((b) => { b.content = flip(b.content, i); }), p.context, key, share));
    await fails("a truncated content", () => s.open(changed((b) => { b.content = b.content.slice(0, 400); }), p.context, key, share));
    await fails("a truncated text", () => s.open(p.box.slice(0, -20), p.context, key, share));
    out.box = await s.seal(p.context, s.fromBase64(p.senderPublic), s.fromBase64(p.receiverPublic), share, new TextEncoder().encode(p.said));
    out.key = stranger.id;
    out.wrap = await s.wrap(stranger.pkcs8, stranger.id, p.passphrase, "p-2");
    // RFC 9180, A.3.1: DHKEM(P-256), HKDF-SHA256, AES-128-GCM, base mode, sequence number 0.
    const hex = (h) => Uint8Array.from(h.match(/../g), (x) => Number.parseInt(x, 16));
    const b64url = (bytes) => s.toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    const pkE = hex("04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4");
    const skE = hex("4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb");
    const pkR = hex("04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0");
    const jwk = { kty: "EC", crv: "P-256", x: b64url(pkE.slice(1, 33)), y: b64url(pkE.slice(33)), d: b64url(skE) };
    const name = { name: "ECDH", namedCurve: "P-256" };
    const pair = { privateKey: await crypto.subtle.importKey("jwk", jwk, name, false, ["deriveBits"]), publicKey: await crypto.subtle.importKey("raw", pkE, name, true, []) };
    const utf8 = new TextEncoder();
    out.rfc = s.toHex(await s.hpkeSeal(pkR, utf8.encode("Ode on a Grecian Urn"), utf8.encode("Beauty is truth, truth beauty"), utf8.encode("Count-0"), pair, 16)).slice(130);
    return out;
  }, plan);
  assert.equal(got.opened, plan.said);
  assert.deepEqual(got.failed, [], "these should not open");
  assert.equal(got.rfc, "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434");
  fs.writeFileSync(plan.answer, JSON.stringify({ Box: got.box, Wrap: got.wrap, Key: got.key }));
});

test("a search fills a handover in, and no server hears of it", async (t) => {
  const { page, wrong } = await as(t, plan.sends, phone);
  const taps = await counted(page);
  const asked = [];
  const heard = (r) => asked.push(decodeURIComponent(`${r.url()} ${r.headers().referer ?? ""} ${r.postData() ?? ""}`));
  await page.goto(`${plan.server}/de/hilfe?need=schulden&home=${plan.district}&speaks=ar`);
  await page.goto(`${plan.server}/de/hilfe/angebot/${plan.offer}`);
  const began = Date.now();
  page.on("request", heard);
  await leave(page, () => page.getByRole("link", { name: "Überleitung beginnen" }).tap());
  assert.ok(!page.url().includes("#"), "what was searched stays in the address");
  await page.locator("[data-sought-said]", { hasText: "Arabisch" }).waitFor();
  const said = await page.locator("[data-sought-said]").innerText();
  await page.getByText("Bedarf, Sprache und Stadtteil").tap();
  assert.equal(await page.getByLabel("Bedarf", { exact: true }).inputValue(), "geld/schulden");
  assert.equal(await page.getByLabel("Sprache der Person").inputValue(), "ar");
  assert.equal(await page.getByLabel("Stadtteil", { exact: true }).inputValue(), plan.district);
  assert.equal(await page.locator("select[name=language]").inputValue(), "ar", "the consent is in the language too");
  await sound(page, wrong, "a handover that a search filled in");
  if (process.env.GEVOR_SHOTS) await page.screenshot({ path: `${process.env.GEVOR_SHOTS}/prefilled.png`, fullPage: true });
  await page.getByLabel("Name der Person").fill("Frau Pirol");
  await page.getByLabel("Anliegen", { exact: true }).fill("Braucht bald einen Termin.");
  const held = asked.length;
  await page.getByRole("button", { name: "Versiegeln und speichern" }).tap();
  await page.waitForURL(/ueberleitungen\/h-/);
  await leave(page, () => page.getByRole("button", { name: "Einwilligung und Beleg drucken" }).tap());
  await leave(page, () => page.getByRole("button", { name: "Die Person hat eingewilligt" }).tap());
  await page.getByRole("button", { name: "Jetzt senden" }).tap();
  await page.getByText("Die Überleitung ist gesendet.").waitFor();
  console.log(`figure: a handover prefilled from a search, from the service page to sent, by a scripted hand at 360 px: ${await taps()} taps, ${((Date.now() - began) / 1000).toFixed(1)} s`);
  assert.ok(await taps() > 0 && Date.now() - began < 60_000);
  assert.ok(asked.length > held, "nothing was posted: the check below looked at nothing");
  for (const r of asked) assert.ok(!r.includes("schulden") && !r.includes(said) && !r.includes("Pirol") && !r.includes(`need=`), `a server hears ${r.slice(0, 200)}`);
  const address = new URL(page.url()).pathname;
  const other = await as(t, plan.takes, phone);
  await other.page.goto(`${plan.server}${address.replace("o-east", "o-west")}`);
  await other.page.getByLabel("Ihr Kennsatz").fill(plan.known);
  await other.page.getByRole("button", { name: "Inhalt lesen" }).tap();
  await other.page.getByText("Frau Pirol").waitFor();
  for (const text of said.split(" · ")) assert.ok(await other.page.locator("[data-opened] dd", { hasText: text }).first().isVisible(), text);
});

test("a handover goes from one organisation to another, and the person ends it with the receipt", async (t) => {
  const sender = await as(t, plan.sends, phone);
  const began = Date.now();
  await sender.page.goto(`${plan.server}/de/hilfe/angebot/${plan.offer}`);
  await leave(sender.page, () => sender.page.getByRole("link", { name: "Überleitung beginnen" }).click());
  await sound(sender.page, sender.wrong, "writing");
  assert.equal(await sender.page.getByText("Der Schlüssel dieser Organisation ist ein anderer").isVisible(), false, "a first key is no other key");
  await sender.page.getByLabel("Name der Person").fill("Frau Eisvogel");
  await sender.page.getByLabel("Anliegen", { exact: true }).fill("Braucht bald einen Termin.\nSpricht Arabisch.");
  const paper = Buffer.from("Bescheid über 41 Euro für Frau Eisvogel");
  const photo = Buffer.alloc(700_000, 7);
  await sender.page.getByLabel("Anhänge").setInputFiles([{ name: "Eisvogel-Bescheid.txt", mimeType: "text/plain", buffer: paper }, { name: "Foto.jpg", mimeType: "image/jpeg", buffer: photo }]);
  const posted = [];
  for (const p of [sender.page]) p.on("request", (r) => posted.push(decodeURIComponent(`${r.url()} ${r.postData() ?? ""}`)));
  await sender.page.getByText("Der Stand und eine Nachricht").click();
  await sender.page.getByText("Wer einwilligt, wie und in welcher Sprache").click();
  await sender.page.getByLabel("Sprache der Einwilligung").selectOption("ar");
  await sender.page.getByRole("button", { name: "Versiegeln und speichern" }).click();
  await sender.page.waitForURL(/ueberleitungen\/h-/);
  const address = new URL(sender.page.url()).pathname;
  await sound(sender.page, sender.wrong, "the draft");
  await leave(sender.page, () => sender.page.getByRole("button", { name: "Einwilligung und Beleg drucken" }).click());
  const code = (await sender.page.locator("[data-receipt]").innerText()).trim();
  for (const [lang, title] of [["ar", "الموافقة على إحالة"], ["de", "Einwilligung in eine Überleitung"]]) {
    assert.ok(await sender.page.locator(`section[lang=${lang}]`).getByRole("heading", { name: title }).isVisible(), `the consent in ${lang}`);
  }
  await sound(sender.page, sender.wrong, "the consent");
  await leave(sender.page, () => sender.page.getByRole("button", { name: "Die Person hat eingewilligt" }).click());
  await sender.page.getByRole("button", { name: "Jetzt senden" }).click();
  await sender.page.getByText("Die Überleitung ist gesendet.").waitFor();
  const took = Date.now() - began;
  assert.ok(took < 60_000, `sending took ${took} ms`);
  console.log(`figure: a scripted hand sends a handover in ${(took / 1000).toFixed(1)} s, consent and receipt included`);
  assert.ok(!(await sender.page.content()).includes("Eisvogel"), "the page of a sender holds the content in clear");

  const receiver = await as(t, plan.takes, phone);
  await receiver.page.goto(`${plan.server}${heading}/o-west/ueberleitungen`);
  await sound(receiver.page, receiver.wrong, "the inbox");
  await receiver.page.goto(`${plan.server}${address.replace("o-east", "o-west")}`);
  assert.equal(await receiver.page.getByLabel("Nachricht").isVisible(), false, "nobody answers before reading");
  await receiver.page.getByLabel("Ihr Kennsatz").fill("falsch und lang genug");
  await receiver.page.getByRole("button", { name: "Inhalt lesen" }).click();
  await receiver.page.getByText("Das passt nicht zum Schlüssel.").waitFor();
  await receiver.page.getByLabel("Ihr Kennsatz").fill(plan.known);
  await receiver.page.getByRole("button", { name: "Inhalt lesen" }).click();
  await receiver.page.getByText("Frau Eisvogel").waitFor();
  await sound(receiver.page, receiver.wrong, "reading");
  const saved = async (page, name) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name }).click()]);
    assert.equal(download.suggestedFilename(), name);
    return fs.readFileSync(await download.path());
  };
  assert.deepEqual(await saved(receiver.page, "Eisvogel-Bescheid.txt"), paper);
  assert.deepEqual(await saved(receiver.page, "Foto.jpg"), photo);
  for (const p of posted) assert.ok(!p.includes("Eisvogel"), `a server hears ${p.slice(0, 200)}`);
  assert.equal(posted.filter((p) => p.includes("file=b-")).length, 1, "the attachments went with the request, in one piece");
  await receiver.page.getByLabel("Nachricht").fill("Termin am Montag um neun.");
  const attach = receiver.page.getByLabel("Anhänge");
  await attach.setInputFiles(Array.from({ length: 5 }, (_, i) => ({ name: `${i}.txt`, mimeType: "text/plain", buffer: paper })));
  await receiver.page.getByRole("button", { name: "Nachricht versiegeln und senden" }).click();
  await receiver.page.getByText("Das sind zu viele Dateien.").waitFor();
  await attach.setInputFiles([{ name: "gross.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(5_000_000) }]);
  await receiver.page.getByRole("button", { name: "Nachricht versiegeln und senden" }).click();
  await receiver.page.getByText("Die Dateien sind zu groß.").waitFor();
  await attach.setInputFiles([{ name: "Termin.txt", mimeType: "text/plain", buffer: Buffer.from("Montag") }]);
  await receiver.page.getByRole("button", { name: "Nachricht versiegeln und senden" }).click();
  await receiver.page.getByText("Die Nachricht ist versiegelt gesendet.").waitFor();
  await receiver.page.getByRole("button", { name: "Annehmen" }).click();
  await receiver.page.getByText("Angenommen").first().waitFor();
  await sound(receiver.page, receiver.wrong, "accepted");

  await sender.page.goto(`${plan.server}${address}`);
  await sender.page.getByLabel("Ihr Kennsatz").fill(plan.known);
  await sender.page.getByRole("button", { name: "Inhalt lesen" }).click();
  await sender.page.getByText("Termin am Montag um neun.").waitFor();
  assert.equal((await saved(sender.page, "Termin.txt")).toString(), "Montag");
  await sound(sender.page, sender.wrong, "reading an answer with an attachment");
  // The file that is kept holds the attachments, and the program opens it offline.
  await sender.page.getByText("In die eigene Akte übernehmen").click();
  const [parcel] = await Promise.all([sender.page.waitForEvent("download"), sender.page.getByRole("button", { name: "Versiegelte Datei speichern" }).click()]);
  fs.copyFileSync(await parcel.path(), plan.parcel);

  const person = await as(t, "", phone);
  await person.page.goto(`${plan.server}/de/beleg`);
  await person.page.getByLabel("Code").fill(code.toLowerCase());
  await person.page.getByRole("button", { name: "Stand zeigen" }).click();
  await person.page.getByText("Die Organisation hat zugesagt.").waitFor();
  await sound(person.page, person.wrong, "the receipt");

  // The same person in Arabic, from right to left, to the end.
  await person.page.goto(`${plan.server}/ar/receipt`);
  assert.equal(await person.page.evaluate(() => document.documentElement.dir), "rtl");
  await sound(person.page, person.wrong, "asking in Arabic");
  await person.page.getByLabel("الرمز").fill(code);
  await person.page.getByRole("button", { name: "عرض الحالة" }).click();
  await person.page.getByText("وافقت الجهة. سوف تتواصل معك.").waitFor();
  assert.ok(await person.page.getByText("Die Organisation hat zugesagt.").isVisible(), "German stands beside the state");
  await sound(person.page, person.wrong, "the receipt in Arabic");
  await person.page.locator("#sure").check();
  await person.page.getByRole("button", { name: "اسحب الآن" }).click();
  await person.page.getByText("لقد سحبت موافقتك.").first().waitFor();
  await sound(person.page, person.wrong, "withdrawn in Arabic");

  await receiver.page.goto(`${plan.server}${address.replace("o-east", "o-west")}`);
  await receiver.page.getByText("Der Inhalt ist gelöscht").waitFor();
});

test("two people set a key up, and the second one checks the sheet", async (t) => {
  const first = await as(t, plan.first, phone);
  await first.page.goto(`${plan.server}${heading}/o-south/schluessel`);
  await first.page.getByText("Neuen Schlüssel anlegen").click();
  const make = first.page.locator("form[data-seal=make]");
  await make.locator("[data-passphrase]").nth(0).fill("kurz");
  await make.getByRole("button", { name: "Schlüssel anlegen und" }).click();
  await first.page.getByText("Der Kennsatz braucht mindestens zwölf Zeichen.").waitFor();
  for (const i of [0, 1]) await make.locator("[data-passphrase]").nth(i).fill("Brot Regen Lampe Fluss");
  await make.getByRole("button", { name: "Schlüssel anlegen und" }).click();
  await make.locator("[data-code]").waitFor();
  const code = await make.locator("[data-code]").innerText();
  await sound(first.page, first.wrong, "the sheet");
  await make.getByRole("button", { name: "Das Blatt ist sicher verwahrt" }).click();
  await first.page.getByText("Ein Schlüssel wartet auf die zweite Person").waitFor();

  const second = await as(t, plan.second, phone);
  await second.page.goto(`${plan.server}${heading}/o-south/schluessel`);
  const hold = second.page.locator(".panel form[data-seal=hold]");
  await hold.locator("[data-code]").fill("AAAA-AAAA");
  for (const i of [0, 1]) await hold.locator("[data-passphrase]").nth(i).fill("Wolke Stein Apfel Tür");
  await hold.getByRole("button", { name: "Schlüssel übernehmen" }).click();
  await second.page.getByText("Das passt nicht zum Schlüssel.").waitFor();
  await hold.locator("[data-code]").fill(code.toLowerCase());
  await hold.getByRole("button", { name: "Schlüssel übernehmen" }).click();
  await second.page.getByText("Sie können jetzt mit Ihrem Kennsatz öffnen.").waitFor();
  await sound(second.page, second.wrong, "the keys");
});

test("a practice hands out a slip, its holder redeems it in Arabic, and the practice sees the number", async (t) => {
  const house = await as(t, plan.takes, phone);
  await house.page.goto(`${plan.server}${heading}/o-west/zettel`);
  await sound(house.page, house.wrong, "the slips of a house");
  await house.page.getByLabel("Angebot", { exact: true }).selectOption({ index: 1 });
  await house.page.getByLabel("Praxis", { exact: true }).fill("Praxis am Kanal");
  await house.page.getByLabel("Anzahl").fill("2");
  await house.page.getByRole("button", { name: "Zettel anlegen und drucken" }).click();
  const code = (await house.page.locator("[data-slip]").first().innerText()).trim();
  const practice = new URL((await house.page.locator("[data-practice]").innerText()).trim()).pathname;
  await sound(house.page, house.wrong, "printed slips");
  if (process.env.GEVOR_SHOTS) await house.page.screenshot({ path: `${process.env.GEVOR_SHOTS}/printed.png`, fullPage: true });

  const desk = await as(t, "", phone);
  await desk.page.goto(plan.server + practice);
  await desk.page.getByText("Noch keine Rückmeldung").waitFor();
  await sound(desk.page, desk.wrong, "the practice before");

  const holder = await as(t, "", phone);
  await holder.page.goto(`${plan.server}/ar/slip`);
  await sound(holder.page, holder.wrong, "asking for a slip");
  await holder.page.getByLabel("الرمز").fill(code.toLowerCase());
  await leave(holder.page, () => holder.page.getByRole("button", { name: "عرض الورقة" }).click());
  await sound(holder.page, holder.wrong, "the slip in Arabic");
  if (process.env.GEVOR_SHOTS) await holder.page.screenshot({ path: `${process.env.GEVOR_SHOTS}/slip.png`, fullPage: true });
  await holder.page.locator("#feedback").check();
  await holder.page.getByRole("button", { name: "كنت هناك" }).click();
  await holder.page.getByText("شكرًا. تم التسجيل.").waitFor();

  await desk.page.reload();
  await desk.page.getByText("angekommen").first().waitFor();
  await sound(desk.page, desk.wrong, "the practice after");
  // The practice writes about the slip, the house answers, and only the practice's own bookmark reads the answer.
  const posted = [];
  for (const p of [desk.page, house.page]) p.on("request", (r) => posted.push(decodeURIComponent(`${r.url()} ${r.postData() ?? ""}`)));
  await desk.page.goto(plan.server + practice);
  await desk.page.getByText("Bitte jetzt ein Lesezeichen setzen").waitFor();
  const bookmark = desk.page.url();
  assert.match(bookmark, /#k=[\w-]{43}$/);
  await sound(desk.page, desk.wrong, "a practice writes");
  await desk.page.getByLabel("Nummer", { exact: true }).selectOption("1");
  await desk.page.getByLabel("Nachricht", { exact: true }).fill("Herr Eisvogel braucht bald einen Termin.");
  await desk.page.getByLabel("von der Schweigepflicht entbunden").check();
  await leave(desk.page, () => desk.page.getByRole("button", { name: "Nachricht versiegeln und senden" }).click());
  await desk.page.getByText("Die Antwort erscheint hier.").waitFor();
  assert.ok(desk.page.url().includes(new URL(bookmark).hash), "the key stays in the address");
  await house.page.goto(`${plan.server}${heading}/o-west/zettel`);
  await sound(house.page, house.wrong, "messages of practices");
  await house.page.getByLabel("Ihr Kennsatz").fill(plan.known);
  await house.page.getByRole("button", { name: "Nachrichten lesen" }).click();
  const note = house.page.locator("[data-note]").filter({ hasText: "Herr Eisvogel braucht bald einen Termin." });
  await note.waitFor();
  await sound(house.page, house.wrong, "messages that are open");
  await note.getByLabel("Antwort an die Praxis").fill("Herr Eisvogel kommt am Dienstag.");
  await leave(house.page, () => note.getByRole("button", { name: "Antwort versiegeln und senden" }).click());
  await desk.page.goto(plan.server + practice);
  await desk.page.goto(bookmark);
  await desk.page.reload();
  await desk.page.getByText("Herr Eisvogel kommt am Dienstag.").waitFor();
  await sound(desk.page, desk.wrong, "an answer");
  const other = await as(t, "", phone);
  await other.page.goto(plan.server + practice);
  await other.page.getByText("nur mit dem Lesezeichen lesen, mit dem").waitFor();
  for (const p of posted) {
    assert.ok(!p.includes("Eisvogel") && !p.includes(new URL(bookmark).hash.slice(3)), `a server hears ${p.slice(0, 200)}`);
  }
  assert.ok(posted.some((p) => p.includes("box=")), "nothing was posted: the check above looked at nothing");

  await house.page.goto(`${plan.server}${heading}/o-west/zettel`);
  await sound(house.page, house.wrong, "slips with a state");
  if (process.env.GEVOR_SHOTS) await house.page.screenshot({ path: `${process.env.GEVOR_SHOTS}/slips.png`, fullPage: true });
});

test("an organisation without an account is told nothing by mail, and answers on the envelope", async (t) => {
  const sender = await as(t, plan.sends, phone);
  await sender.page.goto(`${plan.server}/de/hilfe/angebot/${plan.quiet}`);
  await leave(sender.page, () => sender.page.getByRole("link", { name: "Überleitung beginnen" }).click());
  await sender.page.getByText("hat hier kein Konto").waitFor();
  await sound(sender.page, sender.wrong, "writing a letter");
  await sender.page.getByLabel("Unter welcher Nummer").fill("0234 5550");
  await leave(sender.page, () => sender.page.getByRole("button", { name: "Entwurf speichern" }).click());
  const address = sender.page.url().split("?")[0];
  await leave(sender.page, () => sender.page.getByRole("button", { name: "Einwilligung und Beleg drucken" }).click());
  await leave(sender.page, () => sender.page.getByRole("button", { name: "Die Person hat eingewilligt" }).click());
  await leave(sender.page, () => sender.page.getByRole("button", { name: "Jetzt senden" }).click());
  await leave(sender.page, () => sender.page.getByRole("button", { name: "Code für das Telefon anzeigen" }).click());
  const code = (await sender.page.locator("[data-letter-code]").innerText()).trim();
  await sound(sender.page, sender.wrong, "the code");

  const mail = await (await fetch(`${plan.server}/test/letter`)).text();
  const quiet = await as(t, "", phone);
  await quiet.page.goto(`${plan.server}/de/antwort/${mail}`);
  assert.ok(!(await quiet.page.content()).includes("Stadt Ost"), "the link alone says who asks");
  await sound(quiet.page, quiet.wrong, "asking for the code");
  await quiet.page.getByLabel("Code", { exact: true }).fill("AAAA AAAA");
  await leave(quiet.page, () => quiet.page.getByRole("button", { name: "Anfrage zeigen" }).click());
  await quiet.page.getByText("Link und Code passen nicht zusammen.").first().waitFor();
  await quiet.page.getByLabel("Code", { exact: true }).fill(code.toLowerCase());
  await leave(quiet.page, () => quiet.page.getByRole("button", { name: "Anfrage zeigen" }).click());
  await quiet.page.getByRole("link", { name: "0234 5550" }).waitFor();
  await sound(quiet.page, quiet.wrong, "the envelope");
  await quiet.page.getByLabel("Grund der Absage").selectOption("no-place");
  await leave(quiet.page, () => quiet.page.getByRole("button", { name: "Ablehnen" }).click());
  await quiet.page.getByText("Abgelehnt").first().waitFor();
  await sound(quiet.page, quiet.wrong, "declined");
  await sender.page.goto(address);
  await sender.page.getByText("Abgelehnt").first().waitFor();
  await sound(sender.page, sender.wrong, "a letter that was declined");
});

// written opens the page of a new handover and fills in what has to be there.
async function written(page) {
  await page.goto(`${plan.server}${heading}/o-east/ueberleitungen/neu?offer=${plan.offer}`);
  await page.getByLabel("Name der Person").fill("Frau Eisvogel");
  await page.getByLabel("Anliegen", { exact: true }).fill("Braucht bald einen Termin.");
}

async function outbox(page) {
  await page.goto(`${plan.server}${heading}/o-east/ueberleitungen/gesendet`);
  return page.locator("main tbody tr").count();
}

test("a browser that is closed while it seals has sent nothing", async (t) => {
  const look = await as(t, plan.sends);
  const before = await outbox(look.page);
  const closed = await as(t, plan.sends, phone);
  const posted = [];
  closed.page.on("request", (r) => { if (r.method() === "POST") posted.push(r.url()); });
  await closed.page.addInitScript(() => { crypto.subtle.encrypt = () => new Promise(() => {}); }); // sealing that never comes to an end
  await written(closed.page);
  await closed.page.getByLabel("Anhänge").setInputFiles([{ name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("a") }]);
  await closed.page.getByRole("button", { name: "Versiegeln und speichern" }).click();
  await closed.page.getByText("Einen Moment, bitte").waitFor();
  await closed.context.close();
  assert.deepEqual(posted, [], "something was sent before it was sealed");
  assert.equal(await outbox(look.page), before);
  await written(look.page); // the control: a browser that stays open
  await look.page.getByRole("button", { name: "Versiegeln und speichern" }).click();
  await look.page.waitForURL(/ueberleitungen\/h-/);
  assert.equal(await outbox(look.page), before + 1);
});

test("a device whose clock is a year ahead seals and sends all the same", async (t) => {
  const ahead = await as(t, plan.sends, phone);
  await ahead.page.clock.setFixedTime(new Date(Date.now() + 366 * 86_400_000));
  await written(ahead.page);
  await ahead.page.getByRole("button", { name: "Versiegeln und speichern" }).click();
  await ahead.page.getByText("Der Entwurf ist versiegelt gespeichert.").waitFor();
});

test("the office sees the totals of the region", async (t) => {
  const office = await as(t, plan.office, phone);
  await office.page.goto(`${plan.server}/de/ueberleitungen`);
  await office.page.getByRole("heading", { level: 1, name: "Überleitungen der Region" }).waitFor();
  await sound(office.page, office.wrong, "the totals of the region");
});

// The last one: afterwards the west has another key.
test("a key that is replaced while a page is open: what was typed stays, and the page says what to do", async (t) => {
  const { page } = await as(t, plan.sends, phone);
  await written(page);
  await page.getByRole("button", { name: "Versiegeln und speichern" }).click(); // the key that stands is remembered
  await page.waitForURL(/ueberleitungen\/h-/);
  await written(page);
  const told = await fetch(`${plan.server}/test/rotate`);
  assert.ok(told.ok, await told.text());
  await page.getByRole("button", { name: "Versiegeln und speichern" }).click();
  await page.getByText("Inzwischen hat sich etwas geändert.").waitFor();
  assert.equal(await page.getByLabel("Anliegen", { exact: true }).inputValue(), "Braucht bald einen Termin.");
  await written(page);
  await page.getByText("Der Schlüssel dieser Organisation ist ein anderer").waitFor();
  await page.getByRole("button", { name: "Versiegeln und speichern" }).click();
  await page.getByText("Bitte vergleichen Sie zuerst den Fingerabdruck.").waitFor();
  await page.getByLabel("Ich habe den Fingerabdruck am Telefon verglichen.").check();
  await page.getByRole("button", { name: "Versiegeln und speichern" }).click();
  await page.waitForURL(/ueberleitungen\/h-/);
});
