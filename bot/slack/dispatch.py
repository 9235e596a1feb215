"""From a stored delivery to one commit: who asks, what it means, may they, what is answered.

Raises only where the delivery must be tried again: a store that is down, or a lease that is lost.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass

from bot.core.actions import ActionId
from bot.core.command import Context
from bot.core.effects import Answer
from bot.core.errors import DATABASE, LeaseLost, NeedsHuman, Transient, UserError
from bot.core.events import RequestRefused
from bot.core.intents import Intent
from bot.core.policy import authorise, visible
from bot.core.ports import UnitOfWork
from bot.core.records import Delivery, Deployment
from bot.core.steps import Step
from bot.core.text import Style, Text, bold, line, sentence
from bot.core.values import Person, Place
from bot.engine.intents import Asker, apply
from bot.slack import forms
from bot.slack.asks import Ask, Nothing, Pressed, Spoken, Submitted, Who, read
from bot.slack.deliveries import classify, is_foreign
from bot.slack.presses import meaning_of
from bot.slack.understanding import Conversation, Surroundings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What shall be committed: the answer, the intents, or the refusal for the audit trail."""

    text: Text | None = None
    intents: tuple[Intent, ...] = ()
    refused: RequestRefused | None = None
    offer: ActionId | None = None
    offer_value: str = ""


NO_ONE = Who("", Place(""))


async def handle(around: Surroundings, delivery: Delivery) -> None:
    """Carry out what a delivery asks for, and mark it handled, in one commit."""
    workspace = delivery.receipt.workspace
    foreign = is_foreign(workspace, around.home())  # it may have come before we knew which workspace is ours
    if foreign:
        log.warning("a delivery for %s is left alone: it is not our workspace", workspace)
    ask = Nothing() if foreign else read(classify(delivery.receipt.body), around.prefix)
    who = NO_ONE if isinstance(ask, Nothing) else ask.who
    talk = Conversation(around, workspace, who, key=delivery.receipt.delivery_key)
    try:
        outcome = await _decide(talk, ask)
        await _commit(talk, delivery, outcome)
    except LeaseLost:
        raise
    except (UserError, NeedsHuman) as error:
        await _commit(talk, delivery, _refusal(talk, error))
    except Transient as error:
        if error.system == DATABASE:
            raise
        await _commit(talk, delivery, _refusal(talk, _not_now(error)))
    except Exception as error:
        reference = uuid.uuid4().hex[:8]
        log.error("reference %s: %s", reference, talk.command, exc_info=error)
        await _commit(talk, delivery, _refusal(talk, _our_mistake(reference)))


async def _decide(talk: Conversation, ask: Ask) -> Outcome:
    match ask:
        case Nothing():
            return Outcome()
        case Spoken():
            return await _spoken(talk, await talk.meet(), ask)
        case Submitted():
            return await _submitted(talk, await talk.meet(), ask)
        case Pressed():
            return await _pressed(talk, await talk.meet(), ask)


async def _spoken(talk: Conversation, person: Person, spoken: Spoken) -> Outcome:
    command = talk.around.command(spoken.command)
    if command.form and not spoken.words.strip():
        return await _open(talk, person, command.name)
    return await _run(talk, person, command.name, talk.understand(person, command, spoken.words))


async def _submitted(talk: Conversation, person: Person, submitted: Submitted) -> Outcome:
    """What is wrong with the words was shown in the form itself, unless that closed unchecked."""
    unchecked = talk.key in talk.around.unchecked
    talk.around.unchecked.discard(talk.key)
    command = talk.around.command(submitted.command)
    try:
        arguments = talk.understand(person, command, forms.words_of(command, submitted.values))
    except UserError as error:
        return _refusal(talk, error) if unchecked else Outcome(refused=_refused(talk, error))
    return await _run(talk, person, command.name, arguments)


