// The thread panel at the right.

import { messagesOf, state, tell } from "../state.js";
import { h, put } from "../ui/dom.js";
import { iconButton } from "../ui/icons.js";
import { Composer } from "./composer.js";
import { whyClosed } from "./conversation.js";
import { MessageList } from "./list.js";
import { titleOf } from "./sidebar.js";

let list;
let composer;
let shown = null;

const panel = () => document.getElementById("thread");

/** Builds the panel once. */
export function buildThread() {
  list = new MessageList("thread", "Replies");
  composer = new Composer(() => ({ channel: state.channel, thread_ts: state.thread }), "Reply", {
    shortcuts: false,
  });
}

/** Draws the open thread, or hides the panel; answers the new nodes. */
export function drawThread() {
  const channel = state.channels.get(state.channel);
  panel().hidden = !state.thread || !channel;
  if (panel().hidden) {
    shown = null;
    return [];
  }
  const key = `${state.channel}/${state.thread}`;
  if (shown !== key) {
    shown = key;
    list.clear();
    const title = h(
      "h2",
      {},
      "Thread ",
      h("span", { class: "muted" }, channel.kind === "channel" ? `#${channel.name}` : titleOf(channel)),
    );
    put(
      panel(),
      h(
        "header",
        { class: "panel-head" },
        title,
        iconButton("close", "Close the thread", () => tell("open-thread", null)),
      ),
      list.node,
      composer.node,
    );
    composer.moveTo(key);
    composer.allow("Reply…", whyClosed(channel));
    composer.input.focus({ preventScroll: true });
  }
  const messages = messagesOf(state.channel).filter(
    (one) => one.ts === state.thread || one.thread_ts === state.thread,
  );
  return list.show(messages, state.channel);
}
