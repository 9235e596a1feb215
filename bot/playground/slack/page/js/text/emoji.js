// A small map of emoji names. Those a deployment talks with are drawn here, so that they look the same everywhere.

import { h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";

const CHARS = {
  smile: "😄",
  slightly_smiling_face: "🙂",
  tada: "🎉",
  eyes: "👀",
  fire: "🔥",
  wave: "👋",
  pray: "🙏",
  100: "💯",
  thinking_face: "🤔",
  robot_face: "🤖",
  ship: "🚢",
  anchor: "⚓",
  package: "📦",
  bug: "🐛",
  ambulance: "🚑",
  zap: "⚡",
  wrench: "🔧",
  hammer: "🔨",
  gear: "⚙️",
  bulb: "💡",
  memo: "📝",
  clipboard: "📋",
  chart_with_upwards_trend: "📈",
  bar_chart: "📊",
  key: "🔑",
  shield: "🛡️",
  raised_hands: "🙌",
  clap: "👏",
  heart: "❤️",
  star: "⭐",
  sparkles: "✨",
  sunny: "☀️",
  crescent_moon: "🌙",
  globe_with_meridians: "🌐",
  house: "🏠",
  speech_balloon: "💬",
  loudspeaker: "📢",
  mega: "📣",
  triangular_flag_on_post: "🚩",
  checkered_flag: "🏁",
  arrow_right: "➡️",
  arrow_left: "⬅️",
  arrow_up: "⬆️",
  arrow_down: "⬇️",
  repeat: "🔁",
  ok_hand: "👌",
  muscle: "💪",
  point_right: "👉",
  no_entry_sign: "🚫",
};

// name -> [the character it replaces, icon, tone]
const DRAWN = {
  white_check_mark: ["✅", "done", "good"],
  heavy_check_mark: ["✔️", "check", "good"],
  ballot_box_with_check: ["☑️", "done", "good"],
  x: ["❌", "failed", "bad"],
  warning: ["⚠️", "warning", "warn"],
  rotating_light: ["🚨", "warning", "bad"],
  hourglass_flowing_sand: ["⏳", "waiting", "calm"],
  hourglass: ["⌛", "waiting", "calm"],
  clock1: ["🕐", "waiting", "calm"],
  stopwatch: ["⏱️", "waiting", "calm"],
  alarm_clock: ["⏰", "bell", "warn"],
  arrows_counterclockwise: ["🔄", "running", "info"],
  rocket: ["🚀", "rocket", "info"],
  rewind: ["⏪", "undo", "warn"],
  leftwards_arrow_with_hook: ["↩️", "undo", "warn"],
  lock: ["🔒", "lock", "warn"],
  unlock: ["🔓", "lock", "good"],
  octagonal_sign: ["🛑", "stop", "bad"],
  no_entry: ["⛔", "stop", "bad"],
  bell: ["🔔", "bell", "warn"],
  label: ["🏷️", "tag", "calm"],
  snowflake: ["❄️", "freeze", "info"],
  information_source: ["ℹ️", "info", "info"],
  link: ["🔗", "link", "info"],
  calendar: ["📅", "calendar", "calm"],
  busts_in_silhouette: ["👥", "people", "calm"],
  wastebasket: ["🗑️", "trash", "calm"],
  "+1": ["👍", "thumb_up", "good"],
  thumbsup: ["👍", "thumb_up", "good"],
  "-1": ["👎", "thumb_down", "bad"],
  thumbsdown: ["👎", "thumb_down", "bad"],
  question: ["❓", "info", "warn"],
  exclamation: ["❗", "warning", "bad"],
  mag: ["🔍", "search", "info"],
  inbox_tray: ["📥", "inbox", "calm"],
  fast_forward: ["⏩", "forward", "calm"],
  black_square_for_stop: ["⏹️", "square", "bad"],
  white_large_square: ["⬜", "square", "calm"],
};

// name -> tone of a filled disc
const DISCS = {
  red_circle: ["🔴", "bad"],
  large_red_circle: ["🔴", "bad"],
  large_green_circle: ["🟢", "good"],
  large_yellow_circle: ["🟡", "warn"],
  large_blue_circle: ["🔵", "info"],
  large_orange_circle: ["🟠", "warn"],
  white_circle: ["⚪", "calm"],
  black_circle: ["⚫", "calm"],
};

const plain = (char) => char.replace("\uFE0F", "");
const BY_CHAR = new Map(
  [...Object.entries(DRAWN), ...Object.entries(DISCS)].reverse().map(([name, [char]]) => [plain(char), name]),
);

/** True when this page knows the name. */
export function knowsEmoji(name) {
  return name in CHARS || name in DRAWN || name in DISCS;
}

/** An emoji by its name; an unknown one is shown as :name:. */
export function emoji(name) {
  if (!knowsEmoji(name)) return h("span", { class: "emoji-name" }, `:${name}:`);
  const props = { class: "emoji", role: "img", "aria-label": name.replaceAll("_", " "), title: `:${name}:` };
  if (name in DRAWN)
    return h("span", { ...props, class: `emoji drawn tone-${DRAWN[name][2]}` }, icon(DRAWN[name][1]));
  if (name in DISCS) return h("span", { ...props, class: `emoji disc tone-${DISCS[name][1]}` });
  return h("span", props, CHARS[name]);
}

const PICTURE = /(\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F)/gu;

/** Text in which the emoji characters this page draws are replaced by their drawing. */
export function withEmoji(text) {
  return text
    .split(PICTURE)
    .filter((part) => part !== "")
    .map((part) => {
      const name = BY_CHAR.get(plain(part));
      return name ? emoji(name) : part;
    });
}
