"""People, channels and messages as the Web API and as the page show them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.playground.slack.page_shapes import (
    PageBot,
    PageChannel,
    PageFile,
    PageMessage,
    PagePerson,
    PageReaction,
)
from bot.playground.slack.world import Channel, Message, Person, Privacy, StoredFile, Usergroup, World

Json = dict[str, Any]


def _bot(world: World) -> PageBot:
    return {"id": world.identity.bot_id, "name": world.people[world.identity.bot_user].real_name}


def person_to_page(person: Person) -> PagePerson:
    """For the page's lists."""
    return {
        "id": person.id,
        "name": person.name,
        "real_name": person.real_name,
        "display_name": person.display_name,
        "title": person.title,
        "tz": person.tz,
        "is_bot": person.is_bot,
        "is_guest": person.is_guest,
        "is_stranger": person.is_stranger,
        "deleted": person.deleted,
        "selectable": person.selectable,
    }


def person_to_api(person: Person, now: datetime, *, with_email: bool) -> Json:
    """A `user` object; a deactivated one has no time zone and no roles, a stranger no email."""
    profile: Json = {
        "title": person.title,
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": person.display_name,
        "display_name_normalized": person.display_name,
        "team": person.team_id,
    }
    if with_email and person.email and not person.is_stranger:
        profile["email"] = person.email
    shown: Json = {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "deleted": person.deleted,
        "profile": profile,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": 1_700_000_000,
    }
    if person.deleted:
        return shown
    offset = now.astimezone(ZoneInfo(person.tz)).utcoffset()
    shown |= {
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": person.tz.rsplit("/", 1)[-1].replace("_", " "),
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "is_admin": person.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.is_guest,
        "is_ultra_restricted": False,
        "is_stranger": person.is_stranger,
    }
    return shown


def channel_to_page(world: World, channel: Channel, person: str) -> PageChannel:
    """For one person's side bar."""
    name = channel.name
    if channel.privacy is Privacy.IM:
        name = world.people[world.identity.bot_user].real_name
    if channel.privacy is Privacy.MPIM:
        name = ", ".join(world.people[m].display_name for m in channel.members if m != person)
    return {
        "id": channel.id,
        "name": name,
        "kind": channel.kind,
        "topic": channel.topic,
        "members": list(channel.members),
        "is_private": channel.privacy is not Privacy.PUBLIC,
        "is_archived": channel.is_archived,
        "is_shared": channel.is_shared,
        "unread": channel.unread(person),
    }


def channel_to_api(world: World, channel: Channel) -> Json:
    """A `channel` object."""
    bot, privacy = world.identity.bot_user, channel.privacy
    shown: Json = {
        "id": channel.id,
        "created": channel.created,
        "is_archived": channel.is_archived,
        "is_im": privacy is Privacy.IM,
        "is_mpim": privacy is Privacy.MPIM,
        "is_org_shared": False,
        "context_team_id": world.identity.team_id,
    }
    if privacy is Privacy.IM:
        return shown | {"user": next(m for m in channel.members if m != bot), "is_user_deleted": False}
    return shown | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": privacy is Privacy.PUBLIC,
        "is_group": privacy is Privacy.PRIVATE,
        "is_private": privacy is not Privacy.PUBLIC,
        "is_general": channel.name == "general",
        "is_member": bot in channel.members,
        "is_shared": channel.is_shared,
        "is_ext_shared": channel.is_shared,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "num_members": len(channel.members),
    }


def usergroup_to_api(world: World, group: Usergroup, *, with_users: bool) -> Json:
    """A `usergroup` object."""
    shown: Json = {
        "id": group.id,
        "team_id": world.identity.team_id,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "description": "",
        "is_external": False,
        "date_delete": 0,
        "user_count": len(group.users),
    }
    return shown | ({"users": list(group.users)} if with_users else {})


def file_to_page(file: StoredFile) -> PageFile:
    """With the address the page may fetch it from."""
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "size": len(file.content),
        "page_url": f"/_page/files/{file.id}",
    }


def file_to_api(world: World, file: StoredFile, base: str) -> Json:
    """A `file` object; `url_private` wants the bot's token."""
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.name.rsplit(".", 1)[-1],
        "size": len(file.content),
        "user": world.identity.bot_user,
        "mode": "hosted",
        "is_external": False,
        "url_private": f"{base}/files-pri/{file.id}/{file.name}",
        "permalink": f"{base}/files/{file.id}/{file.name}",
    }


def _reactions(message: Message) -> list[PageReaction]:
    return [
        {"name": name, "users": list(users), "count": len(users)} for name, users in message.reactions.items()
    ]


def message_to_page(world: World, message: Message) -> PageMessage:
    """As the browser shows it."""
    replies = world.channels[message.channel].replies(message.ts)
    return {
        "ts": message.ts,
        "channel": message.channel,
        "user": message.user,
        "bot": _bot(world) if message.by_app else None,
        "text": message.text,
        "blocks": message.blocks,
        "attachments": message.attachments,
        "thread_ts": message.thread_ts,
        "reply_count": len(replies),
        "reply_broadcast": message.broadcast,
        "edited": message.edited,
        "ephemeral": message.ephemeral_for is not None,
        "files": [file_to_page(world.files[key]) for key in message.files],
        "reactions": _reactions(message),
        "pinned": message.pinned,
        "metadata": message.metadata,
    }


def message_to_api(world: World, message: Message, *, base: str = "", with_metadata: bool = True) -> Json:
    """A `message` object."""
    shown: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    shown["team"] = world.people[message.user].team_id
    if message.by_app:
        shown |= {"bot_id": world.identity.bot_id, "app_id": world.identity.app_id}
        shown["bot_profile"] = {**_bot(world), "app_id": world.identity.app_id, "deleted": False}
    for name in ("blocks", "attachments"):
        if value := getattr(message, name):
            shown[name] = value
    if message.thread_ts:
        shown["thread_ts"] = message.thread_ts
    replies = world.channels[message.channel].replies(message.ts)
    if replies:
        users = list(dict.fromkeys(reply.user for reply in replies))
        shown |= {"reply_count": len(replies), "reply_users": users, "latest_reply": replies[-1].ts}
    if message.is_reply:
        shown["parent_user_id"] = _root_user(world, message)
    if message.broadcast:
        shown["subtype"] = "thread_broadcast"
    if message.edited:
        shown["edited"] = {"user": message.user, "ts": message.edited}
    if message.files:
        shown["files"] = [file_to_api(world, world.files[key], base) for key in message.files]
    if message.reactions:
        shown["reactions"] = _reactions(message)
    if message.metadata and with_metadata:
        shown["metadata"] = message.metadata
    return shown


def _root_user(world: World, message: Message) -> str:
    root = world.channels[message.channel].messages.get(message.thread_ts or "")
    return root.user if root else message.user
