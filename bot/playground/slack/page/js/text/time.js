// Times in the reader's own zone.

import { state } from "../state.js";

const LOCALE = "en-US";

function zone() {
  return state.me?.tz || Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function format(date, options) {
  try {
    return new Intl.DateTimeFormat(LOCALE, { timeZone: zone(), ...options }).format(date);
  } catch {
    return new Intl.DateTimeFormat(LOCALE, options).format(date);
  }
}

/** A Slack timestamp ("1700000000.000100") as a Date. */
export const dateOf = (ts) => new Date(Number(ts) * 1000);

/** 9:41 AM */
export const clock = (date) => format(date, { hour: "numeric", minute: "2-digit" });

/** Everything, for a tooltip: Monday, January 5, 2026 at 9:41:00 AM GMT. */
export const full = (date) => format(date, { dateStyle: "full", timeStyle: "long" });

const dayKey = (date) => format(date, { year: "numeric", month: "2-digit", day: "2-digit" });

/** True when both fall on the same day in the reader's zone. */
export const sameDay = (one, other) => dayKey(one) === dayKey(other);

/** Today, Yesterday, Tomorrow, or what `otherwise` gives. */
function nearDay(date, otherwise) {
  const key = dayKey(date);
  for (const [name, shift] of [
    ["Today", 0],
    ["Yesterday", -1],
    ["Tomorrow", 1],
  ]) {
    if (dayKey(new Date(Date.now() + shift * 86_400_000)) === key) return name;
  }
  return otherwise(date);
}

function withOrdinal(text) {
  return text.replace(/(\d+),/, (_, day) => {
    const tail = day % 100 >= 11 && day % 100 <= 13 ? "th" : (["th", "st", "nd", "rd"][day % 10] ?? "th");
    return `${day}${tail},`;
  });
}

const longDate = (date) => withOrdinal(format(date, { dateStyle: "full" }));
const plainDate = (date) => withOrdinal(format(date, { dateStyle: "long" }));
const shortDate = (date) => format(date, { dateStyle: "medium" });

/** How a day is named above its messages. */
export const dayName = (date) => nearDay(date, longDate);

/** A short "3 minutes ago". */
export function ago(date) {
  const seconds = Math.round((date.getTime() - Date.now()) / 1000);
  const steps = [
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
  ];
  const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  const found = steps.find(([, size]) => Math.abs(seconds) >= size);
  return found ? relative.format(Math.trunc(seconds / found[1]), found[0]) : "just now";
}

const TOKENS = {
  date_num: (date) => dayKey(date).replace(/(\d+)\/(\d+)\/(\d+)/, "$3-$1-$2"),
  date: plainDate,
  date_short: shortDate,
  date_long: longDate,
  date_pretty: (date) => nearDay(date, plainDate),
  date_short_pretty: (date) => nearDay(date, shortDate),
  date_long_pretty: (date) => nearDay(date, longDate),
  date_long_full: longDate,
  day_divider_pretty: (date) => nearDay(date, longDate),
  time: clock,
  time_secs: (date) => format(date, { timeStyle: "medium" }),
  ago,
};

/** Fills a template such as "{date_short} at {time}"; null when it names a token that does not exist. */
export function fillDate(seconds, template) {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return null;
  let known = true;
  const text = template.replace(/\{(\w+)\}/g, (whole, name) => {
    if (name in TOKENS) return TOKENS[name](date);
    known = false;
    return whole;
  });
  return known ? text : null;
}
