"""The home tab as Slack shows it; the lists are the same as in `/approvals`."""

from __future__ import annotations

from datetime import timedelta

from bot.core.code import RefKind
from bot.core.command import Context
from bot.core.drills import PROVEN_FOR, Unproven
from bot.core.errors import UserError
from bot.core.my_services import Running
from bot.core.my_settings import USUAL, MySettings
from bot.core.pending import Pending
from bot.core.pending_words import choice, in_short, named
from bot.core.records import Deployment, Shown
from bot.core.text import NOTHING, Moment, Span, Style, Text, bold, code, line, sentence
from bot.core.values import short
from bot.core.visible import clip
from bot.slack.views import blocks
from bot.slack.views.blocks import Block
from bot.slack.views.card import state_word
from bot.slack.views.choices import decisions
from bot.slack.views.my_settings import my_settings

MOST = 20  # of each list; a view takes 100 blocks
NOTE, NAME = 200, 60  # characters
DAYS = PROVEN_FOR // timedelta(days=1)


def home(
    ctx: Context,
    found: Pending,
    own: tuple[Shown, ...],
    unproven: tuple[Unproven, ...] = (),
    services: tuple[tuple[Running, ...], int] = ((), 0),
    settings: MySettings = USUAL,
) -> Block:
    """What waits for them, with buttons; what waits for others; what they asked for; what is theirs."""
    waits = decisions(choice(ctx, each) for each in found.mine[:MOST])
    shown: list[Block] = [
        blocks.header("Waits for you"),
        *(waits or [blocks.rich(line("Nothing waits for your decision."))]),
        *_listed("Waits for others", [in_short(ctx, each) for each in found.others[:MOST]]),
        *_listed("You asked for", [_how_it_stands(ctx, each) for each in own]),
        *_listed("Your services", _running(services)),
        *_listed(f"No way back was tried for {DAYS} days", [_to_drill(each) for each in unproven]),
        *([] if ctx.person.stranger else my_settings(settings, ctx.person.zone)),
        blocks.rich(_end(ctx, found)),
    ]
    return {"type": "home", "blocks": shown}


def refused(error: UserError) -> Block:
    """Why there is nothing to see."""
    text = sentence(error.what, Style.BOLD) + sentence(error.why) + sentence(error.next)
    return {"type": "home", "blocks": [blocks.rich(text)]}


def _listed(title: str, rows: list[Text]) -> list[Block]:
    return [blocks.header(title), blocks.rich(sum(rows, NOTHING))] if rows else []


def _to_drill(place: Unproven) -> Text:
    typed = f"/rollback {place.service} {place.environment} drill"
    return line(
        bold(f"{place.service} in {place.environment}"), f" · #{place.number} runs there · ", code(typed)
    )


def _running(services: tuple[tuple[Running, ...], int]) -> list[Text]:
    """A line for each place: which version, since when, and what is on its way there."""
    found, more = services
    rows = [line(bold(f"{each.service} · {each.environment}"), "  ", *_what_runs(each)) for each in found]
    return [*rows, sentence(f"… and {more} more places: `/state` lists them.")] if more else rows


def _what_runs(place: Running) -> list[Span | str]:
    live = place.live
    spans: list[Span | str] = []
    if live is None or live.release_sha is None:
        spans.append("nothing deployed by Slipway yet")
    else:
        version, since = version_of(live), live.landed_at or live.ended_at
        spans += [code(version), f" · #{live.number}"]
        spans += [" · ", Moment(since)] if since else []
    if place.moving is not None:
        spans.append(f" · #{place.moving.number} is {state_word(place.moving.state).lower()}")
    return spans


def version_of(live: Deployment) -> str:
    """The tag that it went by, else its commit."""
    resolution, release = live.resolution, live.release_sha
    if resolution is not None and resolution.ref_kind is RefKind.TAG:
        return clip(resolution.ref_name, NAME)
    return short(release) if release else ""


def _how_it_stands(ctx: Context, shown: Shown) -> Text:
    deployment = shown.deployment
    return line(*named(ctx, shown), f" · {_state(deployment)} · asked ", Moment(deployment.created_at))


def _state(deployment: Deployment) -> str:
    """The word, then why; many a reason begins with the word itself."""
    word, note = state_word(deployment.state), deployment.note
    if note.startswith(word):
        return clip(note, NOTE)
    return f"{word.lower()}: {clip(note, NOTE)}" if note else word.lower()


def _end(ctx: Context, found: Pending) -> Text:
    """What is not shown, and how old the rest is."""
    missing = max(0, len(found.mine) - MOST) + max(0, len(found.others) - MOST)
    text = sentence(f"{missing} more wait: `/approvals` lists them.") if missing or found.cut else NOTHING
    return text + line("As of ", Moment(ctx.now), "; open this tab anew for the present state.")
