// Keeps parts of a page that change by themselves as they are now: asks for the page again and takes those parts over.
// Without this file they are as they were when the page was opened.
const every = 5000;

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const now = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = now.getElementById(part.id);
    if (next) part.replaceChildren(...next.childNodes);
    else part.remove();
  }
  if (!document.querySelector("[data-live]")) clearInterval(timer);
}

// A line that is down for a while is no reason to stop: the next call comes.
const timer = setInterval(() => refresh().catch(() => {}), every);
