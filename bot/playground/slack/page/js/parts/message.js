// One message: who, when, what, and what can be done with it.

import { renderBlocks } from "../blocks/index.js";
import { post } from "../api.js";
import { nameOf, personOf, repliesOf, state, tell } from "../state.js";
import { messageSurface } from "../surface.js";
import { emoji } from "../text/emoji.js";
import { link } from "../text/mentions.js";
import { mrkdwn } from "../text/mrkdwn.js";
import { loadable } from "../text/safe.js";
import { ago, clock, dateOf, full } from "../text/time.js";
import { h } from "../ui/dom.js";
import { icon, iconButton } from "../ui/icons.js";
import { openMenu } from "../ui/menu.js";
import { failed } from "../ui/toast.js";
import { avatar, isApp, roleBadge } from "./avatar.js";

/** The author of a message as an entry of the directory. */
export function authorOf(message) {
  const person = personOf(message.user);
  if (message.user === "USLACKBOT")
    return { ...person, name: "Slackbot", real_name: "Slackbot", is_bot: true };
  return person.unknown && message.bot
    ? { id: message.bot.id, name: message.bot.name, is_bot: true }
    : person;
}

/** What a message says, in plain words, for the live region. */
export function sayingOf(node) {
  return node.querySelector(".message-content")?.innerText.replace(/\s+/g, " ").slice(0, 300) ?? "";
}

/** A message as a list item; `compact` leaves out the author, `place` is channel or thread. */
export function renderMessage(message, { channel, compact = false, place = "channel", kept = {} }) {
  const surface = messageSurface(message, channel, kept);
  const classes = [
    "message",
    compact && "compact",
    message.ephemeral && "ephemeral",
    message.pinned && "pinned",
  ].filter(Boolean);
  const item = h(
    "li",
    { class: classes.join(" "), data: { ts: message.ts } },
    message.ephemeral ? onlyYou() : null,
    message.reply_broadcast && place === "channel" ? repliedTo(message) : null,
    h("div", { class: "message-side" }, compact ? shortTime(message) : avatar(authorOf(message))),
    h(
      "div",
      { class: "message-main" },
      compact ? null : headline(message),
      content(message, surface),
      below(message, channel, place),
    ),
    toolbar(message, channel, place),
  );
  item.surface = surface;
  return item;
}

function headline(message) {
  const author = authorOf(message);
  const name = isApp(author) ? (message.bot?.name ?? nameOf(author)) : nameOf(author);
  return h(
    "div",
    { class: "message-head" },
    h("bdi", { class: "author" }, name),
    roleBadge(author),
    h(
      "time",
      { class: "when", datetime: dateOf(message.ts).toISOString(), title: full(dateOf(message.ts)) },
      clock(dateOf(message.ts)),
    ),
  );
}

const shortTime = (message) =>
  h("time", { class: "when when-side" }, clock(dateOf(message.ts)).replace(/ [AP]M$/, ""));

const onlyYou = () => h("div", { class: "message-note" }, icon("eye", "icon-small"), "Only visible to you");

function repliedTo(message) {
  const open = () => tell("open-thread", message.thread_ts);
  return h(
    "div",
    { class: "message-note" },
    icon("reply", "icon-small"),
    h("button", { type: "button", class: "link-button", on: { click: open } }, "replied to a thread"),
  );
}

function content(message, surface) {
  const edited = message.edited
    ? h("span", { class: "edited", title: full(dateOf(message.edited)) }, "(edited)")
    : null;
  const blocks = message.blocks?.length ? renderBlocks(message.blocks, surface) : null;
  const text = blocks
    ? null
    : h("div", { class: "text-body" }, mrkdwn(message.text), edited ? " " : null, edited);
  return h(
    "div",
    { class: "message-content" },
    blocks,
    text,
    blocks && edited ? h("div", { class: "edited-line" }, edited) : null,
    (message.attachments ?? []).map((one) => attachment(one, surface)),
    (message.files ?? []).map(fileCard),
  );
}

