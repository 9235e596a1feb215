// Light, dark, or what the system says.

import { iconButton } from "../ui/icons.js";

const KEY = "slipway-theme";
const ORDER = ["auto", "light", "dark"];
const SIGN = { auto: "auto", light: "sun", dark: "moon" };

const current = () => (ORDER.includes(localStorage.getItem(KEY)) ? localStorage.getItem(KEY) : "auto");

/** Puts the chosen theme on the page. */
export function applyTheme() {
  const theme = current();
  if (theme === "auto") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.dataset.theme = theme;
}

/** The button that goes through the three. */
export function themeButton() {
  const button = iconButton(
    SIGN[current()],
    `Theme: ${current()}`,
    () => {
      localStorage.setItem(KEY, ORDER[(ORDER.indexOf(current()) + 1) % ORDER.length]);
      applyTheme();
      const fresh = themeButton();
      button.replaceWith(fresh);
      fresh.focus();
    },
    { "data-key": "theme" },
  );
  return button;
}
