"""The crash table: every commit and every call, and the scene in which each is met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bot.core.actions import ActionId
from bot.core.steps import Step
from tests.databases import Backend
from tests.scenario.crash.points import Call, Moment, Point, Target, moments
from tests.scenario.crash.scenes import (
    BY_ITSELF,
    CANCELLED,
    CHECK,
    CHECKED,
    FAILED,
    HELD,
    LATER,
    LOST,
    LOST_POST,
    OVERDUE,
    PUSHED,
    QUEUED,
    SCHEDULED,
    SECOND,
    SMOKED,
    TAG,
    Scene,
    asked,
    unverified,
)

SCENES: Mapping[Target, tuple[Scene, ...]] = {
    Step.STORE_RECEIPT: (TAG,),
    Step.CLAIM_DELIVERY: (TAG,),
    Step.HANDLE_DELIVERY: (TAG, CHECK),
    Step.CLAIM_WORK: (TAG,),
    Step.RESOLVE_REQUEST: (LATER,),
    Step.JUDGE_GATES: (TAG, BY_ITSELF),
    Step.COME_DUE: (SCHEDULED, BY_ITSELF),
    Step.EXPIRE: (OVERDUE,),
    Step.TAKE_SLOT: (TAG, CHECK, BY_ITSELF),
    Step.MARK_PINNING: (TAG, BY_ITSELF),
    Step.MARK_SENT: (TAG, CHECK, PUSHED, BY_ITSELF),
    Step.RECORD_RUN: (TAG, CHECK, PUSHED, BY_ITSELF),
    Step.RECORD_PROGRESS: (HELD,),
    Step.RECORD_END: (TAG, FAILED, CANCELLED, BY_ITSELF),
    Step.VERIFY: (SMOKED, BY_ITSELF),
    Step.MARK_SMOKE: (SMOKED,),
    Step.RECORD_SMOKE: (SMOKED,),
    Step.UNPIN: (TAG,),
    Step.SAY_TAIL: (FAILED,),
    Step.FINISH_WORK: (TAG,),
    Step.WANT_LOOK: (QUEUED,),
    Step.CLAIM_EFFECT: (TAG,),
    Step.MARK_POSTING: (TAG,),
    Step.FINISH_EFFECT: (TAG, FAILED),
    Step.RETRY_EFFECT: (LOST_POST,),
    Call("CodeHost", "repository"): (TAG,),
    Call("CodeHost", "resolve"): (TAG,),
    Call("CodeHost", "commit"): (TAG,),
    Call("CodeHost", "compare"): (SECOND,),
    Call("CodeHost", "reachable"): (TAG,),
    Call("CodeHost", "checks"): (CHECKED,),
    Call("Pins", "create"): (TAG, BY_ITSELF),
    Call("Pins", "delete"): (TAG,),
    Call("CiProvider", "trigger"): (TAG, CHECK, PUSHED, BY_ITSELF),
    Call("CiProvider", "find"): (LOST, PUSHED),
    Call("CiProvider", "observe"): (TAG,),
    Call("CiProvider", "cancel"): (CANCELLED,),
    Call("Chat", "post"): (TAG,),
    Call("Chat", "edit"): (TAG,),
    Call("Chat", "whisper"): (TAG,),
    Call("Chat", "find"): (LOST_POST,),
    Call("Directory", "person"): (TAG,),
}

ELSEWHERE: Mapping[Target, str] = {
    Step.MARK_ANSWER: "only an App answers gates, and its token lives by the machine's clock: test_answering",
    Step.RECORD_ANSWER: "what is lost is seen at the gate, which is read before each answer: test_answering",
    Step.OPEN_GATE_CARD: "one commit, made again by whoever looks at its key next: test_knocking",
    Step.RECORD_LANDING: "one commit, made again by whoever looks at its key next: test_landing",
    Step.FOLLOW_RUN: "one commit, made again by whoever looks at its key next: tests/events",
    Step.SEEK_RUNS: "one commit, made again by whoever looks at its key next: tests/events",
    Step.KEEP_RELEASES: "what is told commits with the row: tests/contract/test_releases_told.py",
    Step.TELL_OF_FREEZES: "what is told commits with the row: tests/contract/test_freezes_told.py",
    Step.ASK_FOR_DELIVERY: "written down before the call, which the list shows afterwards: test_redelivering",
    Step.PIN_ALERTS: "one commit, made again by whoever looks at its key next: test_alarming",
    Step.HANDLE_OPERATOR: "one commit at the command line, which says so afterwards: test_rollback_outages",
    Step.READ: "nothing is written, so there is nothing to lose; only tests open such a unit of work",
    Step.HOUSEKEEPING: "test_beside: it happens while the bot starts",
    Step.LINK_TURN: "only a browser waits for it: an attempt that stands still runs out, unlinked",
    Step.CLOSE_CHANNEL: "one commit, and the next message that can't be posted there finds it again",
    Step.POST_DIGEST: "one commit with its turn, made again by the next minute: test_digest_round",
    Step.CLOSE_DIGEST: "one commit, made again by the next refusal: test_digest_round",
    Step.OFF_BOARD: "one commit, and what it leaves undone is found an hour later: test_leaving",
    Step.KEEP_WORK: "test_beside: a call that takes longer than a lease",
    Step.REMIND_REVIEW: "one commit, made again by whoever looks at its key next: test_review",
    Step.TELL_WAITERS: "test_beside: a lock ends by its time",
    Step.GIVE_BACK_DELIVERY: "test_beside: only a database that is down makes a handler fail",
    Call("FormOpener", "open_form"): "test_beside: it asks for nothing yet",
    Call("FormOpener", "update_form"): "it asks for nothing yet",
    Call("HomeTabs", "publish"): "it shows what is on record, and twice is the same as once: test_home",
    Call("Directory", "members"): "it is asked before anything is kept, and by the next ask again",
    Call("Directory", "team"): "as with the members of a group",
    Call("Directory", "known"): "a look into memory, which calls nobody",
    Call("CiProvider", "gates"): "it only reads, and is read again: test_answering, test_knocking",
    Call("CiProvider", "answer"): "before it and after it, in both uses: test_answering, test_knocking",
    Call("Doors", "waiting"): "it only reads, before anything is kept; twins are sorted out: test_calling_up",
    Call("Doors", "starts"): "it only reads, for the words of a refusal",
    Call("Doors", "accepts"): "it only reads, before anything is asked for: test_run",
    Call("Landings", "read"): "it only reads, and is read again; what it tells is kept once: test_landing",
    Call("RunReader", "read"): "it only reads, and is read again: tests/events",
    Call("RunReader", "newest"): "it only reads, and is read again: tests/events",
    Call("Deliveries", "webhooks"): "it only reads, and is read again: test_redelivering",
    Call("Deliveries", "tried"): "it only reads, and is read again: test_redelivering",
    Call("Deliveries", "again"): "it is written down before, and looked up after: test_redelivering",
    Call("Artifacts", "slipway_json"): "it only reads, and is kept with the end of its run: test_reporting",
    Call("ReleaseReader", "release"): "it only reads, and is read again: test_releases_told",
    Call("ReleaseReader", "newest"): "it only reads, and is read again: test_releases_told",
    Call("RunLogs", "failed_job"): "it only reads, and is read again until it is said: test_tailing",
    Call("RunLogs", "results"): "it only reads, as RunLogs.failed_job does",
    Call("Accounts", "identity"): "it only reads, before anything is kept, and by the next look again",
    Call("Alarms", "firing"): "it only reads, and is read again: test_alarming",
    Step.TAKE_TURN: "test_routines: it needs a service to ask, and hours to go by",
    Step.KEEP_READING: "test_routines: it needs a service to ask, and hours to go by",
    Step.MEASURE_BEFORE: "test_beside: it needs a service to ask",
    Call("Probe", "get"): "test_beside: it needs a service to ask",
    Call("Metrics", "instant"): "it only reads, and is read again, as Probe.get is",
    Call("Channels", "outside"): "it only reads, before anything is kept or said, as Directory.person does",
    Call("Channels", "inside"): "it only reads, before anything is shown, as Channels.outside does",
    Call("Channels", "name_of"): "it only reads, before anything is kept or said, as Directory.person does",
    Call("Channels", "id_of"): "it only reads, before anything is said, as Channels.outside does",
    Call("Channels", "closed"): "it only reads, before anything is kept, as Directory.person does",
    Call("Pins", "read"): "called by nothing but the making of a pin, inside the adapter",
}

TRIGGER = Call("CiProvider", "trigger")
NEVER_SENT = {(Step.MARK_SENT, Moment.AFTER), (TRIGGER, Moment.BEFORE)}
NEVER_HEARD_OF = {(TRIGGER, Moment.DURING), (TRIGGER, Moment.AFTER), (Step.RECORD_RUN, Moment.BEFORE)}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: where the process dies; in the short form also again, further on its way."""

    scene: Scene
    points: tuple[Point, ...]

    def __str__(self) -> str:
        return f"{self.scene.name}: {', then '.join(map(str, self.points))}"


