// Fields that are typed into.

import { h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { aria, field, initial, inputField, words } from "./field.js";

const valueOf = (control) => ({ value: control.value === "" ? null : control.value });

/** One line or many lines of text. */
export function plainTextInput(element, ctx) {
  const extra = { maxlength: element.max_length, minlength: element.min_length };
  const start = initial(ctx, element, "value") ?? "";
  if (!element.multiline) {
    const control = inputField(ctx, element, "text", { ...extra, value: start }, valueOf, eventOf(element));
    return dispatchOnEnter(element, control);
  }
  const control = h("textarea", {
    class: "field",
    rows: 4,
    placeholder: words(element.placeholder),
    ...aria(ctx, element),
    ...extra,
    value: start,
  });
  control.addEventListener(
    eventOf(element),
    field(ctx, element, () => valueOf(control)),
  );
  if (element.focus_on_load) control.setAttribute("autofocus", "");
  return control;
}

const triggers = (element) => element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
const eventOf = (element) => (triggers(element).includes("on_character_entered") ? "input" : "change");

/** Enter would submit the form; where the app wants to hear of Enter it is a change instead. */
function dispatchOnEnter(element, control) {
  if (!element.dispatch_action_config) return control;
  control.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    control.dispatchEvent(new Event("change"));
  });
  return control;
}

/** A number, whole or with decimals. */
export function numberInput(element, ctx) {
  const extra = {
    min: element.min_value,
    max: element.max_value,
    step: element.is_decimal_allowed ? "any" : "1",
    inputmode: element.is_decimal_allowed ? "decimal" : "numeric",
    value: initial(ctx, element, "value") ?? "",
  };
  return inputField(ctx, element, "number", extra, valueOf);
}

export const emailInput = (element, ctx) =>
  inputField(
    ctx,
    element,
    "email",
    { autocomplete: "off", value: initial(ctx, element, "value") ?? "" },
    valueOf,
  );

export const urlInput = (element, ctx) =>
  inputField(
    ctx,
    element,
    "url",
    { autocomplete: "off", value: initial(ctx, element, "value") ?? "" },
    valueOf,
  );

const STYLES = [
  ["bold", "B", "Bold"],
  ["italic", "I", "Italic"],
  ["strikeThrough", "S", "Strike"],
];

/** A small rich text editor: bold, italic, strike. */
export function richTextInput(element, ctx) {
  const props = {
    class: "field rich-input",
    contenteditable: "true",
    role: "textbox",
    "aria-multiline": "true",
    "aria-labelledby": ctx.labelId,
    "data-placeholder": words(element.placeholder),
    ...aria(ctx, element),
  };
  const editor = h("div", props, plainOf(initial(ctx, element, "rich_text_value") ?? element.initial_value));
  const changed = field(ctx, element, () => ({ rich_text_value: toRichText(editor) }));
  editor.addEventListener("blur", changed);
  const tool = ([command, letter, label]) =>
    h(
      "button",
      {
        type: "button",
        class: `rich-tool rich-${letter}`,
        title: label,
        "aria-label": label,
        on: {
          mousedown: (event) => event.preventDefault(),
          click: () => {
            editor.focus();
            document.execCommand(command);
          },
        },
      },
      letter,
    );
  return h("div", { class: "rich-box" }, h("div", { class: "rich-tools" }, STYLES.map(tool)), editor);
}

function plainOf(block) {
  return (block?.elements ?? [])
    .map((section) => (section.elements ?? []).map((part) => part.text ?? part.url ?? "").join(""))
    .join("\n");
}

const STYLE_OF = { B: "bold", STRONG: "bold", I: "italic", EM: "italic", S: "strike", STRIKE: "strike" };

function toRichText(editor) {
  const parts = [];
  const walk = (node, style) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const dressed = Object.keys(style).length ? { style } : {};
      if (node.data) parts.push({ type: "text", text: node.data, ...dressed });
      return;
    }
    if ((node.nodeName === "BR" || node.nodeName === "DIV") && parts.length)
      parts.push({ type: "text", text: "\n" });
    const name = STYLE_OF[node.nodeName];
    for (const child of node.childNodes) walk(child, name ? { ...style, [name]: true } : style);
  };
  for (const child of editor.childNodes) walk(child, {});
  if (!parts.some((part) => part.text.trim())) return null;
  return { type: "rich_text", elements: [{ type: "rich_text_section", elements: parts }] };
}

/** The playground takes no uploads from people: the field is shown and stays empty. */
export function fileInput(element, ctx) {
  field(ctx, element, () => ({ files: [] }));
  const kinds = element.filetypes?.length ? `Accepts ${element.filetypes.join(", ")}. ` : "";
  return h(
    "div",
    { class: "file-drop" },
    icon("file"),
    h("span", {}, `${kinds}Uploading by hand is not part of this playground.`),
  );
}
