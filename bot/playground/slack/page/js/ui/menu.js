// A menu of actions: overflow buttons, message actions, the person switch.

import { h } from "./dom.js";
import { layerOf, place } from "./floating.js";

/** Opens a menu at `anchor`. Items: {content, hint?, onPick, current?, disabled?, url?} or {heading}. */
export function openMenu(anchor, items, { label = "Menu", align = "end" } = {}) {
  const menu = h("div", { class: "menu", popover: "auto", role: "menu", "aria-label": label });
  const close = () => {
    menu.hidePopover();
    anchor.focus({ preventScroll: true });
  };
  menu.append(...items.map((item) => (item.heading ? heading(item) : entry(item, close))));
  menu.addEventListener("keydown", (event) => steer(event, menu, close));
  menu.addEventListener("toggle", (event) => {
    anchor.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState === "closed") menu.remove();
  });
  layerOf(anchor).append(menu);
  menu.showPopover();
  place(menu, anchor, { align });
  (menu.querySelector('[aria-checked="true"]') ?? menu.querySelector("[role^=menuitem]"))?.focus();
  return menu;
}

const heading = ({ heading: text }) => h("div", { class: "menu-heading" }, text);

function entry(item, close) {
  const pick = () => {
    if (item.disabled) return;
    close();
    item.onPick?.();
  };
  const role = "current" in item ? "menuitemradio" : "menuitem";
  const checked = "current" in item ? String(Boolean(item.current)) : null;
  const hint = item.hint ? h("span", { class: "menu-hint" }, item.hint) : null;
  const props = {
    class: "menu-item",
    role,
    tabindex: "-1",
    "aria-checked": checked,
    "aria-disabled": item.disabled ? "true" : null,
    on: { click: pick },
  };
  const tag = item.url ? "a" : "button";
  const extra = item.url
    ? { href: item.url, target: "_blank", rel: "noopener noreferrer" }
    : { type: "button" };
  return h(tag, { ...props, ...extra }, h("span", { class: "menu-text" }, item.content, hint));
}

function steer(event, menu, close) {
  const entries = [...menu.querySelectorAll("[role^=menuitem]")];
  const at = entries.indexOf(document.activeElement);
  const goal = {
    ArrowDown: at + 1,
    ArrowUp: at - 1 + (at < 1 ? entries.length : 0),
    Home: 0,
    End: entries.length - 1,
  }[event.key];
  if (goal !== undefined) {
    event.preventDefault();
    entries[goal % entries.length]?.focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    close();
  }
}
