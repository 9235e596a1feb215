// Blocks that mostly say something.

import { markdown } from "../text/markdown.js";
import { link } from "../text/mentions.js";
import { plain, renderText } from "../text/mrkdwn.js";
import { richText } from "../text/richtext.js";
import { loadable } from "../text/safe.js";
import { image } from "../elements/index.js";
import { h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";

/** Text, fields side by side, and one element at the right. */
export function section(block, ctx) {
  const body = h(
    "div",
    { class: "section-body" },
    block.text ? h("div", { class: "section-text" }, renderText(block.text)) : null,
    block.fields?.length
      ? h(
          "div",
          { class: "fields" },
          block.fields.map((text) => h("div", { class: "field-cell" }, renderText(text))),
        )
      : null,
  );
  if (!block.accessory) return h("div", { class: "block block-section" }, body);
  const kind = block.accessory.type === "image" ? "accessory accessory-image" : "accessory";
  const named = { ...ctx, name: (block.text?.text ?? "").slice(0, 80) };
  return h(
    "div",
    { class: "block block-section has-accessory" },
    body,
    h("div", { class: kind }, ctx.element(block.accessory, named)),
  );
}

export const header = (block) => h("h3", { class: "block block-header" }, plain(block.text?.text));

export const divider = () => h("hr", { class: "block divider" });

/** Small print. */
export function context(block, ctx) {
  return h(
    "div",
    { class: "block block-context" },
    (block.elements ?? []).map((element) => ctx.element(element, ctx)),
  );
}

/** A picture with an optional title. */
export function imageBlock(block) {
  const title = block.title ? h("figcaption", { class: "image-title" }, plain(block.title.text)) : null;
  return h("figure", { class: "block block-image" }, title, image(block));
}

export const markdownBlock = (block) => h("div", { class: "block block-markdown" }, markdown(block.text));

export const richTextBlock = (block) => h("div", { class: "block block-rich" }, richText(block));

/** A video is shown as a card that leads to it. */
export function video(block) {
  const thumb = loadable(block.thumbnail_url);
  const picture = thumb ? h("img", { src: thumb, alt: block.alt_text ?? "", loading: "lazy" }) : null;
  picture?.addEventListener("error", () => picture.remove());
  const title = block.title_url ? link(block.title_url, plain(block.title?.text)) : plain(block.title?.text);
  const from = [block.provider_name, block.author_name].filter(Boolean).join(" · ");
  return h(
    "div",
    { class: "block block-video framed" },
    h("div", { class: "video-thumb" }, picture, h("span", { class: "video-play" }, icon("play"))),
    h(
      "div",
      { class: "video-text" },
      from ? h("div", { class: "muted small" }, from) : null,
      h("div", { class: "strong" }, title),
      block.description ? h("div", { class: "small" }, plain(block.description.text)) : null,
      block.video_url ? h("div", { class: "small" }, link(block.video_url, "Watch")) : null,
    ),
  );
}

/** A remote file. */
export function file(block) {
  return h(
    "div",
    { class: "block block-file framed" },
    icon("file"),
    h(
      "div",
      {},
      h("div", { class: "strong" }, block.file?.title ?? block.external_id ?? "File"),
      h("div", { class: "muted small" }, `Remote file · ${block.source ?? "remote"}`),
    ),
  );
}
