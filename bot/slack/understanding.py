"""What words mean and whether this person may: the part of a command that needs no network of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.core.catalog import Catalog, Environment, Service
from bot.core.command import ArgKind, Command, args_of
from bot.core.errors import UserError
from bot.core.nearest import suggestion
from bot.core.policy import authorise, visible_services
from bot.core.ports import Clock, CodeHost, Directory, FormOpener, Queries, Units
from bot.core.secrets import refuse_secrets
from bot.core.values import Actor, ActorKind, Person
from bot.slack.asks import Who
from bot.slack.grammar import Vocabulary, parse

NOBODY = Actor(ActorKind.PERSON, "", "somebody")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the chat's side works with. The catalog is asked for anew each time: it can be reloaded."""

    units: Units
    queries: Queries
    directory: Directory
    opener: FormOpener
    clock: Clock
    catalog: Callable[[], Catalog]
    code_hosts: Mapping[str, CodeHost]
    commands: tuple[Command[Any], ...]
    home: Callable[[], str | None]  # our workspace, once Slack has said which it is
    prefix: str = ""
    unchecked: set[str] = field(default_factory=set)  # keys of forms that closed before they were checked

    def command(self, name: str) -> Command[Any]:
        """The command of this name or alias, or UserError with the nearest one."""
        for each in self.commands:
            if name in (each.name, *each.alias):
                return each
        names = [each.name for each in self.commands]
        known = ", ".join(f"`{each}`" for each in names)
        hint = suggestion(name, names) or f"There are {known}."
        raise UserError(f"There is no command `{name}`.", hint, "`/slipway help` explains them.")

    def vocabulary(self, person: Person) -> Vocabulary:
        """The names this person may know."""
        services = visible_services(person, self.catalog())
        environments = {each.name: tuple(one.name for one in each.environments) for each in services}
        names = tuple(name for each in self.commands for name in (each.name, *each.alias))
        return Vocabulary(environments, names)


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
    key: str = ""  # of the delivery

    async def meet(self) -> Person:
        """Who it is, from the directory."""
        person = await self.around.directory.person(self.workspace, self.who.person)
        self.person = person
        self.actor = Actor(ActorKind.PERSON, person.id, person.name)
        return person

    def understand(self, person: Person, command: Command[Any], words: str) -> Any:
        """The typed arguments of an allowed command, or UserError."""
        self.command = command.name
        refuse_secrets(words)
        arguments = parse(command, words, self.around.vocabulary(person))
        service, environment = self._target(command, arguments)
        authorise(command.permission, person, self.around.catalog(), service, environment)
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
