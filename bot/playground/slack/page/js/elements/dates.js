// Days and times. The browser's own pickers: they speak the person's language and work by keyboard.

import { state } from "../state.js";
import { h } from "../ui/dom.js";
import { aria, field, initial, inputField, words } from "./field.js";

export const datepicker = (element, ctx) =>
  inputField(
    ctx,
    element,
    "date",
    { value: initial(ctx, element, "selected_date") ?? "", title: words(element.placeholder) },
    (control) => ({
      selected_date: control.value || null,
    }),
  );

export const timepicker = (element, ctx) =>
  inputField(ctx, element, "time", { value: initial(ctx, element, "selected_time") ?? "" }, (control) => ({
    selected_time: control.value || null,
    ...(element.timezone ? { timezone: element.timezone } : {}),
  }));

/** Day and time in the zone of the person, kept as seconds. */
export function datetimepicker(element, ctx) {
  const zone = state.me.tz || Intl.DateTimeFormat().resolvedOptions().timeZone;
  const start = initial(ctx, element, "selected_date_time");
  const control = h("input", {
    type: "datetime-local",
    class: "field",
    ...aria(ctx, element),
    value: start ? wallClock(start, zone) : "",
  });
  const read = () => ({ selected_date_time: control.value ? secondsOf(control.value, zone) : null });
  control.addEventListener("change", field(ctx, element, read));
  return h("div", { class: "with-zone" }, control, h("span", { class: "zone" }, zone));
}

/** Seconds -> "2026-01-05T09:41" as a clock in that zone shows it. */
function wallClock(seconds, zone) {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "short",
    hourCycle: "h23",
  })
    .formatToParts(new Date(seconds * 1000))
    .reduce((all, part) => ({ ...all, [part.type]: part.value }), {});
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

/** The inverse: read as if it were UTC, then shifted by what the zone's clock shows then. */
function secondsOf(text, zone) {
  const asUtc = Date.parse(`${text}Z`) / 1000;
  let guess = asUtc;
  for (let round = 0; round < 2; round += 1) {
    guess += asUtc - Date.parse(`${wallClock(guess, zone)}Z`) / 1000;
  }
  return guess;
}
