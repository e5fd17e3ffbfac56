// What a browser with scripts does better on residents' pages: leave at once and leave no trace, keep the offers of the
// take-along sheet on this device only, work without internet after the first visit, and read a page aloud. Without
// scripts the first two are links, and the rest is not offered.

const KEPT = "gevor-sheet";
const page = document.querySelector("[data-worker]")?.dataset ?? {};

// forget deletes everything these pages keep on the device: the list of the sheet, kept pages, the worker.
async function forget() {
  try {
    sessionStorage.clear();
    localStorage.clear();
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
  const workers = await navigator.serviceWorker?.getRegistrations() ?? [];
  const names = "caches" in globalThis ? await caches.keys() : [];
  await Promise.allSettled([...workers.map((w) => w.unregister()), ...names.map((n) => caches.delete(n))]);
}

// How long the way out waits for the browser to delete, in milliseconds. The page is empty at once.
const PATIENCE = 400;

for (const link of document.querySelectorAll("[data-leave]")) {
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    const to = link.dataset.leave;
    document.documentElement.replaceChildren();
    await Promise.race([forget().catch(() => {}), new Promise((done) => { setTimeout(done, PATIENCE); })]);
    location.replace(to);
  });
}

function kept() {
  try {
    return (sessionStorage.getItem(KEPT) ?? "").split(" ").filter(Boolean);
  } catch {
    return [];
  }
}

function keep(ids) {
  try {
    sessionStorage.setItem(KEPT, ids.join(" "));
    return true;
  } catch {
    return false;
  }
}

const bar = document.querySelector(".sheet-bar");
if (bar) {
  const fromAddress = (new URLSearchParams(location.search).get("keep") ?? "").split(" ").filter(Boolean);
  if (fromAddress.length > 0) keep([...new Set([...kept(), ...fromAddress])].slice(0, 12));
  const links = [...document.querySelectorAll("[data-keep]")];

  const show = () => {
    const ids = kept();
    for (const link of links) {
      const on = ids.includes(link.dataset.keep);
      link.firstChild.textContent = on ? bar.dataset.on : bar.dataset.off;
    }
    bar.replaceChildren();
    if (ids.length > 0) {
      const open = document.createElement("a");
      open.className = "button quiet";
      open.href = `${bar.dataset.sheet}?${new URLSearchParams({ keep: ids.join(" ") })}`;
      open.textContent = `${bar.dataset.some} (${ids.length})`;
      bar.append(open);
    }
  };

  for (const link of links) {
    link.addEventListener("click", (event) => {
      const ids = kept();
      const id = link.dataset.keep;
      if (keep(ids.includes(id) ? ids.filter((x) => x !== id) : [...ids, id].slice(-12))) {
        event.preventDefault();
        show();
      }
    });
  }
  show();
}

// store puts the page behind an address into a cache as the anonymous public gets it, under its path alone.
async function store(name, address, standIn) {
  const answer = await fetch(address, { credentials: "omit" });
  if (!answer.ok) throw new Error(`${address} answers ${answer.status}`);
  const headers = { "Content-Type": "text/html; charset=utf-8" };
  for (const h of ["Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options"]) headers[h] = answer.headers.get(h) ?? "";
  if (standIn) headers["X-Gevor-Stand-In"] = "1";
  await (await caches.open(name)).put(new URL(address, location.href).pathname, new Response(await answer.text(), { headers }));
}

// remember keeps what an emergency needs, in the language of this page only.
async function remember() {
  await navigator.serviceWorker.register(page.worker);
  await navigator.serviceWorker.ready;
  const pages = await caches.open("gevor-pages");
  const wanted = [page.emergency, page.offline];
  const marks = await pages.match("/build");
  const fresh = marks && (await marks.text()) === page.build;
  for (const known of await pages.keys()) {
    const path = new URL(known.url).pathname;
    if (!fresh || (path !== "/build" && !wanted.includes(path))) await pages.delete(known);
  }
  for (const address of wanted) {
    if (!await pages.match(address)) await store("gevor-pages", address, address === page.offline);
  }
  await pages.put("/build", new Response(page.build));
}

const offline = "serviceWorker" in navigator && "caches" in globalThis && page.worker;
if (offline) remember().catch(() => {}); // without room or right to keep anything, the pages work with internet alone

// The sheet stays on the device only where somebody says so.
const sheet = document.querySelector("[data-keep-sheet]");
if (sheet && offline) {
  const [on, off, said] = ["keep-on", "keep-off", "keep-said"].map((c) => sheet.querySelector(`.${c}`));
  const path = location.pathname;
  const show = (isKept, text) => {
    on.hidden = isKept;
    off.hidden = !isKept;
    said.textContent = text;
  };
  const begin = async () => {
    const isKept = Boolean(await (await caches.open("gevor-kept")).match(path));
    sheet.hidden = false;
    show(isKept, isKept ? sheet.dataset.kept : "");
  };
  on.addEventListener("click", async () => {
    await store("gevor-kept", location.href);
    show(true, sheet.dataset.kept);
  });
  off.addEventListener("click", async () => {
    await caches.delete("gevor-kept");
    show(false, sheet.dataset.forgotten);
  });
  begin().catch(() => {});
}

// Reading aloud: only with a voice that is on the device, so that no word of the page leaves it.
const reader = document.querySelector("[data-read]");
const speech = globalThis.speechSynthesis;
if (reader && speech) {
  const language = document.documentElement.lang.replace("-simple", "");
  const voice = () => speech.getVoices().find((v) => v.localService && v.lang.toLowerCase().split(/[-_]/)[0] === language);
  const label = reader.textContent;
  let reading = false;
  const show = () => { reader.textContent = reading ? reader.dataset.stop : label; };
  const offer = () => {
    reader.hidden = !voice();
    document.querySelector("main h1")?.after(reader);
  };
  const said = () => [...document.querySelectorAll("main :is(h1, h2, h3, p, li, dt, dd)")]
    .filter((e) => e.checkVisibility() && !e.closest("form, .exit, .unconfirmed, [data-read]") && !e.querySelector("p, li"))
    .filter((e) => (e.closest("[lang]")?.lang ?? "").replace("-simple", "") === language)
    .map((e) => e.innerText.trim()).filter(Boolean);
  reader.addEventListener("click", () => {
    speech.cancel();
    reading = !reading;
    if (reading) {
      const texts = said();
      texts.forEach((text, i) => {
        const u = new SpeechSynthesisUtterance(text);
        u.voice = voice();
        u.lang = u.voice.lang;
        u.rate = 0.9;
        if (i === texts.length - 1) u.onend = () => { reading = false; show(); };
        speech.speak(u);
      });
    }
    show();
  });
  addEventListener("pagehide", () => speech.cancel());
  speech.addEventListener?.("voiceschanged", offer);
  offer();
}
