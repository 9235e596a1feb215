// Blocks that tell how far something is. A state is always an icon, a word and a colour.

import { link } from "../text/mentions.js";
import { renderText } from "../text/mrkdwn.js";
import { richText } from "../text/richtext.js";
import { h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";

const STATUS = {
  pending: ["waiting", "Pending", "calm"],
  in_progress: ["running", "In progress", "info"],
  complete: ["done", "Complete", "good"],
  error: ["failed", "Error", "bad"],
};

function status(name) {
  const [sign, word, tone] = STATUS[name] ?? ["info", name ?? "No status", "calm"];
  return {
    sign: h("span", { class: `status-sign tone-${tone}` }, icon(sign)),
    word: h("span", { class: `status-word tone-${tone}` }, word),
    tone,
  };
}

/** A titled list of tasks. */
export function plan(block, ctx) {
  const tasks = block.tasks ?? [];
  const done = tasks.filter((task) => task.status === "complete").length;
  return h(
    "section",
    { class: "block block-plan framed" },
    h(
      "div",
      { class: "plan-head" },
      h("span", { class: "strong" }, block.title ?? ""),
      h("span", { class: "muted small" }, `${done} of ${tasks.length}`),
    ),
    h(
      "ol",
      { class: "plan-tasks" },
      tasks.map((task) => h("li", {}, row(task, ctx))),
    ),
  );
}

/** One task by itself. */
export const taskCard = (block, ctx) => h("section", { class: "block block-task framed" }, row(block, ctx));

function row(task) {
  const { sign, word, tone } = status(task.status);
  return h(
    "div",
    { class: `task task-${tone}`, data: { status: task.status } },
    sign,
    h(
      "div",
      { class: "task-body" },
      h("div", { class: "task-title" }, h("span", {}, task.title ?? ""), word),
      task.details ? h("div", { class: "task-details" }, richText(task.details)) : null,
      task.output ? h("div", { class: "task-output" }, richText(task.output)) : null,
      task.sources?.length
        ? h(
            "div",
            { class: "task-sources" },
            task.sources.map((source) => link(source.url, source.text ?? source.url)),
          )
        : null,
    ),
  );
}

const LEVELS = {
  default: ["info", "Note", "calm"],
  info: ["info", "Information", "info"],
  warning: ["warning", "Warning", "warn"],
  error: ["failed", "Error", "bad"],
  success: ["done", "Done", "good"],
};

/** A notice inside a modal. */
export function alert(block) {
  const [sign, word, tone] = LEVELS[block.level ?? "default"] ?? LEVELS.default;
  return h(
    "div",
    { class: `block block-alert tone-${tone}`, role: "note" },
    icon(sign),
    h("div", {}, h("span", { class: "visually-hidden" }, `${word}: `), renderText(block.text)),
  );
}
