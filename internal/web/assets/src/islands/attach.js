// Attachments of sealed messages: each is sealed as a message is, under a name of its own. Their names stand inside the
// message; the platform sees how many there are and their padded sizes.
import * as s from "./seal.js";
import { busy, stop } from "./sealing.js";

const together = 6 << 20; // bytes, padded
const letters = "abcdefghijklmnopqrstuvwxyz234567";

const newPart = () => `b-${Array.from(s.random(26), (b) => letters[b & 31]).join("")}`;

// chosen reads the files of a form, before anything is sealed: the whole message goes, or nothing.
export async function chosen(form) {
  const input = form.querySelector("[data-attach]");
  const files = [...input?.files ?? []];
  if (files.length > Number(input?.dataset.attach)) throw stop("many");
  const sizes = files.map((f) => s.padded(f.size) ?? Infinity);
  if (sizes.reduce((a, b) => a + b, 0) > together) throw stop("heavy");
  const out = [];
  for (const f of files) {
    const raw = await f.arrayBuffer().catch(() => { throw stop("unread"); });
    if (raw.byteLength === 0) throw stop("unread");
    out.push({ part: newPart(), name: f.name, size: raw.byteLength, raw: new Uint8Array(raw) });
  }
  return out;
}

// named is how a message names its attachments; nothing where it has none.
export const named = (files) => (files.length ? { files: files.map(({ part, name, size }) => ({ part, name, size })) } : {});

// sealedFiles gives the fields that carry attachments: they are bound to the context of their message, but for their part.
export async function sealedFiles(context, senderRaw, receiverRaw, share, files) {
  const out = [];
  for (const f of files) out.push(`${f.part} ${await s.seal({ ...context, Part: f.part }, senderRaw, receiverRaw, share, f.raw)}`);
  return out;
}

// fetched gives the sealed text of an attachment.
export async function fetched(root, part) {
  const answer = await fetch(root.dataset.files.replace(/-$/, part), { redirect: "error" }).catch(() => null);
  if (!answer?.ok) throw stop("lost");
  return answer.text();
}

const mega = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "megabyte", maximumFractionDigits: 1, minimumFractionDigits: 1 });

// save puts bytes into a file of this device. The type says nothing, so that no browser runs what somebody sent.
export function save(parts, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type: "application/octet-stream" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

// listed shows the attachments that a message names. there are the parts that the platform has; raw opens one of them.
export function listed(root, form, files, there, raw) {
  const list = document.createElement("ul");
  list.className = "plain";
  for (const f of files) {
    const item = document.createElement("li");
    const label = `${f.name} (${mega.format(f.size / 1e6)})`;
    if (there.includes(f.part)) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button quiet";
      button.dataset.attached = f.name;
      button.textContent = label;
      button.addEventListener("click", () => {
        button.disabled = true;
        busy(form, async () => save([await raw(f.part)], f.name)).then(() => {
          button.disabled = false;
          button.focus();
        });
      });
      item.append(button);
    } else {
      item.textContent = `${label}: ${root.dataset.missing}`;
    }
    list.append(item);
  }
  return list;
}
