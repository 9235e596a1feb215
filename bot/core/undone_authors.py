"""Who wrote the commits that left with a rollback: they hear of it once, and what they can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.code import Commit
from bot.core.naming import named_as
from bot.core.range_words import AUTHOR, TITLE
from bot.core.records import Deployment, Resolution
from bot.core.text import Link, Mention, Span, Text, bold, code, line
from bot.core.values import short
from bot.core.visible import clip, visible

MOST = 20  # people who are named
EACH = 3  # commits of one of them
REASON = 500
BOT = "[bot]"  # what code hosts call their bots by


@dataclass(frozen=True, slots=True)
class Author:
    """One account, or a name that belongs to none, and what it wrote."""

    name: str
    account: str | None  # its number at the code host
    commits: tuple[Commit, ...]  # the newest first


def authors_of(resolution: Resolution | None) -> tuple[Author, ...]:
    """Those of the commits that leave, whoever wrote last first; each once, and no bots. A merge has none."""
    leaves = resolution.leaves if resolution else None
    found: dict[str, Author] = {}
    for commit in reversed(leaves.commits if leaves else ()):
        for name, account in () if commit.is_merge else _who(commit):
            known = found.get(name.casefold(), Author(name, account, ()))
            commits = known.commits if commit in known.commits else (*known.commits, commit)
            found[name.casefold()] = Author(known.name, known.account or account, commits)
    return tuple(found.values())


def _who(commit: Commit) -> list[tuple[str, str | None]]:
    """Author and co-authors. Which co-author has which number is known only where each has one."""
    co_authors, ids = commit.co_authors, commit.co_author_ids
    numbers: tuple[str | None, ...] = ids if len(ids) == len(co_authors) else (None,) * len(co_authors)
    everybody = [(commit.author, commit.author_id), *zip(co_authors, numbers, strict=True)]
    return [(name, account) for name, account in everybody if not name.lower().endswith(BOT)]


def told_authors(deployment: Deployment, people: Mapping[str, str]) -> Text:
    """What left, who took it away and why, and the way back. `people` are the holders of the accounts."""
    base = deployment.resolution.base if deployment.resolution else None
    undone = f"#{base.number}" if base else "what ran there"
    reason = clip(deployment.wish.reason, REASON)
    text = line("By ", named_as(deployment.requested_by), f" because {reason}" if reason else "")
    authors = authors_of(deployment.resolution)
    rung: set[str] = {deployment.requested_by.id}  # who did it knows
    for each in authors[:MOST]:
        text += line(_named(each, people, rung), ": ", *_commits(each))
    if len(authors) > MOST:
        text += line(f"… and {len(authors) - MOST:,} more people")
    return text + _way_back(undone, base.number if base else deployment.number)


def _named(author: Author, people: Mapping[str, str], rung: set[str]) -> Span:
    """Nobody hears of it twice, whatever accounts they have."""
    person = people.get(author.account) if author.account else None
    name = clip(visible(author.name), AUTHOR)
    if person is None or person in rung:
        return bold(name)
    rung.add(person)
    return Mention(person, name, notify=True)


def _commits(author: Author) -> list[Span | str]:
    spans: list[Span | str] = []
    for each in author.commits[:EACH]:
        name = short(each.sha)
        spans += [", " if spans else "", Link(each.url, name) if each.url else code(name)]
        spans.append(f" {clip(visible(each.title), TITLE)}")
    more = len(author.commits) - EACH
    return [*spans, f" and {more:,} more"] if more > 0 else spans


def _way_back(undone: str, number: int) -> Text:
    text = line(f"It left with {undone}, and that release is kept out until a fix is there.")
    fixes = code(f"Fixes-Deployment: #{number}")
    return text + line("Deploy one: a commit that reverts one of these, or says ", fixes, " in its message.")
