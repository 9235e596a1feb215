"""Which release goes where, and what a rule says of it, in words for a card and for an answer alike."""

from __future__ import annotations

from bot.core.range_words import commit_spans, size
from bot.core.records import Resolution, Wish
from bot.core.restore_words import restored_text
from bot.core.text import Icon, Link, Span, Text, bold, code, line
from bot.core.values import Kind, short
from bot.core.verdicts import GateState, Verdict, passes
from bot.core.visible import clip, mixed

ICONS: dict[GateState, str] = {
    GateState.OPEN: "white_check_mark",
    GateState.WAITING: "hourglass_flowing_sand",
    GateState.REFUSED: "no_entry",
    GateState.OVERRIDDEN: "warning",
}


def release_lines(wish: Wish, resolution: Resolution | None) -> Text:
    """What runs and what shall run, where it comes from, and how much it brings."""
    if wish.kind is Kind.RESTORE:
        return restored_text(wish.restores)
    if resolution is None:
        named = clip(wish.ref or "the default branch", 200)
        return line("Release: ", code(named), ", not read yet")
    why = f" ({clip(resolution.ref_why, 200)})" if resolution.ref_why else ""
    flag = " · look closely: letters of several alphabets" if mixed(resolution.ref_name) else ""
    text = line(
        "Release: ", *_before(resolution), *commit_spans(resolution.release, resolution.pull_requests)
    )
    first_run = wish.kind is Kind.RUN and resolution.base_sha is None and resolution.base is None
    much = "" if first_run else f" · {size(resolution)}"
    asked: list[Span | str] = ["From ", code(clip(resolution.ref_name, 200)), f"{why}{much}"]
    if resolution.compare_url:
        asked += [" · ", Link(resolution.compare_url, "Compare")]
    return text + line(*asked, flag)


def judged(verdicts: tuple[Verdict, ...]) -> Text:
    """A line for each gate, the closed ones first."""
    text = Text(())
    for verdict in sorted(verdicts, key=passes):
        spans: list[Span | str] = [Icon(ICONS[verdict.state]), " ", bold(verdict.gate), f"  {_said(verdict)}"]
        text += line(*spans, *_links(verdict))
    return text


def judged_in_short(verdicts: tuple[Verdict, ...]) -> Text:
    """The same with the open ones in one line: what holds it is what people look for."""
    folded = ", ".join(each.gate for each in verdicts if each.state is GateState.OPEN)
    text = judged(tuple(each for each in verdicts if each.state is not GateState.OPEN))
    return text + line(Icon(ICONS[GateState.OPEN]), f" Open: {folded}") if folded else text


def _before(resolution: Resolution) -> list[Span | str]:
    """What it takes the place of."""
    sha, base = resolution.base_sha, resolution.base
    if sha is None:
        return []
    arrow = " → " if base is None or base.approved else " (nobody approved it) → "
    return [Link(base.url, short(sha)) if base and base.url else code(short(sha)), arrow]


def _links(verdict: Verdict) -> list[Span | str]:
    """Where to look at what it waits for."""
    links = () if passes(verdict) else verdict.links
    return [span for link in links for span in (" ", link)]


def _said(verdict: Verdict) -> str:
    return clip(" ".join(part for part in (verdict.what, verdict.why, verdict.left) if part), 500)
