// The card of the point under the pointer, or of the one that was chosen; a chosen one stays.

const CARD_LETTERS = 420;
const TITLE_LETTERS = 180;

// As in the sheet.
const narrow = matchMedia("(max-width: 51rem)");

const card = { point: null, hovered: null, pile: [], filled: null };

// Shows what lies under the pointer, unless a card is pinned.
function hover(pile) {
  const point = pile[0] ?? null;
  if (point === card.hovered) return;
  card.hovered = point;
  if (card.point === null) card.pile = pile;
  fillCard();
  redraw();
}

// Pins a card; `pile` are the points that lie in its place, itself among them.
function pin(point, pile = [point]) {
  Object.assign(card, { point, pile, filled: null });
  fillCard();
  markCurrent();
  redraw();
}

function unpin() {
  Object.assign(card, { point: null, hovered: null, pile: [], filled: null });
  fillCard();
  markCurrent();
  redraw();
}

// The next one of a pile takes the place of the pinned one.
function nextOf(pile) {
  const place = pile.indexOf(card.point);
  pin(pile[(place + 1) % pile.length], pile);
}

function fillCard() {
  const box = byId("map-card");
  const pinned = card.point !== null;
  const point = pinned ? card.point : card.hovered;
  box.hidden = point === null;
  const state = `${point} ${pinned} ${card.pile.length}`;
  if (point === null || state === card.filled) return;
  card.filled = state;
  box.classList.toggle("pinned", pinned);
  box.replaceChildren(...cardParts(point, pinned));
}

function cardParts(point, pinned) {
  const severity = map.severities[map.severity[point]];
  const status = map.statuses[map.status[point]];
  const cluster = map.clusters[map.cluster[point]];
  const author = map.authors[map.author[point]];
  const kind = map.kinds[map.kind[point]];
  const labels = map.labelsOf(point);
  const close = make("button", { type: "button", className: "quiet map-close", ariaLabel: "Close", textContent: "×" });
  close.addEventListener("click", unpin);
  const facts = [day(map.at[point]), visible(beginning(author, 40))].filter(Boolean).join(" · ");
  return [
    make(
      "p",
      { className: "line" },
      make("span", { className: "map-kind" }, icon(kind, propertyOf(asked.by, map[asked.by][point])), spoken(kind)),
      severity ? make("span", { className: `severity severity-${severity}`, textContent: `${spoken(severity)} severity` }) : "",
      status === "active" ? "" : make("span", { className: "status", textContent: spoken(status) }),
      pinned ? close : "",
    ),
    make("h3", { dir: "auto", textContent: visible(beginning(map.title[point], TITLE_LETTERS)) }),
    make("p", { className: "muted map-facts" }, make("bdi", { textContent: facts })),
    make("p", { className: "map-text", dir: "auto", textContent: visible(beginning(map.text[point].trim(), CARD_LETTERS)) }),
    labels.length
      ? make("ul", { className: "labels" }, ...labels.map((label) => make("li", {}, make("bdi", { textContent: visible(beginning(label, 40)) }))))
      : "",
    make("p", { className: "muted map-group" }, cluster ? make("bdi", { textContent: visible(cluster.name) }) : "In no cluster"),
    pileNote(pinned),
    pinned ? ownLine(point) : "",
  ].filter(Boolean);
}

function pileNote(pinned) {
  if (card.pile.length < 2) return "";
  const place = Math.max(card.pile.indexOf(card.point), 0) + 1;
  if (!pinned) return make("p", { className: "muted", textContent: `${counted(card.pile.length, "record", "records")} in this place; click for each` });
  const next = make("button", { type: "button", className: "quiet map-next", textContent: "Next in this place" });
  next.addEventListener("click", () => {
    nextOf(card.pile);
    byId("map-card").querySelector(".map-next")?.focus();
  });
  return make("p", { className: "line" }, make("span", { className: "muted", textContent: `${place} of ${number.format(card.pile.length)} here` }), next);
}

// The id to copy and, where the map knows an address, the way to the record.
function ownLine(point) {
  const id = map.id[point];
  const code = make("code", { textContent: id });
  const copy = make("button", { type: "button", className: "quiet map-copy", textContent: "Copy id" });
  copy.addEventListener("click", async () => {
    copy.textContent = (await copied(id, code)) ? "Copied" : "Selected";
  });
  const parts = [code, copy];
  if (map.link) {
    const href = map.link.replaceAll("{id}", encodeURIComponent(id));
    parts.push(make("a", { href, textContent: "Open", target: "_blank", rel: "noopener noreferrer" }));
  }
  return make("p", { className: "line map-own" }, ...parts);
}

// A file opened from a disk may not be given the clipboard; then the id is selected to be copied.
async function copied(text, element) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection().selectAllChildren(element);
    return false;
  }
}

// Beside its point, inside of the map; on a phone in the half where the point is not (see the sheet).
function placeCard() {
  const box = byId("map-card");
  const point = card.point ?? card.hovered;
  if (point === null || screen.left === null) return;
  box.hidden = shown.look[point] === HIDDEN;
  const [x, y] = [screen.left[point] / view.dots, screen.top[point] / view.dots];
  box.classList.toggle("map-high", y > view.height / 2);
  if (box.hidden || narrow.matches) {
    box.style.transform = "";
    return;
  }
  const [width, height] = [box.offsetWidth, box.offsetHeight];
  const gap = 16;
  const left = x + gap + width < view.width ? x + gap : x - gap - width;
  const top = Math.min(Math.max(y - height / 3, 8), view.height - height - 8);
  box.style.transform = `translate(${Math.round(Math.max(left, 8))}px, ${Math.round(Math.max(top, 8))}px)`;
}
