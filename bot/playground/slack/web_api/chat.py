"""chat.*: post, change, delete, whisper, link, unfurl."""

from __future__ import annotations

from bot.playground.slack.backend import Backend
from bot.playground.slack.content import Content, check_content, check_message_blocks
from bot.playground.slack.errors import ErrorCode, SlackError, missing_field
from bot.playground.slack.limits import MARKDOWN_TEXT, POST_TEXT, UPDATE_TEXT
from bot.playground.slack.posting import with_ids
from bot.playground.slack.ratelimits import Tier
from bot.playground.slack.shown import message_to_api
from bot.playground.slack.web_api.method import Args, Json, Method, message_in, visible_channel
from bot.playground.slack.world import Channel, Message, Privacy


def _content(backend: Backend, args: Args, longest: int) -> Content:
    marked = args.text("markdown_text")
    if marked and (args.text("text") or args.raw.get("blocks")):
        raise SlackError(ErrorCode.MARKDOWN_TEXT_CONFLICT)
    if len(marked or "") > MARKDOWN_TEXT:
        raise SlackError(ErrorCode.MSG_TOO_LONG)
    content = Content(
        text=marked or args.text("text"),
        blocks=args.parsed("blocks", ErrorCode.INVALID_BLOCKS_FORMAT, list),
        attachments=args.parsed("attachments", ErrorCode.INVALID_BLOCKS_FORMAT, list),
        metadata=args.parsed("metadata", ErrorCode.INVALID_METADATA_FORMAT, dict),
    )
    check_content(content, longest, backend.refused_blocks)
    return content


def postable_channel(backend: Backend, key: str) -> Channel:
    """Where the app may post: a channel by id or name, or a person's direct message."""
    world, bot, manifest = backend.world, backend.world.identity.bot_user, backend.manifest
    if key in world.people:
        if world.people[key].deleted or world.people[key].is_bot:
            raise SlackError(ErrorCode.CHANNEL_NOT_FOUND)
        channel = world.app_channel(key)
    else:
        channel = visible_channel(backend, key, by_name=True)
    if channel.is_archived:
        raise SlackError(ErrorCode.IS_ARCHIVED)
    if channel.privacy is Privacy.IM and not manifest.messages_tab:
        raise SlackError(ErrorCode.MESSAGES_TAB_DISABLED)
    if bot not in channel.members and "chat:write.public" not in manifest.scopes:
        raise SlackError(ErrorCode.NOT_IN_CHANNEL)
    return channel


def _thread_root(channel: Channel, thread_ts: str | None) -> str | None:
    """The root of the thread, also when the ts of a reply was given."""
    if not thread_ts:
        return None
    root = channel.messages.get(thread_ts)
    if root is None:
        raise SlackError(ErrorCode.CANNOT_REPLY)
    return root.thread_ts or root.ts


def new_message(backend: Backend, channel: Channel, args: Args, content: Content) -> Message:
    """A message of the app, not yet shown."""
    return Message(
        ts=backend.ids.ts(),
        channel=channel.id,
        user=backend.world.identity.bot_user,
        text=content.text or "",
        by_app=True,
        blocks=content.blocks or [],
        attachments=content.attachments or [],
        metadata=content.metadata,
        thread_ts=_thread_root(channel, args.text("thread_ts")),
        broadcast=args.flag("reply_broadcast"),
    )


def post_message(backend: Backend, args: Args) -> Json:
    """chat.postMessage."""
    channel = postable_channel(backend, args.need("channel"))
    content = _content(backend, args, POST_TEXT)
    if content.empty:
        raise SlackError(ErrorCode.NO_TEXT)
    message = backend.posting.post(new_message(backend, channel, args, content))
    shown = message_to_api(backend.world, message, base=backend.base)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


def post_ephemeral(backend: Backend, args: Args) -> Json:
    """chat.postEphemeral: one member sees it; nobody can change it later."""
    channel = postable_channel(backend, args.need("channel"))
    person = args.need("user")
    if person not in channel.members or backend.world.people[person].deleted:
        raise SlackError(ErrorCode.USER_NOT_IN_CHANNEL)
    content = _content(backend, args, POST_TEXT)
    if content.empty:
        raise SlackError(ErrorCode.NO_TEXT)
    message = new_message(backend, channel, args, content)
    message.ephemeral_for, message.broadcast = person, False
    return {"message_ts": backend.posting.whisper(message).ts}


