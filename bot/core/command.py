"""What a file in commands/ exports, what it gets, and what it gives back.

A command reads and decides; it never writes. Its reply carries intents, which are committed together with the
audit record and the answer, in one unit of work.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from bot.core.archive import Archive
from bot.core.catalog import Catalog
from bot.core.chat_ports import Channels
from bot.core.courses import CourseBook
from bot.core.digest_ports import DigestBook
from bot.core.effects import Choice, Posted
from bot.core.happenings import Happenings
from bot.core.intents import Intent
from bot.core.link_ports import Accounts, Linking
from bot.core.lock_ports import HeldLocks
from bot.core.policy import Permission
from bot.core.ports import CodeHost, Directory, Doors, Queries
from bot.core.quarantine_ports import HeldQuarantines
from bot.core.records import Deployment
from bot.core.release_ports import Releases
from bot.core.standing_ports import Sights
from bot.core.subscription_ports import HeldSubscriptions
from bot.core.superseding import Behind
from bot.core.text import NOTHING, Text
from bot.core.values import Actor, Person, Place
from bot.core.verdicts import Verdict

Rehearse = Callable[[Deployment], Awaitable[tuple[Verdict, ...]]]  # reads only
DEADLINE = 5.0  # seconds a command may spend on reading from a network


class ArgKind(StrEnum):
    """How a word of the grammar is read, and what a form offers for it."""

    SERVICE = "service"
    ENVIRONMENT = "environment"
    REF = "ref"
    WORD = "word"
    COMMAND = "command"
    PAIRS = "pairs"  # name=value, any number
    FLAG = "flag"  # the word alone
    AFTER = "after"  # a key word, then one phrase: at tomorrow 09:00
    REST = "rest"  # a key word, then all that follows: because ...


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument, as the grammar, the form and the help see it."""

    kind: ArgKind
    help: str
    filler: tuple[str, ...] = ()  # words that may stand before it and mean nothing: to, in, on
    word: str = ""  # the key word of a flag, phrase or rest
    required: bool = False
    reads: Callable[[str], bool] | None = None  # whether these words are a whole phrase
    label: str = ""  # what its field is called, where its name alone says too little


def arg(
    kind: ArgKind,
    help: str,
    *,
    filler: tuple[str, ...] = (),
    word: str = "",
    default: Any = MISSING,
    reads: Callable[[str], bool] | None = None,
    label: str = "",
) -> Any:
    """Declare a field of a command's arguments; without a default it must be given."""
    meta = {"arg": Arg(kind, help, filler, word, required=default is MISSING, reads=reads, label=label)}
    return field(metadata=meta) if default is MISSING else field(default=default, metadata=meta)


def args_of(arguments: type) -> dict[str, Arg]:
    """The declared arguments by name, in order."""
    return {item.name: item.metadata["arg"] for item in fields(arguments)}


@dataclass(frozen=True, slots=True)
class NoArguments:
    """For commands that take none."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a command may look at. All of it is read-only."""

    workspace: str
    actor: Actor
    person: Person
    place: Place
    now: datetime
    catalog: Catalog
    queries: Queries
    releases: Releases
    locks: HeldLocks
    quarantines: HeldQuarantines
    subscriptions: HeldSubscriptions
    archive: Archive
    digests: DigestBook
    happenings: Happenings
    sights: Sights
    directory: Directory
    permalink: Callable[[Posted], str]  # where a browser finds a message; empty: nobody knows
    code_hosts: Mapping[str, CodeHost]  # by provider
    channels: Channels
    commands: tuple[Command[Any], ...]
    accounts: Mapping[str, Accounts] = field(default_factory=dict)  # by provider
    doors: Mapping[str, Doors] = field(default_factory=dict)  # by provider
    courses: CourseBook | None = None  # where anything is measured on a schedule
    linking: Linking | None = None  # where accounts can be linked
    rehearse: Rehearse | None = None  # what the gates would say
    deadline: float = DEADLINE


class Visibility(StrEnum):
    """Who sees the answer."""

    ASKER = "asker"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A form that a command opens in place of acting: something in it is typed by hand."""

    command: str  # whose form it is
    fixed: Mapping[str, str]  # what was said already; it comes back as it is
    given: Mapping[str, str]  # the fields that are filled in
    about: str  # what it would do
    again: str  # the command in words that opens it once more


@dataclass(frozen=True, slots=True)
class Reply:
    """What the person reads, and what shall be committed."""

    text: Text
    intents: tuple[Intent, ...] = ()
    visibility: Visibility = Visibility.ASKER
    in_full: str = ""  # asks first: the command in these words is what a button below the text says
    yes: str = ""  # what that button is called, where it schedules nothing
    link_of: str = ""  # the attempt whose address is added when the answer is shown
    older: str = ""  # the command that shows the next page, as a person would type it
    choices: tuple[Choice, ...] = ()  # each with its buttons, below the text
    below: Text = NOTHING  # what follows them
    opens: Confirmation | None = None  # nothing is done before it comes back
    behind: Behind | None = None  # the one in front of the new request that could be replaced


Arguments = TypeVar("Arguments")


@dataclass(frozen=True, slots=True)
class Command(Generic[Arguments]):
    """One slash command. `form` opens one when no words are given."""

    name: str
    arguments: type[Arguments]
    permission: Permission
    summary: str
    examples: tuple[str, ...]
    run: Callable[[Context, Arguments], Awaitable[Reply]]
    form: bool = False
    below: bool = False  # no slash command of its own, only below /slipway
    alias: tuple[str, ...] = ()  # other names it answers to below /slipway
    by_form: bool = False  # words alone never do it: something is typed into its form
    check: Callable[[Arguments], None] | None = None  # UserError for what is wrong with the arguments alone


def usage(command: Command[Any]) -> str:
    """The arguments as the grammar writes them: `<service> [to] <environment> [<ref>]`."""
    return " ".join(_usage_word(name, each) for name, each in args_of(command.arguments).items())


def _usage_word(name: str, each: Arg) -> str:
    label = name.replace("_", " ")
    filler = f"[{'|'.join(each.filler)}] " if each.filler else ""
    match each.kind:
        case ArgKind.SERVICE | ArgKind.ENVIRONMENT | ArgKind.REF | ArgKind.WORD | ArgKind.COMMAND:
            return f"{filler}<{label}>" if each.required else f"{filler}[<{label}>]"
        case ArgKind.PAIRS:
            return "[key=value ...]"
        case ArgKind.FLAG:
            return f"[{each.word}]"
        case ArgKind.AFTER:
            return f"[{each.word} <{label}>]"
        case ArgKind.REST:
            return f"{each.word} <{label}>" if each.required else f"[{each.word} <{label}>]"
