// The map island: replaces the drawn map by one that can be moved, and changes nothing else on the page. Where the
// browser cannot show it, the drawn map stays. Everything it fetches lies on the server of the page.
import { AttributionControl, Map, Marker, NavigationControl, Popup, ScaleControl, addProtocol, setWorkerUrl } from "maplibre-gl";
import { Protocol } from "pmtiles";

import { colours, hatching } from "./colours.js";
import { style } from "./style.js";

for (const root of document.querySelectorAll(".island")) start(root);

function start(root) {
  const o = options(root.dataset);
  if (!o.layers || !webgl()) return;
  setWorkerUrl(o.worker);
  addProtocol("pmtiles", new Protocol().tile);
  const at = document.createElement("div");
  at.className = "island-map";
  root.append(at);
  const map = new Map({
    container: at, style: style(o, colours(root)), bounds: o.box, fitBoundsOptions: { padding: 12 }, minZoom: 6, maxZoom: 17, maxPitch: 0,
    attributionControl: false, cooperativeGestures: true, dragRotate: false, pitchWithRotate: false, locale: o.words,
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ maxWidth: 120 }), "bottom-left");
  map.addControl(new AttributionControl({ compact: false }), "bottom-right");
  map.getCanvas().setAttribute("aria-label", o.label);
  map.setMissingStyleImageResolver((id) => {
    if (id === "hatch" && !map.hasImage(id)) map.addImage(id, hatching(colours(root)), { pixelRatio: 1.5 });
  });
  map.once("load", () => {
    if (root.dataset.failed) return; // "load" also follows a failure, before the map is removed
    root.classList.add("live");
    map.resize();
    map.fitBounds(o.box, { padding: 12, animate: false });
    marks(map, o);
    root.dataset.ready = "true";
  });
  map.on("error", (e) => failed(root, map, e));
  finder(map, o);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    if (map.hasImage("hatch")) map.removeImage("hatch");
    map.setStyle(style(o, colours(root)));
  });
}

function options(d) {
  return {
    base: d.base, layers: d.layers, classes: d.classes, standard: d.standard, category: d.category, show: d.show, finding: d.finding,
    worker: d.worker, label: d.label, attribution: d.attribution, page: d.page,
    box: d.box.split(",").map(Number), steps: d.steps ? d.steps.split(",").map(Number) : [],
    words: d.words ? JSON.parse(d.words) : {}, marks: d.marks ? JSON.parse(d.marks) : [],
  };
}

function webgl() {
  try {
    return Boolean(document.createElement("canvas").getContext("webgl2"));
  } catch {
    return false;
  }
}

// failed keeps the drawn map where the tiles cannot be read; a single missing tile later on changes nothing.
function failed(root, map, e) {
  if (root.dataset.ready) return;
  root.classList.remove("live");
  root.querySelector(".island-map")?.remove();
  root.dataset.failed = e.error?.message ?? "unknown";
  setTimeout(() => map.remove(), 0);
}

function marks(map, o) {
  for (const m of o.marks) {
    const el = document.createElement("div");
    el.className = "island-mark";
    el.title = m.title;
    new Marker({ element: el }).setLngLat(m.at).addTo(map);
  }
}

// finder tells what lies under the pointer: findings lead to their pages, offers say their name.
function finder(map, o) {
  const popup = new Popup({ closeButton: true, maxWidth: "20rem", locale: o.words });
  for (const layer of ["findings-area", "offers"]) {
    map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
  }
  map.on("click", (e) => {
    const offer = map.queryRenderedFeatures(e.point, { layers: ["offers"] })[0];
    const finding = o.finding ? undefined : map.queryRenderedFeatures(e.point, { layers: ["findings-area"] })[0];
    if (!offer && !finding) return;
    const body = document.createElement("div");
    if (offer) body.append(paragraph(offer.properties.name));
    if (finding) {
      const a = document.createElement("a");
      a.href = o.page.replace("ID", encodeURIComponent(finding.properties.id));
      a.textContent = o.words["Island.Finding"].replace("ID", finding.properties.id);
      const p = paragraph("");
      p.append(a);
      body.append(p);
    }
    popup.setLngLat(e.lngLat).setDOMContent(body).addTo(map);
  });
}

function paragraph(text) {
  const p = document.createElement("p");
  p.textContent = text;
  return p;
}
