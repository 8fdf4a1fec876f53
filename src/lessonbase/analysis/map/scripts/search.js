// Words in records. Folding a record takes far longer than looking through it, so that it is done
// once, while the reader looks at the map.

// Records folded at a time while nothing else is to be done.
const FOLDED_AT_ONCE = 100;

function foldedOf(point) {
  if (map.folded[point] === undefined) {
    const labels = map.labelsOf(point).join(" ");
    const title = folded(map.title[point]);
    const rest = folded([map.text[point], labels, map.id[point], map.authors[map.author[point]]].join(" "));
    map.folded[point] = [title, rest];
  }
  return map.folded[point];
}

// 0: a word is missing; 1: all are in it; 2: all are in its title.
function matches(point) {
  const [title, rest] = foldedOf(point);
  let inTitle = 2;
  for (const word of asked.words) {
    if (title.includes(word)) continue;
    if (!rest.includes(word)) return 0;
    inTitle = 1;
  }
  return inTitle;
}

function foldAhead(from = 0) {
  if (from >= map.size) return;
  const later = window.requestIdleCallback ?? ((work) => setTimeout(work, 20));
  later(() => {
    for (let point = from; point < Math.min(from + FOLDED_AT_ONCE, map.size); point += 1) foldedOf(point);
    foldAhead(from + FOLDED_AT_ONCE);
  });
}
