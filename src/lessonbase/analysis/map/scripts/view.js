// Which part of the map is seen: a centre in units of the map, and pixels for one unit.

const EDGE = 58; // Pixels left free around the points.
const DEEPEST = 80; // Times that one may come closer than the whole map.

const view = { x: 0.5, y: 0.5, scale: 1, whole: 1, width: 0, height: 0, dots: 1, moved: 0 };
let wanted = false;

// Draws before the next picture, once, however often it is asked for.
function redraw() {
  if (wanted) return;
  wanted = true;
  requestAnimationFrame(() => {
    wanted = false;
    draw();
  });
}

const toScreen = (x, y) => [(x - view.x) * view.scale + view.width / 2, (y - view.y) * view.scale + view.height / 2];
const toMap = (left, top) => [(left - view.width / 2) / view.scale + view.x, (top - view.height / 2) / view.scale + view.y];

function bounds() {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let point = 0; point < map.size; point += 1) {
    left = Math.min(left, map.x[point]);
    right = Math.max(right, map.x[point]);
    top = Math.min(top, map.y[point]);
    bottom = Math.max(bottom, map.y[point]);
  }
  return map.size ? { left, right, top, bottom } : { left: 0, right: 1, top: 0, bottom: 1 };
}

// A map of meanings has no north: where that fits the window better, its sides change places.
function turn() {
  const { left, right, top, bottom } = bounds();
  const canvas = byId("map-canvas");
  if ((right - left - (bottom - top)) * (canvas.clientWidth - canvas.clientHeight) >= 0) return;
  [map.x, map.y] = [map.y, map.x];
  for (const cluster of map.clusters) cluster.at.reverse();
}

// The view that holds all points.
function wholeView() {
  const { left, right, top, bottom } = bounds();
  const edge = Math.min(EDGE, view.width / 8);
  const scale = Math.min(
    (view.width - 2 * edge) / Math.max(right - left, 0.05),
    (view.height - 2 * edge) / Math.max(bottom - top, 0.05),
  );
  return { x: (left + right) / 2, y: (top + bottom) / 2, scale: Math.max(scale, 1) };
}

function kept() {
  view.scale = Math.min(Math.max(view.scale, view.whole * 0.6), view.whole * DEEPEST);
  view.x = Math.min(Math.max(view.x, -0.2), 1.2);
  view.y = Math.min(Math.max(view.y, -0.2), 1.2);
}

// Comes closer by `factor`; what is at the pixel stays there.
function zoom(factor, left = view.width / 2, top = view.height / 2) {
  const [x, y] = toMap(left, top);
  view.scale *= factor;
  kept();
  view.x = x - (left - view.width / 2) / view.scale;
  view.y = y - (top - view.height / 2) / view.scale;
  kept();
  view.moved += 1;
  redraw();
}

function pan(right, down) {
  view.x -= right / view.scale;
  view.y -= down / view.scale;
  kept();
  view.moved += 1;
  redraw();
}

// Moves there in a fifth of a second; at once for those who asked for less motion. A later move
// ends it.
function glide(target) {
  const move = (view.moved += 1);
  const from = { x: view.x, y: view.y, scale: view.scale };
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const begin = performance.now();
  const step = (now) => {
    if (move !== view.moved) return;
    const part = still ? 1 : Math.min(Math.max((now - begin) / 200, 0), 1);
    const eased = 1 - (1 - part) ** 3;
    for (const name in target) view[name] = from[name] + (target[name] - from[name]) * eased;
    draw();
    if (part < 1) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

// Brings a point into sight if it is not, or if it lies at the very edge.
function reveal(point) {
  const [left, top] = toScreen(map.x[point], map.y[point]);
  const inside = left > EDGE && top > EDGE && left < view.width - EDGE && top < view.height - EDGE;
  if (!inside) glide({ x: map.x[point], y: map.y[point] });
}

// The canvas has the screen's own dots, so that nothing on it is blurred.
function resize() {
  const canvas = byId("map-canvas");
  const first = view.width === 0;
  const whole = Math.abs(view.scale / view.whole - 1) < 0.01;
  view.width = canvas.clientWidth;
  view.height = canvas.clientHeight;
  view.dots = Math.min(window.devicePixelRatio || 1, 3);
  canvas.width = Math.round(view.width * view.dots);
  canvas.height = Math.round(view.height * view.dots);
  const target = wholeView();
  view.whole = target.scale;
  if (first || whole) Object.assign(view, target);
  draw();
}
