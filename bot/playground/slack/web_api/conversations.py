"""conversations.*: list, look, read, open, join."""

from __future__ import annotations

from bot.playground.slack.backend import Backend
from bot.playground.slack.errors import ErrorCode, SlackError
from bot.playground.slack.ratelimits import Tier
from bot.playground.slack.shown import channel_to_api, message_to_api
from bot.playground.slack.web_api.method import (
    HISTORY_SCOPES,
    READ_SCOPES,
    Args,
    Json,
    Method,
    message_in,
    need_scope,
    page_of,
    visible_channel,
)
from bot.playground.slack.world import Channel, Message, Privacy


def list_conversations(backend: Backend, args: Args) -> Json:
    """conversations.list: public channels, and what else the app is in."""
    bot = backend.world.identity.bot_user
    try:
        types = [Privacy(name) for name in args.names("types", Privacy.PUBLIC)]
    except ValueError as error:
        wrong = ["must be a valid type [json-pointer:/types]"]
        raise SlackError.with_messages(ErrorCode.INVALID_ARGUMENTS, wrong) from error
    for privacy in types:
        need_scope(backend, READ_SCOPES[privacy])
    rows = [
        channel_to_api(backend.world, channel)
        for channel in backend.world.channels.values()
        if channel.privacy in types
        and (channel.privacy is Privacy.PUBLIC or bot in channel.members)
        and not (channel.is_archived and args.flag("exclude_archived"))
    ]
    page, cursor = page_of(rows, args, 100)
    return {"channels": page, "response_metadata": {"next_cursor": cursor}}


def info(backend: Backend, args: Args) -> Json:
    """conversations.info."""
    channel = visible_channel(backend, args.need("channel"))
    need_scope(backend, READ_SCOPES[channel.privacy])
    return {"channel": channel_to_api(backend.world, channel)}


def members(backend: Backend, args: Args) -> Json:
    """conversations.members."""
    channel = visible_channel(backend, args.need("channel"))
    need_scope(backend, READ_SCOPES[channel.privacy])
    page, cursor = page_of(channel.members, args, 100)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def _readable(backend: Backend, args: Args) -> Channel:
    channel = visible_channel(backend, args.need("channel"))
    need_scope(backend, HISTORY_SCOPES[channel.privacy])
    if backend.world.identity.bot_user not in channel.members:
        raise SlackError(ErrorCode.NOT_IN_CHANNEL)
    return channel


def _between(rows: list[Message], args: Args) -> list[Message]:
    oldest, latest = args.text("oldest") or "0", args.text("latest")
    if args.flag("inclusive"):
        return [m for m in rows if float(oldest) <= float(m.ts) <= float(latest or "inf")]
    return [m for m in rows if float(oldest) < float(m.ts) < float(latest or "inf")]


def _shown(backend: Backend, args: Args, rows: list[Message]) -> Json:
    page, cursor = page_of(rows, args, 100)
    metadata = args.flag("include_all_metadata")
    shown = [
        message_to_api(backend.world, message, base=backend.base, with_metadata=metadata) for message in page
    ]
    answer: Json = {"messages": shown, "has_more": bool(cursor)}
    return answer | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


def history(backend: Backend, args: Args) -> Json:
    """conversations.history: newest first, without the answers in threads."""
    channel = _readable(backend, args)
    rows = [m for m in channel.messages.values() if not m.is_reply or m.broadcast]
    answer = _shown(backend, args, _between(rows, args)[::-1])
    return answer | {"pin_count": sum(message.pinned for message in rows)}


def replies(backend: Backend, args: Args) -> Json:
    """conversations.replies: the root first, then its answers, oldest first."""
    channel = _readable(backend, args)
    ts = args.need("ts")
    if ts not in channel.messages:
        raise SlackError(ErrorCode.THREAD_NOT_FOUND)
    root = channel.messages[channel.messages[ts].thread_ts or ts]
    return _shown(backend, args, [root, *_between(channel.replies(root.ts), args)])


def open_conversation(backend: Backend, args: Args) -> Json:
    """conversations.open: a direct message with one person or several."""
    world = backend.world
    if args.text("channel"):
        return {"channel": {"id": visible_channel(backend, args.need("channel")).id}}
    users = args.names("users", "")
    if not users:
        raise SlackError(ErrorCode.USERS_LIST_NOT_SUPPLIED)
    if len(users) > 8:
        raise SlackError(ErrorCode.TOO_MANY_USERS)
    for user in users:
        if user not in world.people:
            raise SlackError(ErrorCode.USER_NOT_FOUND)
        if world.people[user].deleted:
            raise SlackError(ErrorCode.USER_DISABLED)
    need_scope(backend, "im:write" if len(users) == 1 else "mpim:write")
    if len(users) == 1:
        known = "D" + users[0][1:] in world.channels
        return {"channel": {"id": world.app_channel(users[0]).id}, "already_open": known, "no_op": known}
    return {"channel": {"id": _group_message(backend, users).id}}


def _group_message(backend: Backend, users: list[str]) -> Channel:
    members = [*users, backend.world.identity.bot_user]
    for channel in backend.world.channels.values():
        if channel.privacy is Privacy.MPIM and set(channel.members) == set(members):
            return channel
    names = "--".join(backend.world.people[user].name for user in users)
    made = Channel(backend.ids.new("G"), f"mpdm-{names}-1", Privacy.MPIM, members)
    backend.world.channels[made.id] = made
    backend.posting.channel_changed(made)
    return made


def join(backend: Backend, args: Args) -> Json:
    """conversations.join: public channels only."""
    channel = visible_channel(backend, args.need("channel"))
    bot = backend.world.identity.bot_user
    if channel.privacy is not Privacy.PUBLIC:
        raise SlackError(ErrorCode.METHOD_NOT_SUPPORTED)
    if channel.is_archived:
        raise SlackError(ErrorCode.IS_ARCHIVED)
    already = bot in channel.members
    if not already:
        channel.members.append(bot)
        backend.events.about("member_joined_channel", user=bot, channel=channel.id, channel_type="C")
    answer: Json = {"channel": channel_to_api(backend.world, channel)}
    return answer | ({"warning": "already_in_channel"} if already else {})


def mark_free(backend: Backend, args: Args) -> Message:
    """A message the app may react to or pin."""
    channel = visible_channel(backend, args.need("channel"))
    if backend.world.identity.bot_user not in channel.members:
        raise SlackError(ErrorCode.NOT_IN_CHANNEL)
    return message_in(channel, args.need("timestamp"))


READ, HISTORY = tuple(READ_SCOPES.values()), tuple(HISTORY_SCOPES.values())
METHODS = (
    Method("conversations.list", list_conversations, Tier.TWO, READ),
    Method("conversations.info", info, Tier.THREE, READ),
    Method("conversations.members", members, Tier.FOUR, READ),
    Method("conversations.history", history, Tier.THREE, HISTORY),
    Method("conversations.replies", replies, Tier.THREE, HISTORY),
    Method("conversations.open", open_conversation, Tier.THREE, ("im:write", "mpim:write")),
    Method("conversations.join", join, Tier.THREE, ("channels:join",)),
)
