// `data_visualization`: line, area, bar and pie as SVG. The figures are also there as text for those who can't see it.

import { h, newId, svg } from "../ui/dom.js";
import { unknown } from "../elements/index.js";

const WIDE = 520;
const HIGH = 220;
const PAD = { left: 44, right: 12, top: 10, bottom: 28 };
const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

/** A chart with its title, its legend and a description. */
export function dataVisualization(block) {
  const chart = block.chart ?? {};
  const draw = CHARTS[chart.type];
  if (!draw) return unknown("chart", chart);
  const ids = { title: newId("chart"), desc: newId("chart") };
  const { shapes, legend, says, box } = draw(chart);
  const picture = svg(
    "svg",
    {
      class: `chart chart-${chart.type}`,
      viewBox: `0 0 ${box[0]} ${box[1]}`,
      role: "img",
      "aria-labelledby": `${ids.title} ${ids.desc}`,
    },
    svg("title", { id: ids.title }, block.title ?? "Chart"),
    svg("desc", { id: ids.desc }, says),
    shapes,
  );
  const names = h(
    "ul",
    { class: "legend" },
    legend.map((name, index) =>
      h("li", {}, h("span", { class: `legend-mark series-${index + 1}`, "aria-hidden": "true" }), name),
    ),
  );
  const pie = chart.type === "pie" ? " chart-beside" : "";
  return h(
    "figure",
    { class: "block block-chart framed" },
    h("figcaption", { class: "strong" }, block.title ?? ""),
    h("div", { class: `chart-body${pie}` }, picture, names),
  );
}

const CHARTS = {
  line: (chart) =>
    plotted(chart, (plot) =>
      plot.series.map((values, index) => [curve(plot, values, index), dots(plot, values, index)]),
    ),
  area: (chart) =>
    plotted(chart, (plot) =>
      plot.series.map((values, index) => [surface(plot, values, index), curve(plot, values, index)]),
    ),
  bar: (chart) => plotted(chart, bars),
  pie,
};

/** Everything the three charts with axes have in common. */
function plotted(chart, draw) {
  const categories =
    chart.axis_config?.categories ?? (chart.series?.[0]?.data ?? []).map((point) => point.label);
  const series = (chart.series ?? []).map((one) =>
    categories.map((label) => (one.data ?? []).find((point) => point.label === label)?.value ?? null),
  );
  const names = (chart.series ?? []).map((one) => one.name);
  const plot = {
    ...scale(series.flat(), chart.type),
    categories,
    series,
    names,
    inner: WIDE - PAD.left - PAD.right,
  };
  plot.step = plot.inner / Math.max(categories.length, 1);
  plot.x = (index) => PAD.left + plot.step * (index + 0.5);
  return {
    shapes: [grid(plot, chart.axis_config), draw(plot)],
    legend: names,
    says: saying(plot),
    box: [WIDE, HIGH + (chart.axis_config?.x_label ? 16 : 0)],
  };
}

function scale(values, type) {
  const known = values.filter((value) => value !== null);
  const most = Math.max(...known, type === "line" ? -Infinity : 0, ...(known.length ? [] : [1]));
  const least = Math.min(0, ...known);
  const rough = (most - least) / 4 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const tick = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const top = Math.ceil(most / tick) * tick || tick;
  const bottom = Math.floor(least / tick) * tick;
  const y = (value) => PAD.top + (HIGH - PAD.top - PAD.bottom) * (1 - (value - bottom) / (top - bottom));
  const ticks = Array.from(
    { length: Math.round((top - bottom) / tick) + 1 },
    (_, index) => bottom + index * tick,
  );
  return { y, ticks };
}

