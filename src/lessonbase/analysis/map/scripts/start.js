// From the document to a map that answers.

function tellCount() {
  const all = counted(map.size, "record", "records");
  const found = asked.words.length > 0;
  const lit = found ? shown.hits.length : shown.passing;
  if (!found && lit === map.size) byId("map-count").textContent = all;
  else byId("map-count").textContent = `${number.format(lit)} of ${all}${found ? (lit === 1 ? " matches" : " match") : " shown"}`;
}

// After anything that was asked for has changed.
function update() {
  sift();
  countLegend();
  tellCount();
  drawMonths();
  listSoon();
  redraw();
}

function ask() {
  asked.words = needles(byId("map-q").value);
  byId("map").classList.toggle("map-searching", asked.words.length > 0);
  update();
}

function tellEmpty(text) {
  byId("map-empty").textContent = text;
  byId("map-empty").hidden = false;
  byId("map").classList.add("map-without");
}

function begin(document_) {
  take(document_);
  const made = byId("map-made");
  if (made) made.textContent = `Made ${day(map.made_at)}`;
  if (!map.size) {
    byId("map-count").textContent = "No records";
    return tellEmpty("No lessons yet. Once there are some, each will be a point here.");
  }
  turn();
  sift();
  startLegend();
  startTimes();
  startList();
  startPointer();
  countLegend();
  tellCount();
  list();
  byId("map-q").addEventListener("input", ask);
  document.addEventListener("keydown", onKey);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    recolour();
    drawMonths();
    redraw();
  });
  new ResizeObserver(() => {
    resize();
    taken = controls();
    drawMonths();
    redraw();
  }).observe(byId("map-canvas"));
  foldAhead();
  return undefined;
}

// The document is in the page, or at the address that the page names.
async function start() {
  const inside = byId("map-data");
  if (inside) return begin(JSON.parse(inside.textContent));
  // A server works it out when the records have changed.
  byId("map-count").textContent = "Working out where each record lies …";
  try {
    const answer = await fetch(byId("map").dataset.source, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return begin(await answer.json());
  } catch (error) {
    return tellEmpty(`The map could not be read (${error.message}). Load the page again in a moment.`);
  }
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
