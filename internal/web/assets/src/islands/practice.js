// Messages of practices without a login: the practice seals to the organisation alone, and the secret for its answer
// lies in the fragment of the practice's link, which no server ever sees.
import * as s from "./seal.js";
import { begin, busy, bytes, keyRing, send, stop, text } from "./sealing.js";

const toURL = (raw) => s.toBase64(raw).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const fromURL = (t) => s.fromBase64(t.replaceAll("-", "+").replaceAll("_", "/"));

// secretOf gives the practice's secret; a link that has none yet gets one. kept says whether the link had it.
function secretOf() {
  const kept = new URLSearchParams(location.hash.slice(1)).get("k");
  if (kept && kept.length === 43) return { secret: fromURL(kept), kept: true };
  const secret = s.random(32);
  history.replaceState(null, "", `${location.pathname}${location.search}#k=${toURL(secret)}`);
  return { secret, kept: false };
}

// practice shows the answers that this link opens, and seals what is written.
function practice(root) {
  const { secret, kept } = secretOf();
  root.querySelector("[data-bookmark]").hidden = kept;
  for (const item of root.querySelectorAll("[data-reply]")) {
    const n = JSON.parse(item.dataset.reply);
    s.openWith(n.box, n.context, secret, s.fromBase64(n.share))
      .then((raw) => { item.textContent = text.decode(raw); })
      .catch(() => { item.textContent = root.dataset.otherlink; });
  }
  const form = root.querySelector("form");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(form, async () => {
      const said = form.querySelector("[data-content]").value.trim();
      if (!said) throw stop("empty");
      const context = { ...JSON.parse(form.dataset.context), Consent: form.elements.number.value };
      const share = s.random(32);
      const content = bytes(JSON.stringify({ note: said, reply: s.toBase64(secret) }));
      if (content.length > Number(form.dataset.most)) throw stop("long");
      form.elements.box.value = await s.sealFor(context, [s.fromBase64(form.dataset.public)], share, content);
      form.elements.share.value = s.toBase64(share);
      await send(form);
    });
  });
}

// house opens what practices wrote, and answers under their secret.
function house(root) {
  const file = JSON.parse(root.dataset.file);
  const form = root.querySelector("form[data-unlock]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(form, async () => {
      const keyFor = keyRing(file.keys, file.holder, form.querySelector("[data-passphrase]").value);
      let opened = 0;
      for (const n of file.notes) {
        const item = root.querySelector(`[data-note="${n.context.Handover}"]`);
        const mine = file.keys.some((k) => k.id === n.context.ReceiverKey && k.wrap);
        if (!mine) {
          item.querySelector("[data-opened]").textContent = root.dataset.nokey;
          continue;
        }
        const key = await keyFor(n.context.ReceiverKey);
        const got = await fetch(item.dataset.open, { method: "POST", body: new URLSearchParams(), redirect: "error" });
        if (!got.ok) throw stop("gone");
        const share = s.fromBase64((await got.json()).share);
        const raw = await s.open(n.box, n.context, key, share).catch(() => { throw stop("broken"); });
        const content = JSON.parse(text.decode(raw));
        item.querySelector("[data-opened]").textContent = content.note;
        answers(item, n.context, share, s.fromBase64(content.reply));
        opened += 1;
      }
      if (opened === 0) throw stop("nokey");
      form.hidden = true;
    });
  });
}

function answers(item, context, share, secret) {
  const form = item.querySelector("form[data-answer]");
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(form, async () => {
      const said = bytes(form.querySelector("[data-content]").value.trim());
      if (!said.length) throw stop("empty");
      if (said.length > Number(form.dataset.most)) throw stop("long");
      form.elements.box.value = await s.sealFor({ ...context, ReceiverKey: "", Part: "reply" }, [], share, said, secret);
      await send(form);
    });
  });
}

begin({ "[data-seal=practice]": practice, "[data-seal=notes]": house });
