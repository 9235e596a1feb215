// The left side: the workspace, its channels, direct messages, the app, and who one is.

import { fullNameOf, nameOf, personOf, state, tell } from "../state.js";
import { h, redraw } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { openMenu } from "../ui/menu.js";
import { avatar, roleBadge, roleOf } from "./avatar.js";
import { themeButton } from "./theme.js";

const sidebar = () => document.getElementById("sidebar");

/** Draws the side bar. */
export function drawSidebar() {
  const all = [...state.channels.values()].filter((channel) => !channel.is_archived);
  const of = (kind) =>
    all.filter((channel) => channel.kind === kind).sort((a, b) => a.name.localeCompare(b.name));
  redraw(
    sidebar(),
    h(
      "div",
      { class: "team" },
      h("span", { class: "team-mark", "aria-hidden": "true" }, (state.team.name ?? "?")[0]),
      h("span", { class: "team-name" }, state.team.name),
      themeButton(),
    ),
    h(
      "div",
      { class: "rooms", data: { scroll: "" } },
      group("Channels", of("channel"), channelSign),
      group("Direct messages", of("dm"), dmSign),
      group("Apps", of("app"), appSign),
    ),
    personSwitch(),
  );
}

function group(title, channels, sign) {
  if (!channels.length) return null;
  const id = `rooms-${title.replace(/\W/g, "")}`;
  return h(
    "section",
    {},
    h("h2", { class: "rooms-title", id }, title),
    h(
      "ul",
      { role: "list", "aria-labelledby": id },
      channels.map((channel) => room(channel, sign(channel))),
    ),
  );
}

const channelSign = (channel) => icon(channel.is_private ? "lock" : "hash");
const appSign = () => avatar({ id: state.app?.bot_user_id, name: "app" }, "small");

/** The other person of a direct message. */
export function otherOf(channel) {
  return personOf(channel.members.find((id) => id !== state.me.id) ?? state.me.id);
}

const dmSign = (channel) => avatar(otherOf(channel), "small");

/** What a conversation is called. */
export function titleOf(channel) {
  if (channel.kind === "app") return state.app?.name ?? channel.name;
  return channel.kind === "dm" && channel.members.length < 3 ? nameOf(otherOf(channel)) : channel.name;
}

function room(channel, sign) {
  const here = channel.id === state.channel;
  const unread = channel.unread > 0 && !here;
  const count = unread
    ? h(
        "span",
        { class: "unread", "aria-label": `${channel.unread} unread` },
        String(Math.min(channel.unread, 99)),
      )
    : null;
  const shared = channel.is_shared
    ? h("span", { class: "shared", title: "Shared with another organisation" }, icon("people", "icon-small"))
    : null;
  const props = {
    type: "button",
    class: `room ${here ? "here" : ""} ${unread ? "has-unread" : ""}`,
    "aria-current": here ? "page" : null,
    "data-key": `room-${channel.id}`,
  };
  return h(
    "li",
    {},
    h(
      "button",
      { ...props, on: { click: () => tell("open-channel", channel.id) } },
      h("span", { class: "room-sign" }, sign),
      h("bdi", { class: "room-name" }, titleOf(channel)),
      shared,
      count,
    ),
  );
}

function personSwitch() {
  const button = h(
    "button",
    {
      type: "button",
      class: "me",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "data-key": "me",
      on: { click: () => openPeople(button) },
    },
    avatar(state.me, "small"),
    h(
      "span",
      { class: "me-text" },
      h("bdi", { class: "me-name" }, fullNameOf(state.me)),
      h("span", { class: "me-role" }, `${state.me.title || roleOf(state.me)}`),
    ),
    h("span", { class: "me-switch" }, "Switch"),
  );
  return h("div", { class: "me-box" }, button);
}

function openPeople(button) {
  const people = [...state.people.values()].filter((person) => person.selectable || person.deleted);
  const items = people.map((person) => ({
    disabled: !person.selectable,
    content: h(
      "span",
      { class: "menu-person" },
      avatar(person, "small"),
      h("bdi", {}, fullNameOf(person)),
      roleBadge(person, true),
    ),
    hint: person.deleted
      ? "Has left: nobody can sit down here"
      : [person.title, person.tz].filter(Boolean).join(" · "),
    current: person.id === state.me.id,
    onPick: () => tell("become", person.id),
  }));
  openMenu(button, [{ heading: "See the workspace as" }, ...items], { label: "People", align: "start" });
}
