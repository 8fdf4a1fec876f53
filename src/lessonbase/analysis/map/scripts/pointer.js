// Mouse, pen and fingers on the map: hover, click, drag, wheel, pinch.

const REACH = 9; // Pixels around a point that still mean it.
const FINGER = 18;
const STILL = 5; // Pixels that a click may move.

const fingers = new Map();
let held = null;

const placeOf = (event) => [event.offsetX, event.offsetY];
const reachOf = (event) => radius() + (event.pointerType === "touch" ? FINGER : REACH);

function down(event) {
  if (event.button > 0) return;
  fingers.set(event.pointerId, placeOf(event));
  byId("map-canvas").setPointerCapture(event.pointerId);
  held = fingers.size === 1 ? { at: placeOf(event), moved: false } : null;
}

function spread() {
  const [[x, y], [otherX, otherY]] = [...fingers.values()];
  return { x: (x + otherX) / 2, y: (y + otherY) / 2, size: Math.max(Math.hypot(x - otherX, y - otherY), 1) };
}

function moved(event) {
  const before = fingers.get(event.pointerId);
  if (!before) {
    if (event.pointerType !== "touch") hover(pointsAt(...placeOf(event), reachOf(event)));
    return;
  }
  const here = placeOf(event);
  if (fingers.size === 2) {
    const was = spread();
    fingers.set(event.pointerId, here);
    const now = spread();
    pan(now.x - was.x, now.y - was.y);
    zoom(now.size / was.size, now.x, now.y);
    return;
  }
  if (held && !held.moved && Math.hypot(here[0] - held.at[0], here[1] - held.at[1]) < STILL) return;
  if (held) held.moved = true;
  fingers.set(event.pointerId, here);
  pan(here[0] - before[0], here[1] - before[1]);
}

function up(event) {
  const clicked = held && !held.moved && event.type === "pointerup" && fingers.size === 1;
  fingers.delete(event.pointerId);
  held = null;
  if (!clicked) return;
  const pile = pointsAt(...placeOf(event), reachOf(event));
  if (!pile.length) unpin();
  else if (pile.includes(card.point)) nextOf(pile);
  else pin(pile[0], pile);
}

function wheel(event) {
  event.preventDefault();
  // Lines and pages of old mice, in pixels.
  const pixels = event.deltaY * (event.deltaMode === 1 ? 30 : event.deltaMode === 2 ? 300 : 1);
  // A pinch on a touchpad comes as a wheel with Ctrl and small steps.
  zoom(Math.exp(-Math.max(Math.min(pixels, 240), -240) * (event.ctrlKey ? 0.01 : 0.0018)), ...placeOf(event));
}

function startPointer() {
  const canvas = byId("map-canvas");
  canvas.addEventListener("pointerdown", down);
  canvas.addEventListener("pointermove", moved);
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", () => hover([]));
  canvas.addEventListener("wheel", wheel, { passive: false });
  byId("map-in").addEventListener("click", () => zoom(1.6));
  byId("map-out").addEventListener("click", () => zoom(1 / 1.6));
  byId("map-fit").addEventListener("click", () => glide(wholeView()));
}
