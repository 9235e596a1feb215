// Checkboxes and radio buttons.

import { renderText } from "../text/mrkdwn.js";
import { h, newId } from "../ui/dom.js";
import { field, initial, keyOf } from "./field.js";

/** Any number of choices. */
export function checkboxes(element, ctx) {
  const chosen = new Set((initial(ctx, element, "selected_options") ?? []).map((option) => option.value));
  return choices(element, ctx, "checkbox", chosen, (picked) => ({ selected_options: picked }));
}

/** One choice of several. */
export function radioButtons(element, ctx) {
  const chosen = new Set([initial(ctx, element, "selected_option")?.value]);
  return choices(element, ctx, "radio", chosen, (picked) => ({ selected_option: picked[0] ?? null }));
}

function choices(element, ctx, type, chosen, shape) {
  const name = newId(type);
  const options = element.options ?? [];
  const boxes = options.map((option) =>
    h("input", {
      type,
      name,
      class: "tick",
      checked: chosen.has(option.value),
      "data-key": keyOf(ctx, element, option.value),
    }),
  );
  const changed = field(ctx, element, () => shape(options.filter((_, index) => boxes[index].checked)));
  const rows = options.map((option, index) =>
    h(
      "label",
      { class: "choice" },
      boxes[index],
      h(
        "span",
        { class: "choice-text" },
        h("span", {}, renderText(option.text)),
        option.description ? h("span", { class: "choice-hint" }, renderText(option.description)) : null,
      ),
    ),
  );
  const role = type === "radio" ? "radiogroup" : "group";
  const label = ctx.labelId ? null : ctx.name || element.action_id;
  const props = {
    class: "choices",
    role,
    "aria-labelledby": ctx.labelId,
    "aria-label": label,
    "aria-describedby": ctx.describedBy,
  };
  return h("div", { ...props, on: { change: changed } }, rows);
}