def rows() -> Iterator[Row]:
    """Everything that is met, at each of its moments."""
    for target, scenes in SCENES.items():
        for scene in scenes:
            for moment in moments(target):
                yield row(scene, target, moment)


def row(scene: Scene, target: Target, moment: Moment) -> Row:
    """One death, and what must come of it."""
    return Row(expected(scene, target, moment), (Point(target, moment),))


CRITICAL = {Step.MARK_SENT, TRIGGER, Step.RECORD_RUN, Call("Chat", "post")}
APART = (PUSHED, BY_ITSELF)  # they are longer than others, and short in the short form
BY_ITSELF_IN_SHORT = (Step.COME_DUE, Step.TAKE_SLOT, Call("Pins", "create"), Step.VERIFY)
PUSHED_IN_SHORT = ((TRIGGER, Moment.BEFORE), (TRIGGER, Moment.DURING))
# Deaths that follow each other in one play of TAG. Effects run beside the work: they come last, and while a
# change of the card is still to come.
IN_ONE_PLAY: tuple[tuple[Target, ...], ...] = (
    (Step.CLAIM_WORK, Step.JUDGE_GATES, Call("Pins", "create")),
    (Step.CLAIM_DELIVERY, Call("CodeHost", "reachable"), Step.CLAIM_EFFECT),
    (Call("Directory", "person"), Step.MARK_POSTING),
    (Call("CodeHost", "repository"), Step.TAKE_SLOT, Step.FINISH_EFFECT),
    (Call("CodeHost", "resolve"), Step.MARK_PINNING, Call("Chat", "edit")),
    (Call("CodeHost", "commit"), Call("CiProvider", "observe")),
    (Step.HANDLE_DELIVERY, Step.RECORD_END, Call("Pins", "delete")),
    (Step.UNPIN, Step.FINISH_WORK),
)
JOINED = {target for play in IN_ONE_PLAY for target in play}
ORDER = list(SCENES)


