"""The chat's ports in memory: who people are, forms that open, messages that stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.core.effects import Posted
from bot.core.errors import NeedsHuman
from bot.core.linking import Team
from bot.core.values import Person
from tests.fakes.samples import ADA, FORMER, GUEST, LINUS, STRANGER


@dataclass
class FakeDirectory:
    """The port Directory; `fails` is raised instead of an answer, and `stale` is what memory says."""

    people: dict[str, Person] = field(
        default_factory=lambda: {each.id: each for each in (ADA, LINUS, GUEST, STRANGER, FORMER)}
    )
    fails: Exception | None = None
    remembers: bool = True
    stale: dict[str, Person] = field(default_factory=dict)
    lists_groups: bool = False  # from the people above
    teams: dict[str, int] = field(default_factory=dict)  # those it can read, and how many are unlinked

    async def person(self, workspace: str, id: str, *, fresh: bool = False) -> Person:  # noqa: ARG002
        if self.fails is not None:
            raise self.fails
        if id not in self.people:
            raise NeedsHuman("Slack refused a call.", "It says user_not_found.", "The log has the details.")
        return self.people[id] if fresh else self.stale.get(id, self.people[id])

    async def known(self, workspace: str, id: str) -> Person | None:  # noqa: ARG002
        return self.people.get(id) if self.remembers else None

    async def members(self, workspace: str, group: str, *, fresh: bool = False) -> frozenset[str]:  # noqa: ARG002
        if not self.lists_groups:
            raise NeedsHuman("Slack refused a call.", "It says missing_scope.", "The log has the details.")
        return frozenset(each.id for each in self.people.values() if group in each.groups)

    async def team(self, workspace: str, team: str, *, fresh: bool = False) -> Team:  # noqa: ARG002
        if team not in self.teams:
            raise NeedsHuman("GitHub refused a call.", "It says Not Found.", "The log has the details.")
        return Team(
            frozenset(each.id for each in self.people.values() if team in each.teams), self.teams[team]
        )


@dataclass
class FakeOpener:
    """The port FormOpener."""

    opened: list[dict[str, Any]] = field(default_factory=list)
    late: bool = False

    async def open_form(self, workspace: str, trigger: str, view: Mapping[str, object]) -> str:  # noqa: ARG002
        if self.late:
            return ""
        self.opened.append(dict(view))
        return f"V{len(self.opened)}"

    async def update_form(self, workspace: str, form: str, view: Mapping[str, object]) -> None:  # noqa: ARG002
        assert form == f"V{len(self.opened)}"
        self.opened.append(dict(view))


@dataclass
class FakeChannels:
    """The port Channels: which of them people of other organisations read."""

    shared: frozenset[str] = frozenset()
    fails: Exception | None = None
    names: dict[str, str] = field(default_factory=dict)
    archived: set[str] = field(default_factory=set)
    unknown: frozenset[str] = frozenset()

    async def outside(self, workspace: str, channel: str) -> bool:  # noqa: ARG002
        if self.fails is not None:
            raise self.fails
        return channel in self.shared

    async def inside(self, workspace: str, channel: str) -> bool:
        return channel not in self.unknown and not await self.outside(workspace, channel)

    async def name_of(self, workspace: str, channel: str) -> str:  # noqa: ARG002
        return self.names.get(channel, "")

    async def id_of(self, workspace: str, channel: str) -> str:  # noqa: ARG002
        return next((id for id, name in self.names.items() if name == channel), channel)

    async def closed(self, workspace: str, channel: str) -> bool:  # noqa: ARG002
        return channel in self.archived


@dataclass
class FakeChat:
    """The port Chat: what was posted, by operation; each `refusals` is raised once, in turn."""

    posted: list[tuple[Posted, str, str | None, Mapping[str, Any]]] = field(default_factory=list)
    edits: list[Mapping[str, Any]] = field(default_factory=list)
    whispers: list[tuple[str, str, Mapping[str, Any], str]] = field(default_factory=list)
    refusals: list[Exception] = field(default_factory=list)
    gone: bool = False
    looks: list[tuple[str, str, datetime, str | None]] = field(default_factory=list)

    async def post(
        self,
        workspace: str,  # noqa: ARG002
        channel: str,
        message: Mapping[str, object],
        operation: str,
        thread: str | None = None,
    ) -> Posted:
        self._refuse()
        posted = Posted(channel, f"{len(self.posted) + 1}.0")
        self.posted.append((posted, operation, thread, message))
        return posted

    async def edit(self, workspace: str, posted: Posted, message: Mapping[str, object]) -> bool:  # noqa: ARG002
        self._refuse()
        if not self.gone:
            self.edits.append(message)
        return not self.gone

    async def whisper(
        self,
        workspace: str,  # noqa: ARG002
        channel: str,
        person: str,
        message: Mapping[str, object],
        response_url: str,
    ) -> None:
        self._refuse()
        self.whispers.append((channel, person, message, response_url))

    async def find(
        self,
        workspace: str,  # noqa: ARG002
        channel: str,
        operation: str,
        since: datetime,
        thread: str | None = None,
    ) -> Posted | None:
        self.looks.append((channel, operation, since, thread))
        return next((posted for posted, known, _, _ in self.posted if known == operation), None)

    def _refuse(self) -> None:
        if self.refusals:
            raise self.refusals.pop(0)


@dataclass
class FakeHomes:
    """The ports Homes and HomeTabs: who was shown theirs, and what was published."""

    shown: list[str] = field(default_factory=list)
    published: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    async def show(self, workspace: str, person: str) -> None:  # noqa: ARG002
        self.shown.append(person)

    async def publish(self, workspace: str, person: str, view: Mapping[str, object]) -> None:  # noqa: ARG002
        self.published.append((person, view))


@dataclass
class FakePictures:
    """The port Pictures: what was uploaded."""

    taken: list[tuple[str, bytes, str]] = field(default_factory=list)
    fails: Exception | None = None

    async def upload(self, workspace: str, name: str, picture: bytes, alt: str) -> str:  # noqa: ARG002
        if self.fails is not None:
            raise self.fails
        self.taken.append((name, picture, alt))
        return f"F{len(self.taken)}"
