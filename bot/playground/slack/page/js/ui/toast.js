// Short notices at the foot of the page. They are a popover, so that they also show above an open dialog.

import { h } from "./dom.js";
import { icon, iconButton } from "./icons.js";

const SHOWN_FOR = { good: 5000, bad: 12_000 };

/** Shows `text`; tone is good or bad. */
export function toast(text, tone = "good") {
  const layer = document.getElementById("toasts");
  const note = h(
    "div",
    { class: `toast toast-${tone}` },
    icon(tone === "bad" ? "warning" : "info"),
    h("span", {}, text),
  );
  const close = () => {
    note.remove();
    if (!layer.childElementCount && layer.matches(":popover-open")) layer.hidePopover();
  };
  note.append(iconButton("close", "Dismiss", close));
  layer.append(note);
  if (layer.matches(":popover-open")) layer.hidePopover();
  layer.showPopover();
  setTimeout(close, SHOWN_FOR[tone]);
}

/** Shows an error to the person, and to the console when it is not one of ours. */
export function failed(error) {
  toast(error.message || "Something went wrong.", "bad");
  if (error.constructor.name !== "ApiError") console.error(error);
}
