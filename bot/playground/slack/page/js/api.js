// The stand-in's page API: plain JSON over the same origin.

import { state } from "./state.js";

/** The server said no, or could not be reached; `message` is for people. */
export class ApiError extends Error {
  constructor(message, answer = null) {
    super(message);
    this.answer = answer;
  }
}

async function read(response) {
  const answer = await response.json().catch(() => null);
  if (!response.ok || answer === null) {
    throw new ApiError(answer?.error ?? `The playground answered ${response.status}.`, answer);
  }
  return answer;
}

async function reach(path, options) {
  try {
    return await fetch(path, options);
  } catch {
    throw new ApiError("The playground does not answer. Is it still running?");
  }
}

/** Reads `path` for the current person, once there is one. */
export async function get(path, query = {}) {
  const params = new URLSearchParams({ ...(state.me.id ? { person: state.me.id } : {}), ...query });
  return read(await reach(`${path}?${params}`));
}

/** Sends `body` as the current person; throws ApiError when the answer is not ok. */
export async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  const sent = JSON.stringify({ person: state.me.id, ...body });
  const answer = await read(await reach(path, { method: "POST", headers, body: sent }));
  if (answer.ok === false && !answer.errors)
    throw new ApiError(answer.error ?? answer.text ?? "That did not work.", answer);
  return answer;
}

/** Listens to everything that happens; `onGap` runs after a broken connection came back. */
export function listen(person, onEvent, onGap, onDown) {
  const source = new EventSource(`/_page/stream?${new URLSearchParams({ person })}`);
  let broken = false;
  source.onmessage = (event) => onEvent(JSON.parse(event.data));
  source.onerror = () => {
    broken = true;
    onDown();
  };
  source.onopen = () => {
    if (broken) onGap();
    broken = false;
  };
  return source;
}
