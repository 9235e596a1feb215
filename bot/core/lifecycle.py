"""The life of a deployment: the one table of what may follow what.

No wildcards: a pair that is not in the table is a bug, except that an ended deployment absorbs every trigger,
because late hints and double clicks are ordinary.
"""

from __future__ import annotations

from enum import StrEnum

from bot.core.errors import Bug


class State(StrEnum):
    REQUESTED = "requested"
    SCHEDULED = "scheduled"
    WAITING = "waiting"
    READY = "ready"
    DISPATCHING = "dispatching"
    RUNNING = "running"
    VERIFYING = "verifying"
    CANCELLING = "cancelling"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    STALE = "stale"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ROLLED_BACK = "rolled_back"
    BYPASSED = "bypassed"  # its run went on at the provider without our word


class Trigger(StrEnum):
    RESOLVE = "resolve"  # the reference became commits; the request is frozen
    SCHEDULE = "schedule"
    COME_DUE = "come due"
    OPEN_GATES = "open gates"
    CLOSE_GATES = "close gates"  # a gate closed again before anything was sent
    TAKE_SLOT = "take slot"
    FIND_RUN = "find run"
    RUN_SUCCEEDED = "run succeeded"
    RUN_FAILED = "run failed"
    RUN_CANCELLED = "run cancelled"
    CANCEL = "cancel"
    LOSE_TRACK = "lose track"
    VERIFY = "verify"
    FAIL_VERIFICATION = "fail verification"
    RESTORE = "restore"  # the strategy brought the old release back inside the same deployment
    REFUSE = "refuse"
    REJECT = "reject"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    SUPERSEDE = "supersede"
    GO_STALE = "go stale"
    BYPASS = "bypass"  # somebody let the run in at the provider, or it never asked


S, T = State, Trigger

TRANSITIONS: dict[tuple[State, Trigger], State] = {
    (S.REQUESTED, T.RESOLVE): S.WAITING,
    (S.REQUESTED, T.SCHEDULE): S.SCHEDULED,
    (S.REQUESTED, T.REFUSE): S.REFUSED,
    (S.REQUESTED, T.EXPIRE): S.EXPIRED,
    (S.REQUESTED, T.WITHDRAW): S.WITHDRAWN,
    (S.REQUESTED, T.SUPERSEDE): S.SUPERSEDED,
    (S.REQUESTED, T.BYPASS): S.BYPASSED,
    (S.SCHEDULED, T.COME_DUE): S.WAITING,
    (S.SCHEDULED, T.REFUSE): S.REFUSED,
    (S.SCHEDULED, T.REJECT): S.REJECTED,
    (S.SCHEDULED, T.EXPIRE): S.EXPIRED,
    (S.SCHEDULED, T.WITHDRAW): S.WITHDRAWN,
    (S.SCHEDULED, T.SUPERSEDE): S.SUPERSEDED,
    (S.SCHEDULED, T.GO_STALE): S.STALE,
    (S.WAITING, T.OPEN_GATES): S.READY,
    (S.WAITING, T.REFUSE): S.REFUSED,
    (S.WAITING, T.REJECT): S.REJECTED,
    (S.WAITING, T.EXPIRE): S.EXPIRED,
    (S.WAITING, T.WITHDRAW): S.WITHDRAWN,
    (S.WAITING, T.SUPERSEDE): S.SUPERSEDED,
    (S.WAITING, T.GO_STALE): S.STALE,
    (S.WAITING, T.BYPASS): S.BYPASSED,
    (S.READY, T.TAKE_SLOT): S.DISPATCHING,
    (S.READY, T.CLOSE_GATES): S.WAITING,
    (S.READY, T.EXPIRE): S.EXPIRED,
    (S.READY, T.WITHDRAW): S.WITHDRAWN,
    (S.READY, T.GO_STALE): S.STALE,
    (S.DISPATCHING, T.FIND_RUN): S.RUNNING,
    (S.DISPATCHING, T.RUN_FAILED): S.FAILED,
    (S.DISPATCHING, T.RUN_CANCELLED): S.CANCELLED,
    (S.DISPATCHING, T.CANCEL): S.CANCELLING,
    (S.DISPATCHING, T.LOSE_TRACK): S.UNKNOWN,
    (S.DISPATCHING, T.GO_STALE): S.STALE,
    (S.DISPATCHING, T.BYPASS): S.BYPASSED,
    (S.DISPATCHING, T.CLOSE_GATES): S.WAITING,  # only before anything was sent
    (S.RUNNING, T.RUN_SUCCEEDED): S.VERIFYING,
    (S.RUNNING, T.RUN_FAILED): S.FAILED,
    (S.RUNNING, T.RUN_CANCELLED): S.CANCELLED,
    (S.RUNNING, T.CANCEL): S.CANCELLING,
    (S.RUNNING, T.LOSE_TRACK): S.UNKNOWN,
    (S.VERIFYING, T.VERIFY): S.SUCCEEDED,
    (S.VERIFYING, T.FAIL_VERIFICATION): S.FAILED,
    (S.VERIFYING, T.RESTORE): S.ROLLED_BACK,
    (S.VERIFYING, T.LOSE_TRACK): S.UNKNOWN,
    (S.CANCELLING, T.RUN_SUCCEEDED): S.VERIFYING,
    (S.CANCELLING, T.RUN_FAILED): S.FAILED,
    (S.CANCELLING, T.RUN_CANCELLED): S.CANCELLED,
    (S.CANCELLING, T.LOSE_TRACK): S.UNKNOWN,
    (S.UNKNOWN, T.FIND_RUN): S.RUNNING,
    (S.UNKNOWN, T.CANCEL): S.CANCELLING,
    (S.UNKNOWN, T.RUN_SUCCEEDED): S.VERIFYING,
    (S.UNKNOWN, T.RUN_FAILED): S.FAILED,
    (S.UNKNOWN, T.RUN_CANCELLED): S.CANCELLED,
}

ENDS: frozenset[State] = frozenset(State) - {source for source, _ in TRANSITIONS}
BEFORE_DISPATCH = frozenset({S.REQUESTED, S.SCHEDULED, S.WAITING, S.READY})
HOLDING: frozenset[State] = frozenset(
    {S.DISPATCHING, S.RUNNING, S.VERIFYING, S.CANCELLING, S.UNKNOWN}
)  # these occupy the slot of their service and environment


class IllegalTransition(Bug):
    """The table has no such step."""


def follow(state: State, trigger: Trigger) -> State:
    """The state after `trigger`; an ended deployment stays as it is."""
    if state in ENDS:
        return state
    try:
        return TRANSITIONS[state, trigger]
    except KeyError:
        raise IllegalTransition(f"{state} does not know {trigger}") from None


def allowed(state: State, trigger: Trigger) -> bool:
    """Whether `trigger` moves a deployment in `state`."""
    return (state, trigger) in TRANSITIONS