function grid(plot, axis = {}) {
  const label = (x, y, text, anchor) => svg("text", { x, y, "text-anchor": anchor, class: "axis" }, text);
  const rows = plot.ticks.map((value) => [
    svg("line", {
      x1: PAD.left,
      x2: WIDE - PAD.right,
      y1: plot.y(value),
      y2: plot.y(value),
      class: value === 0 ? "gridline base" : "gridline",
    }),
    label(PAD.left - 6, plot.y(value) + 3.5, short.format(value), "end"),
  ]);
  const every = Math.ceil(plot.categories.length / 9);
  const columns = plot.categories.map((name, index) =>
    index % every ? null : label(plot.x(index), HIGH - 10, name, "middle"),
  );
  const below = axis.x_label ? label(PAD.left + plot.inner / 2, HIGH + 8, axis.x_label, "middle") : null;
  const beside = axis.y_label
    ? svg(
        "text",
        {
          x: 0,
          y: 0,
          class: "axis",
          "text-anchor": "middle",
          transform: `translate(10 ${HIGH / 2 - 8}) rotate(-90)`,
        },
        axis.y_label,
      )
    : null;
  return svg("g", {}, rows, columns, below, beside);
}

const points = (plot, values) =>
  values.flatMap((value, index) => (value === null ? [] : [[plot.x(index), plot.y(value)]]));
const path = (spots) =>
  spots.map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

const curve = (plot, values, index) =>
  svg("path", { d: path(points(plot, values)), class: `curve series-${index + 1}` });

function surface(plot, values, index) {
  const spots = points(plot, values);
  if (!spots.length) return null;
  const base = plot.y(0);
  return svg("path", {
    d: `${path(spots)}L${spots.at(-1)[0]} ${base}L${spots[0][0]} ${base}Z`,
    class: `surface series-${index + 1}`,
  });
}

const hover = (plot, series, at, value) =>
  svg("title", {}, `${plot.names[series]}, ${plot.categories[at]}: ${value}`);

function dots(plot, values, index) {
  return values.map((value, at) =>
    value === null
      ? null
      : svg(
          "circle",
          { cx: plot.x(at), cy: plot.y(value), r: 3.2, class: `dot series-${index + 1}` },
          hover(plot, index, at, value),
        ),
  );
}

function bars(plot) {
  const count = plot.series.length;
  const wide = Math.min((plot.step * 0.72) / count, 34);
  return plot.series.map((values, index) =>
    values.map((value, at) => {
      if (value === null) return null;
      const x = plot.x(at) + (index - count / 2) * wide;
      const [from, to] = [plot.y(Math.max(value, 0)), plot.y(Math.min(value, 0))];
      return svg(
        "rect",
        {
          x: x + 1,
          y: from,
          width: wide - 2,
          height: Math.max(to - from, 0.5),
          rx: 2,
          class: `bar series-${index + 1}`,
        },
        hover(plot, index, at, value),
      );
    }),
  );
}

function saying(plot) {
  return plot.series
    .map(
      (values, index) =>
        `${plot.names[index]}: ${values.map((value, at) => `${plot.categories[at]} ${value ?? "no value"}`).join(", ")}.`,
    )
    .join(" ");
}

function pie(chart) {
  const segments = chart.segments ?? [];
  const total = segments.reduce((sum, one) => sum + one.value, 0) || 1;
  const spot = (share, radius = 80) => {
    const angle = share * 2 * Math.PI - Math.PI / 2;
    return `${(90 + radius * Math.cos(angle)).toFixed(2)} ${(90 + radius * Math.sin(angle)).toFixed(2)}`;
  };
  let at = 0;
  const shapes = segments.map((one, index) => {
    const share = Math.min(one.value / total, 0.9999);
    const [from, to, big] = [at, at + share, share > 0.5 ? 1 : 0];
    at = to;
    const d = `M${spot(from)}A80 80 0 ${big} 1 ${spot(to)}L${spot(to, 46)}A46 46 0 ${big} 0 ${spot(from, 46)}Z`;
    return svg(
      "path",
      { d, class: `slice series-${index + 1}` },
      svg("title", {}, `${one.label}: ${one.value}`),
    );
  });
  const percent = (one) => `${Math.round((one.value / total) * 100)}%`;
  const legend = segments.map(
    (one) => `${one.label}: ${one.value.toLocaleString("en-US")} (${percent(one)})`,
  );
  return { shapes, legend, says: `${legend.join(", ")}.`, box: [180, 180] };
}
