// Completes the pages of handovers: makes keys, seals what is sent, opens what came. Content never leaves the page but
// sealed; its fields have no names, so that no form sends them. Without scripts these pages say so.
import { chosen, fetched, listed, named, save, sealedFiles } from "./attach.js";
import * as s from "./seal.js";
import { begin, busy, bytes, keyRing, say, send, stop, text } from "./sealing.js";

export * from "./seal.js";

function passphraseOf(root) {
  const [first, again] = root.querySelectorAll("[data-passphrase]");
  const p = s.tidy(first.value);
  if ([...p].length < s.leastPassphrase) throw stop("short");
  if (s.tidy(again.value) !== p) throw stop("differs");
  return p;
}

// makeKey: first the key and the sheet, then, when the sheet is on paper, the form.
function makesKey(form) {
  const sheet = form.querySelector("[data-sheet]");
  form.querySelector("[data-make]").addEventListener("click", () => busy(form, async () => {
    const passphrase = passphraseOf(form);
    const key = await s.makeKey();
    const code = s.newSheet();
    form.elements.public.value = s.toBase64(key.publicRaw);
    form.elements.wrap.value = await s.wrap(key.pkcs8, key.id, passphrase, form.dataset.holder);
    form.elements.sheet.value = await s.wrap(key.pkcs8, key.id, code, s.sheetHolder);
    form.elements.proof.value = await s.proofOf(code);
    sheet.querySelector("[data-code]").textContent = s.spell(code);
    sheet.querySelector("[data-fingerprint]").textContent = s.spell(key.id.slice(0, 32));
    form.querySelector("[data-before]").hidden = true;
    sheet.hidden = false;
    sheet.querySelector("h3").focus();
    say(form, "");
  }));
  sheet.querySelector("[data-print]").addEventListener("click", () => globalThis.print());
}

// holdsKey: opens the key with the sheet and wraps it for the reader.
function holdsKey(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(form, async () => {
      const passphrase = passphraseOf(form);
      const code = s.readSheet(form.querySelector("[data-code]").value);
      const pkcs8 = await s.unwrap(form.dataset.sheet, form.dataset.key, code, s.sheetHolder).catch(() => { throw stop("wrong"); });
      form.elements.wrap.value = await s.wrap(pkcs8, form.dataset.key, passphrase, form.dataset.holder);
      form.elements.proof.value = await s.proofOf(code);
    }).then((done) => { if (done) form.submit(); });
  });
}

// pinned says whether a receiver's key is the one this device has seen before, and remembers a first one.
function pinned(organisation, id) {
  const name = `gevor-pin-${organisation}`;
  try {
    const before = localStorage.getItem(name);
    if (before === null) localStorage.setItem(name, id);
    return before === null || before === id;
  } catch {
    return true; // a device that remembers nothing pins nothing
  }
}

function pin(organisation, id) {
  try {
    localStorage.setItem(`gevor-pin-${organisation}`, id);
  } catch { /* likewise */ }
}

// prefills takes what was searched from the fragment, which no server sees; it does not stay in the address.
function prefills(form) {
  const known = new URLSearchParams(location.hash.slice(1));
  const choose = (field, wanted) => {
    if (wanted && [...field?.options ?? []].some((o) => o.value === wanted)) field.value = wanted;
  };
  choose(form.elements.language, known.get("language"));
  const sought = form.querySelector("[data-sought]");
  const fields = [...sought.querySelectorAll("select")];
  for (const [i, name] of ["need", "language", "district"].entries()) choose(fields[i], known.get(name));
  const tell = () => { sought.querySelector("[data-sought-said]").textContent = fields.filter((f) => f.value).map((f) => f.selectedOptions[0].text.trim()).join(" · "); };
  sought.addEventListener("change", tell);
  tell();
  if (known.size > 0) history.replaceState(history.state, "", location.pathname + location.search);
}

function sends(form) {
  const d = form.dataset;
  const context = { Handover: d.handover, Consent: d.consent, Sender: d.sender, Receiver: d.receiver, SenderKey: d.sends, ReceiverKey: d.takes, Part: "request" };
  prefills(form);
  const other = form.querySelector("[data-other-key]");
  if (!pinned(d.receiver, d.takes)) other.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(form, async () => {
      if (!other.hidden && !other.querySelector("input").checked) throw stop("otherkey");
      const said = {};
      for (const f of form.querySelectorAll("[data-content]")) {
        if (f.value.trim()) said[f.dataset.content] = f.selectedOptions?.[0].text.trim() ?? f.value.trim();
      }
      if (!said.concern || !said.name) throw stop("empty");
      const files = await chosen(form);
      const share = s.random(32);
      const keys = [s.fromBase64(d.senderPublic), s.fromBase64(d.receiverPublic), share];
      form.elements.box.value = await s.seal(context, ...keys, bytes(JSON.stringify({ ...said, ...named(files) })));
      form.elements.share.value = s.toBase64(share);
      const sealed = await sealedFiles(context, ...keys, files);
      pin(d.receiver, d.takes);
      try {
        await send(form, sealed);
      } catch (err) {
        if (err.saying !== "shown") throw err;
      }
    });
  });
}

