"""The commits of a request and what is odd about them, in words for a card and for an answer alike."""

from __future__ import annotations

import re

from bot.core.code import Commit
from bot.core.ranges import Hazard, hazards, pull_requests
from bot.core.records import Leaving, Resolution
from bot.core.text import NOTHING, Icon, Link, Span, Text, bold, code, line
from bot.core.values import short
from bot.core.visible import clip, visible

TITLE, AUTHOR, PATH = 120, 60, 100  # characters; whoever writes them may choose them to be long
PATHS = 3
_ISSUE = re.compile(r"(?<![\w/])#([1-9][0-9]{0,8})\b")
IN_FULL = 50  # commits, which fill the most that one answer takes
IN_SHORT: dict[Hazard, str] = {
    Hazard.BEHIND: "it is behind what runs",
    Hazard.DIVERGED: "what runs has commits that it lacks",
    Hazard.REWRITTEN: "its branch was rewritten by force",
    Hazard.UNRELATED: "it shares no history with what runs",
    Hazard.CUT_OFF: "it is too large to be known whole",
    Hazard.MIGRATIONS: "it touches migrations",
}


def commit_spans(commit: Commit, pull_requests: str) -> list[Span | str]:
    """Its id, title and author, and its pull request, each with its link; of that the address is given."""
    name = short(commit.sha)
    spans: list[Span | str] = [Link(commit.url, name) if commit.url else code(name)]
    number = commit.pull_request
    linked = number is not None and bool(pull_requests)
    title = commit.title.removesuffix(f"(#{number})").rstrip() if linked else commit.title
    spans.append(f" {_bounded(title, TITLE)} · {_bounded(commit.author, AUTHOR)}")
    if linked:
        spans += [" · ", Link(pull_requests.replace("{number}", str(number)), f"PR #{number}")]
    return spans


def issue_spans(commit: Commit, repository: str) -> list[Span | str]:
    """The issues that its title names, each with its link."""
    numbers = dict.fromkeys(int(each) for each in _ISSUE.findall(commit.title))
    spans: list[Span | str] = []
    for number in numbers:
        if number != commit.pull_request:
            spans += [" · ", Link(f"{repository}/issues/{number}", f"#{number}")]
    return spans


def size(resolution: Resolution) -> str:
    """How much is new, since what; and when nobody can say. What went past us is still to be approved."""
    if resolution.leaves is not None:
        return _going(resolution.leaves, resolution)
    past = len(resolution.unapproved)
    what = f"{_counted(past, 'commit')} that {'runs' if past == 1 else 'run'} there and that nobody approved"
    return _new(resolution) + (f", and {what}" if past else "")


def _going(leaves: Leaving, resolution: Resolution) -> str:
    what = _before(resolution)
    if Hazard.UNRELATED in hazards(resolution):
        return f"nobody can say which commits of {what} leave"
    if leaves.total == 1:
        return f"1 commit of {what} leaves"
    return f"{leaves.total:,} commits of {what} leave" if leaves.total else f"no commit of {what} leaves"


def _new(resolution: Resolution) -> str:
    base = resolution.base
    if resolution.base_sha is None:
        return (
            f"the same release as #{base.number}" if base else "nothing ran there before, as far as we know"
        )
    since = f"since #{base.number}" if base else f"since {short(resolution.base_sha)}"
    known, total = len(resolution.changes), resolution.total
    if Hazard.UNRELATED in hazards(resolution):
        return f"nobody can say what is new {since}"
    if not known:
        return f"nothing new {since}"
    least = "at least " if resolution.truncated and not total else ""
    pulls = pull_requests(resolution) if total <= known else 0
    named = f", {_counted(pulls, 'pull request')}" if pulls else ""
    return f"{least}{_counted(max(known, total), 'commit')}{named} {since}"


