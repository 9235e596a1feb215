"""The shapes of the page API, `/_page/...`: what the server answers and what the browser page sends.

All JSON, loopback and same origin only. Errors of the request itself (unknown person, wrong shape) answer
HTTP 400 with `{"ok": false, "error": "<plain words>"}`; all that Slack would show to the person answers 200.

    GET  /                                           page/index.html
    GET  /static/<file>                              files of page/
    GET  /_page/bootstrap?person=U                   Bootstrap (without `person`: the first person)
    GET  /_page/messages?person=U&channel=C          {"messages": [PageMessage]}; marks the channel as read
    GET  /_page/home?person=U                        {"view": View | null}; tells the app that it was opened
    GET  /_page/views?person=U                       {"views": [View]}; the open modals, the topmost last
    GET  /_page/stream?person=U                      Server-Sent Events, each `data: ` + StreamEvent
    GET  /_page/files/<file id>                      the uploaded bytes (PageFile.page_url points here)
    POST /_page/send      SendBody       -> Done
    POST /_page/click     ClickBody      -> Done
    POST /_page/submit    SubmitBody     -> Submitted
    POST /_page/close     CloseBody      -> Done
    POST /_page/options   OptionsBody    -> Options
    POST /_page/shortcut  ShortcutBody   -> Done
    POST /_page/director  DirectorBody   -> ActResult (see director_port.py)

Blocks, views, elements and state values are Slack's own JSON, untouched; `View` has at least id, hash, type,
callback_id, title, submit, close, blocks, state, root_view_id, previous_view_id.
Text in messages is Slack's mrkdwn: `<@U..>`, `<#C..|name>`, `<!date^..>`, `<https://..|text>`, and
&amp; &lt; &gt; for the three characters.
Persons type plain text: the server turns `@name` and `#name` into mentions, as Slack's own client does.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NotRequired, TypedDict

from bot.playground.slack.director_port import DirectorAct

Json = dict[str, Any]


class ChannelKind(StrEnum):
    """Where a conversation is listed in the side bar; `app` is the person's direct message with the app."""

    CHANNEL = "channel"
    DM = "dm"
    APP = "app"


class StreamType(StrEnum):
    """What can change under the eyes of a person."""

    MESSAGE = "message"  # channel, message; thread replies too
    MESSAGE_CHANGED = "message_changed"  # channel, message (also when reply_count or files changed)
    MESSAGE_DELETED = "message_deleted"  # channel, ts; an ephemeral message that was removed, too
    EPHEMERAL = "ephemeral"  # channel, message; only sent to its person
    VIEW_OPENED = "view_opened"  # view: put it on top of the stack (open and push)
    VIEW_UPDATED = "view_updated"  # view: same id, replace it
    VIEW_CLOSED = "view_closed"  # view_id: take it off the stack
    HOME = "home"  # view: the new home tab
    REACTION = "reaction"  # channel, ts, user, reaction
    PRESENCE = "presence"  # user (the app's bot user), presence: active | away
    CHANNEL = "channel"  # page_channel: a channel that is new to this person, or was archived


class PagePerson(TypedDict):
    """Somebody in the workspace, bots too."""

    id: str
    name: str  # the handle, as typed after @
    real_name: str
    display_name: str
    title: str
    tz: str
    is_bot: bool
    is_guest: bool
    is_stranger: bool  # of another organisation, here through a shared channel
    deleted: bool
    selectable: bool  # whether the page may switch to this person


class PageChannel(TypedDict):
    """A conversation in one person's side bar."""

    id: str
    name: str
    kind: ChannelKind
    topic: str
    members: list[str]
    is_private: bool
    is_archived: bool
    is_shared: bool  # with another organisation
    unread: int


class PageUsergroup(TypedDict):
    """A group that can be mentioned."""

    id: str
    handle: str
    name: str
    users: list[str]


class PageCommand(TypedDict):
    """What the composer completes."""

    command: str  # with the slash
    description: str
    usage_hint: str


class PageShortcut(TypedDict):
    """An entry of a menu."""

    name: str
    type: str  # global | message
    callback_id: str
    description: str


class PageTeam(TypedDict):
    """The workspace."""

    id: str
    name: str
    domain: str


