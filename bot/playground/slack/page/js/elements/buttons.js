// Buttons, overflow menus, and the small buttons of context_actions.

import { state } from "../state.js";
import { plain, renderText } from "../text/mrkdwn.js";
import { followable } from "../text/safe.js";
import { h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { openMenu } from "../ui/menu.js";
import { asked, keyOf, words } from "./field.js";

const STYLE = { primary: "primary", danger: "danger" };

/** A button, or a link that looks like one. */
export function button(element, ctx) {
  const address = element.url ? followable(element.url) : null;
  const node = h(
    address ? "a" : "button",
    {
      class: `button ${STYLE[element.style] ?? ""}`,
      type: address ? null : "button",
      href: address,
      target: address ? "_blank" : null,
      rel: address ? "noopener noreferrer" : null,
      "aria-label": element.accessibility_label,
      "data-key": keyOf(ctx, element, element.value ?? ""),
      "data-action": element.action_id,
    },
    plain(words(element.text)),
    address ? icon("out", "icon-small") : null,
  );
  node.addEventListener("click", (event) =>
    press(event, node, element, ctx, { value: element.value, text: element.text }),
  );
  return node;
}

async function press(event, node, element, ctx, extra) {
  if (node.getAttribute("aria-busy") === "true") return;
  if (element.confirm && node.href) event.preventDefault();
  if (!(await asked(element.confirm))) return;
  if (element.confirm && node.href) window.open(node.href, "_blank", "noopener");
  node.setAttribute("aria-busy", "true");
  await ctx.surface.act(ctx.blockId, element, extra);
  node.removeAttribute("aria-busy");
}

/** The "..." menu. */
export function overflow(element, ctx) {
  const opener = h(
    "button",
    {
      type: "button",
      class: "button button-square",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "aria-label": "More options",
      "data-key": keyOf(ctx, element),
    },
    icon("more"),
  );
  const pick = async (option) => {
    if (await asked(element.confirm))
      await ctx.surface.act(ctx.blockId, element, { selected_option: option });
  };
  const items = (element.options ?? []).map((option) => ({
    content: renderText(option.text),
    hint: words(option.description),
    url: option.url ? followable(option.url) : null,
    onPick: () => pick(option),
  }));
  opener.addEventListener("click", () => openMenu(opener, items, { label: "More options" }));
  return opener;
}

/** Thumbs up and thumbs down. */
export function feedbackButtons(element, ctx) {
  const side = (part, name) => {
    const node = h(
      "button",
      {
        type: "button",
        class: "button button-quiet",
        title: words(part.text),
        "aria-label": part.accessibility_label || words(part.text),
        "data-key": keyOf(ctx, element, name),
      },
      icon(name),
      h("span", {}, words(part.text)),
    );
    node.addEventListener("click", (event) =>
      press(event, node, element, ctx, { value: part.value, text: part.text }),
    );
    return node;
  };
  const sides = [];
  if (element.positive_button) sides.push(side(element.positive_button, "thumb_up"));
  if (element.negative_button) sides.push(side(element.negative_button, "thumb_down"));
  return h("span", { class: "feedback" }, sides);
}

/** A button that is only an icon, for some people or for all. */
export function iconButtonElement(element, ctx) {
  const seen = element.visible_to_user_ids;
  if (seen?.length && !seen.includes(state.me.id)) return null;
  const label = element.accessibility_label || words(element.text);
  const props = {
    type: "button",
    class: "button button-quiet",
    "aria-label": label,
    title: words(element.text),
    "data-key": keyOf(ctx, element),
  };
  const node = h("button", props, icon(element.icon ?? "info"), h("span", {}, words(element.text)));
  node.addEventListener("click", (event) => press(event, node, element, ctx, { value: element.value }));
  return node;
}

/** A workflow button: this playground has no workflows, so it says so. */
export function workflowButton(element) {
  return h(
    "button",
    { type: "button", class: "button", disabled: true, title: "Workflows do not run here" },
    plain(words(element.text)),
  );
}
