// Starts the page: loads the workspace, draws it, and listens.

import { listen } from "./api.js";
import { buildConversation, drawConversation, drawHome, drawMessages } from "./parts/conversation.js";
import { directorWasOpen, drawDirector, rememberDirector } from "./parts/director.js";
import { sayingOf } from "./parts/message.js";
import { syncViews } from "./parts/modal.js";
import { drawSidebar } from "./parts/sidebar.js";
import { applyTheme } from "./parts/theme.js";
import { buildThread, drawThread } from "./parts/thread.js";
import { nameOf, on, personOf, state } from "./state.js";
import { fetchHome } from "./surface.js";
import { catchUp, loadMessages, loadWorkspace, take } from "./sync.js";
import { h, put } from "./ui/dom.js";
import { failed, toast } from "./ui/toast.js";

const byId = (id) => document.getElementById(id);

/** The address names who looks at what, so that it can be shared and reloaded. */
function writeAddress(push) {
  const query = new URLSearchParams({ as: state.me.id });
  if (state.channel) query.set("channel", state.channel);
  if (state.thread) query.set("thread", state.thread);
  if (state.tab === "home") query.set("tab", "home");
  history[push ? "pushState" : "replaceState"](null, "", `?${query}`);
}

function firstChannel(wanted) {
  if (state.channels.has(wanted)) return wanted;
  const named = [...state.channels.values()].find(
    (one) => state.channels.get(one.id).name === wanted?.replace(/^#/, ""),
  );
  const open = [...state.channels.values()].filter((one) => !one.is_archived);
  return (
    (named ?? open.find((one) => one.kind === "channel" && one.name === "deploys") ?? open[0])?.id ?? null
  );
}

async function show({ channel, thread = null, tab = "messages" }, push = true) {
  state.channel = channel;
  state.thread = thread;
  state.tab = state.channels.get(channel)?.kind === "app" ? tab : "messages";
  writeAddress(push);
  closeSidebar();
  if (state.tab === "home") await fetchHome();
  else if (channel) await loadMessages(channel);
  if (state.channel !== channel) return;
  drawSidebar();
  drawConversation();
  drawThread();
}

function fromAddress(push) {
  const query = new URLSearchParams(location.search);
  return show(
    {
      channel: firstChannel(query.get("channel")),
      thread: query.get("thread"),
      tab: query.get("tab") ?? "messages",
    },
    push,
  );
}

function openThread(ts) {
  state.thread = ts;
  writeAddress(true);
  drawThread();
}

function openChannel(channel) {
  const { kind, unread } = state.channels.get(channel) ?? {};
  const home = kind === "app" && state.app.home_tab && !unread; // what it has to say comes first
  show({ channel, tab: home ? "home" : "messages" }).catch(failed);
}

/** Reads a new message aloud to those who listen, in the open channel only. */
function announce(nodes) {
  const others = nodes.filter(({ message }) => message.user !== state.me.id);
  const lines = others
    .slice(-3)
    .map(({ node, message }) => h("p", {}, `${nameOf(personOf(message.user))}: ${sayingOf(node)}`));
  if (lines.length) put(byId("live"), lines);
}

function messagesChanged({ channel, fresh }) {
  if (channel === state.channel) {
    const added = [...drawMessages(), ...drawThread()];
    if (fresh) announce(added.filter(({ message }) => message.ts === fresh.ts).slice(0, 1));
    if (fresh && !document.hidden && state.tab === "messages") state.channels.get(channel).unread = 0;
  }
  drawSidebar();
}

function channelsChanged(id) {
  drawSidebar();
  if (id === state.channel) drawConversation();
}

function become(person) {
  const query = new URLSearchParams(location.search);
  query.set("as", person);
  query.delete("thread");
  location.search = query;
}

function toggleDirector() {
  const panel = byId("director");
  panel.hidden = !panel.hidden;
  rememberDirector(!panel.hidden);
}

function closeSidebar() {
  byId("app").classList.remove("sidebar-open");
  byId("scrim").hidden = true;
}

function toggleSidebar() {
  const open = byId("app").classList.toggle("sidebar-open");
  byId("scrim").hidden = !open;
  if (open) byId("sidebar").querySelector(".here, .room")?.focus();
}

function wire() {
  on("open-channel", openChannel);
  on("open-thread", openThread);
  on("open-tab", (tab) => show({ channel: state.channel, tab }).catch(failed));
  on("become", become);
  on("toggle-director", toggleDirector);
  on("toggle-sidebar", toggleSidebar);
  on("messages", messagesChanged);
  on("channels", channelsChanged);
  on("home", drawHome);
  byId("scrim").addEventListener("click", closeSidebar);
  addEventListener("popstate", () => fromAddress(false).catch(failed));
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (byId("app").classList.contains("sidebar-open")) closeSidebar();
    else if (state.thread) openThread(null);
  });
}

function startListening() {
  let down = false;
  const onDown = () => {
    if (!down) toast("The connection to the playground broke. Trying again…", "bad");
    down = true;
  };
  const onGap = async () => {
    down = false;
    await catchUp();
    await syncViews();
    drawConversation();
    drawThread();
    drawSidebar();
    toast("Connected again.");
  };
  return listen(state.me.id, take, () => onGap().catch(failed), onDown);
}

async function start() {
  applyTheme();
  await loadWorkspace(new URLSearchParams(location.search).get("as"));
  wire();
  buildConversation();
  buildThread();
  drawDirector(toggleDirector);
  byId("director").hidden = !directorWasOpen() || innerWidth < 1100;
  startListening();
  await fromAddress(false);
  await syncViews();
  document.documentElement.dataset.ready = "true";
}

start().catch((error) => {
  failed(error);
  put(
    byId("main"),
    h(
      "div",
      { class: "nothing" },
      h("h1", {}, "The playground could not be opened"),
      h("p", {}, error.message),
      h("p", {}, h("a", { href: "/" }, "Try again")),
    ),
  );
});
