// Colours come from the style sheet, which has them for light and dark; here they get numbers.

const COLOURS = 8;
const SEVERITIES = ["critical", "high", "medium", "low"];

// Names of custom properties; a colour's number is its place among them.
const NAMES = () => [
  "--map-dim",
  "--map-noise",
  ...Array.from({ length: COLOURS }, (_, colour) => `--map-${colour}`),
  ...map.kinds.map((kind) => `--${kind}`),
  ...SEVERITIES.map((severity) => `--map-${severity}`),
];
const DIMMED = 0;
const GREY = 1;

const paint = { palette: [], of: null };

// The name of the property that colours a value of `by`; the legend uses it as it is.
function propertyOf(by, value) {
  if (by === "kind") return `--${map.kinds[value]}`;
  if (by === "severity") return value === map.unknown ? "--map-noise" : `--map-${map.severities[value]}`;
  return value === map.noise ? "--map-noise" : `--map-${map.clusters[value].colour}`;
}

// Reads the sheet anew: after a change of scheme, or of what colours stand for.
function recolour() {
  const style = getComputedStyle(byId("map"));
  const names = NAMES();
  const grey = style.getPropertyValue("--map-noise");
  paint.palette = names.map((name) => style.getPropertyValue(name).trim() || grey);
  paint.ground = style.getPropertyValue("--map-ground");
  paint.ink = style.getPropertyValue("--ink");
  paint.edge = style.getPropertyValue("--map-edge");
  paint.light = style.getPropertyValue("--map-light");
  paint.accent = style.getPropertyValue("--accent");
  paint.soft = style.getPropertyValue("--soft");
  paint.line = style.getPropertyValue("--line");
  const places = new Map(names.map((name, place) => [name, place]));
  const values = map[asked.by];
  paint.of = Uint8Array.from(values, (value) => places.get(propertyOf(asked.by, value)) ?? GREY);
}
