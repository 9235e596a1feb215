"""What a person types becomes Slack's marked-up text, as Slack's client does it."""

from __future__ import annotations

import re

from bot.playground.slack.world import World

KNOWN_TOKEN = re.compile(r"(<[@#!][^<>\s]+>)")
LINK = re.compile(r"https?://[^\s<>]+")
MENTION = re.compile(r"(?<![\w@/])@([A-Za-z0-9][\w.-]*)")
CHANNEL = re.compile(r"(?<![\w#&/])#([a-z0-9][\w-]*)")
LINK_TOKEN = re.compile(r"<(https?://[^|>]+)(?:\|[^>]*)?>")
BROADCASTS = frozenset({"here", "channel", "everyone"})


def escaped(text: str) -> str:
    """The three characters Slack reserves."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def compose(world: World, typed: str, *, with_names: bool = False) -> str:
    """Mentions, channels and links marked up; `with_names` as in commands with `should_escape`."""
    parts = KNOWN_TOKEN.split(typed)
    return "".join(part if KNOWN_TOKEN.fullmatch(part) else _plain(world, part, with_names) for part in parts)


def links_in(text: str) -> list[str]:
    """The links of a marked-up text."""
    return [link.replace("&amp;", "&") for link in LINK_TOKEN.findall(text)]


def _plain(world: World, part: str, with_names: bool) -> str:
    def mention(match: re.Match[str]) -> str:
        name = match[1].rstrip(".-")
        rest = match[1][len(name) :]
        return _mention(world, name, with_names) + rest

    def channel(match: re.Match[str]) -> str:
        found = world.channel("#" + match[1])
        return f"<#{found.id}|{found.name}>" if found else match[0]

    marked = LINK.sub(lambda match: f"<{match[0]}>", escaped(part).replace("&amp;", "\0"))
    return CHANNEL.sub(channel, MENTION.sub(mention, marked)).replace("\0", "&amp;")


def _mention(world: World, name: str, with_names: bool) -> str:
    person, group = world.person(name.lower()), world.group(name.lower())
    if person is not None:
        return f"<@{person.id}|{person.name}>" if with_names else f"<@{person.id}>"
    if group is not None:
        return f"<!subteam^{group.id}|@{group.handle}>" if with_names else f"<!subteam^{group.id}>"
    return f"<!{name}>" if name in BROADCASTS else f"@{name}"