def _own_message(backend: Backend, args: Args, refusal: ErrorCode) -> Message:
    channel = visible_channel(backend, args.need("channel"))
    message = message_in(channel, args.need("ts"))
    if not message.by_app:
        raise SlackError(refusal)
    if channel.is_archived:
        raise SlackError(ErrorCode.IS_INACTIVE)
    return message


def update(backend: Backend, args: Args) -> Json:
    """chat.update: what is not sent stays; an empty list or object takes it away."""
    message = _own_message(backend, args, ErrorCode.CANT_UPDATE_MESSAGE)
    content = _content(backend, args, UPDATE_TEXT)
    if content.text is None and content.blocks is None and content.attachments is None:
        raise SlackError(ErrorCode.NO_TEXT)
    if content.text is not None:
        message.text = content.text
    if content.blocks is not None:
        message.blocks = with_ids(content.blocks, backend.ids)
    if content.attachments is not None:
        message.attachments = content.attachments
    if content.metadata is not None:
        message.metadata = content.metadata or None
    if args.flag("reply_broadcast") and message.is_reply:
        message.broadcast = True
    message.edited = backend.ids.ts()
    backend.posting.changed(message)
    shown = message_to_api(backend.world, message, base=backend.base)
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": shown}


def delete(backend: Backend, args: Args) -> Json:
    """chat.delete."""
    message = _own_message(backend, args, ErrorCode.CANT_DELETE_MESSAGE)
    backend.posting.remove(message)
    return {"channel": message.channel, "ts": message.ts}


def get_permalink(backend: Backend, args: Args) -> Json:
    """chat.getPermalink."""
    channel = visible_channel(backend, args.need("channel"))
    message = message_in(channel, args.need("message_ts"))
    link = f"{backend.base}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    thread = f"?thread_ts={message.thread_ts}&cid={channel.id}" if message.is_reply else ""
    return {"channel": channel.id, "permalink": link + thread}


def unfurl(backend: Backend, args: Args) -> Json:
    """chat.unfurl: attach cards to the links of somebody's message."""
    unfurls = args.parsed("unfurls", ErrorCode.MISSING_UNFURLS, dict)
    if not unfurls:
        raise SlackError(ErrorCode.MISSING_UNFURLS)
    message = _unfurled_message(backend, args)
    for url, attachment in unfurls.items():
        if url not in message.text.replace("&amp;", "&"):
            raise SlackError(ErrorCode.CANNOT_UNFURL_URL)
        check_message_blocks(attachment.get("blocks"), backend.refused_blocks, "/unfurls/blocks")
    kept = [one for one in message.attachments if one.get("from_url") not in unfurls]
    message.attachments = kept + [{"from_url": url, **card} for url, card in unfurls.items()]
    backend.posting.changed(message)
    return {}


def _unfurled_message(backend: Backend, args: Args) -> Message:
    unfurl_id, channel_id, ts = args.text("unfurl_id"), args.text("channel"), args.text("ts")
    if unfurl_id:
        channel_id, _, ts = unfurl_id.partition("-")
    if not channel_id or not ts:
        raise missing_field("channel")
    message = visible_channel(backend, channel_id).messages.get(ts)
    if message is None:
        raise SlackError(ErrorCode.CANNOT_UNFURL_MESSAGE)
    return message


WRITE = ("chat:write",)
METHODS = (
    Method("chat.postMessage", post_message, Tier.POSTING, WRITE),
    Method("chat.postEphemeral", post_ephemeral, Tier.FOUR, WRITE),
    Method("chat.update", update, Tier.THREE, WRITE),
    Method("chat.delete", delete, Tier.THREE, WRITE),
    Method("chat.getPermalink", get_permalink, Tier.FREE),
    Method("chat.unfurl", unfurl, Tier.THREE, ("links:write",)),
)
