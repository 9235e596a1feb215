// Initials on a calm colour, so that the same person looks the same everywhere.

import { fullNameOf, state } from "../state.js";
import { h, svg } from "../ui/dom.js";

const TONES = 8;

/** By the place in the directory: in a small company no two people share a colour. */
function toneOf(id) {
  return (Math.max([...state.people.keys()].indexOf(id), 0) % TONES) + 1;
}

function initials(name) {
  const words = name
    .replace(/[^\p{L}\p{N} ]/gu, "")
    .trim()
    .split(/\s+/);
  return ((words[0]?.[0] ?? "?") + (words.length > 1 ? words.at(-1)[0] : "")).toUpperCase();
}

/** The picture of a person or of the app. */
export function avatar(person, size = "") {
  if (isApp(person)) return h("span", { class: `avatar avatar-app ${size}`, "aria-hidden": "true" }, ship());
  return h(
    "span",
    { class: `avatar avatar-${toneOf(person.id)} ${size}`, "aria-hidden": "true" },
    initials(fullNameOf(person)),
  );
}

/** True for the app's own bot user. */
export const isApp = (person) => Boolean(state.app) && person.id === state.app.bot_user_id;

const ship = () =>
  svg(
    "svg",
    { viewBox: "0 0 32 32", class: "avatar-ship" },
    svg("path", { d: "M5 23 27 15.5", class: "slip" }),
    svg("path", { d: "M8 18.2 21 13.6l4-4.6-15.4 2.8z", class: "hull" }),
  );

/** What kind of member somebody is, in a word. */
export function roleOf(person) {
  if (person.deleted) return "Deactivated";
  if (person.is_stranger) return "Other organisation";
  if (person.is_guest) return "Guest";
  if (person.is_bot) return "App";
  return "Member";
}

/** The role as a small badge; that of a full member is left out unless `always`. */
export function roleBadge(person, always = false) {
  const role = roleOf(person);
  if (role === "Member") return always ? h("span", { class: "badge" }, role) : null;
  const kind = person.deleted ? "gone" : person.is_stranger ? "stranger" : person.is_guest ? "guest" : "app";
  return h("span", { class: `badge badge-${kind}` }, role === "App" ? "APP" : role);
}
