"""The gates, in the order a person reads them. A new gate is a file beside this one and a line below."""

from __future__ import annotations

from bot.core.gates.identity import IDENTITY
from bot.core.gates.model import Facts, Gate, GateState, Verdict
from bot.core.gates.queue import QUEUE
from bot.core.gates.refs import REFS
from bot.core.gates.requester import REQUESTER
from bot.core.gates.unknown_rules import UNKNOWN_RULES

GATES: tuple[Gate, ...] = (UNKNOWN_RULES, REFS, REQUESTER, IDENTITY, QUEUE)

__all__ = ["GATES", "Facts", "Gate", "GateState", "Verdict"]
