// The home tab of the app.

import { renderBlocks } from "../blocks/index.js";
import { state } from "../state.js";
import { viewSurface } from "../surface.js";
import { h } from "../ui/dom.js";

let surface = null;

/** The published home tab, or a word when there is none yet. */
export function homeBody() {
  const view = state.home;
  if (!view) return h("div", { class: "nothing" }, h("p", {}, "This app has not published a home tab yet."));
  surface = viewSurface(view, surface?.target.view_id === view.id ? surface.values() : {});
  return h(
    "div",
    { class: "scroller home", data: { scroll: "" }, tabindex: "0", role: "region", "aria-label": "Home tab" },
    h("div", { class: "home-body" }, renderBlocks(view.blocks, surface)),
  );
}
