// The `markdown` block: the part of ordinary Markdown that Slack renders.

import { h } from "../ui/dom.js";
import { emoji, knowsEmoji, withEmoji } from "./emoji.js";
import { link } from "./mentions.js";

const FENCE = /^\s*```\s*([\w-]*)\s*$/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const RULE = /^\s*([-*_])(\s*\1){2,}\s*$/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const QUOTE = /^\s*>\s?/;
const TABLE_LINE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)+\|?\s*$/;

/** Markdown as nodes. */
export function markdown(text) {
  return blocks(
    String(text ?? "")
      .replace(/\r\n?/g, "\n")
      .split("\n"),
  );
}

function blocks(rows) {
  const out = [];
  let at = 0;
  while (at < rows.length) {
    const [node, next] = block(rows, at);
    if (node) out.push(node);
    at = next;
  }
  return out;
}

/** The block that starts at `at`, and where the next one starts. */
function block(rows, at) {
  const row = rows[at];
  if (!row.trim()) return [null, at + 1];
  if (FENCE.test(row)) return fence(rows, at);
  if (RULE.test(row)) return [h("hr", { class: "divider" }), at + 1];
  const heading = row.match(HEADING);
  if (heading)
    return [
      h(`h${Math.min(heading[1].length + 2, 6)}`, { class: `md-h${heading[1].length}` }, inline(heading[2])),
      at + 1,
    ];
  if (QUOTE.test(row)) {
    const end = until(rows, at, (line) => QUOTE.test(line));
    return [
      h("blockquote", { class: "quote" }, blocks(rows.slice(at, end).map((line) => line.replace(QUOTE, "")))),
      end,
    ];
  }
  if (ITEM.test(row)) {
    const end = until(rows, at, (line) => ITEM.test(line) || /^\s{2,}\S/.test(line));
    return [list(rows.slice(at, end)), end];
  }
  if (row.includes("|") && TABLE_LINE.test(rows[at + 1] ?? "")) return table(rows, at);
  const end = until(rows, at, (line, index) => line.trim() && (index === at || !startsBlock(line)));
  return [h("p", {}, joined(rows.slice(at, end))), end];
}

function until(rows, at, holds) {
  let end = at;
  while (end < rows.length && holds(rows[end], end)) end += 1;
  return end;
}

const startsBlock = (line) => [FENCE, HEADING, RULE, ITEM, QUOTE].some((pattern) => pattern.test(line));

function joined(rows) {
  return rows.flatMap((row, index) => (index ? [h("br"), ...inline(row.trim())] : inline(row.trim())));
}

function fence(rows, at) {
  const end = until(rows, at + 1, (line) => !FENCE.test(line));
  return [h("pre", { class: "pre" }, rows.slice(at + 1, end).join("\n")), end + 1];
}

function list(rows) {
  const depth = rows[0].match(ITEM)[1].length;
  const ordered = /\d/.test(rows[0].match(ITEM)[2]);
  const items = [];
  for (const row of rows) {
    const match = row.match(ITEM);
    if (match && match[1].length <= depth + 1) items.push({ text: match[3], under: [] });
    else items.at(-1).under.push(row);
  }
  return h(ordered ? "ol" : "ul", { class: "md-list" }, items.map(item));
}

function item({ text, under }) {
  const task = text.match(/^\[([ xX])\]\s+(.*)$/);
  const box = task ? h("input", { type: "checkbox", disabled: true, checked: task[1] !== " " }) : null;
  const trimmed = under.map((row) => row.replace(/^ {1,3}/, ""));
  return h(
    "li",
    {},
    box,
    box ? " " : null,
    inline(task ? task[2] : text),
    under.length ? blocks(trimmed) : null,
  );
}

const cells = (row) =>
  row
    .trim()
    .replace(/^\|/, "")
    .replace(/\|$/, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));

function table(rows, at) {
  const end = until(rows, at + 2, (line) => line.includes("|"));
  const align = cells(rows[at + 1]).map((cell) =>
    /^:-+:$/.test(cell) ? "center" : /-:$/.test(cell) ? "right" : "left",
  );
  const line = (row, tag) =>
    h(
      "tr",
      {},
      cells(row).map((cell, index) => h(tag, { class: `align-${align[index] ?? "left"}` }, inline(cell))),
    );
  const body = rows.slice(at + 2, end).map((row) => line(row, "td"));
  const grid = h("table", { class: "grid" }, h("thead", {}, line(rows[at], "th")), h("tbody", {}, body));
  return [
    h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Table" }, grid),
    end,
  ];
}

const RULES = [
  [/`([^`]+)`/, (m) => h("code", {}, m[1])],
  [/!\[([^\]]*)\]\(([^\s)]+)[^)]*\)/, (m) => link(m[2], m[1] || m[2])],
  [/\[([^\]]+)\]\(([^\s)]+)[^)]*\)/, (m) => link(m[2], inline(m[1]))],
  [/<(https?:[^\s>]+)>/, (m) => link(m[1], m[1])],
  [/\*\*(?=\S)(.+?\S?)\*\*|__(?=\S)(.+?\S?)__/, (m) => h("strong", {}, inline(m[1] ?? m[2]))],
  [/~~(.+?)~~/, (m) => h("s", {}, inline(m[1]))],
  [
    /(?<!\w)\*(?=\S)([^*]*[^\s*])\*(?!\w)|(?<!\w)_(?=\S)([^_]*[^\s_])_(?!\w)/,
    (m) => h("em", {}, inline(m[1] ?? m[2])),
  ],
  [/:([a-z0-9_+-]+):/, (m) => (knowsEmoji(m[1]) ? emoji(m[1]) : m[0])],
  [/\bhttps?:\/\/[^\s<>]+[^\s<>.,;:!?)]/, (m) => link(m[0], m[0])],
  [/\\([\\`*_{}[\]()#+.!|-])/, (m) => m[1]],
];

function inline(text) {
  const out = [];
  let rest = text;
  while (rest) {
    let first = null;
    for (const [pattern, render] of RULES) {
      const match = pattern.exec(rest);
      if (match && (!first || match.index < first.match.index)) first = { match, render };
    }
    if (!first) break;
    if (first.match.index) out.push(...withEmoji(rest.slice(0, first.match.index)));
    out.push(first.render(first.match));
    rest = rest.slice(first.match.index + first.match[0].length);
  }
  return rest ? [...out, ...withEmoji(rest)] : out;
}
