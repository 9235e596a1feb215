// A surface is what carries blocks: one message, one modal view, the home tab. It knows what its fields hold.

import { get, post } from "./api.js";
import { state } from "./state.js";
import { failed } from "./ui/toast.js";

/** The fields of one message or view, and the way back to the server. */
export class Surface {
  /** `kind` is message, modal or home; `target` names it in calls; `kept` are values to go on with. */
  constructor(kind, target, kept = {}) {
    this.kind = kind;
    this.target = target;
    this.kept = kept;
    this.fields = [];
  }

  /** Remembers a field; `read` gives its value in the form Slack keeps it. */
  add(blockId, element, read) {
    this.fields.push({ blockId, actionId: element.action_id, type: element.type, read });
  }

  /** {block_id: {action_id: {type, value...}}} */
  values() {
    const values = {};
    for (const { blockId, actionId, type, read } of this.fields) {
      if (!blockId || !actionId) continue;
      (values[blockId] ??= {})[actionId] = { type, ...read() };
    }
    return values;
  }

  /** What the field held before the view was drawn again, if it did. */
  before(blockId, element) {
    const kept = this.kept[blockId]?.[element.action_id];
    return kept?.type === element.type ? kept : null;
  }

  /** Sends a block action. Answers whether it arrived. */
  async act(blockId, element, extra = {}) {
    const action = { type: element.type, block_id: blockId, action_id: element.action_id, ...extra };
    try {
      await post("/_page/click", { ...this.target, action, state: { values: this.values() } });
      return true;
    } catch (error) {
      failed(error);
      return false;
    }
  }

  /** Asks the app for the options of an external select: [{label, options}]. */
  async options(blockId, element, query) {
    const body = { ...this.target, block_id: blockId, action_id: element.action_id, value: query };
    const answer = await post("/_page/options", body);
    if (answer.option_groups) return answer.option_groups;
    return [{ label: null, options: answer.options ?? [] }];
  }
}

/** The surface of a message. */
export function messageSurface(message, channel, kept) {
  return new Surface("message", { channel, message_ts: message.ts }, kept);
}

/** The surface of a modal view or the home tab. */
export function viewSurface(view, kept) {
  return new Surface(view.type === "home" ? "home" : "modal", { view_id: view.id }, kept);
}

/** Fetches the home tab of the current person. */
export async function fetchHome() {
  state.home = (await get("/_page/home")).view ?? null;
  return state.home;
}
