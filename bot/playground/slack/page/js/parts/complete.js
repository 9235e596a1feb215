// What the composer offers while one types: slash commands, people and channels.

import { nameOf, state } from "../state.js";
import { h, newId, put } from "../ui/dom.js";

const MOST = 8;

/** What may be completed at the caret: {kind, query, from} or null. */
export function wordAtCaret(text, caret) {
  const before = text.slice(0, caret);
  const slash = before.match(/^\/(\S*)$/);
  if (slash) return { kind: "command", query: slash[1], from: 0 };
  const mention = before.match(/(?:^|\s)([@#])([\w.-]*)$/);
  return mention && { kind: mention[1], query: mention[2], from: caret - mention[2].length - 1 };
}

/** The offers for that word: [{insert, name, hint, about}]. */
export function offersFor(word) {
  const fits = (name) => name.toLowerCase().startsWith(word.query.toLowerCase());
  if (word.kind === "command") {
    return state.commands
      .filter((one) => fits(one.command.slice(1)))
      .map((one) => ({
        insert: `${one.command} `,
        name: one.command,
        hint: one.usage_hint,
        about: one.description,
      }));
  }
  if (word.kind === "#") {
    const rooms = [...state.channels.values()].filter((one) => one.kind === "channel" && fits(one.name));
    return rooms
      .map((one) => ({ insert: `#${one.name} `, name: `#${one.name}`, about: one.topic }))
      .slice(0, MOST);
  }
  const people = [...state.people.values()].filter(
    (one) => !one.deleted && (fits(one.name) || fits(nameOf(one))),
  );
  const groups = [...state.groups.values()].filter((one) => fits(one.handle));
  return [
    ...people.map((one) => ({ insert: `@${one.name} `, name: `@${one.name}`, about: nameOf(one) })),
    ...groups.map((one) => ({ insert: `@${one.handle} `, name: `@${one.handle}`, about: one.name })),
  ].slice(0, MOST);
}

/** The list above the composer. */
export class Offers {
  constructor(input, onPick) {
    this.input = input;
    this.onPick = onPick;
    this.rows = [];
    this.active = 0;
    this.node = h("ul", {
      class: "offers",
      id: newId("offers"),
      role: "listbox",
      "aria-label": "Suggestions",
      hidden: true,
    });
    this.node.addEventListener("mousedown", (event) => event.preventDefault());
    input.setAttribute("aria-controls", this.node.id);
  }

  get isOpen() {
    return !this.node.hidden;
  }

  /** Shows offers for what stands before the caret, or hides the list. */
  update() {
    const caret = this.input.selectionStart;
    this.word = caret === this.input.selectionEnd ? wordAtCaret(this.input.value, caret) : null;
    this.offers = this.word ? offersFor(this.word) : [];
    if (!this.offers.length) return this.hide();
    this.rows = this.offers.map((offer, index) => this.row(offer, index));
    put(this.node, this.rows);
    this.node.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    return this.point(0);
  }

  row(offer, index) {
    return h(
      "li",
      { class: "offer", role: "option", id: newId("offer"), on: { click: () => this.take(index) } },
      h(
        "span",
        { class: "offer-line" },
        h("span", { class: "offer-name" }, offer.name),
        offer.hint ? h("span", { class: "offer-hint" }, offer.hint) : null,
      ),
      offer.about ? h("span", { class: "offer-about" }, offer.about) : null,
    );
  }

  point(index) {
    this.active = (index + this.rows.length) % this.rows.length;
    this.rows.forEach((row, at) => row.setAttribute("aria-selected", String(at === this.active)));
    this.rows[this.active].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", this.rows[this.active].id);
  }

  hide() {
    this.node.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  take(index = this.active) {
    this.onPick(this.offers[index], this.word);
    this.hide();
  }

  /** Handles a key; answers whether it was used. */
  key(event) {
    if (!this.isOpen || event.isComposing) return false;
    const offer = this.offers[this.active];
    const typed = this.input.value.slice(this.word.from, this.input.selectionStart);
    if (event.key === "ArrowDown") this.point(this.active + 1);
    else if (event.key === "ArrowUp") this.point(this.active - 1);
    else if (event.key === "Escape") this.hide();
    else if (event.key === "Tab" || (event.key === "Enter" && typed !== offer.name)) this.take();
    else return false;
    event.preventDefault();
    return true;
  }
}
