// Modals: a stack of at most three views in one dialog.

import { get, post } from "../api.js";
import { renderBlocks } from "../blocks/index.js";
import { viewSurface } from "../surface.js";
import { plain } from "../text/mrkdwn.js";
import { h, newId, put } from "../ui/dom.js";
import { openDialog } from "../ui/dialog.js";
import { icon, iconButton } from "../ui/icons.js";

const stack = []; // {view, surface, body}, the topmost last
let dialog = null;

const top = () => stack.at(-1);
const words = (object, otherwise) => object?.text || otherwise;

/** Puts a view on top. */
export function viewOpened(view) {
  if (stack.some((one) => one.view.id === view.id)) viewUpdated(view);
  else {
    if (top()) top().values = top().surface.values();
    stack.push({ view, values: {} });
    draw();
  }
}

/** Draws a view anew; what was typed stays where block_id and action_id are the same. */
export function viewUpdated(view) {
  const entry = stack.find((one) => one.view.id === view.id);
  if (!entry) return;
  const shown = entry === top();
  if (shown && entry.surface) entry.values = entry.surface.values();
  entry.view = view;
  if (shown) draw();
}

/** Takes a view off. */
export function viewClosed(viewId) {
  const at = stack.findIndex((one) => one.view.id === viewId);
  if (at < 0) return;
  const shown = at === stack.length - 1;
  stack.splice(at, 1);
  if (!stack.length) dialog?.close();
  else if (shown) draw();
}

/** Asks which views are open: after the page was loaded, and after a broken connection. */
export async function syncViews() {
  const { views } = await get("/_page/views");
  const living = new Set(views.map((view) => view.id));
  for (const { view } of [...stack]) if (!living.has(view.id)) viewClosed(view.id);
  views.forEach(viewOpened);
}

function draw() {
  const entry = top();
  const { view } = entry;
  const titleId = newId("modal");
  entry.surface = viewSurface(view, entry.values);
  entry.surface.inputs = new Map();
  const note = h("div", { class: "modal-note", role: "alert", hidden: true });
  const body = h("div", { class: "modal-body" }, renderBlocks(view.blocks, entry.surface), note);
  const form = h(
    "form",
    { class: "modal-form", novalidate: true },
    h(
      "header",
      { class: "modal-head" },
      h("h2", { id: titleId }, plain(words(view.title, "Form"))),
      iconButton("close", "Close", () => closeAll()),
    ),
    body,
    footer(view),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(entry, form, note);
  });
  show(form, titleId);
}

function footer(view) {
  const send = view.submit
    ? h("button", { type: "submit", class: "button primary" }, plain(view.submit.text))
    : null;
  const back = h(
    "button",
    { type: "button", class: "button", on: { click: closeTop } },
    plain(words(view.close, send ? "Cancel" : "Close")),
  );
  return h("footer", { class: "dialog-foot" }, back, send);
}

function show(form, titleId) {
  if (!dialog) {
    dialog = openDialog(form, { className: "modal", labelledBy: titleId, onCancel: closeTop });
    dialog.addEventListener("close", () => {
      dialog = null;
    });
    first(form)?.focus();
    return;
  }
  const key = document.activeElement?.closest?.("[data-key]")?.dataset.key;
  dialog.setAttribute("aria-labelledby", titleId);
  put(dialog, form);
  const again = key && form.querySelector(`[data-key="${CSS.escape(key)}"]`);
  (again || first(form))?.focus();
}

const first = (form) =>
  form.querySelector("[autofocus]") ??
  form.querySelector(".modal-body :is(input, textarea, button, [contenteditable])") ??
  form.querySelector("footer button");

async function submit(entry, form, note) {
  const problems = {};
  for (const [blockId, input] of entry.surface.inputs) {
    const problem = input.check();
    input.show(problem);
    if (problem) problems[blockId] = problem;
  }
  if (Object.keys(problems).length) return focusFirst(entry, problems);
  const button = form.querySelector("[type=submit]");
  button.setAttribute("aria-busy", "true");
  say(note, "");
  try {
    const answer = await post("/_page/submit", {
      view_id: entry.view.id,
      state: { values: entry.surface.values() },
    });
    if (answer.errors) showErrors(entry, answer.errors, note);
  } catch (error) {
    say(note, error.message);
  }
  return button.removeAttribute("aria-busy");
}

function showErrors(entry, errors, note) {
  const lost = [];
  for (const [blockId, text] of Object.entries(errors)) {
    const input = entry.surface.inputs.get(blockId);
    if (input) input.show(text);
    else lost.push(text);
  }
  say(note, lost.join(" "));
  focusFirst(entry, errors);
}

function focusFirst(entry, problems) {
  const blockId = [...entry.surface.inputs.keys()].find((id) => id in problems);
  entry.surface.inputs.get(blockId)?.focus();
}

function say(note, text) {
  note.hidden = !text;
  put(note, text ? [icon("warning"), h("span", {}, text)] : []);
}

async function closeTop() {
  const { view } = top();
  viewClosed(view.id);
  await post("/_page/close", { view_id: view.id }).catch(() => {});
}

async function closeAll() {
  const { view } = top();
  stack.length = 0;
  dialog?.close();
  await post("/_page/close", { view_id: view.id, is_cleared: true }).catch(() => {});
}
