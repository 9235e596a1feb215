"""From a stored delivery to one commit: who asks, what it means, may they, what is answered.

Raises only where the delivery must be tried again: a store that is down, or a lease that is lost.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass, replace
from typing import Any

from bot.core.actions import ActionId
from bot.core.command import Command, Confirmation, Reply
from bot.core.deciding import must_decide
from bot.core.effects import Answer, Choice, ShowHome
from bot.core.errors import DATABASE, Denied, LeaseLost, Locked, NeedsHuman, Transient, UserError
from bot.core.events import RequestRefused
from bot.core.intents import Intent
from bot.core.policy import READING, Permission, authorise, must_belong, visible
from bot.core.ports import UnitOfWork
from bot.core.records import Delivery, Deployment
from bot.core.steps import Step
from bot.core.superseding import Behind
from bot.core.text import NOTHING, Style, Text, bold, line, sentence
from bot.core.unfurl_intents import ShowLinks
from bot.core.values import Actor, ActorKind, Person, Place
from bot.engine.intents import Asker, apply
from bot.slack import closing, forms, handing
from bot.slack.asks import (
    DEPLOY_THIS,
    Ask,
    Chosen,
    Closed,
    Left,
    Nothing,
    Opened,
    Pressed,
    Shared,
    Spoken,
    Strange,
    Submitted,
    Who,
    read,
)
from bot.slack.deliveries import FORM_SHOWS_ERRORS, Incoming, classify, is_foreign
from bot.slack.mine import about_themselves
from bot.slack.presses import AS_IF_TYPED, FilledForm, ReleaseForm, VoteForm, meaning_of, release_of
from bot.slack.understanding import Conversation, Surroundings, context_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What shall be committed: the answer, the intents, or the refusal for the audit trail."""

    text: Text | None = None
    intents: tuple[Intent, ...] = ()
    refused: RequestRefused | None = None
    offer: ActionId | None = None
    offer_value: str = ""
    offer_label: str = ""
    link_of: str = ""
    choices: tuple[Choice, ...] = ()
    below: Text = NOTHING
    behind: Behind | None = None


LONGEST_VALUE = 2000  # characters that a button carries
HOME = "home"  # what the audit trail calls the tab
# Whoever decides on others' work, or passes their rules, is read anew.
JUDGING = frozenset(
    {
        Permission.DECIDE,
        Permission.REVIEW,
        Permission.HAND_OVER,
        Permission.OVERRIDE,
        Permission.ADMIN,
        Permission.EMERGENCY,
        Permission.RESTORE,
    }
)
NO_ONE = Who("", Place(""))


async def handle(around: Surroundings, delivery: Delivery) -> None:
    """Carry out what a delivery asks for, and mark it handled, in one commit."""
    workspace, incoming = delivery.receipt.workspace, classify(delivery.receipt.body)
    early = is_foreign(workspace, around.home())  # it may have come before we knew which workspace is ours
    if early:
        log.warning("a delivery for %s is left alone: it is not our workspace", workspace)
    ask = _asked(incoming, workspace, around.prefix) if not early else Nothing()
    who = NO_ONE if isinstance(ask, Nothing | Strange) else ask.who
    told = FORM_SHOWS_ERRORS in delivery.receipt.headers or isinstance(ask, Opened)  # the tab itself says it
    talk = Conversation(around, workspace, who, told=told)
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


def _asked(incoming: Incoming, workspace: str, prefix: str) -> Ask | Strange:
    ask = read(incoming, prefix)
    if isinstance(ask, Nothing) or incoming.workspace in ("", workspace):
        return ask
    return Strange(ask.who.person, incoming.workspace)


