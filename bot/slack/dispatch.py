"""From a stored delivery to one commit: who asks, what it means, may they, what is answered.

Raises only where the delivery must be tried again: a store that is down, or a lease that is lost.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.core.actions import ActionId
from bot.core.catalog import Catalog, Environment, Service
from bot.core.command import ArgKind, Command, Context, args_of
from bot.core.effects import Answer
from bot.core.errors import LeaseLost, NeedsHuman, Transient, UserError
from bot.core.events import RequestRefused
from bot.core.intents import Intent
from bot.core.policy import authorise, visible_services
from bot.core.ports import Clock, CodeHost, Directory, FormOpener, Queries, UnitOfWork, Units
from bot.core.records import Delivery, Deployment
from bot.core.secrets import refuse_secrets
from bot.core.steps import Step
from bot.core.text import Text, bold, line, lines
from bot.core.values import Actor, ActorKind, Person
from bot.engine.intents import Asker, apply
from bot.slack import forms
from bot.slack.asks import Ask, Nothing, Pressed, Spoken, Submitted, Who, read
from bot.slack.deliveries import classify
from bot.slack.grammar import Vocabulary, parse
from bot.slack.presses import intent_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What dispatch works with; the catalog is asked for anew each time."""

    units: Units
    queries: Queries
    directory: Directory
    opener: FormOpener
    clock: Clock
    catalog: Callable[[], Catalog]
    code_hosts: Mapping[str, CodeHost]
    commands: tuple[Command[Any], ...]
    prefix: str = ""

    def command(self, name: str) -> Command[Any] | None:
        """The command of this name or alias."""
        return next((each for each in self.commands if name in (each.name, *each.alias)), None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What shall be committed: the answer, the intents, or the refusal for the audit trail."""

    text: Text | None = None
    intents: tuple[Intent, ...] = ()
    refused: RequestRefused | None = None
    offer: ActionId | None = None
    offer_value: str = ""


@dataclass
class Attempt:
    """What is known of a wish so far, so that a refusal can be audited with its names."""

    command: str = ""
    service: str = ""
    environment: str = ""
    actor: Actor = field(default_factory=lambda: Actor(ActorKind.PERSON, "", ""))


async def handle(around: Surroundings, delivery: Delivery) -> None:
    """Carry out what a delivery asks for, and mark it handled, in one commit."""
    ask = read(classify(delivery.receipt.body), around.prefix)
    workspace = delivery.receipt.workspace
    attempt = Attempt()
    try:
        outcome = await _decide(around, workspace, ask, attempt)
        await _commit(around, delivery, ask, attempt, outcome)
    except LeaseLost:
        raise
    except (UserError, NeedsHuman) as error:
        await _commit(around, delivery, ask, attempt, _refusal(attempt, error))
    except Transient as error:
        if error.system == "":
            raise
        await _commit(around, delivery, ask, attempt, _refusal(attempt, _not_now(error)))
    except Exception as error:
        reference = uuid.uuid4().hex[:8]
        log.error("reference %s: %s", reference, attempt.command, exc_info=error)
        await _commit(around, delivery, ask, attempt, _refusal(attempt, _our_mistake(reference)))


async def _decide(around: Surroundings, workspace: str, ask: Ask, attempt: Attempt) -> Outcome:
    match ask:
        case Nothing():
            return Outcome()
        case Spoken(who, name, words):
            person = await _person(around, workspace, who, attempt)
            return await _spoken(around, workspace, person, who, name, words, attempt)
        case Submitted(who, name, values):
            person = await _person(around, workspace, who, attempt)
            command = _known(around, name)
            return await _run(
                around, workspace, person, who, command, forms.words_of(command, values), attempt
            )
        case Pressed():
            person = await _person(around, workspace, ask.who, attempt)
            return await _pressed(around, workspace, person, ask, attempt)


async def _person(around: Surroundings, workspace: str, who: Who, attempt: Attempt) -> Person:
    person = await around.directory.person(workspace, who.person)
    attempt.actor = Actor(ActorKind.PERSON, person.id, person.name)
    return person


async def _spoken(
    around: Surroundings,
    workspace: str,
    person: Person,
    who: Who,
    name: str,
    words: str,
    attempt: Attempt,
) -> Outcome:
    command = _known(around, name)
    if not words.strip() and command.form:
        return await _open(around, workspace, person, who, command, attempt)
    return await _run(around, workspace, person, who, command, words, attempt)


async def _open(
    around: Surroundings,
    workspace: str,
    person: Person,
    who: Who,
    command: Command[Any],
    attempt: Attempt,
) -> Outcome:
    """The one outside call of a handler. A trigger lives three seconds; then a button opens the form."""
    attempt.command = command.name
    view = forms.form(command, vocabulary(around, person), who.place.channel)
    if await around.opener.open_form(workspace, who.trigger, view):
        return Outcome()
    text = line("That took too long for the form to open by itself.")
    return Outcome(text, offer=ActionId.OPEN_FORM, offer_value=command.name)


async def _run(
    around: Surroundings,
    workspace: str,
    person: Person,
    who: Who,
    command: Command[Any],
    words: str,
    attempt: Attempt,
) -> Outcome:
    attempt.command = command.name
    refuse_secrets(words)
    arguments = parse(command, words, vocabulary(around, person))
    service, environment = _target(around, command, arguments, attempt)
    authorise(command.permission, person, around.catalog(), service, environment)
    context = Context(
        workspace=workspace,
        actor=attempt.actor,
        person=person,
        place=who.place,
        now=around.clock.now(),
        catalog=around.catalog(),
        queries=around.queries,
        code_hosts=around.code_hosts,
        commands=around.commands,
    )
    reply = await command.run(context, arguments)
    return Outcome(reply.text, reply.intents)


async def _pressed(
    around: Surroundings, workspace: str, person: Person, pressed: Pressed, attempt: Attempt
) -> Outcome:
    if pressed.action == ActionId.OPEN_FORM:
        command = _known(around, pressed.value)
        return await _open(around, workspace, person, pressed.who, command, attempt)
    attempt.command = pressed.action
    meaning = await intent_of(around.queries, workspace, pressed)
    if meaning is None:
        return Outcome()
    attempt.service, attempt.environment = meaning.service, meaning.environment
    catalog = around.catalog()
    service = catalog.service(meaning.service)
    if service is None or service not in visible_services(person, catalog):
        raise UserError("There is no such deployment.", "", "`/state` shows what there is.")
    environment = service.environment(meaning.environment)
    authorise(meaning.permission, person, catalog, service, environment, meaning.requester)
    if meaning.words:
        command = _known(around, meaning.command)
        return await _run(around, workspace, person, pressed.who, command, meaning.words, attempt)
    return Outcome(None, meaning.intents)


def vocabulary(around: Surroundings, person: Person) -> Vocabulary:
    """The names this person may know."""
    services = visible_services(person, around.catalog())
    environments = {each.name: tuple(one.name for one in each.environments) for each in services}
    names = tuple(name for each in around.commands for name in (each.name, *each.alias))
    return Vocabulary(environments, names)


def _known(around: Surroundings, name: str) -> Command[Any]:
    command = around.command(name)
    if command is None:
        names = ", ".join(f"`{each.name}`" for each in around.commands)
        raise UserError(
            f"There is no command `{name}`.", f"There are {names}.", "`/slipway help` explains them."
        )
    return command


def _target(
    around: Surroundings, command: Command[Any], arguments: object, attempt: Attempt
) -> tuple[Service | None, Environment | None]:
    """The service and environment that the arguments name, whatever the command calls them."""
    names = {each.kind: name for name, each in args_of(command.arguments).items()}
    attempt.service = _named(arguments, names.get(ArgKind.SERVICE))
    attempt.environment = _named(arguments, names.get(ArgKind.ENVIRONMENT))
    service = around.catalog().service(attempt.service)
    return service, service.environment(attempt.environment) if service else None


def _named(arguments: object, name: str | None) -> str:
    value = getattr(arguments, name) if name else None
    return value if isinstance(value, str) else ""


async def _commit(
    around: Surroundings, delivery: Delivery, ask: Ask, attempt: Attempt, outcome: Outcome
) -> None:
    workspace = delivery.receipt.workspace
    async with around.units.begin(
        workspace, Step.HANDLE_DELIVERY, lease=delivery.lease, handles=delivery
    ) as uow:
        changed = await _apply(uow, around, ask, attempt, outcome)
        if outcome.refused is not None:
            await uow.record(outcome.refused, attempt.actor)
        text = _with_numbers(outcome.text, changed)
        if text is not None and not isinstance(ask, Nothing):
            who = ask.who
            await uow.show(
                Answer(
                    who.person,
                    who.place.channel,
                    text,
                    who.response_url,
                    outcome.offer or "",
                    outcome.offer_value,
                )
            )


async def _apply(
    uow: UnitOfWork, around: Surroundings, ask: Ask, attempt: Attempt, outcome: Outcome
) -> list[Deployment]:
    if isinstance(ask, Nothing):
        return []
    asker = Asker(attempt.actor, ask.who.place)
    return [await apply(uow, intent, asker, around.catalog()) for intent in outcome.intents]


def _with_numbers(text: Text | None, changed: list[Deployment]) -> Text | None:
    """People speak of deployments by number, and the number is only known now."""
    if text is None or not changed:
        return text
    numbers = ", ".join(f"#{deployment.number}" for deployment in changed)
    return text + line("It is ", bold(numbers), "; its card shows how it goes.")


def _refusal(attempt: Attempt, error: UserError | NeedsHuman) -> Outcome:
    text = line(bold(error.what)) + lines(error.why, error.next)
    refused = RequestRefused(attempt.command, attempt.service, attempt.environment, error.what, error.why)
    return Outcome(text, refused=refused)


def _not_now(error: Transient) -> UserError:
    return UserError(
        f"{error.system} does not answer.", f"{error.why} Nothing was done.", "Try again in a moment."
    )


def _our_mistake(reference: str) -> UserError:
    return UserError(
        "Slipway made a mistake, and nothing was done.",
        f"The log has the details under reference {reference}.",
        "Try again, and tell an operator the reference if it stays.",
    )
