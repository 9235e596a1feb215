// Keeps what the page knows in step with the server: first loads, then one event at a time.

import { get } from "./api.js";
import { state, tell } from "./state.js";
import { fetchHome } from "./surface.js";
import { viewClosed, viewOpened, viewUpdated } from "./parts/modal.js";

const byId = (list) => new Map((list ?? []).map((one) => [one.id, one]));

/** Loads the workspace as `person` sees it; nobody, or somebody unknown, becomes the first person. */
export async function loadWorkspace(person) {
  let answer = await get("/_page/bootstrap");
  const other = answer.people.some((one) => one.id === person && one.selectable) && person !== answer.me.id;
  if (other) answer = await get("/_page/bootstrap", { person });
  Object.assign(state, {
    team: answer.team,
    me: answer.me,
    app: answer.app,
    people: byId(answer.people),
    channels: byId(answer.channels),
    groups: byId(answer.usergroups),
    commands: answer.commands ?? [],
    shortcuts: answer.shortcuts ?? [],
    acts: answer.director ?? [],
  });
}

/** Loads the messages of a channel, which also marks it as read. */
export async function loadMessages(channel) {
  const { messages } = await get("/_page/messages", { channel });
  state.messages.set(channel, new Map(messages.map((one) => [one.ts, one])));
  const entry = state.channels.get(channel);
  if (entry) entry.unread = 0;
}

const isHere = (channel) => channel === state.channel && !document.hidden;

function remember({ channel, message }, isNew) {
  const known = state.messages.get(channel);
  known?.set(message.ts, message);
  const entry = state.channels.get(channel);
  if (isNew && entry && !isHere(channel) && message.user !== state.me.id) entry.unread += 1;
  if (isNew) countReply(known, message);
  tell("messages", { channel, fresh: isNew ? message : null });
}

/** The count under the first message of a thread, until the server sends it anew. */
function countReply(known, message) {
  const root = message.thread_ts && message.thread_ts !== message.ts ? known?.get(message.thread_ts) : null;
  if (!root || message.ephemeral) return;
  const replies = [...known.values()].filter(
    (one) => one.thread_ts === root.ts && one.ts !== root.ts && !one.ephemeral,
  );
  known.set(root.ts, {
    ...root,
    thread_ts: root.ts,
    reply_count: Math.max(root.reply_count, replies.length),
  });
}

function forget({ channel, ts }) {
  state.messages.get(channel)?.delete(ts);
  tell("messages", { channel, fresh: null });
}

function react({ channel, ts, user, reaction }) {
  const known = state.messages.get(channel);
  const message = known?.get(ts);
  if (!message || (message.reactions ?? []).some((one) => one.name === reaction && one.users.includes(user)))
    return;
  const others = message.reactions.filter((one) => one.name !== reaction);
  const users = [...(message.reactions.find((one) => one.name === reaction)?.users ?? []), user];
  known.set(ts, { ...message, reactions: [...others, { name: reaction, users, count: users.length }] });
  tell("messages", { channel, fresh: null });
}

const HANDLERS = {
  message: (event) => remember(event, true),
  message_changed: (event) => remember(event, false),
  message_deleted: forget,
  ephemeral: (event) => remember(event, true),
  view_opened: (event) => viewOpened(event.view),
  view_updated: (event) => viewUpdated(event.view),
  view_closed: (event) => viewClosed(event.view_id),
  home: (event) => {
    state.home = event.view;
    tell("home");
  },
  reaction: react,
  presence: () => {},
  channel: (event) => {
    const known = state.channels.get(event.page_channel.id);
    state.channels.set(event.page_channel.id, { ...known, ...event.page_channel });
    tell("channels", event.page_channel.id);
  },
};

/** Takes in one event of the stream. */
export function take(event) {
  const handler = HANDLERS[event.type];
  if (handler) handler(event);
  else console.error(`unknown event ${event.type}`);
}

/** Loads again what may have been missed while the connection was broken. */
export async function catchUp() {
  if (state.channel) await loadMessages(state.channel);
  for (const channel of state.messages.keys()) if (channel !== state.channel) state.messages.delete(channel);
  if (state.home) await fetchHome();
}
