// Popups that hang below (or above) what opened them. They live in the top layer, also above a dialog.

/** Moves a shown popover next to its anchor, inside the window. */
export function place(popup, anchor, { align = "start", fit = false } = {}) {
  const box = anchor.getBoundingClientRect();
  const gap = 4;
  if (fit) popup.style.minWidth = `${Math.min(box.width, innerWidth - 16)}px`;
  popup.style.maxHeight = "";
  const { width, height } = popup.getBoundingClientRect();
  const below = innerHeight - box.bottom - gap - 8;
  const above = box.top - gap - 8;
  const under = below >= Math.min(height, 240) || below >= above;
  popup.style.maxHeight = `${Math.max(under ? below : above, 96)}px`;
  const left = align === "end" ? box.right - width : box.left;
  popup.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  popup.style.top = under
    ? `${box.bottom + gap}px`
    : `${Math.max(8, box.top - gap - Math.min(height, above))}px`;
}

/** Where a popup must be added to be usable: inside the open dialog, else in the page. */
export const layerOf = (anchor) => anchor.closest("dialog") ?? document.body;
