// The panel of the one who moves the scenery: makes things go wrong on demand.

import { post } from "../api.js";
import { state } from "../state.js";
import { clock } from "../text/time.js";
import { h, newId } from "../ui/dom.js";
import { icon, iconButton } from "../ui/icons.js";

const KEY = "slipway-director";

/** Fills the panel. */
export function drawDirector(onClose) {
  const panel = document.getElementById("director");
  const log = h("ol", {
    class: "director-log",
    role: "log",
    "aria-live": "polite",
    "aria-label": "What the director did",
  });
  panel.replaceChildren(
    h(
      "header",
      { class: "panel-head" },
      h("h2", {}, "Director"),
      iconButton("close", "Close the director", onClose),
    ),
    h(
      "div",
      { class: "panel-body" },
      h("p", { class: "muted small" }, "Make the outside world misbehave, and watch what the bot does."),
      h(
        "div",
        { class: "acts" },
        state.acts.map((act) => card(act, log)),
      ),
      h("h3", { class: "rooms-title" }, "What happened"),
      log,
    ),
  );
}

/** Whether the panel was open the last time. */
export const directorWasOpen = () => sessionStorage.getItem(KEY) === "open";

/** Remembers it. */
export const rememberDirector = (open) => sessionStorage.setItem(KEY, open ? "open" : "closed");

function card(act, log) {
  const controls = (act.fields ?? []).map((field) => [field.name, control(field)]);
  const rows = controls.map(([, { label, input }]) => h("div", { class: "act-field" }, label, input));
  const form = h(
    "form",
    { class: "act", data: { act: act.name } },
    h(
      "div",
      { class: "act-text" },
      h("div", { class: "strong" }, act.label),
      act.hint ? h("div", { class: "muted small" }, act.hint) : null,
    ),
    rows.length ? h("div", { class: "act-fields" }, rows) : null,
    h(
      "button",
      { type: "submit", class: "button button-small", "aria-label": `Do it: ${act.label}` },
      "Do it",
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const args = Object.fromEntries(controls.map(([name, { input }]) => [name, input.value]));
    perform(act, args, form.querySelector("button"), log);
  });
  return form;
}

function control(field) {
  const id = newId("act");
  const label = h("label", { for: id, class: "small" }, field.label);
  if (!field.options)
    return {
      label,
      input: h("input", { id, class: "field field-small", type: "text", value: field.default ?? "" }),
    };
  const options = field.options.map((one) => h("option", { value: one }, one));
  const input = h("select", { id, class: "field field-small" }, options);
  if (field.default) input.value = field.default;
  return { label, input };
}

async function perform(act, args, button, log) {
  button.setAttribute("aria-busy", "true");
  let [tone, text] = ["good", ""];
  try {
    text = (await post("/_page/director", { name: act.name, args })).text;
  } catch (error) {
    [tone, text] = ["bad", error.answer?.text ?? error.message];
  }
  button.removeAttribute("aria-busy");
  const [sign, word] = tone === "good" ? ["done", "Done"] : ["failed", "Not done"];
  const entry = h(
    "li",
    { class: "log-entry" },
    h(
      "span",
      { class: `tone-${tone}`, title: word },
      icon(sign),
      h("span", { class: "visually-hidden" }, `${word}: `),
    ),
    h("span", {}, text || act.label),
    h("time", { class: "muted small" }, clock(new Date())),
  );
  log.prepend(entry);
}
