// Slack's "mrkdwn" as nodes: blocks of lines first, then what stands inside a line.

import { h } from "../ui/dom.js";
import { emoji, knowsEmoji, withEmoji } from "./emoji.js";
import { broadcastMention, channelMention, groupMention, link, moment, userMention } from "./mentions.js";

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

/** Undoes Slack's three escapes. */
export const unescape = (text) => text.replace(/&(lt|gt|amp);/g, (found) => ENTITIES[found]);

/** A text object ({type, text}) as nodes; the one entrance for everything a block says. */
export function renderText(object) {
  if (!object) return [];
  if (typeof object === "string") return plain(object);
  return object.type === "mrkdwn" ? mrkdwn(object.text, { verbatim: object.verbatim }) : plain(object.text);
}

/** Plain text: only emoji names are understood. */
export function plain(text) {
  return lines(String(text ?? ""), (line) => pieces(line, [EMOJI]));
}

/** Rendered mrkdwn. */
export function mrkdwn(text, { verbatim = false } = {}) {
  const parts = String(text ?? "").split(/```\n?([\s\S]*?)\n?```\n?/);
  return parts.flatMap((part, index) => {
    if (index % 2) return [h("pre", { class: "pre" }, unescapeTokens(part))];
    return part ? paragraphs(part, verbatim) : [];
  });
}

/** Inside code nothing is formatted, but links and mentions lose their brackets. */
function unescapeTokens(text) {
  return unescape(
    text.replace(/<(https?:[^|>]+|mailto:[^|>]+)(?:\|([^>]*))?>/g, (_, url, label) => label ?? url),
  );
}

const QUOTE = /^(?:&gt;|>) ?/;
const BULLET = /^(\s*)([•◦▪*-]|\d{1,3}[.)])\s+(?=\S)/;

function paragraphs(text, verbatim) {
  const rows = text.split("\n");
  const out = [];
  let at = 0;
  const take = (test) => {
    const from = at;
    while (at < rows.length && test(rows[at])) at += 1;
    return rows.slice(from, at);
  };
  while (at < rows.length) {
    if (/^(?:&gt;|>){3}/.test(rows[at])) {
      const rest = rows
        .slice(at)
        .join("\n")
        .replace(/^(?:&gt;|>){3} ?/, "");
      return [...out, h("blockquote", { class: "quote" }, paragraphs(rest, verbatim))];
    }
    const quoted = take((row) => QUOTE.test(row));
    if (quoted.length) {
      const inside = quoted.map((row) => row.replace(QUOTE, "")).join("\n");
      out.push(
        h(
          "blockquote",
          { class: "quote" },
          lines(inside, (line) => inline(line, verbatim)),
        ),
      );
      continue;
    }
    const items = take((row) => BULLET.test(row));
    if (items.length) {
      out.push(
        h(
          "ul",
          { class: "bullets" },
          items.map((row) => bullet(row, verbatim)),
        ),
      );
      continue;
    }
    const prose = take((row) => !QUOTE.test(row) && !BULLET.test(row));
    if (at === rows.length && prose.at(-1) === "") prose.pop();
    if (prose.length)
      out.push(
        h(
          "div",
          { class: "prose" },
          lines(prose.join("\n"), (line) => inline(line, verbatim)),
        ),
      );
  }
  return out;
}

function bullet(row, verbatim) {
  const [whole, indent, mark] = row.match(BULLET);
  const sign = /\d/.test(mark) ? mark : indent.length > 1 ? "◦" : "•";
  return h(
    "li",
    { class: indent.length > 1 ? "bullet deep" : "bullet" },
    h("span", { class: "bullet-mark", "aria-hidden": "true" }, sign),
    h("span", {}, inline(row.slice(whole.length), verbatim)),
  );
}

function lines(text, render) {
  return text.split("\n").flatMap((line, index) => (index ? [h("br"), ...render(line)] : render(line)));
}

// What may stand inside a line. Each rule: a pattern and what its match becomes. The first match in the text wins.

const CODE = [/`([^`\n]+)`/, (match) => h("code", {}, unescapeTokens(match[1]))];
const TOKEN = [/<([^<>\n]+)>/, (match) => token(match[1])];
const EMOJI = [
  /:([a-z0-9_+'-]+)(?:::skin-tone-\d)?:/,
  (match) => (knowsEmoji(match[1]) ? emoji(match[1]) : match[0]),
];
const BARE = [
  /\bhttps?:\/\/[^\s<>|]+[^\s<>|.,;:!?)\]'"]/,
  (match) => link(unescape(match[0]), unescape(match[0])),
];

const styled = (mark, tag) => [
  new RegExp(`(?<![\\w${mark}])${mark}(?=\\S)([^\\n]*?[^\\s${mark}])${mark}(?![\\w${mark}])`),
  (match) => h(tag, {}, inline(match[1], false)),
];
const STYLES = [styled("\\*", "strong"), styled("_", "em"), styled("~", "s")];

const RULES = [CODE, TOKEN, EMOJI, ...STYLES];

function inline(text, verbatim) {
  return pieces(text, verbatim ? RULES : [...RULES, BARE]);
}

function pieces(text, rules) {
  const out = [];
  let rest = text;
  while (rest) {
    let first = null;
    for (const [pattern, render] of rules) {
      const match = pattern.exec(rest);
      if (match && (!first || match.index < first.match.index)) first = { match, render };
    }
    if (!first) break;
    const { match, render } = first;
    if (match.index) out.push(...withEmoji(unescape(rest.slice(0, match.index))));
    out.push(render(match));
    rest = rest.slice(match.index + match[0].length);
  }
  return rest ? [...out, ...withEmoji(unescape(rest))] : out;
}

/** What stands between < and >. */
function token(content) {
  const bar = content.indexOf("|");
  const head = bar < 0 ? content : content.slice(0, bar);
  const label = bar < 0 ? "" : unescape(content.slice(bar + 1));
  if (head.startsWith("@")) return userMention(head.slice(1), label);
  if (head.startsWith("#")) return channelMention(head.slice(1), label);
  if (head.startsWith("!subteam^")) return groupMention(head.slice(9), label);
  if (head.startsWith("!date^")) return dateToken(head.slice(6), label);
  if (/^!(here|channel|everyone)$/.test(head)) return broadcastMention(head.slice(1));
  if (/^(https?:|mailto:)/.test(head)) return link(unescape(head), label ? withEmoji(label) : unescape(head));
  return `<${unescape(content)}>`;
}

function dateToken(rest, fallback) {
  const [seconds, template = "", url] = rest.split("^");
  return moment(seconds, template, fallback, url);
}
