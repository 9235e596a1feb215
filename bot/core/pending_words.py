"""What waits for a decision, in the words in which people read it: wherever it is listed."""

from __future__ import annotations

from bot.core.actions import ButtonValue
from bot.core.command import Context
from bot.core.effects import Choice
from bot.core.gates.approvals import NAME
from bot.core.gates.model import GateState
from bot.core.naming import named_as, what_of
from bot.core.range_words import careful
from bot.core.records import Deployment, Shown
from bot.core.text import NOTHING, Icon, Link, Moment, Span, Text, bold, code, line, lines
from bot.core.values import short
from bot.core.visible import clip

LONGEST = 80  # characters of a name, a title or a reason; the card has all of it
WANTED = 200


def choice(ctx: Context, shown: Shown) -> Choice:
    """Everything that one needs to know before one looks at its card, and what the buttons carry."""
    deployment = shown.deployment
    value = ButtonValue(deployment.number, deployment.digest or "", deployment.version)
    return Choice(deployment.number, _in_full(ctx, shown), value.write())


def in_short(ctx: Context, shown: Shown) -> Text:
    """One line."""
    deployment = shown.deployment
    spans = [*named(ctx, shown), " · asked by ", _asker(deployment), " ", Moment(deployment.created_at)]
    wanted = _wanted(deployment)
    return line(*spans, f" · {wanted}" if wanted else "", *_expires(deployment))


def named(ctx: Context, shown: Shown) -> list[Span | str]:
    """The number, which leads to its card where there is one, and the place."""
    deployment = shown.deployment
    number, wish = f"#{deployment.number}", deployment.wish
    url = ctx.permalink(shown.card) if shown.card else ""
    return [Link(url, number) if url else bold(number), " ", bold(clip(what_of(wish), LONGEST))]


def _in_full(ctx: Context, shown: Shown) -> Text:
    deployment = shown.deployment
    spans = named(ctx, shown)
    if deployment.resolution is not None:
        release = deployment.resolution.release
        spans += [" · ", code(short(release.sha)), f" {clip(release.title, LONGEST)}"]
    asked: list[Span | str] = ["asked by ", _asker(deployment), " ", Moment(deployment.created_at)]
    if deployment.wish.reason:
        asked.append(f" because {clip(deployment.wish.reason, LONGEST)}")
    text = line(*spans) + line(*asked, *_expires(deployment))
    odd = careful(deployment.resolution)
    return text + (line(Icon("warning"), " ", odd) if odd else NOTHING) + lines(_wanted(deployment))


def _asker(deployment: Deployment) -> Span:
    return named_as(deployment.requested_by)


def _expires(deployment: Deployment) -> list[Span | str]:
    until = deployment.request.expires_at if deployment.request else None
    return [" · expires ", Moment(until)] if until else []


def _wanted(deployment: Deployment) -> str:
    """What its gate said when it was last asked."""
    said = [
        f"{each.what} {each.why}".strip()
        for each in deployment.verdicts
        if each.gate == NAME and each.state is GateState.WAITING
    ]
    return clip(" ".join(said), WANTED)
