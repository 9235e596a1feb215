// Builds the page from nodes. Data never becomes markup: strings turn into text nodes, always.

import { visible } from "../text/safe.js";

const SPOKEN = new Set(["title", "aria-label", "alt", "placeholder", "aria-description"]);
const SVG = "http://www.w3.org/2000/svg";

/** An HTML element: h("p", {class: "note", on: {click: f}}, "text", otherNode). */
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** The same for SVG. */
export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

/** Replaces everything inside `parent`. */
export function put(parent, ...children) {
  parent.replaceChildren(...nodes(children));
  return parent;
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) setProp(element, name, value);
  element.append(...nodes(children));
  return element;
}

function setProp(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "on") {
    for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
  } else if (name === "data") {
    for (const [key, item] of Object.entries(value)) if (item !== undefined) element.dataset[key] = item;
  } else if (name === "value" || name === "checked" || name === "indeterminate") {
    element[name] = value;
  } else {
    element.setAttribute(name, value === true ? "" : SPOKEN.has(name) ? visible(value) : String(value));
  }
}

function nodes(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : document.createTextNode(visible(child))));
}

let counter = 0;

/** A fresh id, for labels and listboxes. */
export function newId(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}

/** Puts `fresh` where `old` is; the focus stays on the control with the same `data-key`. */
export function swap(old, fresh) {
  keepFocus(old, () => {
    old.replaceWith(fresh);
    return fresh;
  });
}

/** Draws the inside of `parent` anew; focus and scrolling stay where they were. */
export function redraw(parent, ...children) {
  const [before] = parent.querySelectorAll("[data-scroll]");
  const top = before?.scrollTop ?? 0;
  keepFocus(parent, () => put(parent, ...children));
  const [after] = parent.querySelectorAll("[data-scroll]");
  if (after) after.scrollTop = top;
}

function keepFocus(old, change) {
  const active = old.contains(document.activeElement) ? document.activeElement : null;
  const key = active?.closest("[data-key]")?.dataset.key;
  const fresh = change();
  if (key) fresh.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}