function attachment(one, surface) {
  const title = one.title
    ? h(
        "div",
        { class: "strong" },
        one.title_link || one.from_url ? link(one.title_link ?? one.from_url, one.title) : one.title,
      )
    : null;
  const inside = one.blocks?.length
    ? renderBlocks(one.blocks, surface)
    : h("div", {}, mrkdwn(one.text || one.fallback || ""));
  const node = h(
    "div",
    { class: "attachment" },
    one.service_name ? h("div", { class: "muted small" }, one.service_name) : null,
    title,
    inside,
  );
  if (/^#?[0-9a-f]{6}$/i.test(one.color ?? "")) node.style.borderLeftColor = `#${one.color.replace("#", "")}`;
  return node;
}

function sizeOf(bytes) {
  if (!(bytes >= 1024)) return `${bytes ?? 0} B`;
  return bytes < 1_048_576 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`;
}

function fileCard(file) {
  const picture = file.mimetype?.startsWith("image/") && loadable(file.page_url);
  const name = link(file.page_url, file.title || file.name);
  return h(
    "div",
    { class: "file-card framed" },
    icon("file"),
    h(
      "div",
      {},
      h("div", { class: "strong" }, name),
      h("div", { class: "muted small" }, `${file.mimetype || "file"} · ${sizeOf(file.size)}`),
    ),
    picture ? h("img", { class: "file-picture", src: picture, alt: file.title || file.name }) : null,
  );
}

function below(message, channel, place) {
  const reactions = (message.reactions ?? []).map((one) =>
    h(
      "span",
      { class: "reaction", title: one.users?.map((id) => nameOf(personOf(id))).join(", ") },
      emoji(one.name),
      h("span", {}, String(one.count)),
    ),
  );
  const threaded =
    place === "channel" && message.reply_count > 0 && message.thread_ts !== undefined && !isReply(message);
  return [
    reactions.length ? h("div", { class: "reactions" }, reactions) : null,
    threaded ? threadLink(message, channel) : null,
  ];
}

const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts;

function threadLink(message, channel) {
  const replies = repliesOf(channel, message.ts);
  const count = Math.max(message.reply_count, replies.length);
  const authors = [...new Set(replies.map((reply) => reply.user))]
    .slice(0, 4)
    .map((id) => avatar(personOf(id), "tiny"));
  const last = replies.at(-1);
  return h(
    "button",
    { type: "button", class: "thread-link", on: { click: () => tell("open-thread", message.ts) } },
    h("span", { class: "faces" }, authors),
    h("span", { class: "thread-count" }, `${count} ${count === 1 ? "reply" : "replies"}`),
    last ? h("span", { class: "muted" }, `Last reply ${ago(dateOf(last.ts))}`) : null,
  );
}

function toolbar(message, channel, place) {
  if (message.ephemeral) return null;
  const shortcuts = state.shortcuts.filter((one) => one.type === "message");
  const reply = () => tell("open-thread", message.thread_ts ?? message.ts);
  const run = (shortcut) =>
    post("/_page/shortcut", { callback_id: shortcut.callback_id, channel, message_ts: message.ts }).catch(
      failed,
    );
  const more = iconButton(
    "more",
    "More actions",
    () =>
      openMenu(
        more,
        [
          { content: "Copy text", onPick: () => navigator.clipboard?.writeText(message.text).catch(failed) },
          ...(shortcuts.length ? [{ heading: "Message shortcuts" }] : []),
          ...shortcuts.map((one) => ({ content: one.name, hint: one.description, onPick: () => run(one) })),
        ],
        { label: "Message actions" },
      ),
    { "aria-haspopup": "menu", "aria-expanded": "false" },
  );
  return h(
    "div",
    { class: "message-tools", role: "group", "aria-label": "Message" },
    place === "channel" ? iconButton("reply", "Reply in thread", reply) : null,
    more,
  );
}
