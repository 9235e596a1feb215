"""What words mean and whether this person may: the part of a command that needs no network of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.core.archive import Archive
from bot.core.catalog import Catalog, Environment, Service
from bot.core.chat_ports import Channels, FormOpener
from bot.core.command import DEADLINE, ArgKind, Command, Context, Rehearse, args_of
from bot.core.courses import CourseBook
from bot.core.digest_ports import DigestBook
from bot.core.effects import Posted
from bot.core.errors import UserError
from bot.core.happenings import Happenings
from bot.core.link_ports import Accounts, Linking
from bot.core.lock_ports import HeldLocks
from bot.core.nearest import suggestion
from bot.core.policy import authorise, must_belong, visible_services
from bot.core.ports import Clock, CodeHost, Directory, Doors, Queries, Units
from bot.core.quarantine_ports import HeldQuarantines
from bot.core.release_ports import Releases
from bot.core.secrets import refuse_secrets
from bot.core.standing_ports import Sights
from bot.core.subscription_ports import HeldSubscriptions
from bot.core.values import Actor, ActorKind, Person, Place
from bot.engine.hurried import Hurried
from bot.slack.asks import Ask, Who, said
from bot.slack.grammar import Vocabulary, parse
from bot.slack.pace import Pace
from bot.slack.words import tidy

NOBODY = Actor(ActorKind.PERSON, "", "somebody")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the chat's side works with. The catalog is asked for anew each time: it can be reloaded."""

    units: Units
    queries: Queries
    releases: Releases
    locks: HeldLocks
    quarantines: HeldQuarantines
    subscriptions: HeldSubscriptions
    archive: Archive
    digests: DigestBook
    happenings: Happenings
    sights: Sights
    permalink: Callable[[Posted], str]
    directory: Directory
    channels: Channels
    opener: FormOpener
    clock: Clock
    catalog: Callable[[], Catalog]
    code_hosts: Mapping[str, CodeHost]
    commands: tuple[Command[Any], ...]
    home: Callable[[], str | None]  # our workspace, once Slack has said which it is
    accounts: Mapping[str, Accounts] = field(default_factory=dict)  # by provider
    doors: Mapping[str, Doors] = field(default_factory=dict)  # by provider
    courses: CourseBook | None = None
    prefix: str = ""
    linking: Linking | None = None
    rehearse: Rehearse | None = None
    pace: Pace = field(default_factory=Pace)

    def find(self, name: str) -> Command[Any] | None:
        """The command of this name or alias."""
        wanted = name.lower()
        return next((each for each in self.commands if wanted in (each.name, *each.alias)), None)

    def command(self, name: str) -> Command[Any]:
        """The command of this name or alias, or UserError with the nearest one."""
        found = self.find(name)
        if found is not None:
            return found
        names = [each.name for each in self.commands]
        known = ", ".join(f"`{each}`" for each in names)
        hint = suggestion(name.lower(), names) or f"There are {known}."
        raise UserError(f"There is no command `{name}`.", hint, "`/slipway help` explains them.")

    def vocabulary(self, person: Person, own: frozenset[str] = frozenset()) -> Vocabulary:
        """The names this person may know; `own` are services that they hold something of in any case."""
        known = {each.name for each in visible_services(person, self.catalog())} | own
        services = [each for each in self.catalog().services if each.name in known]
        environments = {each.name: tuple(one.name for one in each.environments) for each in services}
        names = tuple(name for each in self.commands for name in (each.name, *each.alias))
        return Vocabulary(environments, names)


def context_of(around: Surroundings, workspace: str, person: Person, place: Place) -> Context:
    """What a command may look at for this person."""
    return Context(
        workspace=workspace,
        actor=Actor(ActorKind.PERSON, person.id, person.name),
        person=person,
        place=place,
        now=around.clock.now(),
        catalog=around.catalog(),
        queries=around.queries,
        releases=around.releases,
        locks=around.locks,
        quarantines=around.quarantines,
        subscriptions=around.subscriptions,
        archive=around.archive,
        digests=around.digests,
        happenings=around.happenings,
        sights=around.sights,
        directory=around.directory,
        permalink=around.permalink,
        code_hosts=around.code_hosts,
        accounts={name: Hurried(each, DEADLINE) for name, each in around.accounts.items()},
        doors=around.doors,
        courses=around.courses,
        channels=around.channels,
        commands=around.commands,
        linking=around.linking,
        rehearse=around.rehearse,
    )


@dataclass
class Conversation:
    """One ask and what has been understood of it so far; a refusal is audited with what was."""

    around: Surroundings
    workspace: str
    who: Who
    person: Person | None = None
    actor: Actor = NOBODY
    command: str = ""
    service: str = ""
    environment: str = ""
    own: frozenset[str] = frozenset()  # services of which they have locked something
    told: bool = False  # the form itself showed what was wrong with it

    def __post_init__(self) -> None:
        if self.who.person:
            self.actor = Actor(ActorKind.PERSON, self.who.person, self.who.person)  # until we meet

    def screen(self, ask: Ask) -> None:
        """Before anything of it is looked up, quoted or kept: UserError for what looks like a secret.

        As it was written, as it will be read, and as its words are put together.
        """
        written = said(ask)
        read = tidy(written)
        for each in (written, read, read.replace('"', "")):
            refuse_secrets(each)

    async def meet(self, *, fresh: bool = False) -> Person:
        """Who it is, from the directory; read anew where a decision hangs on it."""
        person = await self.around.directory.person(self.workspace, self.who.person, fresh=fresh)
        self.recognise(person)
        return person

    async def remember_locks(self) -> None:
        """Whoever has locked something may name it, even where they may not look any more."""
        held = await self.around.locks.held(self.workspace)
        self.own = frozenset(
            each.scope.service for each in held if each.scope.service and each.is_of(self.actor)
        )

    def recognise(self, person: Person) -> None:
        """From here on it is they who did it."""
        self.person = person
        self.actor = Actor(ActorKind.PERSON, person.id, person.name)

    def understand(self, person: Person, command: Command[Any], words: str) -> Any:
        """The typed arguments of an allowed command, or UserError."""
        self.command = command.name
        must_belong(command.permission, person)  # or they would be told that what they named is not there
        arguments = parse(command, words, self.around.vocabulary(person, self.own))
        service, environment = self._target(command, arguments)
        authorise(command.permission, person, self.around.catalog(), service, environment)
        if command.check is not None:
            command.check(arguments)
        return arguments

    def _target(self, command: Command[Any], arguments: object) -> tuple[Service | None, Environment | None]:
        """The service and environment that the arguments name, whatever the command calls them."""
        names = {each.kind: name for name, each in args_of(command.arguments).items()}
        self.service = _named(arguments, names.get(ArgKind.SERVICE))
        self.environment = _named(arguments, names.get(ArgKind.ENVIRONMENT))
        service = self.around.catalog().service(self.service)
        return service, service.environment(self.environment) if service else None


def _named(arguments: object, name: str | None) -> str:
    value = getattr(arguments, name) if name else None
    return value if isinstance(value, str) else ""
