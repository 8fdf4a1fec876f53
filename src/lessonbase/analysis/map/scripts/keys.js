// The keyboard: what the page of the site has, and ways around the map.

const PAN = 80; // Pixels of one arrow.

const typesIn = (target) => target.matches("input:not([type=checkbox], [type=radio], [type=range]), textarea, select");

function search() {
  byId("map-q").focus();
  byId("map-q").select();
}

// One thing at a time: first the words, then the card.
function clear() {
  if (running !== null) return stop();
  if (byId("map-q").value) {
    byId("map-q").value = "";
    ask();
    if (!byId("map-hits").contains(document.activeElement)) return undefined;
    return byId("map-q").focus();
  }
  return unpin();
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const inList = event.target.closest("#map-hits") !== null;
  const onMap = event.target.id === "map-canvas";
  const through = { ArrowDown: () => walk(1), ArrowUp: () => walk(-1) };
  const around = {
    ArrowLeft: () => pan(PAN, 0),
    ArrowRight: () => pan(-PAN, 0),
    ArrowUp: () => pan(0, PAN),
    ArrowDown: () => pan(0, -PAN),
    "+": () => zoom(1.4),
    "=": () => zoom(1.4),
    "-": () => zoom(1 / 1.4),
    0: () => glide(wholeView()),
  };
  let actions = { "/": search, Escape: clear, ...(inList ? through : {}), ...(onMap ? around : {}) };
  if (event.target.id === "map-q") actions = { Escape: clear, ArrowDown: through.ArrowDown, Enter: through.ArrowDown };
  else if (typesIn(event.target)) actions = {};
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}
