// Line icons on a 20 by 20 grid, drawn for this page. They are decoration: the word beside them says it.

import { h, svg } from "./dom.js";

const PATHS = {
  hash: "M8 3 6.5 17M13.5 3 12 17M3.5 7.5h13.5M3 12.5h13.5",
  lock: "M5 9.5h10v7H5zM7 9.5V7a3 3 0 0 1 6 0v2.5",
  home: "M3.5 9 10 3.5 16.5 9v7.5H12v-4.5H8v4.5H3.5z",
  chat: "M3.5 4.5h13v9H9l-3.5 3v-3h-2z",
  plus: "M10 4v12M4 10h12",
  close: "M5 5l10 10M15 5 5 15",
  more: "M10 4.5v.01M10 10v.01M10 15.5v.01",
  menu: "M3.5 5.5h13M3.5 10h13M3.5 14.5h13",
  sun: "M10 6.7a3.3 3.3 0 1 1 0 6.6 3.3 3.3 0 0 1 0-6.6M10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M15.7 4.3l-1.1 1.1M5.4 14.6l-1.1 1.1",
  moon: "M15.8 12.2A6.6 6.6 0 0 1 7.8 4.2a6.6 6.6 0 1 0 8 8z",
  auto: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14M10 3v14M13 4v12",
  director:
    "M3.5 6h7M14.5 6h2M3.5 14h2M9.5 14h7M12.5 4a2 2 0 1 0 0 4 2 2 0 0 0 0-4M7.5 12a2 2 0 1 0 0 4 2 2 0 0 0 0-4",
  reply: "M8 5 3.5 9.5 8 14M4 9.5h7a5.5 5.5 0 0 1 5.5 5.5v.5",
  shortcut: "M11 2.5 4.5 11.5H10l-1 6 6.5-9H10z",
  send: "M3.5 10 3 3.5 17.5 10 3 16.5zM3.5 10h7",
  check: "M4 10.5 8 14.5 16 5.5",
  done: "M10 2.8a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.4M6.5 10.3l2.5 2.5 4.5-5",
  failed: "M10 2.8a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.4M7.5 7.5l5 5M12.5 7.5l-5 5",
  waiting: "M10 2.8a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.4M10 6v4.3l2.7 1.7",
  running: "M10 2.8a7.2 7.2 0 0 1 7.2 7.2",
  track: "M10 2.8a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.4",
  warning: "M10 3.2 17.6 16.5H2.4zM10 8v4M10 14.3v.01",
  info: "M10 2.8a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.4M10 9.2v4.5M10 6.5v.01",
  eye: "M2.5 10S5 5 10 5s7.5 5 7.5 5-2.5 5-7.5 5-7.5-5-7.5-5zM10 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4",
  file: "M5 2.5h6.5L15.5 6.5v11H5zM11.5 2.5v4h4",
  play: "M6 4v12l10-6z",
  calendar: "M3.5 4.5h13v12h-13zM3.5 8.5h13M7 2.5v4M13 2.5v4",
  down: "M5.5 8 10 12.5 14.5 8",
  left: "M12 5 7.5 10 12 15",
  right: "M8 5l4.5 5L8 15",
  people:
    "M7.5 4a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4M2.5 16c0-3 2-4.8 5-4.8s5 1.8 5 4.8M13 4.5a2.5 2.5 0 0 1 0 4.7M14.5 11.5c1.9.6 3 2.2 3 4.5",
  link: "M8.5 11.5l3-3M9 6.5l1.5-1.5a3.2 3.2 0 0 1 4.5 4.5L13.5 11M11 13.5 9.5 15A3.2 3.2 0 0 1 5 10.5L6.5 9",
  trash: "M4 5.5h12M8 5.5V3.5h4v2M5.5 5.5l.7 11h7.6l.7-11M8.5 8.5v5M11.5 8.5v5",
  rocket:
    "M11 13.5 6.5 9c1-3.5 4-6 9.5-6.5C15.5 8 13 11 11 13.5zM6.5 9 3.5 9.5 2.5 12l3 .3M11 13.5l-.5 3-2.5 1-.3-3M12.5 7.5v.01M4.5 14.5l-1.5 2.5 2.5-1.5",
  out: "M8 5H4.5v10.5H15V12M11.5 4.5h4V8.5M15 5l-6.5 6.5",
  undo: "M7 4.5 3.5 8 7 11.5M4 8h7.5a4.2 4.2 0 0 1 0 8.5H8",
  stop: "M7 2.8h6l4.2 4.2v6L13 17.2H7L2.8 13V7zM6.5 10h7",
  bell: "M5 14V9a5 5 0 0 1 10 0v5l1.5 1.5h-13zM8.5 17.5h3",
  tag: "M3 3.5h7l7 7-6.5 6.5-7-7zM6.5 7v.01",
  branch:
    "M6 6.5v7M6 3.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3M6 13.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3M14 4.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3M14 7.5c0 3.5-5 3-8 5",
  freeze: "M10 2.5v15M3.5 6.25l13 7.5M16.5 6.25l-13 7.5M8 3.5l2 2 2-2M8 16.5l2-2 2 2",
  up: "M5.5 12 10 7.5l4.5 4.5",
  thumb_up: "M6.5 9 9.5 3c1.5 0 2.2 1 2 2.3L11 8h5l-1 8H6.5zM3.5 9h3v7h-3z",
  thumb_down: "M13.5 11l-3 6c-1.5 0-2.2-1-2-2.3L9 12H4l1-8h8.5zM16.5 11h-3V4h3z",
  search: "M8.5 3.5a5 5 0 1 0 0 10 5 5 0 0 0 0-10M12.2 12.2l4.3 4.3",
  inbox: "M3.5 11.5v5h13v-5h-4l-1 2h-3l-1-2zM10 3v6M7.5 6.5 10 9l2.5-2.5",
  forward: "M4 5l6 5-6 5zM10 5l6 5-6 5z",
  square: "M4.5 4.5h11v11h-11z",
};

/** An icon by name; unknown names draw the information sign. */
export function icon(name, extra = "") {
  const shape = svg("path", { d: PATHS[name] ?? PATHS.info });
  const track = name === "running" ? svg("path", { d: PATHS.track, class: "icon-track" }) : null;
  return svg(
    "svg",
    {
      class: `icon icon-${name} ${extra}`.trim(),
      viewBox: "0 0 20 20",
      "aria-hidden": "true",
      focusable: "false",
    },
    track,
    shape,
  );
}

/** A button that shows only an icon; `label` is what is read aloud and shown on hover. */
export function iconButton(name, label, onClick, props = {}) {
  return h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-label": label,
      title: label,
      on: { click: onClick },
      ...props,
    },
    icon(name),
  );
}
