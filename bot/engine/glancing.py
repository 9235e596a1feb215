"""Looks outside for whoever waits for an answer, and remembers what was seen for when nobody answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.code import RefKind
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.following import RunReading, RunRecord
from bot.core.following_ports import RunBook
from bot.core.pipelines import Repository
from bot.core.ports import CodeHost, Provider
from bot.core.runs import RunRef
from bot.core.seen import Seen, Value, system
from bot.core.sightings import Lag, Sightings, Tip
from bot.core.values import Sha
from bot.core.visible import clip

log = logging.getLogger(__name__)

SECONDS = 2.5  # for one question; at most two follow on each other for one answer


@dataclass(frozen=True)
class Glancing:
    """The port Glances."""

    providers: Mapping[str, Provider]
    sightings: Sightings
    runs: RunBook
    now: Callable[[], datetime]
    seconds: float = SECONDS

    async def tip(self, workspace: str, repository: Repository, branch: str | None) -> Seen[Tip]:
        """Of the default branch, if none is named. UserError where the code host says that there is none."""
        provider, at = self.providers.get(repository.provider), self.now()
        if provider is None:
            return await self._last_tip(workspace, repository, branch, _unset(repository.provider))
        found, why = await self._ask(repository.provider, _tip(provider.code, repository, branch))
        if found is None:
            return await self._last_tip(workspace, repository, branch, why)
        await self._remember(self.sightings.keep_tip(workspace, repository, found, at))
        if branch is None:
            await self._remember(self.sightings.keep_default(workspace, repository, found.branch, at))
        return Seen(found, at)

    async def lag(self, workspace: str, repository: Repository, release: Sha, tip: Seen[Tip]) -> Seen[Lag]:
        """How this tip lies to a release. Of a tip that is of earlier, nobody is asked anew."""
        provider, why, at = self.providers.get(repository.provider), tip.why, self.now()
        if tip.value is None:
            return Seen(None, None, why)
        branch = tip.value.branch
        if provider is not None and tip.is_new:
            wanted = _lag(provider.code, repository, release, tip.value.commit)
            found, why = await self._ask(repository.provider, wanted)
            if found is not None:
                await self._remember(self.sightings.keep_lag(workspace, repository, branch, found, at))
                return Seen(found, at)
        last = await self.sightings.lag(workspace, repository, branch, release)
        return replace(last, why=why) if last else Seen(None, None, why)

    async def run(self, workspace: str, ref: RunRef) -> Seen[tuple[RunRecord, ...]]:
        """All of its attempts, the first one first; empty where the provider knows no such run."""
        known = await self.runs.attempts(workspace, ref)
        read_at = known[-1].observed_at if known else None
        provider, at = self.providers.get(ref.provider), self.now()
        if provider is None or provider.runs is None:
            return Seen(known or None, read_at, _unset(ref.provider))
        settled = frozenset(each.run.attempt for each in known if each.is_settled)
        read, why = await self._ask(ref.provider, _run(provider.runs.read(ref, settled)))
        if read is None:
            return Seen(known or None, read_at, why)
        if not read.there:
            gone = f"{system(ref.provider)} does not show it any more"
            return Seen(known, read_at, gone) if known else Seen((), at)
        return Seen(_joined(known, read.attempts, at), at)

    async def _last_tip(
        self, workspace: str, repository: Repository, branch: str | None, why: str
    ) -> Seen[Tip]:
        name = branch or await self.sightings.default(workspace, repository)
        last = await self.sightings.tip(workspace, repository, name) if name else None
        return replace(last, why=why) if last else Seen(None, None, why)

    async def _ask(self, provider: str, wanted: Awaitable[Value]) -> tuple[Value | None, str]:
        """What it says or, in words for people, why it says nothing."""
        name = system(provider)
        try:
            async with asyncio.timeout(self.seconds):
                return await wanted, ""
        except TimeoutError:
            log.info("%s did not answer in time", name)
        except Transient as error:
            log.info("%s does not answer: %s", name, error.why)
        except NeedsHuman as error:
            log.warning("%s refuses to answer: %s", name, error)
            return None, f"{name} refuses to answer"
        return None, f"{name} does not answer"

    async def _remember(self, keeping: Awaitable[None]) -> None:
        """What was read and can't be kept was still read."""
        try:
            await keeping
        except Transient as error:
            log.warning("what was read is not kept: %s", error.why)


@dataclass(frozen=True, slots=True)
class _Read:
    """The provider's word on a run."""

    there: bool
    attempts: tuple[RunReading, ...] = ()


async def _tip(host: CodeHost, repository: Repository, branch: str | None) -> Tip:
    name = repository.full_name
    wanted = branch or (await host.repository(name)).default_branch
    found = await host.resolve(name, wanted)
    if found.kind is not RefKind.BRANCH:
        raise UserError(
            f"`{clip(wanted, 60)}` is no branch but a {found.kind.value}.",
            "Only a branch goes on.",
            "`/changes` compares tags and commits.",
        )
    commit = await host.commit(name, found.sha)
    return Tip(found.name, commit.sha, commit.title, commit.author, commit.committed_at, commit.url)


async def _lag(host: CodeHost, repository: Repository, release: Sha, tip: Sha) -> Lag:
    found = await host.compare(repository.full_name, release, tip)
    ahead = max(found.total_commits, len(found.commits))
    return Lag(release, tip, found.direction, ahead, found.behind_by)


async def _run(reading: Awaitable[tuple[RunReading, ...] | None]) -> _Read:
    found = await reading
    return _Read(found is not None, found or ())


def _joined(
    known: tuple[RunRecord, ...], read: tuple[RunReading, ...], at: datetime
) -> tuple[RunRecord, ...]:
    """What is on record, with what was just read in place of what it was before."""
    by_attempt = {each.run.attempt: each for each in known}
    for each in read:
        before = by_attempt.get(each.run.attempt)
        deployment = before.deployment if before else None
        by_attempt[each.run.attempt] = RunRecord(each.run, each.about, each.changed_at, at, deployment)
    return tuple(by_attempt[attempt] for attempt in sorted(by_attempt))


def _unset(provider: str) -> str:
    return f"{system(provider)} is not set up"
