// A list of messages that draws only what changed, and stays where the reader is.

import { dateOf, dayName, sameDay } from "../text/time.js";
import { h, swap } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { renderMessage } from "./message.js";

const NEAR = 80;
const TOGETHER = 300;

/** One scrolling list: of a channel or of a thread. */
export class MessageList {
  constructor(place, label) {
    this.place = place;
    this.items = new Map(); // key -> {node, signature}
    this.list = h("ol", { class: "messages", role: "list", "aria-label": label });
    this.jump = h(
      "button",
      { type: "button", class: "jump", hidden: true, on: { click: () => this.bottom() } },
      icon("down", "icon-small"),
      "New messages",
    );
    this.scroller = h("div", { class: "scroller", tabindex: "-1" }, this.list);
    this.node = h("div", { class: "list" }, this.scroller, this.jump);
    this.scroller.addEventListener("scroll", () => {
      if (this.isNear()) this.jump.hidden = true;
    });
    const observer = new ResizeObserver(() => this.stuck && this.bottom());
    observer.observe(this.scroller);
    observer.observe(this.list); // a picture that arrives late makes it longer
    this.stuck = true;
  }

  isNear() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.stuck = scrollHeight - scrollTop - clientHeight < NEAR;
    return this.stuck;
  }

  bottom() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.jump.hidden = true;
  }

  /** Forgets everything, for another channel or thread. */
  clear() {
    this.items.clear();
    this.list.replaceChildren();
    this.stuck = true;
    this.jump.hidden = true;
  }

  /** Draws `messages`; answers the nodes of those that are new. */
  show(messages, channel) {
    const near = this.stuck || this.isNear();
    const wanted = new Map();
    const added = [];
    let before = null;
    for (const message of messages) {
      const newDay = !before || !sameDay(dateOf(before.ts), dateOf(message.ts));
      if (newDay && this.place === "channel") wanted.set(`day-${message.ts}`, this.day(message));
      const compact = !newDay && follows(before, message);
      wanted.set(message.ts, this.message(message, { channel, compact, place: this.place }, added));
      before = message;
    }
    this.arrange(wanted);
    if (near) this.bottom();
    else if (added.length) this.jump.hidden = false;
    return added;
  }

  day(message) {
    const known = this.items.get(`day-${message.ts}`);
    const name = dayName(dateOf(message.ts));
    if (known?.signature === name) return known;
    return { node: h("li", { class: "day", role: "separator" }, h("span", {}, name)), signature: name };
  }

  message(message, options, added) {
    const known = this.items.get(message.ts);
    const signature = JSON.stringify([message, options.compact]);
    if (known?.signature === signature) return known;
    const node = renderMessage(message, { ...options, kept: known?.node.surface?.values() });
    if (known) swap(known.node, node);
    else added.push({ node, message });
    return { node, signature };
  }

  arrange(wanted) {
    for (const [key, { node }] of this.items) if (!wanted.has(key)) node.remove();
    let at = this.list.firstElementChild;
    for (const { node } of wanted.values()) {
      if (node === at) at = at.nextElementSibling;
      else this.list.insertBefore(node, at);
    }
    while (at) {
      const next = at.nextElementSibling;
      at.remove();
      at = next;
    }
    this.items = wanted;
  }
}

function follows(before, message) {
  if (!before || before.user !== message.user || before.ephemeral !== message.ephemeral) return false;
  if (before.bot?.name !== message.bot?.name || message.reply_broadcast || before.reply_count > 0)
    return false;
  return Number(message.ts) - Number(before.ts) < TOGETHER;
}
