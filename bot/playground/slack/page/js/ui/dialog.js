// Dialogs are the browser's own: it keeps the focus inside, makes the rest inert, and gives the focus back.

import { h, newId } from "./dom.js";

/** Opens a dialog around `content`; `onCancel` decides what Escape does. */
export function openDialog(content, { className = "", labelledBy, onCancel } = {}) {
  const before = document.activeElement;
  const dialog = h("dialog", { class: `dialog ${className}`, "aria-labelledby": labelledBy }, content);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    onCancel?.();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    // The browser has given the focus back already, but not the caret: only a fresh focus lets one go on typing.
    before?.blur();
    if (before?.isConnected) before.focus({ preventScroll: true });
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Asks "are you sure?"; resolves to true when the person confirms. */
export function confirmed({ title, text, confirm, deny, style = "primary" }) {
  return new Promise((resolve) => {
    const id = newId("confirm");
    let dialog = null;
    const answer = (value) => {
      dialog.close();
      resolve(value);
    };
    const button = (label, kind, value, focus) =>
      h(
        "button",
        { type: "button", class: `button ${kind}`, autofocus: focus, on: { click: () => answer(value) } },
        label,
      );
    const danger = style === "danger";
    const content = h(
      "div",
      { class: "confirm" },
      h("h2", { class: "confirm-title", id }, title),
      h("div", { class: "confirm-text" }, text),
      h(
        "div",
        { class: "dialog-foot" },
        button(deny, "", false, danger),
        button(confirm, danger ? "danger solid" : "primary", true, !danger),
      ),
    );
    dialog = openDialog(content, {
      className: "dialog-small",
      labelledBy: id,
      onCancel: () => answer(false),
    });
  });
}
