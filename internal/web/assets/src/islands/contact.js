// Contacts on a bad line: an entry is on the device before anything is sent, is sent when there is a line, and leaves the
// device only when the server names it. What was sent before is sent again under its own key, so it counts once. Without
// scripts, or on a device that keeps nothing, the form is sent as any other.

const DATABASE = "gevor-contacts";
const LAST = "gevor-contact-last";
const OFTEN = "gevor-contact-often";
const SEARCHED = "gevor-contact-searched";

// queue: what waits, oldest first.
function opened() {
  return new Promise((done, fail) => {
    const ask = indexedDB.open(DATABASE, 1);
    ask.onupgradeneeded = () => ask.result.createObjectStore("waiting", { keyPath: "place", autoIncrement: true }).createIndex("key", "key", { unique: true });
    ask.onsuccess = () => done(ask.result);
    ask.onerror = () => fail(ask.error);
    ask.onblocked = () => fail(new Error("blocked"));
  });
}

async function within(mode, work) {
  const db = await opened();
  try {
    return await new Promise((done, fail) => {
      const t = db.transaction("waiting", mode, { durability: "strict" });
      const ask = work(t.objectStore("waiting"));
      t.oncomplete = () => done(ask?.result);
      t.onerror = () => fail(t.error);
      t.onabort = () => fail(t.error);
    });
  } finally {
    db.close();
  }
}

const waiting = () => within("readonly", (s) => s.getAll());
const put = (item) => within("readwrite", (s) => s.put(item));
const drop = (place) => within("readwrite", (s) => s.delete(place));

function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(26))].map((b) => "abcdefghijklmnopqrstuvwxyz234567"[b & 31]).join("");
}

// week gives the ISO week of a day on this device.
function week(day) {
  const thursday = new Date(Date.UTC(day.getFullYear(), day.getMonth(), day.getDate()));
  thursday.setUTCDate(thursday.getUTCDate() + 4 - (thursday.getUTCDay() || 7));
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return `${thursday.getUTCFullYear()}-W${String(Math.ceil(((thursday - first) / 86_400_000 + 1) / 7)).padStart(2, "0")}`;
}

const kept = {
  get(name, otherwise) {
    try {
      return JSON.parse(localStorage.getItem(name)) ?? otherwise;
    } catch {
      return otherwise;
    }
  },
  set(name, value) {
    try {
      localStorage.setItem(name, JSON.stringify(value));
    } catch { /* a device that keeps nothing has no defaults */ }
  },
};

// send gives what became of an item: "sent", "refused", "signin" or "later".
async function send(item) {
  let answer;
  try {
    answer = await fetch(item.address, { method: "POST", body: new URLSearchParams(item.fields), redirect: "manual", signal: AbortSignal.timeout(20_000) });
  } catch {
    return "later";
  }
  if (answer.type === "opaqueredirect" || answer.status === 401) return "signin";
  const told = await answer.json().catch(() => ({}));
  if (answer.status === 200 && told.key === item.key) return "sent";
  if (answer.status === 422 && told.key === item.key) {
    await put({ ...item, refused: told.refused });
    return "refused";
  }
  if (answer.status === 403 || answer.status === 404) {
    await put({ ...item, refused: [] });
    return "refused";
  }
  return "later";
}

// takeBack gives what became of it: "sent", "gone" where the server does not know it (any more), "signin" or "later".
async function takeBack(address, key) {
  const answer = await fetch(address, { method: "POST", body: new URLSearchParams({ key }), redirect: "manual" }).catch(() => ({}));
  if (answer.type === "opaqueredirect") return "signin";
  return { 200: "sent", 404: "gone" }[answer.status] ?? "later";
}

// alone lets only one page of this device send at a time; where browsers cannot, the server counts once all the same.
const alone = (work) => (navigator.locks ? navigator.locks.request(DATABASE, work) : work());

