// Blocks that frame others: card, carousel, container.

import { image } from "../elements/index.js";
import { renderText } from "../text/mrkdwn.js";
import { richText } from "../text/richtext.js";
import { h, newId } from "../ui/dom.js";
import { icon, iconButton } from "../ui/icons.js";

/** Picture, title, a few words, buttons. */
export function card(block, ctx) {
  return h(
    "article",
    { class: "block block-card framed" },
    block.hero_image ? h("div", { class: "card-hero" }, image(block.hero_image)) : null,
    h(
      "div",
      { class: "card-body" },
      titles(block, renderText(block.title)),
      block.body ? h("div", { class: "card-text" }, renderText(block.body)) : null,
      block.actions?.length
        ? h(
            "div",
            { class: "block-actions" },
            block.actions.map((element) => ctx.element(element, ctx)),
          )
        : null,
    ),
  );
}

function titles(block, title) {
  if (!title.length && !block.subtitle && !block.icon) return null;
  return h(
    "div",
    { class: "card-titles" },
    block.icon ? h("span", { class: "card-icon" }, image(block.icon)) : null,
    h(
      "div",
      {},
      title.length ? h("div", { class: "strong" }, title) : null,
      block.subtitle ? h("div", { class: "muted small" }, renderText(block.subtitle)) : null,
    ),
  );
}

/** Cards in a row that scrolls sideways. */
export function carousel(block, ctx) {
  const cards = (block.elements ?? []).map((element) => h("li", {}, ctx.block(element, ctx.surface)));
  const track = h(
    "ul",
    { class: "carousel-track", tabindex: "0", role: "list", "aria-label": `${cards.length} cards` },
    cards,
  );
  const move = (way) => () =>
    track.scrollBy({ left: way * track.clientWidth * 0.8, behavior: calm() ? "auto" : "smooth" });
  const steps = h(
    "div",
    { class: "carousel-steps" },
    iconButton("left", "Previous card", move(-1)),
    iconButton("right", "Next card", move(1)),
  );
  return h("div", { class: "block block-carousel" }, track, cards.length > 1 ? steps : null);
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** A titled group of blocks, which may fold. */
export function container(block, ctx) {
  const title = block.rich_text_title ? richText(block.rich_text_title) : renderText(block.title);
  const children = (block.child_blocks ?? []).map((child) => ctx.block(child, ctx.surface));
  const width = ["narrow", "standard", "wide", "full"].includes(block.width) ? block.width : "standard";
  const inside = h("div", { class: "container-body", id: newId("container") }, children);
  const line = block.has_header_divider ? " ruled" : "";
  const head = h("div", { class: `container-head${line}` }, titles(block, title));
  if (block.is_collapsible) head.append(folder(inside, block.default_collapsed));
  return h("section", { class: `block block-container framed width-${width}` }, head, inside);
}

function folder(inside, collapsed) {
  const button = h(
    "button",
    { type: "button", class: "icon-button fold", "aria-controls": inside.id },
    icon("down"),
  );
  const set = (closed) => {
    inside.hidden = closed;
    button.setAttribute("aria-expanded", String(!closed));
    button.setAttribute("aria-label", closed ? "Show" : "Hide");
  };
  button.addEventListener("click", () => set(!inside.hidden));
  set(Boolean(collapsed));
  return button;
}
