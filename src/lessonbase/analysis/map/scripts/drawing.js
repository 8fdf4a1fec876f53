// The picture: points from back to front, a ring around the one that is read, names above.

// Radius of a point on the whole map, in pixels: smaller where there are many
// or where the window is, larger close by.
const SMALLEST = 2.2;
const LARGEST = 8;

const screen = { left: null, top: null, pictures: 0 };

function radius() {
  const whole = Math.max(SMALLEST, 7.5 - 1.25 * Math.log10(Math.max(map.size, 10)));
  const wide = Math.sqrt((view.width * view.height) / (950 * 660));
  const closer = Math.max(view.scale / view.whole, 0.7) ** 0.3;
  // In eighths, so that stamps serve for a while.
  return Math.round(Math.min(whole * closer * Math.min(Math.max(wide, 0.7), 1.2), LARGEST) * 8) / 8;
}

function draw() {
  const canvas = byId("map-canvas");
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  drawPoints(context, canvas.width, canvas.height);
  drawLabels(context);
  for (const point of new Set([card.point, card.hovered])) ring(context, point);
  placeCard();
  if (screen.pictures === 0) performance.mark("map-drawn");
  screen.pictures += 1;
}

function drawPoints(context, width, height) {
  const sheet = clean(context, width, height);
  useStamps(radius(), view.dots, width);
  const { order, drawn, look } = shown;
  const { x: mapX, y: mapY, kind } = map;
  const scale = view.scale * view.dots;
  const right = width / 2 - view.x * scale;
  const down = height / 2 - view.y * scale;
  screen.left ??= new Float32Array(map.size);
  screen.top ??= new Float32Array(map.size);
  for (let place = 0; place < drawn; place += 1) {
    const point = order[place];
    // Whole dots: a stamp is made for them.
    const left = Math.round(mapX[point] * scale + right);
    const top = Math.round(mapY[point] * scale + down);
    screen.left[point] = left;
    screen.top[point] = top;
    const colour = look[point] === DIM ? DIMMED : paint.of[point];
    press(sheet, width, height, stampOf(kind[point], colour, look[point] === HIT), left, top);
  }
  context.putImageData(sheet.image, 0, 0);
}

function ring(context, point) {
  if (point === null || shown.look[point] === HIDDEN) return;
  const size = (radius() * 1.5 + 4) * view.dots;
  context.beginPath();
  context.arc(screen.left[point], screen.top[point], size, 0, 2 * Math.PI);
  context.lineWidth = 5 * view.dots;
  context.strokeStyle = paint.ground;
  context.stroke();
  context.lineWidth = 2.25 * view.dots;
  context.strokeStyle = paint.accent;
  context.stroke();
}

// The points at a pixel, nearest first, those in front before those behind them: the nearest one
// within `reach` pixels, and whatever lies on it.
function pointsAt(left, top, reach) {
  const [x, y] = [left * view.dots, top * view.dots];
  const near = [];
  for (let place = 0; place < shown.drawn; place += 1) {
    const point = shown.order[place];
    const distance = Math.hypot(screen.left[point] - x, screen.top[point] - y);
    if (distance <= reach * view.dots) near.push([point, distance - shown.look[point] * view.dots, place]);
  }
  near.sort((a, b) => a[1] - b[1] || b[2] - a[2]);
  if (!near.length) return [];
  const [first] = near[0];
  const same = ([point]) => Math.hypot(screen.left[point] - screen.left[first], screen.top[point] - screen.top[first]) <= 2 * view.dots;
  return near.filter(same).map(([point]) => point);
}
