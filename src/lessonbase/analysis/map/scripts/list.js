// The records of the map as a list: what is lit up, or the newest ones. It says the same as the
// picture to those who do not see it, and the arrow keys walk through it.

const STEP = 60;
let listed = 0;

const openers = () => [...byId("map-hits").querySelectorAll("button")];

function item(point) {
  const kind = map.kinds[map.kind[point]];
  const button = make(
    "button",
    { type: "button" },
    icon(kind, propertyOf(asked.by, map[asked.by][point])),
    make("span", { className: "unseen", textContent: `${spoken(kind)}: ` }),
    make("span", { className: "map-title", dir: "auto", textContent: visible(beginning(map.title[point], 120)) }),
    make("span", { className: "map-day", textContent: day(map.at[point]) }),
  );
  button.dataset.point = point;
  return make("li", {}, button);
}

function list() {
  listed = 0;
  byId("map-hits").replaceChildren();
  byId("map-hits").parentElement.scrollTop = 0;
  more();
  const searching = asked.words.length > 0;
  byId("map-list-name").textContent = searching ? "Found" : "Newest records";
}

function more() {
  byId("map-hits").append(...shown.hits.slice(listed, listed + STEP).map(item));
  listed = Math.min(listed + STEP, shown.hits.length);
  const rest = shown.hits.length - listed;
  byId("map-more").hidden = rest === 0;
  byId("map-more").textContent = `${number.format(rest)} more`;
  markCurrent();
}

function markCurrent() {
  for (const button of openers()) {
    if (Number(button.dataset.point) === card.point) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

// Moves by `step` through the list, with the card of each; up from the first leads to the field.
function walk(step) {
  listNow();
  const here = openers().indexOf(document.activeElement);
  const next = here + step;
  if (next < 0) return byId("map-q").focus();
  if (next >= listed && listed < shown.hits.length) more();
  const button = openers()[Math.min(next, listed - 1)];
  button?.focus();
  return undefined;
}

function startList() {
  const choose = (event) => {
    const button = event.target.closest("button[data-point]");
    if (!button) return;
    const point = Number(button.dataset.point);
    if (point !== card.point) pin(point);
    reveal(point);
  };
  byId("map-hits").addEventListener("click", choose);
  byId("map-hits").addEventListener("focusin", choose);
  byId("map-more").addEventListener("click", () => {
    const first = listed;
    more();
    openers()[first]?.focus();
  });
}

// While one types or time runs, the picture follows at once, and the list once there is a pause.
const LIST_PAUSE_MS = 80;
let listing = null;

function listSoon() {
  clearTimeout(listing);
  listing = setTimeout(() => {
    listing = null;
    list();
  }, LIST_PAUSE_MS);
}

function listNow() {
  if (listing === null) return;
  clearTimeout(listing);
  listing = null;
  list();
}
