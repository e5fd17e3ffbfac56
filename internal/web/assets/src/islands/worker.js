// The worker of the residents' pages: what works without internet. It keeps the looks of the pages (gevor-shell-BUILD),
// the emergency numbers and the stand-in page in the reader's language (gevor-pages), and the sheet that somebody chose to
// keep (gevor-kept); the last two are put there by the pages themselves (finder.js). A page that came from the network is
// never kept here, so neither searches nor results are. The quick exit deletes all of it, and this worker.
//
// self.gevor, with the build and the files of its shell, stands before this script (internal/web/offline.go).

const shell = `gevor-shell-${self.gevor.build}`;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(shell).then((cache) => cache.addAll(self.gevor.files)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("gevor-shell-") && name !== shell) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

// A page that was kept under an older build asks for that build's files; the ones of today do as well.
async function file(request) {
  const name = new URL(request.url).pathname.split("/").pop();
  const own = self.gevor.files.find((f) => f.endsWith(`/${name}`));
  const kept = own && await caches.match(own);
  if (kept && new URL(request.url).pathname === own) return kept;
  try {
    return await fetch(request);
  } catch (wrong) {
    if (kept) return kept;
    throw wrong;
  }
}

async function standIn(request) {
  const path = new URL(request.url).pathname;
  for (const name of ["gevor-kept", "gevor-pages"]) {
    const found = await (await caches.open(name)).match(path);
    if (found) return found;
  }
  const pages = await caches.open("gevor-pages");
  for (const known of await pages.keys()) {
    const answer = await pages.match(known);
    if (answer.headers.get("X-Gevor-Stand-In")) return answer;
  }
  return Response.error();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/assets/")) event.respondWith(file(request));
  else if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => standIn(request)));
});
