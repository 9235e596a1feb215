// One list to choose from, for every kind of select: type to filter, arrows to move, Enter to take.

import { plain, renderText } from "../text/mrkdwn.js";
import { h, newId, put } from "../ui/dom.js";
import { layerOf, place } from "../ui/floating.js";
import { icon } from "../ui/icons.js";

/**
 * A combobox. `load(query)` gives [{label, options: [{value, text, description?}]}];
 * `props` go to the input; `onChange(chosen)` gets the list of chosen options.
 */
export class Combobox {
  constructor({
    props,
    multi = false,
    max = Infinity,
    chosen = [],
    placeholder,
    load,
    minQuery = 0,
    onChange,
  }) {
    Object.assign(this, { multi, max, chosen, load, minQuery, onChange, active: -1, shown: [] });
    this.listId = newId("list");
    this.input = h("input", {
      ...props,
      type: "text",
      class: "select-input",
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      "aria-expanded": "false",
      "aria-controls": this.listId,
      "aria-autocomplete": "list",
      placeholder,
    });
    this.placeholder = placeholder;
    this.chips = h("span", { class: "chips" });
    this.box = h(
      "div",
      { class: `field select ${multi ? "select-multi" : ""}` },
      this.chips,
      this.input,
      icon("down", "icon-small"),
    );
    this.list = h("ul", {
      class: "listbox",
      id: this.listId,
      role: "listbox",
      popover: "manual",
      "aria-multiselectable": multi ? "true" : null,
    });
    this.listen();
    this.draw();
  }

  listen() {
    this.box.addEventListener("mousedown", (event) => this.pressed(event));
    this.input.addEventListener("input", () => this.open(this.input.value));
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
  }

  pressed(event) {
    if (event.target.closest("button")) return;
    if (event.target !== this.input) event.preventDefault();
    this.input.focus();
    if (this.isOpen) this.close();
    else this.open("");
  }

  get isOpen() {
    return this.list.matches(":popover-open");
  }

  async open(query) {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    if (!this.isOpen) {
      layerOf(this.box).append(this.list);
      this.list.showPopover();
      this.input.setAttribute("aria-expanded", "true");
      this.input.select();
    }
    const short = query.length < this.minQuery;
    this.note(short ? `Type at least ${this.minQuery} characters.` : "Loading…");
    const groups = short ? null : await this.load(query).catch((error) => ({ error }));
    if (turn !== this.turn || !this.isOpen || !groups) return;
    if (groups.error) this.note(groups.error.message);
    else this.fill(groups);
  }

  note(text) {
    this.shown = [];
    put(this.list, h("li", { class: "listbox-note" }, text));
    place(this.list, this.box, { fit: true });
  }

  fill(groups) {
    this.shown = [];
    const rows = groups.flatMap((group) => [
      group.label ? h("li", { class: "listbox-group", role: "presentation" }, renderText(group.label)) : null,
      ...group.options.map((option) => this.row(option)),
    ]);
    if (!this.shown.length) return this.note("Nothing found");
    put(this.list, rows);
    place(this.list, this.box, { fit: true });
    const at = this.shown.findIndex(({ option }) => this.has(option));
    return this.point(Math.max(at, 0));
  }

  row(option) {
    const selected = this.has(option);
    const row = h(
      "li",
      {
        class: "option",
        role: "option",
        id: newId("option"),
        "aria-selected": String(selected),
        on: { click: () => this.take(option) },
      },
      icon("check", "option-mark"),
      h(
        "span",
        { class: "option-text" },
        h("span", {}, renderText(option.text)),
        option.description ? h("span", { class: "choice-hint" }, renderText(option.description)) : null,
      ),
    );
    this.shown.push({ option, row });
    return row;
  }

  has(option) {
    return this.chosen.some((one) => one.value === option.value);
  }

  point(index) {
    this.shown[this.active]?.row.classList.remove("option-active");
    this.active = this.shown.length ? (index + this.shown.length) % this.shown.length : -1;
    const row = this.shown[this.active]?.row;
    row?.classList.add("option-active");
    row?.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", row?.id ?? "");
  }

  key(event) {
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      if (!this.isOpen) this.open("");
      else this.point(this.active + (key === "ArrowDown" ? 1 : -1));
    } else if (key === "Enter") {
      event.preventDefault();
      if (!this.isOpen) this.open("");
      else if (this.shown[this.active]) this.take(this.shown[this.active].option);
    } else if (key === "Escape" && this.isOpen) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (key === "Backspace" && this.input.value === "" && this.chosen.length) {
      this.set(this.chosen.slice(0, -1));
    }
  }

  take(option) {
    if (!this.multi) {
      this.close();
      this.set([option]);
    } else if (this.has(option)) {
      this.set(this.chosen.filter((one) => one.value !== option.value));
      this.open("");
    } else if (this.chosen.length >= this.max) {
      this.note(`At most ${this.max} can be chosen.`);
    } else {
      this.set([...this.chosen, option]);
      this.open("");
    }
  }

  set(chosen) {
    this.chosen = chosen;
    this.draw();
    this.onChange(chosen);
  }

  close() {
    if (this.isOpen) this.list.hidePopover();
    this.list.remove();
    this.input.setAttribute("aria-expanded", "false");
    this.input.setAttribute("aria-activedescendant", "");
    this.draw();
  }

  draw() {
    this.input.placeholder = this.multi && this.chosen.length ? "" : this.placeholder;
    if (!this.multi) {
      this.input.value = this.chosen[0]?.text?.text ?? "";
      return;
    }
    this.input.value = "";
    put(
      this.chips,
      this.chosen.map((option) => this.chip(option)),
    );
  }

  chip(option) {
    const name = option.text?.text ?? option.value;
    const drop = () => this.set(this.chosen.filter((one) => one.value !== option.value));
    const cross = h(
      "button",
      { type: "button", class: "chip-cross", "aria-label": `Remove ${name}`, on: { click: drop } },
      icon("close", "icon-small"),
    );
    return h("span", { class: "chip" }, plain(name), cross);
  }
}
