"""Every commit that moves work on, by name: for logs, metrics, and the tests that kill us at each."""

from __future__ import annotations

from enum import StrEnum


class Step(StrEnum):
    """What one transaction is for."""

    STORE_RECEIPT = "store receipt"
    CLAIM_DELIVERY = "claim delivery"
    HANDLE_DELIVERY = "handle delivery"
    GIVE_BACK_DELIVERY = "give back delivery"
    CLAIM_WORK = "claim work"
    RESOLVE_REQUEST = "resolve request"
    COME_DUE = "come due"
    JUDGE_GATES = "judge gates"
    EXPIRE = "expire"
    TAKE_SLOT = "take slot"
    MARK_PINNING = "mark pinning"
    MARK_SENT = "mark sent"
    RECORD_RUN = "record run"
    MARK_ANSWER = "mark answer"
    RECORD_ANSWER = "record answer"
    OPEN_GATE_CARD = "open gate card"
    RECORD_LANDING = "record landing"
    RECORD_PROGRESS = "record progress"
    RECORD_END = "record end"
    VERIFY = "verify"
    UNPIN = "unpin"
    REMIND_REVIEW = "remind review"
    TELL_WAITERS = "tell waiters"
    KEEP_WORK = "keep work"
    FINISH_WORK = "finish work"
    WANT_LOOK = "want look"
    CLAIM_EFFECT = "claim effect"
    MARK_POSTING = "mark posting"
    FINISH_EFFECT = "finish effect"
    RETRY_EFFECT = "retry effect"
    LINK_TURN = "link turn"
    READ = "read"
    OFF_BOARD = "off board"
    HOUSEKEEPING = "housekeeping"