async def _decide(talk: Conversation, ask: Ask | Strange) -> Outcome:
    if isinstance(ask, Strange):
        return _strange(talk, ask)
    talk.screen(ask)
    match ask:
        case Nothing():
            return Outcome()
        case Spoken():
            return await _spoken(talk, ask)
        case Submitted():
            return await _submitted(talk, await talk.meet(), ask)
        case Pressed():
            return await _pressed(talk, ask)
        case Chosen():
            return await _chosen(talk, ask)
        case Left(person):
            return Outcome(None, await closing.left(talk, person))
        case Closed(channel):
            return Outcome(None, await closing.closed(talk, channel))
        case Shared(ts=ts, urls=urls):  # what they may see is judged when it is shown
            return Outcome(None, (ShowLinks(ask.who.place.channel, ts, urls),))
        case Opened():
            talk.command = HOME
            authorise(Permission.LOOK, await talk.meet(), talk.around.catalog())
            return Outcome()


def _strange(talk: Conversation, strange: Strange) -> Outcome:
    """Nobody is answered: whoever it was is nobody here."""
    talk.actor = Actor(ActorKind.PERSON, strange.person, strange.person)
    why = f"It is of {strange.workspace}, so it was left alone."
    return Outcome(refused=RequestRefused("", "", "", "That came from another workspace.", why))


async def _spoken(talk: Conversation, spoken: Spoken) -> Outcome:
    wanted = talk.around.find(spoken.command)
    if wanted is not None and wanted.form and not spoken.words.strip():
        return await _open(talk, wanted)
    person = await talk.meet()
    command = talk.around.command(spoken.command)
    person = await _judged(talk, person, command)
    if command.permission is Permission.UNLOCK:
        await talk.remember_locks()
    arguments = talk.understand(person, command, spoken.words)
    if command.by_form:
        raise UserError(
            f"`{command.name}` wants to be confirmed in its form.",
            "Something is typed there by hand, so that it never happens by mistake.",
            f"`{command.examples[0]}` opens it.",
        )
    return await _run(talk, person, command.name, arguments)


async def _submitted(talk: Conversation, person: Person, submitted: Submitted) -> Outcome:
    """A form that came back with errors is never carried out, whatever we would think of it by now."""
    command = talk.around.command(submitted.command)
    person = await _judged(talk, person, command)
    arguments = talk.understand(person, command, forms.words_of(command, submitted.all))
    if talk.told:
        raise UserError("The form showed what was wrong with it.")
    return await _run(talk, person, command.name, arguments)


async def _pressed(talk: Conversation, pressed: Pressed) -> Outcome:
    if pressed.action in AS_IF_TYPED:
        name, _, words = pressed.value.partition(" ")
        return await _spoken(talk, Spoken(pressed.who, name, words))
    wanted = talk.around.find(pressed.value) if pressed.action == ActionId.OPEN_FORM else None
    if wanted is not None:
        return await _open(talk, wanted)
    if pressed.action == ActionId.OLDER:
        return await _older(talk, pressed)
    person = await talk.meet()
    talk.command = pressed.action
    intent = about_themselves(talk, person, pressed)
    if intent is not None:
        return Outcome(None, (intent,))
    meaning = await meaning_of(talk.around.queries, talk.workspace, pressed, talk.around.catalog())
    if meaning is None:
        return Outcome()
    talk.service, talk.environment = meaning.service, meaning.environment
    catalog = talk.around.catalog()
    service = catalog.service(meaning.service)
    if service is None or not visible(person, service):
        raise UserError("There is no such deployment.", "", "`/state` shows what there is.")
    environment = service.environment(meaning.environment)
    if meaning.permission is Permission.TICK:  # what opens a gate is said by whom we know anew
        person = await talk.meet(fresh=True)
    authorise(meaning.permission, person, catalog, service, environment, meaning.requester)
    if meaning.form:
        if isinstance(meaning.form, VoteForm):
            await _may_vote(talk, person, meaning.form)
        return await _open(talk, talk.around.command(meaning.command), meaning.form)
    if meaning.words:
        command = talk.around.command(meaning.command)
        person = await _judged(talk, person, command)
        return await _run(talk, person, command.name, talk.understand(person, command, meaning.words))
    return Outcome(None, meaning.intents)


