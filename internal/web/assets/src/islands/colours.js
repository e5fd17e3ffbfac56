// Colours of the style sheet as the map needs them: resolved for the colour scheme that is in force.

const names = [
  "paper", "surface", "ink", "ink-2", "line-strong", "land-line", "city-line", "accent", "ground", "met", "border-met",
  "s1", "s2", "s3", "s4", "s5", "hatch-line", "hatch-back", "good", "map-land", "map-green", "map-built", "map-works", "map-water",
  "map-road", "map-road-edge", "map-rail", "cause-only-steps", "cause-only-elsewhere", "cause-only-other-time", "cause-only-car",
  "cause-too-far", "cause-used-up",
];

// colours reads every token through a hidden element, because light-dark() is resolved only where a colour is used.
export function colours(root) {
  const probe = document.createElement("span");
  probe.hidden = true;
  root.append(probe);
  const out = {};
  for (const name of names) {
    probe.style.color = `var(--${name})`;
    out[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return out;
}

// hatching draws the pattern that stands for "not known".
export function hatching(c) {
  const size = 12;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const g = canvas.getContext("2d");
  g.fillStyle = c["hatch-back"];
  g.fillRect(0, 0, size, size);
  g.strokeStyle = c["hatch-line"];
  g.lineWidth = 3;
  for (let x = -size; x <= 2 * size; x += size) {
    g.beginPath();
    g.moveTo(x - 2, size + 2);
    g.lineTo(x + size + 2, -2);
    g.stroke();
  }
  return g.getImageData(0, 0, size, size);
}
