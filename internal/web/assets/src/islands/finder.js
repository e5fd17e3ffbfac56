// What a browser with scripts does better on the pages of the finder: leave at once and leave no trace of this page, and
// keep the offers of the take-along sheet on this device only, until its window is closed. Without scripts both are links.

const KEPT = "gevor-sheet";

function forget() {
  try {
    sessionStorage.clear();
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}

for (const link of document.querySelectorAll("[data-leave]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    forget();
    document.documentElement.replaceChildren();
    location.replace(link.dataset.leave);
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
