"""New messages in a card's thread. An edit rings for nobody, so what must be heard is said anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.barks import Bark, Watchdog
from bot.core.effects import Announcement, Choice
from bot.core.emergencies import WHAT_IT_SKIPS
from bot.core.gates.approvals import APPROVALS
from bot.core.naming import done, named_as, what_of
from bot.core.owning import Owners
from bot.core.records import Deployment
from bot.core.reviewing import review_text
from bot.core.runs import RunStatus
from bot.core.text import NOTHING, Icon, Link, Mention, Moment, Span, Text, bold, line, lines
from bot.core.undone_authors import told_authors
from bot.core.values import Actor
from bot.core.verdicts import GateState
from bot.core.visible import clip
from bot.slack.limits import size_of
from bot.slack.views import blocks
from bot.slack.views.alerts import alert_lines
from bot.slack.views.blocks import Message
from bot.slack.views.card import state_word
from bot.slack.views.choices import decisions

LONGEST_ANSWER = 12_000  # characters; Slack takes 13,200 in all the blocks of a message
MOST_SPANS = 900
LONGEST_REASON = 500
NO_OWNERS = Owners()
NOBODY: Mapping[str, str] = {}
DOGS = {
    Announcement.NOTHING_STARTED: Watchdog.NOTHING_STARTED,
    Announcement.STUCK: Watchdog.STUCK,
}
QUESTIONS = frozenset({Announcement.UNKNOWN, Announcement.UNVERIFIED})  # nothing moves before the answer
FOR_OTHERS = frozenset({Announcement.APPROVAL, Announcement.REMINDER, Announcement.UNDONE})


@dataclass(frozen=True, slots=True)
class Said:
    """What a phone shows, and the whole. Who of those it names is rung is decided where it is posted."""

    title: str
    text: Text


def shown(said: Said) -> Message:
    """As a message."""
    return blocks.message(said.title, [blocks.rich(said.text)])


def words_of(
    deployment: Deployment,
    what: Announcement,
    owners: Owners = NO_OWNERS,
    people: Mapping[str, str] = NOBODY,
    concerned: Actor | None = None,
    notified: Owners = NO_OWNERS,
) -> Said:
    """Who must hear it, what happened, why, and what next.

    `owners` only where nothing moves without them; `people` by their accounts of the code host; `notified`
    are those whom the catalog names for a failure. Where nobody of the chat asked for it, it rings for
    `concerned`.
    """
    wish = deployment.wish
    name = f"#{deployment.number} {what_of(wish)}"
    if what is Announcement.EMERGENCY:
        return _emergency(deployment, name)
    if what is Announcement.ALERT:
        return _alert(deployment, name, owners, concerned)
    asker, said = deployment.requested_by, _said(deployment, what)
    if what in FOR_OTHERS:  # it is for others to hear: whoever asked knows
        text = line(bold(f"{name}: {said}"))
        if what is not Announcement.UNDONE:  # which says more of that
            text += line("Asked by ", named_as(asker))
    else:
        text = line(*_rung(asker, concerned), bold(f"{name}: {said}"))
    text += _more(deployment, what, people) + _owners(owners, asks=what in QUESTIONS) + _notified(notified)
    if deployment.run is not None and deployment.run.url:
        text += line(Link(deployment.run.url, "The run"))
    return Said(f"{name}: {said} {_note(deployment, what)}".rstrip(), text)


def _emergency(deployment: Deployment, name: str) -> Said:
    """As loud as a message can be without ringing for people who can do nothing."""
    asker, reason = deployment.requested_by, clip(deployment.wish.reason, LONGEST_REASON)
    light = Icon("rotating_light")
    text = line(light, " ", bold(f"EMERGENCY: {name}"), " ", light)
    text += line(named_as(asker, notify=True), f" broke the glass because {reason}")
    text += line(WHAT_IT_SKIPS)
    return Said(f"EMERGENCY: {name}, because {reason}", text)


def _rung(asker: Actor, concerned: Actor | None) -> list[Span | str]:
    also: list[Span | str] = [named_as(concerned, notify=True), " "] if concerned else []
    return [named_as(asker, notify=True), " ", *also]


def _alert(deployment: Deployment, name: str, owners: Owners, concerned: Actor | None) -> Said:
    """What fires, or did until a moment ago, with its numbers."""
    said = "an alert fires." if any(each.fires for each in deployment.alerts) else "an alert fired."
    text = line(*_rung(deployment.requested_by, concerned), bold(f"{name}: {said}"))
    text += alert_lines(deployment) + _owners(owners, asks=False)
    names = ", ".join(each.name for each in deployment.alerts if each.fires)
    return Said(f"{name}: {said} {names}".strip(), text)


def _more(deployment: Deployment, what: Announcement, people: Mapping[str, str]) -> Text:
    if what is Announcement.UNDONE:
        return told_authors(deployment, people)
    if what is Announcement.REVIEW:
        reason = clip(deployment.wish.reason, LONGEST_REASON)
        return line(f"The glass was broken because {reason}") + review_text(deployment)
    if what is Announcement.REMINDER:
        return _wanted(deployment)
    bark = _bark(deployment, what)
    return lines(bark.why, bark.next) if bark else lines(deployment.note, deployment.next_step)


def _bark(deployment: Deployment, what: Announcement) -> Bark | None:
    return next((each for each in deployment.barks if DOGS.get(what) is each.dog), None)


def _note(deployment: Deployment, what: Announcement) -> str:
    bark = _bark(deployment, what)
    return bark.why if bark else deployment.note


def _owners(owners: Owners, *, asks: bool) -> Text:
    """They can answer as well as whoever asked, who may be asleep, or no person at all."""
    if not owners.named:
        return NOTHING
    how = "The buttons of the card take the answer." if asks else ""
    return line(*_everybody(f"For the owners ({owners.named})", owners, how))


def _notified(notified: Owners) -> Text:
    """They wanted to know; nobody waits for them."""
    return line(*_everybody(f"For {notified.named}", notified)) if notified.named else NOTHING


def _everybody(start: str, owners: Owners, end: str = "") -> list[Span | str]:
    spans: list[Span | str] = [start]
    for number, each in enumerate(owners.people):
        spans += [", " if number else ": ", Mention(each.id, each.name, notify=True)]
    others = " and others" if owners.people and not owners.whole else ""
    return [*spans, f"{others}. {end}".rstrip()]


def _wanted(deployment: Deployment) -> Text:
    """Of whom, and until when."""
    text = NOTHING
    for each in deployment.verdicts:
        if each.gate == APPROVALS.name and each.state is GateState.WAITING:
            text += line(f"For {each.who}: ", bold(each.what)) if each.who else line(each.what)
    until = deployment.request.expires_at if deployment.request else None
    return text + (line("It expires ", Moment(until), ".") if until else NOTHING)


def _said(deployment: Deployment, what: Announcement) -> str:
    match what:
        case Announcement.FAILED:
            return f"{state_word(deployment.state).lower()}."
        case Announcement.LOGGED:
            return "how it failed."
        case Announcement.UNKNOWN:
            return _unknown(deployment)
        case Announcement.UNVERIFIED:
            return "nobody can tell whether it works."
        case Announcement.APPROVAL:
            return "needs a decision."
        case Announcement.REMINDER:
            return "half of its time is over, and it still needs a decision."
        case Announcement.HANDED_OVER:
            return "replaced by a newer request."
        case Announcement.ALERT:
            return "an alert fires."
        case Announcement.EMERGENCY:
            return "somebody broke the glass."
        case Announcement.REVIEW:
            return "this emergency was not reviewed in time."
        case Announcement.BYPASSED:
            waited = deployment.policy is not None
            return (
                "its run went on without the approvals that it needs!"
                if waited
                else "it was deployed without a request!"
            )
        case Announcement.UNDONE:
            return "it took these commits away."
        case Announcement.NOTHING_STARTED:
            return "nothing has started yet."
        case Announcement.STUCK:
            return "its run takes unusually long."
        case Announcement.RECOVERED:
            return "it works again."
        case Announcement.WENT_BACK:
            return "rolled back."
        case Announcement.ALARM:
            return "another commit ran than the one that was asked for!"


def _unknown(deployment: Deployment) -> str:
    """Whether it was done is in question only where a run was never seen, or ended in an odd way."""
    run = deployment.run
    if run is None or run.status is RunStatus.UNKNOWN:
        return f"nobody knows whether it was {done(deployment.wish)}."
    if run.status is RunStatus.NEEDS_PERSON:
        return "its run waits for a person."
    return "nobody knows what becomes of its run."


def answer(
    text: Text, buttons: list[blocks.Block], choices: tuple[Choice, ...] = (), below: Text = NOTHING
) -> Message:
    """For one person's eyes."""
    shown = _fitting(text)
    between = decisions(choices)
    rest = _fitting(below, LONGEST_ANSWER - size_of([blocks.rich(shown), *between]))
    said = sum((each.text for each in choices), shown) + rest
    made = [blocks.rich(shown), *between, *([blocks.rich(rest)] if rest.lines else [])]
    return blocks.message(said.plain(), [*made, *blocks.actions("offer", buttons)])


def _fitting(text: Text, room: int = LONGEST_ANSWER) -> Text:
    """As many whole lines as one message takes, and how many are missing."""
    taken = size = count = 0
    for spans in text.lines:
        size += size_of(blocks.rich(Text((spans,)))) + 1
        count += len(spans) + 1
        if size > room or count > MOST_SPANS:
            break
        taken += 1
    missing = len(text.lines) - taken
    if not missing:
        return text
    return Text(text.lines[:taken]) + line(f"… and {missing} more lines. Ask for less at a time.")
