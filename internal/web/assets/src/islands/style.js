// The style of the map: a quiet base, the chosen layer, borders, findings, places.

const causes = ["only-steps", "only-elsewhere", "only-other-time", "only-car", "too-far", "used-up"];
// The first name says the weight, the second the family: the map draws its letters from the fonts of the page.
const font = ["Fira Sans SemiBold", "Fira Sans"];

const roads = [
  [["motorway", "trunk"], 1.2, 5],
  [["primary", "secondary"], 0.6, 4],
  [["tertiary", "unclassified", "residential", "living_street"], 0.3, 2.6],
];

// sources names what is fetched; all of it lies on the server of the page.
export function sources(o) {
  const at = (path) => `pmtiles://${location.origin}${path}`;
  const out = { result: { type: "vector", url: at(o.layers) } };
  if (o.base) out.base = { type: "vector", url: at(o.base), attribution: o.attribution };
  if (o.classes) out.classes = { type: "geojson", data: location.origin + o.classes };
  return out;
}

export function style(o, c) {
  return { version: 8, sources: sources(o), layers: [ground(c), ...(o.base ? base(c) : []), ...answer(o, c), ...borders(c), ...findings(o, c), ...places(o, c)] };
}

const ground = (c) => ({ id: "ground", type: "background", paint: { "background-color": c["map-land"] } });

function base(c) {
  const area = (id, colour) => ({ id, type: "fill", source: "base", "source-layer": id, filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": colour, "fill-antialias": false } });
  const line = (id, layer, colour, width, more = {}) => ({
    id, type: "line", source: "base", "source-layer": layer, filter: ["==", ["geometry-type"], "LineString"],
    layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": colour, "line-width": width }, ...more,
  });
  const grow = (from, to) => ["interpolate", ["exponential", 1.5], ["zoom"], 8, from, 16, to];
  return [
    area("green", c["map-green"]), area("residential", c["map-built"]), area("industrial", c["map-works"]), area("water", c["map-water"]),
    line("rivers", "water", c["map-water"], grow(1, 8)),
    ...roads.map(([classes, from, to], i) => line(`road-${i}`, "road", c["map-road"], grow(from, to), { filter: ["in", ["get", "class"], ["literal", classes]], minzoom: i === 2 ? 11 : 6 })),
    line("rail", "rail", c["map-rail"], grow(0.6, 2), { paint: { "line-color": c["map-rail"], "line-width": grow(0.6, 2), "line-dasharray": [4, 2] } }),
  ];
}

// answer paints the chosen layer: from the tiles where they hold it, else from the classes the server worked out.
function answer(o, c) {
  const opacity = ["interpolate", ["linear"], ["zoom"], 9, 0.92, 14, 0.72];
  if (o.show === "cause" || o.show === "minutes") {
    const kind = ["get", `class:${o.standard}`];
    const colour = o.show === "cause"
      ? ["match", kind, "met", c.met, ...causes.flatMap((k) => [k, c[`cause-${k}`]]), c.met]
      : ["step", ["coalesce", ["get", `minutes:${o.standard}`], 1e6], c.s1, ...o.steps.flatMap((m, i) => [m + 1e-6, c[`s${i + 2}`]])];
    const known = ["all", ["has", `class:${o.standard}`], ["!", ["in", kind, ["literal", ["empty", "unknown"]]]]];
    return [
      { id: "answer", type: "fill", source: "result", "source-layer": "cells", filter: known, paint: { "fill-color": colour, "fill-opacity": opacity, "fill-antialias": false } },
      { id: "answer-unknown", type: "fill", source: "result", "source-layer": "cells", filter: ["==", kind, "unknown"], paint: { "fill-pattern": "hatch", "fill-opacity": 0.8 } },
    ];
  }
  if (!o.classes) return [];
  const kind = ["get", "class"];
  const colour = ["match", kind, "met", c.met, "border", c["border-met"], ...[1, 2, 3, 4, 5].flatMap((i) => [`s${i}`, c[`s${i}`]]), ...causes.flatMap((k) => [`cause-${k}`, c[`cause-${k}`]]), c.met];
  return [
    { id: "answer", type: "fill", source: "classes", filter: ["!=", kind, ""], paint: { "fill-color": colour, "fill-opacity": opacity, "fill-antialias": false } },
    { id: "answer-unknown", type: "fill", source: "classes", filter: ["==", kind, ""], paint: { "fill-pattern": "hatch", "fill-opacity": 0.8 } },
  ];
}

const borders = (c) => [
  { id: "districts", type: "line", source: "result", "source-layer": "areas", filter: ["==", ["get", "kind"], "district"], paint: { "line-color": c["land-line"], "line-width": 1 } },
  { id: "municipalities", type: "line", source: "result", "source-layer": "areas", filter: ["==", ["get", "kind"], "municipality"], paint: { "line-color": c["city-line"], "line-width": 2 } },
];

function findings(o, c) {
  const mine = o.finding ? ["==", ["get", "id"], o.finding] : ["==", ["get", "standard"], o.standard];
  return [
    { id: "findings-area", type: "fill", source: "result", "source-layer": "findings", filter: mine, paint: { "fill-color": c.ink, "fill-opacity": 0.001 } },
    { id: "findings-halo", type: "line", source: "result", "source-layer": "findings", filter: mine, layout: { "line-join": "round" }, paint: { "line-color": c.paper, "line-width": o.finding ? 6 : 4, "line-opacity": 0.9 } },
    { id: "findings", type: "line", source: "result", "source-layer": "findings", filter: mine, layout: { "line-join": "round" }, paint: { "line-color": c.ink, "line-width": o.finding ? 2.5 : 1.4 } },
    {
      id: "offers", type: "circle", source: "result", "source-layer": "offers", minzoom: 10.5,
      filter: ["in", ` ${o.category} `, ["concat", " ", ["get", "categories"], " "]],
      paint: { "circle-color": c.ink, "circle-radius": ["interpolate", ["linear"], ["zoom"], 10.5, 2, 15, 7], "circle-stroke-color": c.paper, "circle-stroke-width": 1.5 },
    },
  ];
}

function places(o, c) {
  const text = (size) => ({ "text-field": ["get", "name"], "text-font": font, "text-size": size, "text-max-width": 8, "text-padding": 10 });
  const paint = { "text-color": c.ink, "text-halo-color": c.paper, "text-halo-width": 1.6 };
  const out = [];
  if (o.base) {
    const large = ["in", ["get", "class"], ["literal", ["city", "town"]]];
    out.push({ id: "towns", type: "symbol", source: "base", "source-layer": "place", filter: large, layout: text(["match", ["get", "class"], "city", 17, 15]), paint });
    out.push({ id: "places", type: "symbol", source: "base", "source-layer": "place", minzoom: 11.5, filter: ["!", large], layout: text(13), paint });
  }
  return out;
}