class PageApp(TypedDict):
    """The installed app: whose direct message has the home tab."""

    id: str
    name: str
    bot_id: str
    bot_user_id: str
    channel: str  # this person's direct message with the app
    home_tab: bool
    messages_tab: bool
    read_only: bool  # nothing may be typed in the direct message


class Bootstrap(TypedDict):
    """The answer of /_page/bootstrap."""

    team: PageTeam
    me: PagePerson
    app: PageApp
    people: list[PagePerson]
    channels: list[PageChannel]  # only those this person can see
    usergroups: list[PageUsergroup]
    commands: list[PageCommand]  # exactly those of the manifest
    shortcuts: list[PageShortcut]
    director: list[DirectorAct]


class PageFile(TypedDict):
    """An uploaded file."""

    id: str
    name: str
    title: str
    mimetype: str
    size: int
    page_url: str


class PageReaction(TypedDict):
    """One emoji and who gave it."""

    name: str
    users: list[str]
    count: int


class PageBot(TypedDict):
    """The app as an author."""

    id: str
    name: str


class PageMessage(TypedDict):
    """A message as this person sees it."""

    ts: str
    channel: str
    user: str  # a person, the app's bot user, or USLACKBOT
    bot: PageBot | None
    text: str
    blocks: list[Json]
    attachments: list[Json]  # unfurls: {from_url, title, text, blocks, ...}
    thread_ts: str | None  # of a reply and of a root that has replies, as in Slack
    reply_count: int
    reply_broadcast: bool  # a reply that is also shown in the channel
    edited: str | None  # ts of the last edit
    ephemeral: bool
    files: list[PageFile]
    reactions: list[PageReaction]
    pinned: bool
    metadata: Json | None


class StreamEvent(TypedDict):
    """One event of the stream; StreamType says which fields it has."""

    type: StreamType
    channel: NotRequired[str]
    message: NotRequired[PageMessage]
    ts: NotRequired[str]
    view: NotRequired[Json]
    view_id: NotRequired[str]
    user: NotRequired[str]
    reaction: NotRequired[str]
    presence: NotRequired[str]
    page_channel: NotRequired[PageChannel]


class SendBody(TypedDict):
    """A line of the composer."""

    person: str
    channel: str
    text: str  # a slash command when it starts with /
    thread_ts: NotRequired[str | None]


class ClickBody(TypedDict):
    """`action` is what Slack puts into `actions`: type, block_id, action_id and the chosen value."""

    person: str
    action: Json
    channel: NotRequired[str | None]
    message_ts: NotRequired[str | None]
    view_id: NotRequired[str | None]  # a modal or the home tab
    state: NotRequired[Json | None]  # {"values": {block_id: {action_id: {type, value | selected_..}}}}


class SubmitBody(TypedDict):
    """The main button of a modal."""

    person: str
    view_id: str
    state: Json


class CloseBody(TypedDict):
    """The other button of a modal, or its cross."""

    person: str
    view_id: str
    is_cleared: NotRequired[bool]  # the whole stack was closed with the cross


class OptionsBody(TypedDict):
    """Letters typed into an external select."""

    person: str
    block_id: str
    action_id: str
    value: str  # what was typed so far
    view_id: NotRequired[str | None]
    channel: NotRequired[str | None]
    message_ts: NotRequired[str | None]


class ShortcutBody(TypedDict):
    """A shortcut from a menu."""

    person: str
    callback_id: str
    channel: NotRequired[str | None]  # channel and message_ts: a message shortcut
    message_ts: NotRequired[str | None]


class DirectorBody(TypedDict):
    """An act of the side panel, with the values of its fields."""

    name: str
    args: Json


class Done(TypedDict):
    """`error` is Slack's code or sentence for the person."""

    ok: bool
    error: NotRequired[str]


class Submitted(TypedDict):
    """`errors` by block_id: shown under the inputs, the view stays open."""

    ok: bool
    error: NotRequired[str]
    errors: NotRequired[dict[str, str]]


class Options(TypedDict):
    """One of the two, as in Slack."""

    options: NotRequired[list[Json]]
    option_groups: NotRequired[list[Json]]
