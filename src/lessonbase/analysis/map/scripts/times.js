// From which month to which: two handles over a histogram, and a button that lets time run.

const BARS = 120; // Most bars of the histogram; longer times have several months in one.
const RUN_S = 12; // Seconds that it takes from the first month to the last, at most.
const STEP_S = 0.25; // Seconds on a month where there are few.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const monthName = (month) => `${MONTHS[((month % 12) + 12) % 12]} ${Math.floor(month / 12)}`;
const span = () => map.last - map.first + 1;
let running = null;

function drawMonths() {
  const canvas = byId("map-months");
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = Math.round(width * view.dots);
  canvas.height = Math.round(height * view.dots);
  const context = canvas.getContext("2d");
  const months = Math.max(1, Math.ceil(span() / BARS));
  const bars = Math.ceil(span() / months);
  const all = new Uint32Array(bars);
  const found = new Uint32Array(bars);
  for (let point = 0; point < map.size; point += 1) {
    const bar = Math.floor((map.months[point] - map.first) / months);
    all[bar] += 1;
    if (shown.look[point] >= PLAIN) found[bar] += 1;
  }
  // Roots: one busy month does not flatten all others.
  const most = Math.sqrt(Math.max(...all));
  const step = canvas.width / bars;
  const gap = step > 4 ? view.dots : 0;
  const column = (values, colour) => {
    context.fillStyle = colour;
    values.forEach((value, bar) => {
      const tall = value ? Math.max(2 * view.dots, (Math.sqrt(value) / most) * canvas.height) : 0;
      context.fillRect(bar * step, canvas.height - tall, Math.max(step - gap, 1), tall);
    });
  };
  column(all, paint.line);
  column(found, paint.accent);
}

function tellSpan() {
  const [from, to] = [monthName(asked.from), monthName(asked.to)];
  byId("map-span").textContent = from === to ? from : `${from} – ${to}`;
  byId("map-from").setAttribute("aria-valuetext", from);
  byId("map-to").setAttribute("aria-valuetext", to);
}

// A handle that meets the other one stops there.
function setTimes(from, to) {
  asked.from = from;
  asked.to = to;
  byId("map-from").value = from - map.first;
  byId("map-to").value = to - map.first;
  // Where the handles lie on one another at the end, the first must be the one on top.
  byId("map-from").classList.toggle("map-above", from === map.last);
  tellSpan();
  update();
}

function stop() {
  cancelAnimationFrame(running);
  running = null;
  byId("map-play").setAttribute("aria-pressed", "false");
  byId("map-play").textContent = "Play";
}

// Time runs from the first month shown to the last of all; records stay once they have come.
function play() {
  if (running !== null) return stop();
  const from = asked.from;
  const first = asked.to < map.last ? asked.to : from;
  const perMonth = Math.min(STEP_S, RUN_S / span()) * 1000;
  const begin = performance.now();
  byId("map-play").setAttribute("aria-pressed", "true");
  byId("map-play").textContent = "Stop";
  const tick = (now) => {
    const to = Math.min(first + Math.max(Math.floor((now - begin) / perMonth), 0), map.last);
    running = requestAnimationFrame(tick);
    if (to !== asked.to) setTimes(from, to);
    if (to === map.last && now - begin > perMonth) stop();
  };
  running = requestAnimationFrame(tick);
  return undefined;
}

function startTimes() {
  byId("map-times").hidden = span() < 2;
  for (const id of ["map-from", "map-to"]) byId(id).max = span() - 1;
  byId("map-from").addEventListener("input", () => {
    stop();
    setTimes(Math.min(map.first + Number(byId("map-from").value), asked.to), asked.to);
  });
  byId("map-to").addEventListener("input", () => {
    stop();
    setTimes(asked.from, Math.max(map.first + Number(byId("map-to").value), asked.from));
  });
  byId("map-play").addEventListener("click", play);
  byId("map-from").value = 0;
  byId("map-to").value = span() - 1;
  tellSpan();
}
