"""The end of a failed run's log and its tests, in a block in which no character is markup."""

from __future__ import annotations

from bot.core.junit import TestCounts
from bot.core.naming import what_of
from bot.core.records import Deployment
from bot.core.tails import Tail
from bot.core.text import NOTHING, Link, Span, Text, bold, code, line
from bot.core.visible import visible
from bot.slack.views import blocks
from bot.slack.views.blocks import Block, Message

LONGEST = 2_900  # characters of a block; Slack takes 3,000


def logged(deployment: Deployment, tail: Tail) -> Message:
    """Of the run of a deployment."""
    return how_it_failed(f"#{deployment.number} {what_of(deployment.wish)}", tail)


def how_it_failed(name: str, tail: Tail) -> Message:
    """A reply that rings for nobody, and stays in its thread."""
    said = f"{name}: how it failed." if not tail.job else f"{name}: how {_where(tail)} failed."
    return blocks.message(said, tail_blocks(tail, name)) | {"reply_broadcast": False}


def tail_blocks(tail: Tail, name: str) -> list[Block]:
    """For any failed run, under the name by which people know it."""
    head: list[Span | str] = [bold(f"{name}: how it failed."), " "]
    if tail.job:
        where = _where(tail)
        head += ["The end of the log of ", Link(tail.url, where) if tail.url else where, ":"]
    made = [blocks.rich(line(*head))]
    made += [_as_it_was_written(tail.lines)] if tail.lines else []
    return made + ([blocks.rich(_tests(tail.tests))] if tail.tests else [])


def _where(tail: Tail) -> str:
    return f"{tail.job} › {tail.step}" if tail.step else tail.job


def _as_it_was_written(lines: tuple[str, ...]) -> Block:
    text = visible("\n".join(lines))[-LONGEST:]
    inner = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [inner]}


def _tests(tests: TestCounts) -> Text:
    """What went wrong, the first few by name."""
    text = line(bold(_counts(tests)), "" if tests.whole else " Some results could not be read.")
    for each in tests.failures:
        text += line("• ", code(each.name or "a test without a name"), f": {each.said}" if each.said else "")
    left = tests.failed - len(tests.failures)
    return text + (line(f"… and {left} more.") if left > 0 and tests.failures else NOTHING)


def _counts(tests: TestCounts) -> str:
    total = "1 test" if tests.total == 1 else f"{tests.total:,} tests"
    parts = [f"{tests.failed:,} failed"] if tests.failed else []
    parts += [f"{tests.skipped:,} skipped"] if tests.skipped else []
    return f"{total}: {', '.join(parts) or 'all passed'}."
