"""The card: the one living message of a deployment, rendered from its present state alone."""

from __future__ import annotations

from bot.core.actions import ActionId, ButtonValue
from bot.core.durations import format_duration
from bot.core.falling_back import beforehand
from bot.core.lifecycle import BEFORE_DISPATCH, ENDS, State
from bot.core.naming import done, named_as, what_of
from bot.core.records import Deployment
from bot.core.release_words import release_lines
from bot.core.runs import RUN_ENDS, Run, RunStatus, Stage
from bot.core.text import NOTHING, Icon, Moment, Span, Text, bold, code, line, sentence
from bot.core.values import Kind
from bot.core.visible import clip, visible
from bot.slack.views import blocks
from bot.slack.views.alerts import alerts
from bot.slack.views.blocks import Block, Message
from bot.slack.views.changes import changes, details_button, warnings
from bot.slack.views.checklist import checklist
from bot.slack.views.database import database, restore_button
from bot.slack.views.emergency import emergency
from bot.slack.views.gate_runs import gate_line
from bot.slack.views.gates import gates, of_late, vote_buttons, votes
from bot.slack.views.locked import tell_me
from bot.slack.views.overrides import overrides
from bot.slack.views.reported import reported
from bot.slack.views.verifications import verifications, word_buttons

STAGES_AT_MOST = 12

LOOKS: dict[State, tuple[str, str]] = {
    State.REQUESTED: ("inbox_tray", "Asked"),
    State.SCHEDULED: ("calendar", "Scheduled"),
    State.WAITING: ("hourglass_flowing_sand", "Waiting"),
    State.READY: ("hourglass_flowing_sand", "Ready"),
    State.DISPATCHING: ("rocket", "Starting"),
    State.RUNNING: ("large_blue_circle", "Running"),
    State.VERIFYING: ("mag", "Verifying"),
    State.CANCELLING: ("octagonal_sign", "Cancelling"),
    State.UNKNOWN: ("question", "Needs an answer"),
    State.SUCCEEDED: ("white_check_mark", "Deployed"),
    State.REFUSED: ("no_entry", "Refused"),
    State.REJECTED: ("no_entry", "Rejected"),
    State.EXPIRED: ("hourglass", "Expired"),
    State.WITHDRAWN: ("leftwards_arrow_with_hook", "Withdrawn"),
    State.SUPERSEDED: ("fast_forward", "Superseded"),
    State.STALE: ("warning", "Out of date"),
    State.FAILED: ("x", "Failed"),
    State.CANCELLED: ("black_square_for_stop", "Cancelled"),
    State.ROLLED_BACK: ("rewind", "Rolled back"),
    State.BYPASSED: ("rotating_light", "Bypassed"),
}

TASKS: dict[RunStatus, str] = {
    RunStatus.QUEUED: "pending",
    RunStatus.RUNNING: "in_progress",
    RunStatus.WAITING: "in_progress",
    RunStatus.SUCCESS: "complete",
    RunStatus.UNSTABLE: "error",
    RunStatus.FAILURE: "error",
    RunStatus.CANCELLED: "error",
    RunStatus.SKIPPED: "complete",
    RunStatus.NEEDS_PERSON: "in_progress",
    RunStatus.UNKNOWN: "pending",
}

WORDS: dict[RunStatus, str] = {
    RunStatus.QUEUED: "queued",
    RunStatus.RUNNING: "running",
    RunStatus.WAITING: "waiting at a gate",
    RunStatus.SUCCESS: "done",
    RunStatus.UNSTABLE: "unstable",
    RunStatus.FAILURE: "failed",
    RunStatus.CANCELLED: "cancelled",
    RunStatus.SKIPPED: "skipped",
    RunStatus.NEEDS_PERSON: "needs a person",
    RunStatus.UNKNOWN: "unknown",
}


