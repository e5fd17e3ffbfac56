// What the pages share on which something is sealed or opened: forms that wait for the work, and the keys of a holder.
import * as s from "./seal.js";

export const text = new TextDecoder();
export const bytes = (t) => new TextEncoder().encode(t);

// say writes into the line of a form that screen readers announce.
export function say(root, key) {
  const line = root.querySelector("[data-said]");
  line.textContent = key ? line.dataset[key] ?? line.dataset.failed : "";
}

// busy keeps a form from being sent twice while work goes on.
export async function busy(root, work) {
  const buttons = [...root.querySelectorAll("button")];
  buttons.forEach((b) => { b.disabled = true; });
  say(root, "working");
  try {
    await work();
    return true;
  } catch (err) {
    say(root, err.saying ?? "failed");
    return false;
  } finally {
    buttons.forEach((b) => { b.disabled = false; });
  }
}

export function stop(saying) {
  const err = new Error(saying);
  err.saying = saying;
  return err;
}

// send puts a form through, with what was sealed besides, and follows it; where the server refuses, what was typed stays.
export async function send(form, files = []) {
  const body = new URLSearchParams(new FormData(form));
  for (const f of files) body.append("file", f);
  const answer = await fetch(form.action, { method: "POST", body });
  if (answer.ok) {
    location.assign(answer.url + location.hash); // a practice has its key there
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const told = [...page.querySelectorAll(".error-summary li, .field-error span")].map((e) => e.textContent.trim());
  const line = form.querySelector("[data-said]");
  if (told.length === 0) throw stop({ 409: "stale", 412: "stale", 413: "heavy" }[answer.status] ?? "failed");
  line.textContent = [...new Set(told)].join(" ");
  throw stop("shown");
}

// keyRing gives the keys of a holder by fingerprint, each opened with the passphrase once.
export function keyRing(held, holder, passphrase) {
  const keys = new Map();
  return async (id) => {
    if (!keys.has(id)) {
      const mine = held.find((k) => k.id === id && k.wrap);
      if (!mine) throw stop("nokey");
      const pkcs8 = await s.unwrap(mine.wrap, id, passphrase, holder).catch(() => { throw stop("wrong"); });
      keys.set(id, await s.keyOf(pkcs8, id));
    }
    return keys.get(id);
  };
}

// begin lets each part of a page work that a selector finds, or says that this browser cannot.
export function begin(parts) {
  for (const [selector, work] of Object.entries(parts)) {
    for (const root of document.querySelectorAll(selector)) {
      if (!s.able) {
        say(root, "unable");
        continue;
      }
      for (const b of root.querySelectorAll("button[data-needs-script]")) b.disabled = false;
      work(root);
    }
  }
}
