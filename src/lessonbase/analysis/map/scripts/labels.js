// Names of groups on the map: at their centres, the larger ones first, none over another.

const LINE = 15; // Pixels from line to line.
const WIDEST = 24; // Letters of a line, about.
const PLACES = [[0, 0], [0, -0.9], [0, 0.9], [0, -1.6], [0, 1.6], [-0.6, 0], [0.6, 0]];

// Each name as a picture, drawn once: to write letters anew takes longer than all points do.
const written = { key: "", pictures: [] };

function lines(name) {
  const made = [""];
  for (const word of beginning(visible(name), 60).split(/\s+/)) {
    const line = made.at(-1);
    if (line && line.length + word.length + 1 > WIDEST && made.length < 2) made.push(word);
    else made[made.length - 1] = line ? `${line} ${word}` : word;
  }
  // A dot that parts two terms belongs to neither line.
  return made.map((line) => beginning(line.replace(/^[·\s]+|[·\s]+$/g, ""), WIDEST + 8));
}

function write(name) {
  const parts = lines(name);
  const picture = document.createElement("canvas");
  const context = picture.getContext("2d");
  const font = `600 12px ${getComputedStyle(document.body).fontFamily}`;
  context.font = font;
  const width = Math.ceil(Math.max(...parts.map((part) => context.measureText(part).width))) + 8;
  const height = parts.length * LINE + 4;
  picture.width = Math.ceil(width * view.dots);
  picture.height = Math.ceil(height * view.dots);
  context.scale(view.dots, view.dots);
  Object.assign(context, { font, textAlign: "center", textBaseline: "middle", globalAlpha: 0.6, fillStyle: paint.ground });
  context.beginPath();
  context.roundRect(0, 0, width, height, 5);
  context.fill();
  Object.assign(context, { globalAlpha: 1, fillStyle: paint.ink, strokeStyle: paint.ground, lineJoin: "round", lineWidth: 2.5 });
  parts.forEach((part, line) => context.strokeText(part, width / 2, 2.5 + (line + 0.5) * LINE));
  parts.forEach((part, line) => context.fillText(part, width / 2, 2.5 + (line + 0.5) * LINE));
  return { picture, width, height };
}

const overlap = (one, other) =>
  one[0] < other[0] + other[2] && other[0] < one[0] + one[2] && one[1] < other[1] + other[3] && other[1] < one[1] + one[3];

// Boxes of the controls that lie over the map.
const controls = () =>
  [...document.querySelectorAll(".map-by, .map-zoom")].map((part) => [part.offsetLeft, part.offsetTop, part.offsetWidth, part.offsetHeight]);
let taken = [];

const CELL = 12; // Pixels.
const OWN = 0.4; // What a point of the own group counts, beside one of another.
const FARTHER = 0.2; // What each step away from the centre adds to what a name covers.
const HIT_COUNTS = 20;
const DIM_COUNTS = 0.2;
const REST_MS = 200;
// Numbers of cells are made of column and line, and with a group of cell and group.
const LINES = 65_536;
const GROUPS = 65_536;

// How crowded each cell of the map is, at about this scale. Cells belong to the map and not to the
// window, so that names keep their places while one pans. A name rather covers its own group than
// another's, and hits least of all.
const crowd = { step: null, version: 0, counted: 0, later: null, cells: new Map(), own: new Map(), places: [], scale: 1 };

function countCrowd() {
  const step = Math.round(Math.log(view.scale) * 7);
  const now = performance.now();
  if (step === crowd.step && shown.version === crowd.version) return;
  // While time runs or one types, names rest for a while.
  if (step === crowd.step && now - crowd.counted < REST_MS) {
    clearTimeout(crowd.later);
    crowd.later = setTimeout(redraw, REST_MS);
    return;
  }
  Object.assign(crowd, { step, version: shown.version, counted: now, cells: new Map(), own: new Map(), places: [], scale: Math.exp(step / 7) / CELL });
  for (let place = 0; place < shown.drawn; place += 1) {
    const point = shown.order[place];
    const cell = Math.floor(map.x[point] * crowd.scale) * LINES + Math.floor(map.y[point] * crowd.scale);
    const weight = shown.look[point] === HIT ? HIT_COUNTS : shown.look[point] === DIM ? DIM_COUNTS : 1;
    crowd.cells.set(cell, (crowd.cells.get(cell) ?? 0) + weight);
    const own = cell * GROUPS + map.cluster[point];
    crowd.own.set(own, (crowd.own.get(own) ?? 0) + weight);
  }
}

// What a name at its place would cover.
function covered(name, cluster, [across, down]) {
  const [x, y] = map.clusters[cluster].at;
  const left = x * crowd.scale + ((across - 0.5) * name.width) / CELL;
  const top = y * crowd.scale + ((down - 0.5) * name.height) / CELL;
  let sum = 0;
  for (let column = Math.floor(left); column < left + name.width / CELL; column += 1) {
    for (let line = Math.floor(top); line < top + name.height / CELL; line += 1) {
      const cell = column * LINES + line;
      sum += (crowd.cells.get(cell) ?? 0) - (1 - OWN) * (crowd.own.get(cell * GROUPS + cluster) ?? 0);
    }
  }
  return sum;
}

// The places around a centre, best first: that cover little and are near.
function placesOf(name, cluster) {
  const costs = PLACES.map((place, far) => [covered(name, cluster, place) * (1 + FARTHER * far) + far, place]);
  return costs.sort((a, b) => a[0] - b[0]).map(([, place]) => place);
}

function room(name, left, top, boxes, places) {
  for (const [across, down] of places) {
    let x = left - name.width / 2 + across * name.width;
    const y = top - name.height / 2 + down * name.height;
    x = Math.min(Math.max(x, 2), view.width - name.width - 2);
    const box = [x, y, name.width, name.height];
    const inside = y > 0 && y + name.height < view.height;
    if (inside && !boxes.some((other) => overlap(box, other))) return box;
  }
  return null;
}

function drawLabels(context) {
  const key = [view.dots, paint.ground, paint.ink].join();
  if (key !== written.key) Object.assign(written, { key, pictures: [] });
  countCrowd();
  const boxes = [...taken];
  const most = Math.max(4, (view.width * view.height) / 22_000);
  map.clusters.forEach((cluster, place) => {
    if (!shown.counts.cluster[place] || boxes.length - taken.length >= most) return;
    const [left, top] = toScreen(...cluster.at);
    if (left < 0 || top < 0 || left > view.width || top > view.height) return;
    const name = (written.pictures[place] ??= write(cluster.name));
    const box = room(name, left, top, boxes, (crowd.places[place] ??= placesOf(name, place)));
    if (!box) return;
    boxes.push(box);
    const [x, y] = [Math.round(box[0] * view.dots), Math.round(box[1] * view.dots)];
    context.globalAlpha = asked.emphasis?.[0] === "cluster" && asked.emphasis[1] !== place ? 0.35 : 1;
    context.drawImage(name.picture, x, y);
  });
  context.globalAlpha = 1;
}