def short_form() -> Iterator[tuple[Row, Backend]]:
    """For every run of the tests: each target on each database, and each moment of a commit on one of them.

    The windows in which a second run or a second card would arise are met at each moment on both; where the
    push of a tag starts the run, at two, on one each. The whole table on both is a part of `make proof`.
    """
    for turn, backend in enumerate(Backend):
        for target, scenes in SCENES.items():
            for scene in scenes:
                if target in CRITICAL and scene not in APART:
                    yield from ((row(scene, target, moment), backend) for moment in moments(target))
                elif scene not in APART and not (scene is TAG and target in JOINED):
                    yield row(scene, target, its_turn(target, turn)), backend
        for play in IN_ONE_PLAY:
            yield Row(TAG, tuple(Point(each, its_turn(each, turn)) for each in play)), backend
        yield row(PUSHED, *PUSHED_IN_SHORT[turn]), backend
        yield Row(BY_ITSELF, tuple(Point(each, its_turn(each, turn)) for each in BY_ITSELF_IN_SHORT)), backend


def its_turn(target: Target, turn: int) -> Moment:
    """Before it on one database, after it or during it on the other."""
    return moments(target)[(ORDER.index(target) + turn) % 2]


def expected(scene: Scene, target: Target, moment: Moment) -> Scene:
    """What is different in the end because the process died there."""
    if (target, moment) == (Step.STORE_RECEIPT, Moment.BEFORE):
        return replace(scene, asks_again=True)  # it was never taken, and the person was told so
    if (target, moment) == (Step.MARK_SMOKE, Moment.AFTER):
        return unverified(scene)
    if (target, moment) in NEVER_SENT:
        first = (ActionId.LOOK_AGAIN,) if moment is Moment.BEFORE else ()
        return asked(scene, *first, ActionId.IT_DID_NOT_RUN)
    if (target, moment) in NEVER_HEARD_OF and scene is CHECK:
        return asked(scene, ActionId.IT_RAN, dispatches=1)  # its workflow shows no key, and there is no tag
    return scene
