"""Which release goes where, and what a rule says of it, in words for a card and for an answer alike."""

from __future__ import annotations

from bot.core.records import Resolution, Wish
from bot.core.text import Icon, Link, Span, Text, bold, code, line
from bot.core.values import short
from bot.core.verdicts import GateState, Verdict, passes
from bot.core.visible import clip, mixed

ICONS: dict[GateState, str] = {
    GateState.OPEN: "white_check_mark",
    GateState.WAITING: "hourglass_flowing_sand",
    GateState.REFUSED: "no_entry",
    GateState.OVERRIDDEN: "warning",
}


def release_lines(wish: Wish, resolution: Resolution | None) -> Text:
    """The commit, where it comes from, and how much it brings."""
    if resolution is None:
        named = clip(wish.ref or "the default branch", 200)
        return line("Release: ", code(named), ", not read yet")
    release = resolution.release
    why = f" ({clip(resolution.ref_why, 200)})" if resolution.ref_why else ""
    flag = " · look closely: letters of several alphabets" if mixed(resolution.ref_name) else ""
    text = line(
        "Release: ",
        Link(release.url, short(release.sha)) if release.url else code(short(release.sha)),
        f" {clip(release.title, 200)} · {clip(release.author, 100)}",
    )
    return text + line("From ", code(clip(resolution.ref_name, 200)), why, _changes(resolution), flag)


def judged(verdicts: tuple[Verdict, ...]) -> Text:
    """A line for each gate, the closed ones first."""
    text = Text(())
    for verdict in sorted(verdicts, key=passes):
        spans: list[Span | str] = [Icon(ICONS[verdict.state]), " ", bold(verdict.gate), f"  {_said(verdict)}"]
        text += line(*spans, *_links(verdict))
    return text


def _changes(resolution: Resolution) -> str:
    if resolution.base_sha is None:
        return ""
    if not resolution.changes:
        return f" · nothing new since {short(resolution.base_sha)}"
    more = "at least " if resolution.truncated else ""
    count = len(resolution.changes)
    return f" · {more}{count} commit{'s' if count > 1 else ''} since {short(resolution.base_sha)}"


def _links(verdict: Verdict) -> list[Span | str]:
    """Where to look at what it waits for."""
    links = () if passes(verdict) else verdict.links
    return [span for link in links for span in (" ", link)]


def _said(verdict: Verdict) -> str:
    return clip(" ".join(part for part in (verdict.what, verdict.why) if part), 500)
