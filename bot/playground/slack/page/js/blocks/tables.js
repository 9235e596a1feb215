// `table`, and `data_table` with sorting and pages.

import { richText } from "../text/richtext.js";
import { h, newId, put } from "../ui/dom.js";
import { icon, iconButton } from "../ui/icons.js";

function cellContent(cell) {
  if (cell?.type === "rich_text") return richText(cell);
  if (isNumber(cell)) return cell.text ?? number(cell.value);
  return cell?.text ?? "";
}

const number = (value) => (typeof value === "number" ? value.toLocaleString("en-US") : (value ?? ""));

const scroller = (label, grid) =>
  h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": label }, grid);

/** A plain table; the first row is the header. */
export function table(block) {
  const settings = block.column_settings ?? [];
  const [head = [], ...rows] = block.rows ?? [];
  const line = (row, tag) =>
    h(
      "tr",
      {},
      row.map((cell, index) => {
        const { align = "left", is_wrapped: wraps } = settings[index] ?? {};
        return h(
          tag,
          { class: `align-${align} ${wraps ? "wraps" : ""}`, scope: tag === "th" ? "col" : null },
          cellContent(cell),
        );
      }),
    );
  const grid = h(
    "table",
    { class: "grid" },
    h("thead", {}, line(head, "th")),
    h(
      "tbody",
      {},
      rows.map((row) => line(row, "td")),
    ),
  );
  return h("div", { class: "block block-table" }, scroller("Table", grid));
}

/** A table with a caption, sorted by a click on a column, in pages. */
export function dataTable(block) {
  const [head = [], ...rows] = block.rows ?? [];
  const view = { page: 0, size: block.page_size ?? 5, by: -1, down: false };
  const caption = newId("caption");
  const body = h("tbody");
  const foot = h("div", { class: "table-foot" });
  const heads = head.map((cell, index) => headCell(cell, isNumber(rows[0]?.[index]), () => sort(index)));
  const pages = Math.max(1, Math.ceil(rows.length / view.size));

  function sort(index) {
    view.down = view.by === index ? !view.down : false;
    view.by = index;
    view.page = 0;
    draw();
  }

  function turn(step) {
    // A short last page must not move the buttons away from under the hand.
    frame.style.minHeight = `${frame.offsetHeight}px`;
    view.page = Math.min(Math.max(view.page + step, 0), pages - 1);
    draw();
  }

  function draw() {
    const sorted =
      view.by < 0 ? rows : [...rows].sort((a, b) => compare(a[view.by], b[view.by]) * (view.down ? -1 : 1));
    const from = view.page * view.size;
    put(
      body,
      sorted.slice(from, from + view.size).map((row) => bodyRow(row, block.row_header_column_index ?? 0)),
    );
    heads.forEach((cell, index) =>
      cell.setAttribute("aria-sort", index !== view.by ? "none" : view.down ? "descending" : "ascending"),
    );
    put(foot, footer(rows.length, view, pages, turn));
  }

  const grid = h(
    "table",
    { class: "grid", "aria-describedby": caption },
    h("thead", {}, h("tr", {}, heads)),
    body,
  );
  const frame = scroller(block.caption ?? "Table", grid);
  draw();
  return h(
    "div",
    { class: "block block-table" },
    h("div", { class: "table-caption", id: caption }, block.caption ?? ""),
    frame,
    foot,
  );
}

const isNumber = (cell) => cell?.type === "raw_number";

function headCell(cell, numeric, onSort) {
  const button = h(
    "button",
    { type: "button", class: "sort", on: { click: onSort } },
    cellContent(cell),
    icon("down", "icon-small sort-mark"),
  );
  return h("th", { scope: "col", class: numeric ? "align-right" : "" }, button);
}

function bodyRow(row, headerColumn) {
  return h(
    "tr",
    {},
    row.map((cell, index) =>
      h(
        index === headerColumn ? "th" : "td",
        { scope: index === headerColumn ? "row" : null, class: isNumber(cell) ? "align-right" : "" },
        cellContent(cell),
      ),
    ),
  );
}

function footer(total, view, pages, turn) {
  const from = view.page * view.size + 1;
  const range = `${from}–${Math.min(from + view.size - 1, total)} of ${total}`;
  if (pages < 2) return [h("span", { class: "muted small" }, `${total} ${total === 1 ? "row" : "rows"}`)];
  return [
    h("span", { class: "muted small" }, range),
    iconButton("left", "Previous page", () => turn(-1), { disabled: view.page === 0 }),
    iconButton("right", "Next page", () => turn(1), { disabled: view.page === pages - 1 }),
  ];
}

const plainOf = (cell) =>
  cell?.type === "rich_text"
    ? (cell.elements ?? [])
        .flatMap((section) => section.elements ?? [])
        .map((part) => part.text ?? "")
        .join("")
    : String(cell?.text ?? cell?.value ?? "");

function compare(one, other) {
  if (isNumber(one) && isNumber(other)) return Number(one.value) - Number(other.value);
  return plainOf(one).localeCompare(plainOf(other), "en", { numeric: true });
}
