// The `input` block: a label, a field, a hint, and the error when there is one.

import { plain } from "../text/mrkdwn.js";
import { h, newId, put } from "../ui/dom.js";
import { icon } from "../ui/icons.js";

const GROUPS = new Set(["checkboxes", "radio_buttons", "rich_text_input", "file_input"]);

/** An input block. Its surface can check it before sending and show an error under it. */
export function input(block, ctx) {
  const element = block.element ?? {};
  const ids = {
    label: newId("label"),
    control: newId("control"),
    hint: newId("hint"),
    error: newId("error"),
  };
  const own = [];
  const error = h("div", { class: "input-error", id: ids.error, role: "alert", hidden: true });
  const show = (text) => showError(node, error, text);
  const inner = {
    ...ctx,
    own,
    input: true,
    optional: block.optional,
    dispatch: block.dispatch_action,
    controlId: ids.control,
    labelId: ids.label,
    describedBy: `${ids.hint} ${ids.error}`,
    onChange: () => show(null),
  };
  const name = [
    plain(block.label?.text),
    block.optional ? h("span", { class: "muted optional" }, " (optional)") : null,
  ];
  const label = GROUPS.has(element.type)
    ? h("div", { class: "input-label", id: ids.label }, name)
    : h("label", { class: "input-label", id: ids.label, for: ids.control }, name);
  const node = h(
    "div",
    { class: "block block-input" },
    label,
    ctx.element(element, inner),
    error,
    h("div", { class: "input-hint", id: ids.hint }, block.hint ? plain(block.hint.text) : null),
  );
  // While they type, not when the field loses the focus: the button that takes it would move away from the click.
  node.addEventListener("input", () => show(null));
  ctx.surface.inputs?.set(block.block_id, {
    show,
    check: () => problem(block, node, own),
    focus: () => focusIn(node),
  });
  return node;
}

function showError(node, error, text) {
  error.hidden = !text;
  put(error, text ? [icon("warning", "icon-small"), h("span", {}, text)] : []);
  node.classList.toggle("has-error", Boolean(text));
  for (const control of node.querySelectorAll("input, textarea, [role=textbox]"))
    control.setAttribute("aria-invalid", String(Boolean(text)));
}

const focusIn = (node) => node.querySelector("input, textarea, select, button, [contenteditable]")?.focus();

const isEmpty = (value) =>
  value === null || value === undefined || (Array.isArray(value) && !value.length) || value === "";

/** What is wrong with the field before anything is sent, or null: what Slack's own client checks. */
function problem(block, node, own) {
  const read = own[0]?.() ?? {};
  const empty = Object.values(read).every(isEmpty);
  if (empty) return block.optional || block.element?.type === "file_input" ? null : "This field is required.";
  const { min_length: min, max_length: max } = block.element;
  const length = String(read.value ?? "").length;
  if (min && length < min) return `Write at least ${min} characters (${length} so far).`;
  if (max && length > max) return `At most ${max} characters (${length} now).`;
  const control = node.querySelector("input");
  return control && !control.validity.valid ? control.validationMessage : null;
}
