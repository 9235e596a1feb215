"""A subscription: a channel's wish to hear of some events. All keys must fit, and of each key one value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.errors import UserError
from bot.core.globs import matches_any
from bot.core.nearest import suggestion
from bot.core.pipelines import FILES
from bot.core.values import Actor

EVERY = "*"  # all services, or all events
LONGEST = 300  # characters of one subscription in words
EXAMPLE = "For example: `/subscribe api env=production on=failure,approval branch=main`"


class Topic(StrEnum):
    """What can be heard of, in the words that people type after `on=`."""

    STARTED = "started"
    SUCCESS = "success"
    FAILURE = "failure"
    RECOVERED = "recovered"
    CANCELLED = "cancelled"
    APPROVAL = "approval"
    ROLLBACK = "rollback"
    LOCK = "lock"
    FREEZE = "freeze"
    RELEASE = "release"
    DRIFT = "drift"
    NOTHING_STARTED = "nothing-started"


class Key(StrEnum):
    """What stands before the `=`."""

    ENV = "env"
    ON = "on"
    BRANCH = "branch"
    WORKFLOW = "workflow"


QUIET = (Topic.FAILURE, Topic.RECOVERED, Topic.APPROVAL, Topic.ROLLBACK)
NOT_YET = frozenset({Topic.DRIFT})  # nothing tells of this so far
_ORDER = {topic: place for place, topic in enumerate(Topic)}


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened: what, and where. A service or environment of None stands for all of them.

    An empty environment is none: whoever names environments asks for deployments alone.
    """

    topic: Topic
    service: str | None
    environment: str | None
    branch: str | None = None  # None: it has nothing to do with a branch
    workflow: str | None = None  # by its file; None: it has nothing to do with one


@dataclass(frozen=True, slots=True)
class Filter:
    """What a channel wants to hear. An empty part holds nothing back."""

    services: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    topics: tuple[Topic, ...] = QUIET
    branches: tuple[str, ...] = ()
    workflows: tuple[str, ...] = ()

    def hears(self, news: News) -> bool:
        """And across the keys, or within one. What has no branch is not heard by who names branches.

        Nor is what has no workflow by who names workflows.
        """
        return (
            news.topic in self.topics
            and _meets(self.services, news.service)
            and _meets(self.environments, news.environment)
            and (not self.branches or (news.branch is not None and matches_any(news.branch, self.branches)))
            and (not self.workflows or (news.workflow is not None and _is_one(news.workflow, self.workflows)))
        )

    @property
    def said(self) -> str:
        """In the words of `/subscribe`; the same for all that mean the same."""
        parts = [",".join(self.services) or EVERY]
        parts += [f"{Key.ENV}={','.join(self.environments)}"] if self.environments else []
        parts += [f"{Key.ON}={','.join(self.topics)}"]
        parts += [f"{Key.BRANCH}={','.join(self.branches)}"] if self.branches else []
        parts += [f"{Key.WORKFLOW}={','.join(self.workflows)}"] if self.workflows else []
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One of a channel, with who made it and when. With `off` it is kept, and hears nothing."""

    number: int
    channel: str
    name: str  # as people call the channel; empty where nobody knows
    filter: Filter
    maker: Actor
    since: datetime
    off: str = ""  # why it was switched off


@dataclass(frozen=True, slots=True)
class FixedSubscription:
    """One that stands in the catalog: only a change of the file ends it."""

    channel: str
    filter: Filter


def made(
    services: Iterable[str] = (),
    environments: Iterable[str] = (),
    topics: Iterable[Topic] = QUIET,
    branches: Iterable[str] = (),
    workflows: Iterable[str] = (),
) -> Filter:
    """In one order, and nothing twice, so that the same wish is said in one way."""
    ordered = tuple(sorted(set(topics), key=_ORDER.__getitem__))
    files = (each.removeprefix(FILES) for each in workflows)
    return Filter(_once(services), _once(environments), ordered, _once(branches), _once(files))


def read_filter(
    services: str, pairs: Sequence[tuple[str, str]], known: Mapping[str, Sequence[str]]
) -> Filter:
    """What these words mean, or UserError with the nearest right one; `known` has environments by service."""
    wanted = _services(services, known)
    given = _by_key(pairs)
    environments = _environments(given.get(Key.ENV, ()), wanted or tuple(known), known)
    topics = _topics(given[Key.ON]) if Key.ON in given else QUIET
    branches, workflows = given.get(Key.BRANCH, ()), given.get(Key.WORKFLOW, ())
    found = made(wanted, environments, topics, branches, workflows)
    if len(found.said) > LONGEST:
        raise UserError(
            "That is too long for one subscription.",
            f"It has {len(found.said)} characters, and {LONGEST} is the most.",
            "Make several shorter ones.",
        )
    return found


def _meets(wanted: tuple[str, ...], told: str | None) -> bool:
    return not wanted or told is None or told in wanted


def _is_one(workflow: str, wanted: tuple[str, ...]) -> bool:
    """By the name of its file, whose ending may be left out."""
    name = workflow.rpartition("/")[2]
    stem = name.removesuffix(".yml").removesuffix(".yaml")
    return matches_any(name, wanted) or matches_any(stem, wanted)


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(words)))


def _services(words: str, known: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    if words == EVERY:
        return ()
    names = _parts(words.lower(), "The service")
    for name in names:
        if name not in known:
            what = f"There is no service called `{name}`."
            listed = f"There are {', '.join(known)}." if known else ""
            raise UserError(what, suggestion(name, known) or listed, f"`{EVERY}` stands for all. {EXAMPLE}")
    return names


def _by_key(pairs: Sequence[tuple[str, str]]) -> dict[Key, tuple[str, ...]]:
    keys, given = [each.value for each in Key], dict[Key, tuple[str, ...]]()
    for word, value in pairs:
        if word.lower() not in keys:
            equals = [f"{each}=" for each in keys]
            there = ", ".join(f"`{each}`" for each in equals)
            hint = suggestion(f"{word.lower()}=", equals) or f"There are {there}."
            raise UserError(f"`{word}=` says nothing here.", hint, EXAMPLE)
        key = Key(word.lower())
        if key in given:
            why = "One key takes several values, with commas between them."
            raise UserError(f"`{key}=` is given twice.", why, EXAMPLE)
        given[key] = _parts(value, f"`{key}=`")
    return given


def _environments(
    words: tuple[str, ...], services: Iterable[str], known: Mapping[str, Sequence[str]]
) -> tuple[str, ...]:
    """Each must be one of at least one of these services."""
    there = tuple(dict.fromkeys(name for service in services for name in known[service]))
    names = tuple(word.lower() for word in words)
    for name in names:
        if name not in there:
            hint = suggestion(name, there) or f"There are {', '.join(there)}."
            raise UserError(f"There is no environment called `{name}` there.", hint, EXAMPLE)
    return names


def _topics(words: tuple[str, ...]) -> tuple[Topic, ...]:
    if words == (EVERY,):
        return tuple(Topic)
    names = [each.value for each in Topic]
    for word in words:
        if word.lower() not in names:
            hint = suggestion(word.lower(), names) or f"There are {', '.join(names)}."
            raise UserError(f"`{word}` is no event.", hint, EXAMPLE)
    return tuple(Topic(word.lower()) for word in words)


def _parts(words: str, what: str) -> tuple[str, ...]:
    parts = tuple(part for part in words.split(",") if part)
    if not parts:
        raise UserError(f"{what} wants something after it.", "", EXAMPLE)
    return parts
