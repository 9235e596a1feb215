// The `rich_text` block.

import { h } from "../ui/dom.js";
import { emoji } from "./emoji.js";
import { broadcastMention, channelMention, groupMention, link, moment, userMention } from "./mentions.js";

/** A rich_text block as nodes. */
export function richText(block) {
  return (block?.elements ?? []).map((element) => SECTIONS[element.type]?.(element) ?? unknown(element));
}

const SECTIONS = {
  rich_text_section: (element) => h("div", { class: "prose" }, parts(element)),
  rich_text_preformatted: (element) => h("pre", { class: "pre" }, parts(element, true)),
  rich_text_quote: (element) => h("blockquote", { class: "quote" }, parts(element)),
  rich_text_list: list,
};

function list(element) {
  const ordered = element.style === "ordered";
  const props = {
    class: `rich-list indent-${Math.min(element.indent ?? 0, 6)} ${ordered ? "" : "unordered"}`,
  };
  if (ordered && element.offset) props.start = element.offset + 1;
  const items = (element.elements ?? []).map((item) => h("li", {}, parts(item)));
  return h(ordered ? "ol" : "ul", props, items);
}

function parts(element, code = false) {
  return (element.elements ?? []).map((part) =>
    dressed(part, PARTS[part.type]?.(part, code) ?? unknown(part)),
  );
}

const PARTS = {
  text: (part) => broken(part.text ?? ""),
  link: (part, code) => (code ? part.text || part.url : link(part.url, part.text || part.url)),
  user: (part) => userMention(part.user_id),
  channel: (part) => channelMention(part.channel_id),
  usergroup: (part) => groupMention(part.usergroup_id),
  broadcast: (part) => broadcastMention(part.range),
  team: (part) => h("span", { class: "mention" }, part.team_id),
  emoji: (part) => emoji(part.name),
  date: (part) => moment(part.timestamp, part.format ?? "{date}", part.fallback ?? "", part.url),
  color: (part) => swatch(part.value),
};

const broken = (text) => text.split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line]));

function swatch(value) {
  const chip = h("span", { class: "swatch", "aria-hidden": "true" });
  if (/^#[0-9a-f]{3,8}$/i.test(value ?? "")) chip.style.backgroundColor = value;
  return h("span", {}, chip, value);
}

const STYLES = { bold: "strong", italic: "em", strike: "s", underline: "u", code: "code" };

/** Puts the styles of a part around it. */
function dressed(part, content) {
  const style = part.style ?? {};
  let node = content;
  for (const [name, tag] of Object.entries(STYLES).reverse()) if (style[name]) node = h(tag, {}, node);
  if (style.highlight || style.client_highlight) node = h("mark", {}, node);
  return node;
}

function unknown(part) {
  return h(
    "span",
    { class: "unknown-inline", role: "note" },
    `Unknown rich text: ${part?.type ?? "nothing"}`,
  );
}