async def _pressed(talk: Conversation, person: Person, pressed: Pressed) -> Outcome:
    if pressed.action == ActionId.OPEN_FORM:
        return await _open(talk, person, pressed.value)
    talk.command = pressed.action
    meaning = await meaning_of(talk.around.queries, talk.workspace, pressed)
    if meaning is None:
        return Outcome()
    talk.service, talk.environment = meaning.service, meaning.environment
    catalog = talk.around.catalog()
    service = catalog.service(meaning.service)
    if service is None or not visible(person, service):
        raise UserError("There is no such deployment.", "", "`/state` shows what there is.")
    environment = service.environment(meaning.environment)
    authorise(meaning.permission, person, catalog, service, environment, meaning.requester)
    if meaning.words:
        command = talk.around.command(meaning.command)
        return await _run(talk, person, command.name, talk.understand(person, command, meaning.words))
    return Outcome(None, meaning.intents)


async def _open(talk: Conversation, person: Person, name: str) -> Outcome:
    """The one outside call of a handler. A trigger lives three seconds; then a button opens the form."""
    command = talk.around.command(name)
    talk.command = command.name
    view = forms.form(command, talk.around.vocabulary(person), talk.who.place.channel)
    if await talk.around.opener.open_form(talk.workspace, talk.who.trigger, view):
        return Outcome()
    text = line("That took too long for the form to open by itself.")
    return Outcome(text, offer=ActionId.OPEN_FORM, offer_value=command.name)


async def _run(talk: Conversation, person: Person, name: str, arguments: object) -> Outcome:
    around = talk.around
    context = Context(
        workspace=talk.workspace,
        actor=talk.actor,
        person=person,
        place=talk.who.place,
        now=around.clock.now(),
        catalog=around.catalog(),
        queries=around.queries,
        code_hosts=around.code_hosts,
        commands=around.commands,
    )
    reply = await around.command(name).run(context, arguments)
    return Outcome(reply.text, reply.intents)


async def _commit(talk: Conversation, delivery: Delivery, outcome: Outcome) -> None:
    begin = talk.around.units.begin
    async with begin(talk.workspace, Step.HANDLE_DELIVERY, handles=delivery) as uow:
        changed = [await _apply(uow, talk, intent) for intent in outcome.intents]
        if outcome.refused is not None:
            await uow.record(outcome.refused, talk.actor)
        text = _with_numbers(outcome.text, changed)
        if text is not None and talk.who is not NO_ONE:
            offer, value = outcome.offer or "", outcome.offer_value
            who = talk.who
            await uow.show(Answer(who.person, who.place.channel, text, who.response_url, offer, value))


async def _apply(uow: UnitOfWork, talk: Conversation, intent: Intent) -> Deployment:
    return await apply(uow, intent, Asker(talk.actor, talk.who.place), talk.around.catalog())


def _with_numbers(text: Text | None, changed: list[Deployment]) -> Text | None:
    """People speak of deployments by number, and the number is only known now."""
    if text is None or not changed:
        return text
    numbers = ", ".join(f"#{deployment.number}" for deployment in changed)
    return text + line("It is ", bold(numbers), "; its card shows how it goes.")


def _refusal(talk: Conversation, error: UserError | NeedsHuman) -> Outcome:
    text = sentence(error.what, Style.BOLD) + sentence(error.why) + sentence(error.next)
    return Outcome(text, refused=_refused(talk, error))


def _refused(talk: Conversation, error: UserError | NeedsHuman) -> RequestRefused:
    return RequestRefused(talk.command, talk.service, talk.environment, error.what, error.why)


def _not_now(error: Transient) -> UserError:
    what = f"{error.system or 'The other side'} does not answer."
    return UserError(what, f"{error.why} Nothing was done.", "Try again in a moment.")


def _our_mistake(reference: str) -> UserError:
    return UserError(
        "Slipway made a mistake, and nothing was done.",
        f"The log has the details under reference {reference}.",
        "Try again, and tell an operator the reference if it stays.",
    )
