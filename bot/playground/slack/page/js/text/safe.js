// Text from people and programs may hide characters that reorder or disguise what is read.
// They are shown as their code point, so that a name can never pretend to be another one.

const HIDDEN = new RegExp(
  "[\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F\\u00AD\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E" +
    "\\u200B\\u200C\\u200E\\u200F\\u2028-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\uFFF9-\\uFFFB]" +
    "|(?<![\\p{Extended_Pictographic}\\uFE0F\\u{1F3FB}-\\u{1F3FF}])\\u200D|[\\u{E0000}-\\u{E007F}]",
  "gu",
);

/** The same text with every hidden character written out as [U+XXXX]. */
export function visible(text) {
  return String(text ?? "")
    .replace(/\r\n?/g, "\n")
    .replace(HIDDEN, (found) => `[U+${found.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`);
}

/** The address when a browser may follow it, else null: no script, file or data addresses. */
export function followable(url) {
  try {
    const parsed = new URL(String(url), location.href);
    return ["http:", "https:", "mailto:"].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

/** The address of a picture when it may be loaded, else null. */
export function loadable(url) {
  const text = String(url ?? "");
  return /^data:image\/(png|jpeg|gif|webp|svg\+xml)[;,]/.test(text) || /^(https?:)?\//.test(text)
    ? text
    : null;
}
