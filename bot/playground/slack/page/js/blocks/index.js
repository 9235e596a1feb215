// Every block by its type. A context carries the surface (message, modal, home) through all of them.

import { renderElement, unknown } from "../elements/index.js";
import { h } from "../ui/dom.js";
import { card, carousel, container } from "./cards.js";
import { dataVisualization } from "./charts.js";
import { input } from "./input.js";
import { alert, plan, taskCard } from "./progress.js";
import {
  context,
  divider,
  file,
  header,
  imageBlock,
  markdownBlock,
  richTextBlock,
  section,
  video,
} from "./simple.js";
import { dataTable, table } from "./tables.js";

const BLOCKS = {
  actions,
  alert,
  card,
  carousel,
  container,
  context,
  context_actions: actions,
  data_table: dataTable,
  data_visualization: dataVisualization,
  divider,
  file,
  header,
  image: imageBlock,
  input,
  markdown: markdownBlock,
  plan,
  rich_text: richTextBlock,
  section,
  table,
  task_card: taskCard,
  video,
};

/** Blocks as one node. */
export function renderBlocks(blocks, surface) {
  return h(
    "div",
    { class: "blocks" },
    (blocks ?? []).map((block) => renderBlock(block, surface)),
  );
}

/** One block as a node. */
export function renderBlock(block, surface) {
  const render = BLOCKS[block?.type];
  const ctx = { surface, blockId: block?.block_id, element: renderElement, block: renderBlock };
  const node = render ? render(block, ctx) : unknown("block", block);
  node.dataset.block = block?.type ?? "unknown";
  if (block?.block_id) node.dataset.blockId = block.block_id;
  return node;
}

function actions(block, ctx) {
  const quiet = block.type === "context_actions" ? " quiet" : "";
  return h(
    "div",
    { class: `block block-actions${quiet}` },
    (block.elements ?? []).map((element) => ctx.element(element, ctx)),
  );
}
