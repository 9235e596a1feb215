// Where one writes. Enter sends, Shift+Enter makes a new line, arrow up brings back what was sent.

import { post } from "../api.js";
import { state } from "../state.js";
import { h, newId, put } from "../ui/dom.js";
import { icon, iconButton } from "../ui/icons.js";
import { openMenu } from "../ui/menu.js";
import { failed } from "../ui/toast.js";
import { Offers } from "./complete.js";

const KEPT = 50;
const historyKey = () => `slipway-sent-${state.me.id}`;
const sent = () => JSON.parse(sessionStorage.getItem(historyKey()) ?? "[]");

/** A composer for a channel or a thread; `target()` gives {channel, thread_ts?}. */
export class Composer {
  constructor(target, label, { shortcuts = true } = {}) {
    this.target = target;
    this.back = 0;
    this.drafts = new Map();
    const id = newId("composer");
    this.input = h("textarea", {
      class: "composer-input",
      rows: 1,
      id,
      "aria-label": label,
      role: "combobox",
      "aria-expanded": "false",
      "aria-autocomplete": "list",
      spellcheck: "false",
    });
    this.offers = new Offers(this.input, (offer, word) => this.insert(offer, word));
    this.note = h("div", { class: "composer-note", role: "alert", hidden: true });
    this.sender = iconButton("send", "Send", () => this.send(), { class: "icon-button send" });
    this.extra = shortcuts ? this.shortcutButton() : null;
    this.box = h(
      "form",
      { class: "composer-box" },
      this.input,
      h(
        "div",
        { class: "composer-tools" },
        this.extra,
        h("span", { class: "composer-hint" }, h("kbd", {}, "/"), " for commands"),
        this.sender,
      ),
    );
    this.node = h("div", { class: "composer" }, this.offers.node, this.box, this.note);
    this.listen();
  }

  listen() {
    this.box.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.box.addEventListener("mousedown", (event) => {
      if (event.target === this.box) setTimeout(() => this.input.focus());
    });
    this.input.addEventListener("input", () => this.changed());
    this.input.addEventListener("click", () => this.offers.update());
    this.input.addEventListener("blur", () => this.offers.hide());
    this.input.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    if (event.isComposing || this.offers.key(event)) return;
    const { key } = event;
    if (key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (key === "ArrowUp" && (this.input.value === "" || this.back)) {
      event.preventDefault();
      this.recall(1);
    } else if (key === "ArrowDown" && this.back) {
      event.preventDefault();
      this.recall(-1);
    }
  }

  changed() {
    this.back = 0;
    this.warn("");
    this.grow();
    this.offers.update();
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 200)}px`;
    this.sender.classList.toggle("ready", this.input.value.trim() !== "");
  }

  set(text) {
    this.input.value = text;
    this.input.setSelectionRange(text.length, text.length);
    this.grow();
  }

  insert(offer, word) {
    const { value, selectionStart } = this.input;
    const head = value.slice(0, word.from) + offer.insert;
    this.input.value = head + value.slice(selectionStart);
    this.input.setSelectionRange(head.length, head.length);
    this.grow();
    this.input.focus();
  }

  recall(step) {
    const all = sent();
    this.back = Math.min(Math.max(this.back + step, 0), all.length);
    this.set(this.back ? all[all.length - this.back] : "");
  }

  warn(text) {
    this.note.hidden = !text;
    put(this.note, text ? [icon("warning", "icon-small"), text] : []);
  }

  async send() {
    const text = this.input.value.trim();
    const target = this.target();
    if (!text || this.input.disabled) return;
    if (text.startsWith("/") && target.thread_ts) {
      this.warn("Slash commands do not work in threads. Send it in the channel.");
      return;
    }
    this.offers.hide();
    this.set("");
    this.back = 0;
    sessionStorage.setItem(historyKey(), JSON.stringify([...sent(), text].slice(-KEPT)));
    try {
      await post("/_page/send", { ...target, text });
    } catch (error) {
      if (this.input.value === "") this.set(text);
      this.warn(error.message);
    }
  }

  /** Keeps the draft of `key` aside and brings back that of another one. */
  moveTo(key) {
    if (this.at) this.drafts.set(this.at, this.input.value);
    this.at = key;
    this.warn("");
    this.set(this.drafts.get(key) ?? "");
    this.back = 0;
  }

  /** Opens or closes it; a closed one says why. */
  allow(placeholder, reason = null) {
    this.input.disabled = Boolean(reason);
    this.sender.disabled = Boolean(reason);
    this.input.placeholder = reason ?? placeholder;
    this.box.classList.toggle("closed", Boolean(reason));
  }

  shortcutButton() {
    const all = state.shortcuts.filter((one) => one.type === "global");
    if (!all.length) return null;
    const run = (one) => post("/_page/shortcut", { callback_id: one.callback_id }).catch(failed);
    const items = all.map((one) => ({ content: one.name, hint: one.description, onPick: () => run(one) }));
    const button = iconButton(
      "plus",
      "Shortcuts",
      () => openMenu(button, [{ heading: "Shortcuts" }, ...items], { label: "Shortcuts", align: "start" }),
      {
        "aria-haspopup": "menu",
        "aria-expanded": "false",
      },
    );
    return button;
  }
}
