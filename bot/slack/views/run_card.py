"""The card of a run that nobody asked us for, and what is said in its thread; from its record alone."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.actions import ActionId
from bot.core.durations import format_duration
from bot.core.following import FAILED, RunChange, RunRecord, has_ended, waits
from bot.core.run_news import TOPICS
from bot.core.run_words import LOOKS
from bot.core.runs import RunStatus, Stage
from bot.core.text import NOTHING, Icon, Link, Mention, Moment, Span, Text, bold, code, line
from bot.core.values import short
from bot.core.visible import clip, visible
from bot.slack.views import blocks
from bot.slack.views.blocks import Block, Message
from bot.slack.views.card import stages_of
from bot.slack.views.copies import Brief

TITLE, NAME = 200, 80  # characters of a commit's title; of what people call a workflow, branch, job or step
JOBS = 5  # that are named of those that failed or wait

WORDS: dict[RunStatus, str] = {
    RunStatus.QUEUED: "Queued",
    RunStatus.RUNNING: "Running",
    RunStatus.WAITING: "Waits for approval",
    RunStatus.SUCCESS: "Succeeded",
    RunStatus.UNSTABLE: "Unstable",
    RunStatus.FAILURE: "Failed",
    RunStatus.CANCELLED: "Cancelled",
    RunStatus.SKIPPED: "Skipped",
    RunStatus.NEEDS_PERSON: "Waits for a person",
    RunStatus.UNKNOWN: "Unknown",
}
GONE = ("question", "Gone from the code host")


def run_card(record: RunRecord, *, with_plan: bool = True) -> Message:
    """The whole message; without the plan block where a workspace does not have it yet."""
    run, name = record.run, _name(record)
    icon, word = _look(record)
    facts = line(Icon(icon), " ", bold(word), *_when(record)) + _commit(record) + _who(record)
    workflow = record.about.workflow if record.about else ""
    shown: list[Block] = [
        blocks.header(f"{name} · {run.ref.repository}"),
        blocks.rich(facts, "facts"),
        *stages_of(workflow or "The run", run, with_plan=with_plan),
        *_trouble(record),
        *blocks.actions("buttons", _button(record)),
    ]
    return blocks.message(_summary(record, word), shown)


def run_words(record: RunRecord, change: RunChange, person: str | None) -> Text:
    """What must be heard, once; it rings for `person`, whose account started the attempt."""
    who = record.about.actor if record.about else ""
    rung: list[Span | str] = [Mention(person, who, notify=True), " "] if person else []
    text = line(*rung, bold(_heading(record, change))) + _why(record, change)
    text += _commit(record) + _who(record)
    return text + line(Link(record.run.url, "The run")) if record.run.url else text


def run_reply(record: RunRecord, change: RunChange, text: Text) -> Message:
    """These words, and a notification that alone says enough."""
    where = _named(_concerned(record, change))
    what = " ".join(part for part in (_heading(record, change).removesuffix("."), where) if part)
    said = f"{what}. {_brief_commit(record)}"
    return blocks.message(said, [blocks.rich(text)])


def run_brief(record: RunRecord, said: Sequence[RunChange]) -> Brief:
    """As it stands now, in one line of a summary."""
    name = f"{_name(record)} of {record.run.ref.repository}{_attempt(record)}"
    word = _look(record)[1].lower()
    loud = any(TOPICS[each].aloud and each is not RunChange.RECOVERED for each in said)
    where = _named(_failed(record.run.stages))
    text = line(bold(f"{name}: {word}"), f" {where}" if where else "") if loud else line(f"{name}: {word}")
    return Brief(text, loud)


def _look(record: RunRecord) -> tuple[str, str]:
    if record.vanished_at is not None:
        return GONE
    if not has_ended(record.run) and record.run.status is not RunStatus.NEEDS_PERSON and waits(record.run):
        return LOOKS[RunStatus.WAITING], WORDS[RunStatus.WAITING]
    return LOOKS[record.run.status], WORDS[record.run.status]


def _name(record: RunRecord) -> str:
    """As people call it: `CI on main`."""
    about = record.about
    workflow = (about.workflow if about else "") or record.run.title or f"Run {record.run.ref.external_id}"
    branch = f" on {clip(about.branch, NAME)}" if about and about.branch else ""
    return visible(f"{clip(workflow, NAME)}{branch}")


def attempt_name(record: RunRecord) -> str:
    """Enough to tell it from all others: `CI on main of acme/api, attempt 2`."""
    return f"{_name(record)} of {record.run.ref.repository}{_attempt(record)}"


def _heading(record: RunRecord, change: RunChange) -> str:
    return f"{attempt_name(record)}{',' if _attempt(record) else ''} {_said(change)}"


def _attempt(record: RunRecord) -> str:
    """Where it is not the first."""
    return f", attempt {record.run.attempt}" if record.run.attempt > 1 else ""


def _summary(record: RunRecord, word: str) -> str:
    """Alone, on a phone, it says what happened to what, and whose it is."""
    where = _named(_failed(record.run.stages))
    more = f" {where}" if where else ""
    return f"{attempt_name(record)}: {word.lower()}{more}. {_brief_commit(record)}"


def _brief_commit(record: RunRecord) -> str:
    about = record.about
    title = f" {clip(about.commit, TITLE)}" if about and about.commit else ""
    by = f", by {about.actor}" if about and about.actor else ""
    return f"{short(record.run.head_sha)}{title}{by}"


def _when(record: RunRecord) -> list[Span | str]:
    run = record.run
    if run.ended_at is None or not has_ended(run):
        return [" · since ", Moment(run.started_at)] if run.started_at else []
    took = run.ended_at - run.started_at if run.started_at and run.started_at <= run.ended_at else None
    return [" · ", Moment(run.ended_at), f", took {format_duration(took)}" if took is not None else ""]


def _commit(record: RunRecord) -> Text:
    about, name = record.about, short(record.run.head_sha)
    shown = Link(about.commit_url, name) if about and about.commit_url else code(name)
    return line(shown, f" {clip(about.commit, TITLE)}" if about and about.commit else "")


def _who(record: RunRecord) -> Text:
    about = record.about
    if about is None:
        return NOTHING
    event = about.event.replace("_", " ").capitalize() or "Started"
    by: list[Span | str] = [" by ", bold(clip(about.actor, NAME))] if about.actor else []
    return line(clip(event, NAME), *by, f" · run {about.number} · attempt {record.run.attempt}")


def _failed(stages: Sequence[Stage]) -> list[Stage]:
    return [each for each in stages if each.status in FAILED]


def _waiting(stages: Sequence[Stage]) -> list[Stage]:
    return [each for each in stages if each.status in (RunStatus.WAITING, RunStatus.NEEDS_PERSON)]


def _concerned(record: RunRecord, change: RunChange) -> list[Stage]:
    return _waiting(record.run.stages) if change is RunChange.WAITS else _failed(record.run.stages)


def _named(stages: Sequence[Stage]) -> str:
    """`in build at “Run tests”`; of several the first ones."""
    if not stages:
        return ""
    first = [f"{clip(each.name, NAME)}{_step(each)}" for each in stages[:2]]
    more = f" and {len(stages) - 2} more" if len(stages) > 2 else ""
    return f"in {', '.join(first)}{more}"


def _step(stage: Stage) -> str:
    return f" at “{clip(stage.detail, NAME)}”" if stage.detail else ""


def _jobs(stages: Sequence[Stage], verb: str) -> Text:
    """Each with its link; what failed in a job is the step that it stopped at."""
    text = NOTHING
    for each in stages[:JOBS]:
        name = clip(each.name, NAME)
        shown: Span = Link(each.url, name) if each.url else bold(name)
        text += line(shown, f" {verb}{_step(each)}")
    more = len(stages) - JOBS
    return text + line(f"… and {more} more") if more > 0 else text


def _trouble(record: RunRecord) -> list[Block]:
    text = _jobs(_failed(record.run.stages), "failed")
    if record.vanished_at is None and not has_ended(record.run):
        text += _jobs(_waiting(record.run.stages), "waits for a decision at the code host")
    return [blocks.rich(text, "trouble")] if text.lines else []


def _why(record: RunRecord, change: RunChange) -> Text:
    if change is RunChange.WAITS:
        asks = line("It goes on when somebody has decided at the code host.")
        return _jobs(_waiting(record.run.stages), "waits") + asks
    if change is RunChange.RECOVERED:
        return line("The run before it on this branch had failed.")
    if change is RunChange.ENDED_UNKNOWN:
        return line(f"The code host says “{clip(record.run.raw_status, NAME)}”. Look at it there.")
    return _jobs(_failed(record.run.stages), "failed")


def _button(record: RunRecord) -> list[Block]:
    if not record.run.url or record.vanished_at is not None:
        return []
    label = "Open the run" if has_ended(record.run) else "Watch the run"
    return [blocks.button(ActionId.OPEN_RUN, label, url=record.run.url)]


def _said(change: RunChange) -> str:
    match change:
        case RunChange.STARTED:
            return "has started."
        case RunChange.WAITS:
            return "waits for approval."
        case RunChange.FAILED:
            return "failed."
        case RunChange.SUCCEEDED:
            return "succeeded."
        case RunChange.RECOVERED:
            return "works again."
        case RunChange.CANCELLED:
            return "was cancelled."
        case RunChange.SKIPPED:
            return "was skipped."
        case RunChange.ENDED_UNKNOWN:
            return "has ended, and nobody knows how."
        case RunChange.VANISHED:
            return "is gone from the code host."