// show writes an opened content; labels stand in the page. files, where there are any, is the list of attachments.
function show(root, content, at, by, files = null) {
  const list = document.createElement("dl");
  list.className = "pairs";
  for (const [name, value] of Object.entries(content)) {
    const label = root.dataset[`label${name[0].toUpperCase()}${name.slice(1)}`];
    if (!label) continue;
    const term = document.createElement("dt");
    const said = document.createElement("dd");
    term.textContent = label;
    said.textContent = value;
    said.style.whiteSpace = "pre-line";
    list.append(term, said);
  }
  if (files) {
    const term = document.createElement("dt");
    const said = document.createElement("dd");
    term.textContent = root.dataset.labelFiles;
    said.append(files);
    list.append(term, said);
  }
  const head = document.createElement("h3");
  head.textContent = `${by}, ${at}`;
  root.querySelector("[data-opened]").append(head, list);
}

function reads(root) {
  const file = JSON.parse(root.dataset.file);
  const form = root.querySelector("form[data-unlock]");
  const write = root.querySelector("form[data-write]");
  const reseal = root.querySelector("form[data-reseal]");
  const mine = (b) => file.side === "sender" ? b.context.SenderKey : b.context.ReceiverKey;
  const held = (b) => file.keys.some((k) => k.id === mine(b) && k.wrap);
  let opened = null;
  // openFile gives an attachment of a message; its box is fetched only now.
  const openFile = async (b, part, share) => s.open(await fetched(root, part), { ...b.context, Part: part }, await opened.keyFor(mine(b)), share).catch((err) => { throw err.saying ? err : stop("broken"); });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(form, async () => {
      const passphrase = form.querySelector("[data-passphrase]").value;
      const keyFor = keyRing(file.keys, file.holder, passphrase);
      // What was sealed to a key that is lost stays closed; the rest opens.
      if (!file.boxes.some(held)) throw stop("nokey");
      for (const b of file.boxes.filter(held)) await keyFor(mine(b));
      const answer = await fetch(root.dataset.open, { method: "POST", body: new URLSearchParams(), redirect: "error" });
      if (!answer.ok) throw stop("gone");
      const share = s.fromBase64((await answer.json()).share);
      root.querySelector("[data-opened]").replaceChildren();
      const contents = [];
      for (const b of file.boxes) {
        if (!held(b)) {
          contents.push(null);
          show(root, { answer: root.dataset.unheld }, b.at, b.by);
          continue;
        }
        const raw = await s.open(b.box, b.context, await keyFor(mine(b)), share).catch(() => { throw stop("broken"); });
        contents.push(raw);
        const said = JSON.parse(text.decode(raw));
        show(root, said, b.at, b.by, said.files && listed(root, form, said.files, b.files ?? [], (part) => openFile(b, part, share)));
      }
      opened = { share, contents, keyFor };
      for (const f of form.querySelectorAll("[data-away]")) f.hidden = true;
      for (const f of [write, reseal]) if (f) f.hidden = false;
      root.querySelector("[data-opened]").focus();
    });
  });
  const seals = async (f, content, files) => {
    const keys = [s.fromBase64(file.seal.senderPublic), s.fromBase64(file.seal.receiverPublic), opened.share];
    f.elements.box.value = await s.seal(file.seal.context, ...keys, content);
    await send(f, await sealedFiles(file.seal.context, ...keys, files));
  };
  write?.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(write, async () => {
      const said = write.querySelector("[data-content]").value.trim();
      const files = await chosen(write);
      if (!said && !files.length) throw stop("empty");
      await seals(write, bytes(JSON.stringify({ ...said && { answer: said }, ...named(files) })), files);
    });
  });
  reseal?.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(reseal, async () => {
      if (!opened.contents[0]) throw stop("nokey");
      const files = [];
      for (const part of file.boxes[0].files ?? []) files.push({ part, raw: await openFile(file.boxes[0], part, opened.share) });
      await seals(reseal, opened.contents[0], files);
    });
  });
  root.querySelector("[data-parcel]")?.addEventListener("click", () => {
    if (!opened) {
      say(form, "first");
      return;
    }
    busy(form, async () => {
      const key = mine(file.boxes.find(held));
      const mines = file.boxes.filter((b) => mine(b) === key);
      const files = [];
      for (const b of mines) {
        for (const part of b.files ?? []) files.push({ context: { ...b.context, Part: part }, box: await fetched(root, part) });
      }
      save([JSON.stringify({
        format: "gevor-parcel-1", holder: file.holder, key, wrap: file.keys.find((k) => k.id === key).wrap, share: s.toBase64(opened.share),
        parts: mines.map((b) => ({ context: b.context, box: b.box })), files,
      })], `${file.boxes[0].context.Handover}.json`);
    });
  });
}

begin({ "form[data-seal=make]": makesKey, "form[data-seal=hold]": holdsKey, "form[data-seal=send]": sends, "[data-seal=read]": reads });
for (const b of document.querySelectorAll("button[data-print-page]")) {
  b.hidden = false;
  b.addEventListener("click", () => globalThis.print());
}
