// The middle: head, tabs of the app, messages or the home tab, composer.

import { messagesOf, nameOf, state, tell } from "../state.js";
import { h, put, redraw } from "../ui/dom.js";
import { icon, iconButton } from "../ui/icons.js";
import { plain } from "../text/mrkdwn.js";
import { avatar, roleBadge } from "./avatar.js";
import { Composer } from "./composer.js";
import { homeBody } from "./home.js";
import { MessageList } from "./list.js";
import { otherOf, titleOf } from "./sidebar.js";

let list;
let composer;
let head;
let middle;

/** Builds the column once. */
export function buildConversation() {
  list = new MessageList("channel", "Messages");
  composer = new Composer(() => ({ channel: state.channel }), "Message");
  head = h("header", { class: "head" });
  middle = h("div", { class: "middle", id: "conversation", tabindex: "-1" });
  put(document.getElementById("main"), head, middle);
}

const current = () => state.channels.get(state.channel);
const onHome = () => current()?.kind === "app" && state.tab === "home";

/** Draws everything for another channel or tab. */
export function drawConversation() {
  const channel = current();
  drawHead(channel);
  list.clear();
  if (!channel) put(middle, nothingOpen());
  else if (onHome()) put(middle, homeBody());
  else {
    put(middle, list.node, composer.node);
    composer.moveTo(channel.id);
    composer.allow(placeholder(channel), whyClosed(channel));
    drawMessages();
    composer.input.focus({ preventScroll: true });
  }
  document.title = `${channel ? titleOf(channel) : "Nothing open"} · ${state.team.name ?? "Slipway"} playground`;
}

/** Draws the home tab again when it is what one sees. */
export function drawHome() {
  if (onHome()) redraw(middle, homeBody());
}

/** Draws what is new in the open channel; answers the new nodes. */
export function drawMessages() {
  if (!current() || onHome()) return [];
  const inChannel = (message) =>
    !message.thread_ts || message.thread_ts === message.ts || message.reply_broadcast;
  const messages = messagesOf(state.channel).filter(inChannel);
  list.node.classList.toggle("empty", !messages.length);
  return list.show(messages, state.channel);
}

/** What keeps this person from writing here, or null. */
export function whyClosed(channel) {
  if (state.me.deleted) return "This account is deactivated: it can read nothing new and write nothing.";
  if (channel.is_archived) return "This channel is archived.";
  if (channel.kind === "app" && state.app?.read_only) return "Sending messages to this app is turned off.";
  return null;
}

function placeholder(channel) {
  return channel.kind === "channel" ? `Message #${channel.name}` : `Message ${titleOf(channel)}`;
}

function drawHead(channel) {
  const menu = iconButton("menu", "Show channels", () => tell("toggle-sidebar"), {
    class: "icon-button only-narrow",
  });
  const director = iconButton("director", "Director", () => tell("toggle-director"), {
    class: "icon-button director-button",
    "data-key": "director",
  });
  put(
    head,
    h(
      "div",
      { class: "head-row" },
      menu,
      channel ? headTitle(channel) : null,
      h("div", { class: "head-tools" }, director),
    ),
    channel?.kind === "app" ? tabs() : null,
  );
}

function headTitle(channel) {
  const sign = {
    channel: () => icon(channel.is_private ? "lock" : "hash"),
    dm: () => avatar(otherOf(channel), "small"),
    app: () => avatar({ id: state.app.bot_user_id }, "small"),
  };
  const badge =
    channel.kind === "dm"
      ? roleBadge(otherOf(channel))
      : channel.kind === "app"
        ? h("span", { class: "badge badge-app" }, "APP")
        : null;
  const people = channel.kind === "channel" ? members(channel) : null;
  const shared = channel.is_shared ? h("span", { class: "badge badge-stranger" }, "Shared") : null;
  return h(
    "div",
    { class: "head-title" },
    h(
      "h1",
      {},
      h("span", { class: "head-sign" }, sign[channel.kind]()),
      h("bdi", {}, titleOf(channel)),
      badge,
      shared,
    ),
    channel.topic ? h("span", { class: "head-topic", title: channel.topic }, plain(channel.topic)) : null,
    people,
  );
}

function members(channel) {
  const names = channel.members.map((id) => nameOf(state.people.get(id) ?? { id })).join(", ");
  return h(
    "span",
    { class: "members", title: names, "aria-label": `${channel.members.length} members` },
    icon("people", "icon-small"),
    String(channel.members.length),
  );
}

function tabs() {
  const tab = (name, label, shown) =>
    shown &&
    h(
      "button",
      {
        type: "button",
        role: "tab",
        class: "tab",
        "aria-selected": String(state.tab === name),
        "data-key": `tab-${name}`,
        on: { click: () => tell("open-tab", name) },
      },
      label,
    );
  return h(
    "div",
    { class: "tabs", role: "tablist", "aria-label": "App" },
    tab("home", "Home", state.app.home_tab),
    tab("messages", "Messages", state.app.messages_tab),
  );
}

const nothingOpen = () =>
  h(
    "div",
    { class: "nothing" },
    h("p", {}, "This person is in no conversation. Switch to somebody else at the lower left."),
  );