async def _chosen(talk: Conversation, chosen: Chosen) -> Outcome:
    """The form of /deploy with the release of a card. What is filled in is judged when it comes back."""
    talk.command = chosen.shortcut
    person = await talk.meet()
    must_belong(Permission.DEPLOY, person)
    catalog = talk.around.catalog()
    found = await talk.around.queries.deployment_at(talk.workspace, chosen.message)
    service = catalog.service(found.wish.service) if found else None
    if chosen.shortcut != DEPLOY_THIS or found is None or service is None or not visible(person, service):
        authorise(Permission.LOOK, person, catalog)
        raise UserError(
            "That message is no card of a deployment.",
            "Only a card says which release is meant.",
            "Choose it on a card, or type `/deploy`.",
        )
    talk.service, talk.environment = service.name, found.wish.environment
    authorise(Permission.LOOK, person, catalog, service)
    return await _open(talk, talk.around.command("deploy"), ReleaseForm(found, release_of(found)))


async def _may_vote(talk: Conversation, person: Person, vote: VoteForm) -> None:
    """Nobody fills in a form for nothing. Whoever may not by what is known is looked up anew first."""
    catalog, now = talk.around.catalog(), talk.around.clock.now()
    try:
        must_decide(person, vote.deployment, catalog, now, vote.kind)
    except Denied:
        must_decide(await talk.meet(fresh=True), vote.deployment, catalog, now, vote.kind)


async def _judged(talk: Conversation, person: Person, command: Command[Any]) -> Person:
    """Whoever decides on what is others' is read anew: people leave, and groups change."""
    return await talk.meet(fresh=True) if command.permission in JUDGING else person


async def _older(talk: Conversation, pressed: Pressed) -> Outcome:
    """As if the person had typed it; only what shows something can be asked for so."""
    name, _, words = pressed.value.partition(" ")
    command = talk.around.find(name)
    if command is None or command.permission not in READING:
        raise UserError("This button is not one of ours.", "", "`/slipway help` shows what there is.")
    return await _spoken(talk, Spoken(pressed.who, name, words))


async def _open(talk: Conversation, command: Command[Any], filled: FilledForm | None = None) -> Outcome:
    """A trigger lives three seconds: no other call comes before this one. Later a button opens the form."""
    talk.command = command.name
    opener, trigger = talk.around.opener, talk.who.trigger
    known = await talk.around.directory.known(talk.workspace, talk.who.person)
    if known is not None:
        talk.recognise(known)
        if await opener.open_form(talk.workspace, trigger, _form(talk, command, known, filled)):
            return Outcome()
        return _too_late(command)
    opened = await opener.open_form(talk.workspace, trigger, forms.notice(command, "One moment …"))
    if not opened:
        return _too_late(command)
    try:
        view = _form(talk, command, await talk.meet(), filled)
    except (UserError, NeedsHuman, Transient):
        view = forms.notice(command, "There is nothing to fill in. The channel says why.")
        await opener.update_form(talk.workspace, opened, view)
        raise
    await opener.update_form(talk.workspace, opened, view)
    return Outcome()


def _form(
    talk: Conversation, command: Command[Any], person: Person, filled: FilledForm | Confirmation | None
) -> dict[str, Any]:
    """With the names that this person may know; Denied for who may not even see it."""
    must_belong(command.permission, person)
    vocabulary, channel = talk.around.vocabulary(person), talk.who.place.channel
    given, about = (filled.given, filled.about) if filled else ({}, "")
    fixed = filled.fixed if isinstance(filled, Confirmation) else {}
    return forms.form(command, vocabulary, channel, given, about, fixed)


def _too_late(command: Command[Any]) -> Outcome:
    text = line("The form could not open by itself: a press of the button opens it.")
    return Outcome(text, offer=ActionId.OPEN_FORM, offer_value=command.name)


