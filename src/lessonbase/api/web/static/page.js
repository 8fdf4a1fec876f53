// What the page adds to plain HTML and htmx: keys, long questions, and nothing sent twice.
"use strict";

// Longest question that is put into an address, in characters; longer ones are posted.
const LONGEST_IN_ADDRESS = 2000;

const field = () => document.getElementById("q");
const openers = () => [...document.querySelectorAll("#results a.open")];

function focusField() {
  field().focus();
  field().select();
}

function clearField() {
  field().value = "";
  field().dispatchEvent(new Event("input", { bubbles: true }));
  field().focus();
}

// Moves the focus by `step` through the hits; from the first one up leads back to the field.
function move(step) {
  const all = openers();
  const here = document.activeElement?.closest(".hit")?.querySelector("a.open") ?? document.activeElement;
  const next = all.indexOf(here) + step;
  if (next < 0) focusField();
  else all[Math.min(next, all.length - 1)]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (!field() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const inField = event.target === field();
  const types = event.target.matches("input:not([type=checkbox], [type=radio]), textarea, select");
  const inHit = event.target.closest("#results") !== null;
  const keys = { "/": focusField, j: () => move(1), k: () => move(-1), Escape: clearField };
  const arrows = { ArrowDown: () => move(1), ArrowUp: () => move(-1) };
  let action;
  if (inField) action = { Escape: clearField, ArrowDown: arrows.ArrowDown }[event.key];
  else if (!types) action = { ...keys, ...(inHit ? arrows : {}) }[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

// A recall is noted by the base, so it waits until the task is written out. A long question goes
// into the body of its request, as the form that it is.
document.addEventListener("htmx:configRequest", (event) => {
  const { elt, triggeringEvent } = event.detail;
  if (!elt.matches("#q, #ask")) return;
  const typing = triggeringEvent?.type === "input";
  const recalls = document.getElementById("ask").elements.mode.value === "recall";
  if (typing && recalls && field().value) event.preventDefault();
  if (field().value.length <= LONGEST_IN_ADDRESS) return;
  event.detail.verb = "post";
  event.detail.useUrlParams = false;
  event.detail.headers["Content-Type"] = "application/x-www-form-urlencoded";
});

function tell(text) {
  document.getElementById("count").textContent = text;
}

// An answer without results is another page: the sign-in form, once a session has ended.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.serverResponse.includes('id="results"')) return;
  detail.shouldSwap = false;
  if (detail.xhr.status === 413) tell("That is too long to be sent. Take the part that matters.");
  else if (detail.xhr.status < 500) location.reload();
  else tell("The base could not answer. Try again in a moment.");
});
document.addEventListener("htmx:sendError", () => tell("The base cannot be reached. Try again in a moment."));

// After "more" its link is gone; the focus goes on to the first record that it brought.
let shown = 0;
document.addEventListener("htmx:beforeRequest", ({ target }) => {
  shown = target.closest(".more") ? openers().length : 0;
});
document.addEventListener("htmx:afterSettle", () => {
  if (shown) openers()[shown]?.focus();
  shown = 0;
});

// The button says what it does.
document.addEventListener("change", ({ target }) => {
  if (target.name !== "mode") return;
  document.querySelector(".ask button").textContent = target.parentElement.textContent.trim();
});

// In a text of several lines Enter is a line's end, so that it takes one more key to ask.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  if (!event.target.matches("#text, #done")) return;
  event.preventDefault();
  document.querySelector("#incident .send button").click();
});

// A form that is on its way is not sent again by a second click.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post" || event.defaultPrevented) return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// What was just said is not part of the record's address.
if (location.search.includes("said=")) history.replaceState(history.state, "", location.pathname);
