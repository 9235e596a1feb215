// People, channels, groups and links as they stand inside a text.

import { nameOf, personOf, state } from "../state.js";
import { h } from "../ui/dom.js";
import { followable } from "./safe.js";
import { dateOf, fillDate, full } from "./time.js";

/** @Name of a person; one's own name stands out. */
export function userMention(id, label) {
  const known = state.people.get(id);
  const name = known ? nameOf(known) : label || nameOf(personOf(id));
  const mine = id === state.me.id ? " mention-me" : "";
  return h(
    "span",
    { class: `mention${mine}`, title: known ? id : `${id} is not in the directory` },
    h("bdi", {}, `@${name}`),
  );
}

/** #channel. */
export function channelMention(id, label) {
  const channel = state.channels.get(id);
  return h("span", { class: "mention", title: id }, `#${channel?.name ?? (label || id)}`);
}

/** @group of people. */
export function groupMention(id, label) {
  const group = state.groups.get(id);
  const name = (group?.handle ?? group?.name ?? label ?? id).replace(/^@/, "");
  return h("span", { class: "mention", title: group?.name ?? id }, `@${name}`);
}

/** @here, @channel, @everyone. */
export function broadcastMention(range) {
  return h("span", { class: "mention mention-all" }, `@${range}`);
}

/** A link that opens beside the page; an address no browser may follow is shown as text. */
export function link(url, ...label) {
  const address = followable(url);
  if (!address) return h("span", { class: "dead-link", title: url }, label);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer", title: url }, label);
}

/** A moment in the reader's zone, or the fallback when the template is not understood. */
export function moment(seconds, template, fallback, url) {
  const text = fillDate(seconds, template);
  if (text === null) return fallback;
  const date = dateOf(seconds);
  const node = h("time", { datetime: date.toISOString(), title: full(date) }, text);
  return url ? link(url, node) : node;
}