async def _run(talk: Conversation, person: Person, name: str, arguments: object) -> Outcome:
    context = context_of(talk.around, talk.workspace, person, talk.who.place)
    command = talk.around.command(name)
    talk.around.pace.keep(command.permission, person.id, context.now)
    reply = await command.run(context, arguments)
    if reply.opens is not None:
        return await _confirmed(talk, person, reply.opens)
    if reply.in_full:
        return _read_back(reply)
    offer = ActionId.OLDER if reply.older else None
    told = Outcome(reply.text, reply.intents, offer=offer, offer_value=reply.older, link_of=reply.link_of)
    return replace(told, choices=reply.choices, below=reply.below, behind=reply.behind)


async def _confirmed(talk: Conversation, person: Person, form: Confirmation) -> Outcome:
    """The form opens by itself while its trigger lives; a button opens it later."""
    if len(form.again) > LONGEST_VALUE:
        raise UserError("That is too long to be confirmed in a form.", "", "Give a shorter reason.")
    view = _form(talk, talk.around.command(form.command), person, form)
    trigger = talk.who.trigger
    if trigger and await talk.around.opener.open_form(talk.workspace, trigger, view):
        return Outcome()
    text = line("Nothing is done yet: this is confirmed in a form.")
    return Outcome(text, offer=ActionId.SAY_IN_FULL, offer_value=form.again, offer_label="Open the form")


def _read_back(reply: Reply) -> Outcome:
    """Nothing is stored before the person has read what it would be."""
    if len(reply.in_full) > LONGEST_VALUE:
        text = reply.text + line("That is too long for a button. Write the time in full yourself.")
        return Outcome(text)
    return Outcome(reply.text, offer=ActionId.SAY_IN_FULL, offer_value=reply.in_full, offer_label=reply.yes)


async def _commit(talk: Conversation, delivery: Delivery, outcome: Outcome) -> None:
    begin = talk.around.units.begin
    async with begin(talk.workspace, Step.HANDLE_DELIVERY, handles=delivery) as uow:
        applied = [await _apply(uow, talk, intent) for intent in outcome.intents]
        changed = [each for each in applied if each is not None]
        if outcome.refused is not None:
            await uow.record(outcome.refused, talk.actor)
        text = _with_numbers(outcome.text, changed)
        if text is not None and talk.who.person:
            offer, value = outcome.offer or "", outcome.offer_value
            if outcome.behind and changed:
                text += handing.words(outcome.behind, changed[-1])
                offer, value = handing.button(outcome.behind, changed[-1])
            who = talk.who
            told = Answer(who.person, who.place.channel, text, who.response_url, offer, value)
            told = replace(told, offer_label=outcome.offer_label, link_of=outcome.link_of)
            await uow.show(replace(told, choices=outcome.choices, below=outcome.below))
        if talk.who.person and not talk.who.place.channel:
            await uow.show(ShowHome(talk.who.person))  # whoever is in no channel looks at their home tab


async def _apply(uow: UnitOfWork, talk: Conversation, intent: Intent) -> Deployment | None:
    return await apply(
        uow,
        intent,
        Asker(talk.actor, talk.who.place, response_url=talk.who.response_url),
        talk.around.catalog(),
    )


def _with_numbers(text: Text | None, found: list[Deployment]) -> Text | None:
    """People speak of deployments by number, and the number is only known now."""
    if text is None or not found:
        return text
    asked = max(found, key=lambda each: each.number)  # the others give way to it
    place = f" in {asked.channel}" if asked.channel.startswith("#") else ""
    return text + line("It is ", bold(f"#{asked.number}"), f"; its card{place} shows how it goes.")


def _refusal(talk: Conversation, error: UserError | NeedsHuman) -> Outcome:
    text = sentence(error.what, Style.BOLD) + sentence(error.why) + sentence(error.next)
    offer = ActionId.TELL_ME if isinstance(error, Locked) else None
    place = error.place if isinstance(error, Locked) else ""
    return Outcome(None if talk.told else text, (), _refused(talk, error), offer, place)


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