def card(deployment: Deployment, *, with_plan: bool = True) -> Message:
    """The whole message; without the plan block where a workspace does not have it yet."""
    wish = deployment.wish
    title = what_of(wish)
    icon, word = _look(deployment)
    waits = deployment.state in BEFORE_DISPATCH  # then what it waits for comes before the list of gates
    shown: list[Block] = [
        blocks.header(f"{title} · #{deployment.number}"),
        *emergency(deployment),
        blocks.rich(_facts(deployment, icon, word), "facts"),
        *warnings(deployment),
        *database(deployment),
        *(_note(deployment) if waits else []),
        *changes(deployment),
        *gates(deployment),
        *of_late(deployment),
        *votes(deployment),
        *checklist(deployment),
        *overrides(deployment),
        *_stages(deployment, with_plan=with_plan),
        *reported(deployment),
        *alerts(deployment),
        *verifications(deployment),
        *([] if waits else _note(deployment)),
        *blocks.actions("buttons", _buttons(deployment)),
    ]
    return blocks.message(_summary(deployment, word), shown)


def state_word(state: State) -> str:
    """The state as people read it."""
    return LOOKS[state][1]


def _look(deployment: Deployment) -> tuple[str, str]:
    """Not everything that succeeded is a deployment in people's words."""
    icon, word = LOOKS[deployment.state]
    if deployment.state is not State.SUCCEEDED:
        return icon, word
    match deployment.wish.kind:
        case Kind.DEPLOY | Kind.PROMOTE:
            return icon, word
        case Kind.ROLLBACK:
            return LOOKS[State.ROLLED_BACK]
        case Kind.RUN:
            return icon, "Done"
        case Kind.RESTORE:
            return icon, "Restored"


def _summary(deployment: Deployment, word: str) -> str:
    wish = deployment.wish
    why = f" {deployment.note}" if deployment.note else ""
    why += f" Rolled back by #{deployment.undone_by}." if deployment.undone_by is not None else ""
    return f"#{deployment.number} {what_of(wish)}: {word.lower()}.{why}"


def _facts(deployment: Deployment, icon: str, word: str) -> Text:
    text = line(Icon(icon), " ", bold(word), *_when(deployment))
    if deployment.wish.due is not None:
        text += line("Due ", Moment(deployment.wish.due.at), f" · {deployment.wish.due.said}")
    text += release_lines(deployment.wish, deployment.resolution)
    started = deployment.state is State.BYPASSED
    if deployment.undone_by is not None:
        text += line(Icon(LOOKS[State.ROLLED_BACK][0]), " ", bold(f"Rolled back by #{deployment.undone_by}"))
    asked: list[Span | str] = ["Started by " if started else "Asked by ", named_as(deployment.requested_by)]
    if deployment.wish.reason:
        asked.append(f" because {clip(deployment.wish.reason, 500)}")
    text += line(*asked) + gate_line(deployment)
    ahead = beforehand(deployment) if deployment.state not in ENDS else ""
    text += line(ahead) if ahead else NOTHING
    if deployment.wish.inputs:
        pairs = ", ".join(f"{name}={value}" for name, value in deployment.wish.inputs)
        text += line("With ", code(clip(pairs, 300)))
    return text


def _when(deployment: Deployment) -> list[Span | str]:
    if deployment.ended_at is None:
        return [" · asked ", Moment(deployment.created_at)]
    took = deployment.ended_at - deployment.created_at
    return [" · ", Moment(deployment.ended_at), f", took {format_duration(took)}"]


def _stages(deployment: Deployment, *, with_plan: bool) -> list[Block]:
    run = deployment.run
    if run is None:
        return []
    workflow = deployment.request.workflow if deployment.request else "The pipeline"
    return stages_of(workflow, run, with_plan=with_plan)


def stages_of(workflow: str, run: Run, *, with_plan: bool) -> list[Block]:
    """How each stage of a run stands, and what it took."""
    if not run.stages:
        return []
    if with_plan:
        return [_plan(workflow, run)]
    return [blocks.quiet(*(_in_words(stage) for stage in run.stages[:10]))]


def _plan(workflow: str, run: Run) -> Block:
    more = len(run.stages) - STAGES_AT_MOST
    title = f"{workflow} · {WORDS[run.status]}" + (f" · {more} more stages" if more > 0 else "")
    return {
        "type": "plan",
        "title": clip(visible(title), 150),
        "tasks": [_task(number, stage) for number, stage in enumerate(run.stages[:STAGES_AT_MOST])],
    }


