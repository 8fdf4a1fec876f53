// What shapes and colours mean, how many records there are of each, and a switch for each.

const rows = { kind: [], cluster: [], severity: [] };

function row(by, value, name, mark) {
  const box = make("input", { type: "checkbox", checked: true });
  const count = make("span", { className: "count" });
  const label = make("label", {}, box, mark, make("span", { className: "map-name", dir: "auto", textContent: name }), " ", count);
  const only = make("button", { type: "button", className: "quiet map-only", textContent: "only", ariaLabel: `Only ${name}` });
  const line = make("li", { className: "map-row" }, label, only);
  box.addEventListener("change", () => {
    asked.off[by][box.checked ? "delete" : "add"](value);
    update();
  });
  only.addEventListener("click", () => {
    const others = rows[by].map((other) => other.value).filter((other) => other !== value);
    const alone = !asked.off[by].has(value) && asked.off[by].size === others.length;
    setOff(by, alone ? [] : others);
  });
  line.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && emphasise([by, value]));
  line.addEventListener("pointerleave", () => emphasise(null));
  rows[by].push({ value, box, count, line });
  return line;
}

function setOff(by, values) {
  asked.off[by] = new Set(values);
  for (const { value, box } of rows[by]) box.checked = !asked.off[by].has(value);
  update();
}

function emphasise(what) {
  if (asked.emphasis === what) return;
  asked.emphasis = what;
  sift();
  redraw();
}

function group(by, title, entries, both = false) {
  const all = make("button", { type: "button", className: "quiet", textContent: "all", ariaLabel: `All ${title.toLowerCase()}` });
  const none = make("button", { type: "button", className: "quiet", textContent: "none", ariaLabel: `No ${title.toLowerCase()}` });
  all.addEventListener("click", () => setOff(by, []));
  none.addEventListener("click", () => setOff(by, rows[by].map(({ value }) => value)));
  const name = make("legend", {}, make("span", { textContent: title }), ...(both ? [make("span", { className: "map-both" }, all, none)] : []));
  const body = make("ul", {}, ...entries.map(([value, text, mark]) => row(by, value, text, mark)));
  return make("fieldset", { className: `map-of-${by}` }, name, body);
}

const swatch = (property) => {
  const mark = make("span", { className: "map-swatch" });
  mark.style.background = `var(${property})`;
  return mark;
};

function startLegend() {
  const kinds = map.kinds.map((kind, value) => [value, spoken(kind), icon(kind, "--soft")]);
  const clusters = map.clusters.map((cluster, value) => [value, visible(beginning(cluster.name, 60)), swatch(propertyOf("cluster", value))]);
  const explained = (value) => {
    const { central, terms } = map.clusters[value] ?? { central: "", terms: [] };
    return [terms.join(", "), central && `In the middle: ${central}`].filter(Boolean).map(visible).join("\n");
  };
  if (map.cluster.includes(map.noise)) clusters.push([map.noise, "In no cluster", swatch("--map-noise")]);
  const severities = [...map.severities.keys(), map.unknown]
    .filter((value) => map.severity.includes(value))
    .map((value) => [value, spoken(map.severities[value] ?? "not told"), swatch(propertyOf("severity", value))]);
  byId("map-legend").append(
    group("kind", "Kinds", kinds),
    group("severity", "Severities", severities),
    group("cluster", "Clusters", clusters, true),
  );
  for (const { value, line } of rows.cluster) line.title = explained(value);
  for (const input of document.getElementsByName("map-by")) input.addEventListener("change", () => colourBy(input.value));
  colourBy("cluster");
}

// The legend has colours only where the map has them.
function colourBy(by) {
  asked.by = by;
  byId("map").dataset.by = by;
  map.kinds.forEach((kind, value) => {
    rows.kind[value].line.querySelector(".map-shape").style.color = by === "kind" ? `var(--${kind}, var(--map-noise))` : "var(--soft)";
  });
  recolour();
  card.filled = null;
  fillCard();
  listSoon();
  redraw();
}

function countLegend() {
  for (const by in rows) {
    for (const { value, count, line } of rows[by]) {
      count.textContent = number.format(shown.counts[by][value]);
      line.classList.toggle("map-none", shown.counts[by][value] === 0);
    }
  }
}