async function sendAll() {
  return alone(async () => {
    let state = "";
    for (const item of await waiting()) {
      if (item.refused) continue;
      if (!item.tried) await put({ ...item, tried: true });
      const became = item.back ? await takeBack(item.back, item.key) : await send(item);
      if (became === "sent" || became === "gone") await drop(item.place);
      if (became === "later" || became === "signin") return became;
      state = became;
    }
    return state;
  });
}

function form(root) {
  const box = document.querySelector("[data-queue]");
  const said = box.querySelector("[data-queue-said]");
  const back = box.querySelector("[data-take-back]");
  const now = box.querySelector("[data-send-now]");
  const refused = box.querySelector("[data-refused]");
  const chosen = root.querySelector("[data-chosen]");
  const words = said.dataset;
  let last = "";

  const say = (text) => {
    if (said.textContent !== text) said.textContent = text;
  };
  const show = async (state, first = "") => {
    const all = await waiting();
    const open = all.filter((i) => !i.refused && !i.back);
    box.hidden = all.length === 0 && !first && !last;
    box.classList.toggle("waits", all.length > 0);
    now.hidden = open.length === 0;
    back.hidden = !last;
    let text = first;
    if (open.length > 0) text = `${first} ${state === "signin" ? words.signin : words.waiting} ${open.length}`.trim();
    else if (first === words.kept && all.length === 0) text = words.sent;
    say(text);
    refused.replaceChildren(...all.filter((i) => i.refused).map((i) => {
      const line = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button quiet";
      button.textContent = refused.dataset.discard;
      button.addEventListener("click", async () => {
        await drop(i.place);
        await show("");
      });
      line.append(`${i.label}: ${i.refused.join(" ") || refused.dataset.noRight} `, button);
      return line;
    }));
  };
  let again = 0;
  const flush = async (first = "") => {
    clearTimeout(again);
    const state = await sendAll();
    await show(state, first);
    if (state === "later") again = setTimeout(flush, 30_000);
  };

  const value = (name) => root.elements[name]?.value ?? "";
  const labelOf = (input) => input?.labels[0]?.textContent.trim() ?? "";
  const choose = (name, wanted) => {
    const found = [...root.querySelectorAll(`input[name="${name}"]`)].find((i) => i.value === wanted || i.value.endsWith(`/${wanted}`));
    if (found) {
      found.checked = true;
      const group = found.closest("details");
      if (group && !found.closest("[data-often]")) group.open = true;
    } else if (root.elements[name]?.tagName === "SELECT" && [...root.elements[name].options].some((o) => o.value === wanted)) {
      root.elements[name].value = wanted;
    }
  };
  const tell = () => {
    const parts = [labelOf(root.querySelector('input[name="need"]:checked'))];
    const reason = root.querySelector('input[name="reason"]:checked');
    if (reason?.value) parts.push(labelOf(reason));
    chosen.textContent = parts.filter(Boolean).join(" · ");
    const rest = ["language", "district"].map((n) => root.elements[n].selectedOptions[0]?.textContent);
    root.querySelector("[data-rest-said]").textContent = [...rest, labelOf(root.querySelector('input[name="kind"]:checked'))].filter(Boolean).join(" · ");
  };

  // What was chosen last on this device is what is chosen next; the needs that are chosen often stand in front.
  const often = root.querySelector("[data-often]");
  const showOften = () => {
    const list = kept.get(OFTEN, []).sort((a, b) => b.times - a.times).slice(0, 6);
    often.replaceChildren();
    for (const o of list) {
      const there = root.querySelector(`.need-group input[value="${CSS.escape(o.value)}"]`);
      if (!there) continue;
      const copy = there.parentElement.cloneNode(true);
      const input = copy.querySelector("input");
      input.checked = false;
      input.id += "-often";
      copy.querySelector("label").htmlFor = input.id;
      often.append(copy);
    }
    often.hidden = often.children.length === 0;
  };
  const begin = () => {
    root.reset();
    root.querySelectorAll("details").forEach((d) => { d.open = false; });
    for (const [name, wanted] of Object.entries(kept.get(LAST, {}))) choose(name, wanted);
    showOften();
    tell();
  };
  if (!document.querySelector(".error-summary")) begin();
  else showOften();
  if (location.hash.length > 1) {
    for (const [name, wanted] of new URLSearchParams(location.hash.slice(1))) {
      if (["need", "language", "district", "reason"].includes(name)) choose(name, wanted);
    }
    history.replaceState(history.state, "", location.pathname + location.search);
  }
  tell();
  root.addEventListener("change", tell);

  const note = root.elements.note;
  if (note && root.dataset.signs) {
    const signs = JSON.parse(root.dataset.signs).map((x) => new RegExp(x.Pattern, "iu"));
    const warning = root.querySelector("[data-note-said]");
    note.addEventListener("input", () => { warning.textContent = signs.some((r) => r.test(note.value)) ? warning.dataset.warns : ""; });
  }

  const keep = async () => {
    const fields = [...new FormData(root)].filter(([name, v]) => name !== "key" && v !== "");
    const key = newKey();
    await put({ key, address: root.dataset.send, label: chosen.textContent, fields: [["key", key], ["week", week(new Date())], ...fields] });
    last = key;
    kept.set(LAST, { kind: value("kind"), duration: value("duration"), language: value("language"), district: value("district") });
    const need = root.querySelector('input[name="need"]:checked').value;
    const list = kept.get(OFTEN, []);
    const known = list.find((o) => o.value === need);
    if (known) known.times++;
    else list.push({ value: need, times: 1 });
    kept.set(OFTEN, list.slice(-40));
  };
  let busy = false;
  root.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    if (!root.querySelector('input[name="need"]:checked')) {
      box.hidden = false;
      say(words.need);
      root.querySelector("#f-need summary").focus();
      return;
    }
    busy = true;
    try {
      await keep();
    } catch {
      root.submit();
      return;
    }
    busy = false;
    begin();
    scrollTo({ top: 0 });
    await show("", words.kept);
    flush(words.kept);
  });
  // What was never tried is not on the server. What was, may be, even where no answer came: then the server is asked, and
  // where there is no line, as soon as there is one.
  back.addEventListener("click", async () => {
    const became = await alone(async () => {
      const item = (await waiting()).find((i) => i.key === last);
      if (item && !item.tried) return drop(item.place).then(() => "sent");
      const answered = await takeBack(root.dataset.back, last);
      if (answered === "sent" || answered === "gone") {
        if (item) await drop(item.place);
        return item ? "sent" : answered;
      }
      await put({ ...item, key: last, back: root.dataset.back, label: item?.label ?? "", tried: true });
      return "later";
    });
    last = "";
    await show("", became === "gone" ? words.late : words.back);
  });
  now.addEventListener("click", () => flush());
  addEventListener("online", () => flush());
  addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
  flush().catch(() => {});
}

// From a search or an offer: what was looked for stays on this device, for the offer that is opened next.
function links() {
  const known = document.querySelector("[data-contact-links]").dataset.contactLinks.slice(1);
  let searched = {};
  try {
    searched = JSON.parse(sessionStorage.getItem(SEARCHED)) ?? {};
    if (document.querySelector(".finder-form")) {
      searched = Object.fromEntries(new URLSearchParams(known));
      delete searched.reason;
      sessionStorage.setItem(SEARCHED, JSON.stringify(searched));
    }
  } catch { /* nothing is prefilled then */ }
  const told = new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(known)), ...searched }).toString();
  for (const link of document.querySelectorAll("[data-contact-link], [data-handover-link]")) link.hash = told;
  sendAll().catch(() => {});
}

const root = document.querySelector("[data-contact]");
if (root && "indexedDB" in globalThis) form(root);
else if (document.querySelector("[data-contact-links]")) links();
