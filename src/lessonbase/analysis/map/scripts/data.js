// The points, what is asked of them, and what follows: which are shown, and how.

const HIDDEN = 0;
const DIM = 1;
const PLAIN = 2;
const HIT = 3;

// Filled by `take`: columns of the document that the server or the file holds.
const map = { size: 0 };

// What the reader asks for. Kinds and clusters are counted from 0; noise is the last cluster.
const asked = { words: [], by: "cluster", off: { kind: new Set(), cluster: new Set(), severity: new Set() }, from: 0, to: 0, emphasis: null };

// What follows from it, for every point, and the order to draw and to list them in.
const shown = { version: 0, look: null, order: null, drawn: 0, hits: [], passing: 0, counts: {} };

function take(document_) {
  const columns = document_.points;
  const size = columns.id.length;
  const clusters = document_.clusters.length;
  const severities = document_.severities.length;
  Object.assign(map, document_, columns, { size, noise: clusters, unknown: severities });
  map.labelsOf = (point) => columns.labels[point].map((label) => document_.labels[label]);
  map.kind = Uint16Array.from(columns.kind);
  map.cluster = Int32Array.from(columns.cluster, (cluster) => (cluster < 0 ? clusters : cluster));
  map.severity = Uint8Array.from(columns.severity, (severity) => (severity < 0 ? severities : severity));
  map.x = Float64Array.from(columns.x);
  map.y = Float64Array.from(columns.y);
  map.months = Int32Array.from(columns.at, (at) => {
    const date = new Date(at * 1000);
    return date.getUTCFullYear() * 12 + date.getUTCMonth();
  });
  map.first = map.months.reduce((least, month) => Math.min(least, month), Infinity);
  map.last = map.months.reduce((most, month) => Math.max(most, month), -Infinity);
  map.newest = [...columns.at.keys()].sort((a, b) => columns.at[b] - columns.at[a] || a - b);
  map.folded = new Array(size);
  Object.assign(asked, { from: map.first, to: map.last });
  shown.look = new Uint8Array(size);
  shown.order = new Int32Array(size);
}

function passes(point) {
  return (
    map.months[point] >= asked.from &&
    map.months[point] <= asked.to &&
    !asked.off.kind.has(map.kind[point]) &&
    !asked.off.cluster.has(map.cluster[point]) &&
    !asked.off.severity.has(map.severity[point])
  );
}

// How each point looks, counts for the legend, and the hits: those whose title matches first.
function sift() {
  const searching = asked.words.length > 0;
  const counts = {
    kind: new Uint32Array(map.kinds.length),
    cluster: new Uint32Array(map.noise + 1),
    severity: new Uint32Array(map.unknown + 1),
  };
  const byTitle = [];
  const byText = [];
  let passing = 0;
  for (const point of map.newest) {
    shown.look[point] = HIDDEN;
    if (!passes(point)) continue;
    passing += 1;
    const found = searching ? matches(point) : 1;
    const outside = asked.emphasis && map[asked.emphasis[0]][point] !== asked.emphasis[1];
    shown.look[point] = !found || outside ? DIM : searching ? HIT : PLAIN;
    if (!found) continue;
    (found > 1 ? byTitle : byText).push(point);
    for (const name in counts) counts[name][map[name][point]] += 1;
  }
  shown.hits = byTitle.concat(byText);
  shown.counts = counts;
  shown.passing = passing;
  layer();
}

// Back to front: the dim, then noise, then groups, then hits.
function layer() {
  const layers = [[], [], [], []];
  for (let point = 0; point < map.size; point += 1) {
    const look = shown.look[point];
    if (look === HIDDEN) continue;
    layers[look === DIM ? 0 : look === HIT ? 3 : map.cluster[point] === map.noise ? 1 : 2].push(point);
  }
  shown.version += 1;
  shown.drawn = 0;
  for (const points of layers) {
    shown.order.set(points, shown.drawn);
    shown.drawn += points.length;
  }
}
