// What all fields have in common: they hold a value, and a change may be an action.

import { h } from "../ui/dom.js";
import { confirmed } from "../ui/dialog.js";
import { renderText } from "../text/mrkdwn.js";

/** Text of a plain text object. */
export const words = (object) => object?.text ?? "";

/** Names a control so that the focus can find it again after its message was drawn anew. */
export const keyOf = (ctx, element, tail = "") => `${ctx.blockId ?? ""}/${element.action_id ?? ""}/${tail}`;

/**
 * Registers a field with its surface. The function that comes back is called on each change and sends the action:
 * always outside an input block, inside one only when it asks for that.
 */
export function field(ctx, element, read) {
  ctx.surface.add(ctx.blockId, element, read);
  ctx.own?.push(read);
  return async () => {
    ctx.onChange?.();
    if (ctx.input && !ctx.dispatch) return;
    if (!(await asked(element.confirm))) return;
    await ctx.surface.act(ctx.blockId, element, read());
  };
}

/** What the field starts with: what it held before it was drawn again, else what the app says. */
export function initial(ctx, element, name) {
  const kept = ctx.surface.before(ctx.blockId, element);
  if (kept) return kept[name] ?? null;
  return element[name.replace(/^(selected_)?/, "initial_")] ?? null;
}

/** Shows the confirmation dialog when there is one. */
export async function asked(confirm) {
  if (!confirm) return true;
  return confirmed({
    title: words(confirm.title) || "Are you sure?",
    text: renderText(confirm.text),
    confirm: words(confirm.confirm) || "Yes",
    deny: words(confirm.deny) || "No",
    style: confirm.style,
  });
}

/** The attributes that tie a control to its label, hint and error. */
export function aria(ctx, element) {
  return {
    id: ctx.controlId,
    "aria-label": ctx.input ? null : words(element.placeholder) || ctx.name || element.action_id,
    "aria-describedby": ctx.describedBy,
    "aria-required": ctx.input && !ctx.optional ? "true" : null,
    "data-key": keyOf(ctx, element),
  };
}

/** A plain <input> that is a field. */
export function inputField(ctx, element, type, extra, read, event = "change") {
  const control = h("input", {
    type,
    class: "field",
    placeholder: words(element.placeholder),
    ...aria(ctx, element),
    ...extra,
  });
  const changed = field(ctx, element, () => read(control));
  control.addEventListener(event, changed);
  if (element.focus_on_load) control.setAttribute("autofocus", "");
  return control;
}