def _task(number: int, stage: Stage) -> Block:
    return {
        "type": "task_card",
        "task_id": f"stage-{number}",
        "title": clip(visible(f"{stage.name}: {_detail(stage)}"), 150),
        "status": TASKS[stage.status],
    }


def _in_words(stage: Stage) -> str:
    return clip(f"{_mark(stage)} {stage.name}: {_detail(stage)}", 300)


def _detail(stage: Stage) -> str:
    word = WORDS[stage.status]
    at = f" at “{stage.detail}”" if stage.detail and stage.status is not RunStatus.SUCCESS else ""
    took = ""
    if stage.started_at and stage.ended_at and stage.ended_at >= stage.started_at:
        took = f", {format_duration(stage.ended_at - stage.started_at)}"
    return f"{word}{at}{took}"


def _mark(stage: Stage) -> str:
    match TASKS[stage.status]:
        case "complete":
            return ":white_check_mark:"
        case "error":
            return ":x:"
        case "in_progress":
            return ":large_blue_circle:"
        case _:
            return ":white_circle:"


def _note(deployment: Deployment) -> list[Block]:
    if not deployment.note:
        return []
    text = line(bold(clip(deployment.note, 1000)))
    if deployment.next_step:
        text += sentence(clip(deployment.next_step, 1000))  # what is typed stands out
    return [blocks.rich(text, "note")]


def _buttons(deployment: Deployment) -> list[Block]:
    value = ButtonValue(deployment.number, deployment.digest or "", deployment.version).write()
    buttons = vote_buttons(deployment, value)
    if deployment.state is State.UNKNOWN:
        buttons += _answers(deployment, value)
        if deployment.cancelled_by is None:
            buttons.append(_cancel(deployment, value))
    elif deployment.state in ENDS:
        if deployment.state is not State.SUCCEEDED and _may_ask_again(deployment):
            buttons.append(blocks.button(ActionId.ASK_AGAIN, "Ask again", value, style="primary"))
        if _may_go_back(deployment):
            buttons.append(blocks.button(ActionId.ROLL_BACK, "Roll back", value))
    elif deployment.state is State.VERIFYING:
        buttons += word_buttons(deployment, value)
    elif deployment.state is not State.CANCELLING:
        buttons += [*tell_me(deployment), _cancel(deployment, value)]
    buttons += [*restore_button(deployment, value), *details_button(deployment, value)]
    if deployment.run is not None and deployment.run.url:
        label = "Open the run" if deployment.run.status in RUN_ENDS else "Watch the run"
        buttons.append(blocks.button(ActionId.OPEN_RUN, label, url=deployment.run.url))
    return buttons


def _may_ask_again(deployment: Deployment) -> bool:
    """What began at the provider begins there again, and a restore beside its rollback."""
    return deployment.gate_run is None and deployment.wish.kind is not Kind.RESTORE


def _may_go_back(deployment: Deployment) -> bool:
    """What got there or may have can be taken away again; whether it still runs is looked at then."""
    if deployment.wish.kind in (Kind.RUN, Kind.RESTORE):
        return False  # no release went anywhere
    ran = deployment.state is State.SUCCEEDED or deployment.attempted_at is not None
    there = deployment.state in (State.SUCCEEDED, State.FAILED, State.CANCELLED)
    return ran and there and deployment.undone_by is None


def _cancel(deployment: Deployment, value: str) -> Block:
    wish = deployment.wish
    sure = blocks.confirm(
        f"Cancel #{deployment.number}?",
        f"{what_of(wish)} stops where it is. What it changed so far stays as it is.",
        "Cancel it",
        "Let it go on",
    )
    return blocks.button(ActionId.CANCEL, "Cancel", value, style="danger", confirm=sure)


def _answers(deployment: Deployment, value: str) -> list[Block]:
    what = done(deployment.wish)
    return [
        blocks.button(ActionId.LOOK_AGAIN, "Look again", value, style="primary"),
        blocks.button(ActionId.IT_RAN, f"It was {what}", value),
        blocks.button(ActionId.IT_DID_NOT_RUN, f"It was not {what}", value),
    ]
