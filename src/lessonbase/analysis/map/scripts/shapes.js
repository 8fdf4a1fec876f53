// A shape for each kind, so that kinds differ by more than colour; the same on the map and in the
// legend. All about equally large to the eye.

const SHAPES = {
  lesson: "circle",
  failure_mode: "triangle",
  soul_entry: "diamond",
  coordination_pattern: "square",
  heuristic: "plus",
  observation: "ring",
};

const circle = (x, y, r) => `M${x - r},${y}a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0z`;
const DRAWN = {
  circle,
  triangle: (x, y, r) => `M${x},${y - 1.3 * r}L${x + 1.26 * r},${y + 0.9 * r}H${x - 1.26 * r}z`,
  diamond: (x, y, r) => `M${x},${y - 1.35 * r}L${x + 1.2 * r},${y}L${x},${y + 1.35 * r}L${x - 1.2 * r},${y}z`,
  square: (x, y, r) => `M${x - 0.9 * r},${y - 0.9 * r}h${1.8 * r}v${1.8 * r}h${-1.8 * r}z`,
  plus: (x, y, r) => {
    const [a, b] = [0.45 * r, 0.8 * r];
    return `M${x - a},${y - a - b}h${2 * a}v${b}h${b}v${2 * a}h${-b}v${b}h${-2 * a}v${-b}h${-b}v${-2 * a}h${b}z`;
  },
  ring: (x, y, r) => circle(x, y, 1.12 * r) + circle(x, y, 0.5 * r),
};

// The outline of a kind around a place, as SVG and canvas read it; filled by even and odd.
const outline = (kind, x, y, r) => DRAWN[SHAPES[kind] ?? "circle"](x, y, r);

// The shape in a line of text, in the colour of `property`.
function icon(kind, property) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "map-shape");
  svg.style.color = `var(${property}, var(--map-noise))`;
  path.setAttribute("d", outline(kind, 8, 8, 5));
  path.setAttribute("fill-rule", "evenodd");
  svg.append(path);
  return svg;
}
