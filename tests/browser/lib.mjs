// What the browser tests share: the plan from the Go test, the browser, and the checks that hold for any page.
import fs from "node:fs";
import { createRequire } from "node:module";

import { chromium } from "playwright-core";

export const plan = JSON.parse(fs.readFileSync(process.env.GEVOR_BROWSER_PLAN, "utf8"));

const axeSource = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export function launch() {
  return chromium.launch({
    executablePath: plan.chromium,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

// open gives a page that records what goes wrong on it. Requests to another server are recorded and not let out.
export async function open(browser, base, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: "light", bypassCSP: false, ...options });
  const page = await context.newPage();
  const wrong = { foreign: [], console: [] };
  await context.route("**/*", (route) => {
    const url = new URL(route.request().url());
    if (["data:", "blob:"].includes(url.protocol) || url.origin === new URL(base).origin) return route.continue();
    wrong.foreign.push(url.href);
    return route.abort();
  });
  page.on("console", (m) => {
    // An expected error page makes Chromium log its status; software rendering makes it warn about speed.
    if (m.type() === "error" && !/status of (4|5)\d\d/.test(m.text())) wrong.console.push(m.text());
  });
  page.on("pageerror", (e) => wrong.console.push(e.message));
  return { context, page, wrong };
}

const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// axe runs the accessibility rules of WCAG 2.2 AA, or only the named ones; the script comes from the test, not from the page.
export async function axe(page, only = rules) {
  if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(axeSource);
  const found = await page.evaluate((runOnly) => globalThis.axe.run(document, { runOnly, resultTypes: ["violations"] }), only);
  return found.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.target} ${n.failureSummary ?? ""}`).join(" | ")}`);
}

// overflow gives how many pixels a page is wider than its window, and the first thing that sticks out.
export function overflow(page) {
  return page.evaluate(() => {
    const too = document.documentElement.scrollWidth - innerWidth;
    if (too <= 0) return "";
    const out = [...document.querySelectorAll("body *")].filter((e) => !e.closest("svg, .table-wrap, .visually-hidden"))
      .find((e) => e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1);
    return `${too}px too wide: ${out ? `${out.tagName}.${out.className} ${out.textContent.slice(0, 40)}` : "?"}`;
  });
}

// small gives controls lower or narrower than 44 px; links inside sentences are exempt.
export function small(page) {
  return page.evaluate(() => [...document.querySelectorAll("button, select, summary, .button, .menu a, .languages a, a.sort, a.more, .toc a, .downloads a")]
    .filter((e) => e.checkVisibility() && !e.closest(".maplibregl-map"))
    .map((e) => [e, e.getBoundingClientRect()])
    .filter(([, r]) => r.height > 0 && (r.height < 43.5 || r.width < 43.5))
    .map(([e, r]) => `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 30)} ${r.width.toFixed(0)}x${r.height.toFixed(0)}`));
}

// counted makes a page count the taps on it, across its pages; what is typed and chosen in a list of the system is no tap.
export async function counted(page) {
  const name = "test-taps";
  await page.addInitScript((n) => addEventListener("pointerdown", () => sessionStorage.setItem(n, Number(sessionStorage.getItem(n)) + 1), { capture: true, passive: true }), name);
  return () => page.evaluate((n) => Number(sessionStorage.getItem(n)), name);
}

// leave does what leads to another page and waits until that page is there; a press alone does not wait, and what follows
// would look at the page it was on.
export async function leave(page, act) {
  await Promise.all([page.waitForEvent("load"), act()]);
}

export const pages = plan.visits.filter((v) => v.lang);

export function at(route, lang = "de", state = "normal") {
  const v = plan.visits.find((x) => x.route === route && x.lang === lang && x.state === state);
  return plan.servers[state] + v.path;
}
