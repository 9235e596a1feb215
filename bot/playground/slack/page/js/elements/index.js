// Every element a block may hold, by its type.

import { loadable } from "../text/safe.js";
import { renderText } from "../text/mrkdwn.js";
import { h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { button, feedbackButtons, iconButtonElement, overflow, workflowButton } from "./buttons.js";
import { checkboxes, radioButtons } from "./choices.js";
import { datepicker, datetimepicker, timepicker } from "./dates.js";
import { select } from "./selects.js";
import { emailInput, fileInput, numberInput, plainTextInput, richTextInput, urlInput } from "./texts.js";

const ELEMENTS = {
  button,
  checkboxes,
  channels_select: select("channels"),
  conversations_select: select("conversations"),
  datepicker,
  datetimepicker,
  email_text_input: emailInput,
  external_select: select("external"),
  feedback_buttons: feedbackButtons,
  file_input: fileInput,
  icon_button: iconButtonElement,
  image,
  mrkdwn: text,
  multi_channels_select: select("channels", true),
  multi_conversations_select: select("conversations", true),
  multi_external_select: select("external", true),
  multi_static_select: select("static", true),
  multi_users_select: select("users", true),
  number_input: numberInput,
  overflow,
  plain_text: text,
  plain_text_input: plainTextInput,
  radio_buttons: radioButtons,
  rich_text_input: richTextInput,
  static_select: select("static"),
  timepicker,
  url_text_input: urlInput,
  users_select: select("users"),
  workflow_button: workflowButton,
};

/** An element as a node. */
export function renderElement(element, ctx) {
  const render = ELEMENTS[element?.type];
  return render ? render(element, ctx) : unknown("element", element);
}

/** A visible warning instead of something this page does not know. */
export function unknown(what, thing) {
  return h(
    "div",
    { class: "unknown", role: "note" },
    icon("warning"),
    h("span", {}, `Unknown ${what}: ${thing?.type ?? "without a type"}`),
  );
}

/** A picture; when it can't be loaded its description is shown. */
export function image(element) {
  const source = loadable(element.image_url ?? element.slack_file?.url);
  const missing = h("span", { class: "no-image" }, icon("file", "icon-small"), element.alt_text || "picture");
  if (!source) return missing;
  const picture = h("img", { class: "picture", src: source, alt: element.alt_text ?? "", loading: "lazy" });
  picture.addEventListener("error", () => picture.replaceWith(missing));
  return picture;
}

function text(object) {
  return h("span", { class: "text" }, renderText(object));
}