def listed(resolution: Resolution, most: int) -> Text:
    """The last commits that are known, and how many more there are; a single one is the release itself.

    With a rollback those that leave: it brings none.
    """
    leaves = resolution.leaves
    commits, total = (leaves.commits, leaves.total) if leaves else (resolution.changes, resolution.total)
    if [each.sha for each in commits] == [resolution.release.sha] and not resolution.truncated:
        return NOTHING
    text = NOTHING
    for each in commits[::-1][:most]:
        text += line(*commit_spans(each, resolution.pull_requests))
    more = max(len(commits), total) - len(text.lines)
    if not more:
        return text
    whole: list[Span | str] = [": see ", Link(resolution.compare_url, "the comparison")]
    return text + line(f"… and {more:,} more", *(whole if resolution.compare_url else []))


def all_changes(resolution: Resolution) -> Text:
    """Below everything else of an answer, as many as it takes."""
    text = listed(resolution, IN_FULL)
    what = "What it takes back" if resolution.leaves else "What it brings"
    return line(bold(what)) + text if text.lines else NOTHING


def warned(resolution: Resolution) -> Text:
    """What a tired person should not miss, what it means, and what to do about it."""
    text = NOTHING
    for hazard in hazards(resolution):
        what, next = _words(hazard, resolution)
        text += line(Icon("warning"), " ", bold(what), f" {next}")
    return text


def careful(resolution: Resolution | None) -> str:
    """The same in one sentence, wherever somebody can decide without seeing the card; empty: nothing odd."""
    found = [IN_SHORT[each] for each in hazards(resolution)] if resolution else []
    return f"Look at its card first: {', and '.join(found)}." if found else ""


def _words(hazard: Hazard, resolution: Resolution) -> tuple[str, str]:
    match hazard:
        case Hazard.BEHIND:
            return (
                f"This is {_counted(resolution.behind, 'commit')} behind what runs: "
                f"{_taken_back(resolution)}.",
                "Go on if that is meant. If not, ask for a newer release instead.",
            )
        case Hazard.DIVERGED:
            return (
                f"This and what runs have gone different ways: {_taken_back(resolution)}.",
                "If nothing may be lost, merge what runs into it first, and ask again.",
            )
        case Hazard.REWRITTEN:
            branch = _bounded(resolution.ref_name, PATH)
            return (
                f"“{branch}” was rewritten by force since {_before(resolution)}: {_taken_back(resolution)}.",
                "Ask whoever did that whether it is meant. If not, bring the commits back first.",
            )
        case Hazard.UNRELATED:
            return (
                f"This and {_before(resolution)} share no history that the code host knows of: "
                "nobody can say what it brings, or what it would take back.",
                "Find out who rewrote the history before this goes out.",
            )
        case Hazard.CUT_OFF:
            return (
                f"This is too large to be known whole: {_known(resolution)}. What else it does is unknown.",
                "Look at the comparison first, or deploy a release in between.",
            )
        case Hazard.MIGRATIONS:
            return (
                f"It touches migrations: {paths_in_words(resolution.migrations)}.",
                "Going back later does not undo them: be sure that what runs now can live with them.",
            )


def _taken_back(resolution: Resolution) -> str:
    """The commit that runs is always among those that are missing."""
    last = f"{_before(resolution)}'s commit" if resolution.base else "the commit that runs"
    more = resolution.behind - 1
    return f"it would take {last} back" + (f", and {more:,} more" if more > 0 else "")


def _before(resolution: Resolution) -> str:
    return f"#{resolution.base.number}" if resolution.base else "what runs"


def _known(resolution: Resolution) -> str:
    known, total = len(resolution.changes), resolution.total
    if total > known:
        return f"{known:,} of its {_counted(total, 'commit')} are listed here"
    return f"it changes {len(resolution.paths):,} files or more, and the code host lists no others"


def paths_in_words(paths: tuple[str, ...]) -> str:
    """The first few by name."""
    named = ", ".join(_bounded(each, PATH) for each in paths[:PATHS])
    more = len(paths) - PATHS
    return f"{named} and {more:,} more" if more > 0 else named


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _bounded(text: str, longest: int) -> str:
    """What can't be seen is spelled out first: that makes it longer."""
    return clip(visible(text), longest)
