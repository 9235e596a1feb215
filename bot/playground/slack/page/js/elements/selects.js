// The selects of Block Kit: all are one combobox with different sources and different names for what was chosen.

import { nameOf, state } from "../state.js";
import { aria, field, initial, words } from "./field.js";
import { Combobox } from "./combobox.js";

const text = (value) => ({ type: "plain_text", text: value });
const matches = (option, query) => words(option.text).toLowerCase().includes(query.trim().toLowerCase());

function filtered(groups, query) {
  return groups
    .map((group) => ({ ...group, options: group.options.filter((option) => matches(option, query)) }))
    .filter((group) => group.options.length);
}

const still = (groups) => async (query) => filtered(groups, query);

// Sources ------------------------------------------------------------------------------------------------------

function listed(element) {
  if (element.option_groups) return still(element.option_groups);
  return still([{ label: null, options: element.options ?? [] }]);
}

function people() {
  const living = [...state.people.values()].filter((person) => !person.deleted);
  return living.map((person) => ({
    value: person.id,
    text: text(nameOf(person)),
    description: text(`@${person.name}`),
  }));
}

function channels(kinds) {
  const open = [...state.channels.values()].filter(
    (channel) => kinds.includes(channel.kind) && !channel.is_archived,
  );
  return open.map((channel) => ({
    value: channel.id,
    text: text(channel.kind === "channel" ? `#${channel.name}` : channel.name),
  }));
}

const SOURCES = {
  static: listed,
  external: (element, ctx) => (query) => ctx.surface.options(ctx.blockId, element, query),
  users: () => still([{ label: null, options: people() }]),
  channels: () => still([{ label: null, options: channels(["channel"]) }]),
  conversations: () => still([{ label: null, options: channels(["channel", "dm", "app"]) }]),
};

const NAMES = { users: "user", channels: "channel", conversations: "conversation" };

/** What was chosen as Slack keeps it: options as objects, everything else as ids. */
function shape(kind, multi, chosen) {
  if (!(kind in NAMES))
    return multi
      ? { selected_options: chosen.map(bare) }
      : { selected_option: chosen[0] ? bare(chosen[0]) : null };
  const ids = chosen.map((option) => option.value);
  return multi ? { [`selected_${NAMES[kind]}s`]: ids } : { [`selected_${NAMES[kind]}`]: ids[0] ?? null };
}

const bare = ({ text: label, value, description }) => ({
  text: label,
  value,
  ...(description ? { description } : {}),
});

function chosenAtFirst(kind, multi, element, ctx) {
  const name = `selected_${NAMES[kind] ?? "option"}${multi ? "s" : ""}`;
  const value = initial(ctx, element, name);
  const list = value === null ? [] : multi ? value : [value];
  if (!(kind in NAMES)) return list;
  const known = [...people(), ...channels(["channel", "dm", "app"])];
  return list.map((id) => known.find((option) => option.value === id) ?? { value: id, text: text(id) });
}

/** Makes the renderer of one select. */
export function select(kind, multi = false) {
  return (element, ctx) => {
    const box = new Combobox({
      props: aria(ctx, element),
      multi,
      max: element.max_selected_items,
      chosen: chosenAtFirst(kind, multi, element, ctx),
      placeholder: words(element.placeholder) || (multi ? "Choose…" : "Choose an option"),
      load: SOURCES[kind](element, ctx),
      minQuery: kind === "external" ? (element.min_query_length ?? 3) : 0,
      onChange: () => changed(),
    });
    const changed = field(ctx, element, () => shape(kind, multi, box.chosen));
    if (element.focus_on_load) box.input.setAttribute("autofocus", "");
    return box.box;
  };
}
