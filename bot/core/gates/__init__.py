"""The gates, in the order a person reads them. A new gate is a file beside this one and a line below."""

from __future__ import annotations

from bot.core.gates.approvals import APPROVALS
from bot.core.gates.checklist import CHECKLIST
from bot.core.gates.checks import CHECKS
from bot.core.gates.freeze import FREEZE
from bot.core.gates.identity import IDENTITY
from bot.core.gates.lock import LOCK
from bot.core.gates.migrations import MIGRATIONS
from bot.core.gates.model import Facts, Gate, GateState, Verdict
from bot.core.gates.promotion import PROMOTION
from bot.core.gates.quarantine import QUARANTINE
from bot.core.gates.queue import QUEUE
from bot.core.gates.refs import REFS
from bot.core.gates.requester import REQUESTER
from bot.core.gates.unknown_rules import UNKNOWN_RULES

GATES: tuple[Gate, ...] = (
    UNKNOWN_RULES,
    REFS,
    REQUESTER,
    IDENTITY,
    CHECKS,
    APPROVALS,
    CHECKLIST,
    PROMOTION,
    MIGRATIONS,
    QUARANTINE,
    FREEZE,
    LOCK,
    QUEUE,
)

__all__ = ["GATES", "Facts", "Gate", "GateState", "Verdict"]
