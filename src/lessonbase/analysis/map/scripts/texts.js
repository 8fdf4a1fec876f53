// Texts as the page shows and compares them. Nothing here touches the page but `make`.

// Characters that are not drawn, or that turn the writing around; joiners and marks that writing
// needs stay. What reads harmlessly and is copied must not say something else there.
const UNSEEN = /(?![\n\r\t\u200c\u200d\u200e\u200f])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]/gu;
const APART = /[^\p{L}\p{N}\p{Extended_Pictographic}]+/gu;
// Scripts written without spaces: a word of them may start anywhere.
const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]/;

const visible = (text) =>
  text.replace(UNSEEN, (sign) => `[U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`);

// Words only, in small letters without accents, one space before each and one at the end.
const folded = (text) =>
  ` ${text.normalize("NFKD").replace(/\p{M}/gu, "").toUpperCase().toLowerCase().replace(APART, " ").trim()} `;

// What to look for in folded text: each word, where one starts.
const needles = (query) =>
  folded(query).split(" ").filter(Boolean).map((word) => (UNSPACED.test(word) ? word : ` ${word}`));

const spoken = (name) => {
  const words = visible(name.replaceAll("_", " "));
  return words.charAt(0).toUpperCase() + words.slice(1);
};

// The first `limit` characters, cut between words if one ends in the last fifth.
const beginning = (text, limit) => {
  if (text.length <= limit) return text;
  const cut = [...text.slice(0, limit)].slice(0, -1).join("");
  const end = cut.lastIndexOf(" ");
  return `${end > limit * 0.8 ? cut.slice(0, end) : cut} …`;
};

const number = new Intl.NumberFormat("en");
const counted = (count, one, many) => `${number.format(count)} ${count === 1 ? one : many}`;
const day = (seconds) => new Date(seconds * 1000).toISOString().replace(/T.*/, "");

// An element with properties and children; a text becomes text, never markup.
const make = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
};
const byId = (id) => document.getElementById(id);
