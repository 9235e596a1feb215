// What the page knows, in one place. Views read it; only `main.js` and `sync.js` change it.

/** The workspace as the person in `me` sees it. */
export const state = {
  team: {},
  me: {},
  app: null,
  people: new Map(),
  channels: new Map(),
  groups: new Map(),
  commands: [],
  shortcuts: [],
  acts: [],
  messages: new Map(), // channel id -> Map(ts -> message)
  channel: null,
  thread: null,
  tab: "messages",
  home: null,
};

const bus = new EventTarget();

/** Calls `listener` each time something of that name happens. */
export function on(name, listener) {
  bus.addEventListener(name, (event) => listener(event.detail));
}

/** Tells everybody who listens. */
export function tell(name, detail) {
  bus.dispatchEvent(new CustomEvent(name, { detail }));
}

/** The messages of a channel in the order they were written. */
export function messagesOf(channel) {
  return [...(state.messages.get(channel)?.values() ?? [])].sort((a, b) => Number(a.ts) - Number(b.ts));
}

/** The replies of one thread, without its first message. */
export function repliesOf(channel, threadTs) {
  return messagesOf(channel).filter((message) => message.thread_ts === threadTs && message.ts !== threadTs);
}

/** The person, or a stand-in entry for an id that is not in the directory. */
export function personOf(id) {
  return state.people.get(id) ?? { id, name: id, real_name: id, unknown: true };
}

/** How a person is called. */
export function nameOf(person) {
  return person.display_name || person.real_name || person.name || person.id;
}

/** The whole name, where there is room for it. */
export function fullNameOf(person) {
  return person.real_name || nameOf(person);
}
