"""The buttons that Slipway shows, and what each carries."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from bot.core.errors import UserError

ROW = ":"  # between an action and its place in a row: Slack wants no id twice in one block


class ActionId(StrEnum):
    CANCEL = "cancel"
    IT_RAN = "it_ran"
    IT_DID_NOT_RUN = "it_did_not_run"
    LOOK_AGAIN = "look_again"
    IT_WORKS = "it_works"  # what could not be measured
    IT_DOES_NOT_WORK = "it_does_not_work"
    MEASURE_AGAIN = "measure_again"
    ASK_AGAIN = "ask_again"
    ROLL_BACK = "roll_back"  # shows what would come back
    RESTORE = "restore"  # opens the form in which a restore of the database is typed
    APPROVE = "approve"
    REJECT = "reject"
    TAKE_BACK = "take_back"
    TICK = "tick"  # an item of the checklist
    UNTICK = "untick"
    DETAILS = "details"  # all that is known of it, for who presses
    HAND_OVER = "hand_over"
    SAY_IN_FULL = "say_in_full"  # below a read-back: the same command, with nothing left to guess
    TELL_ME = "tell_me"  # when nobody else has locked it any more
    SNOOZE = "snooze"  # leave out the next digest of this kind
    OPEN_FORM = "open_form"
    MENTION_ME = "mention_me"  # what people choose for themselves on their home tab
    TELL_MY_ENDS = "tell_my_ends"
    QUIET = "quiet"
    QUIET_FROM = "quiet_from"
    QUIET_UNTIL = "quiet_until"
    OLDER = "older"  # the next page of what a command told
    OPEN_RUN = "open_run"  # a link; nothing to do when it is pressed


@dataclass(frozen=True, slots=True)
class ButtonValue:
    """Which deployment, at which digest, in which version it was shown.

    The digest is compared at the click, the version is not: a card shows many versions of one request, and
    a cancel or an answer means the same in each. Whether it still fits is the table of states' to say. The
    version tells a reader of the stored click what the person saw.
    """

    number: int
    digest: str
    version: int
    newer: int = 0  # the number of the one that would replace it
    item: str = ""  # of the checklist

    def write(self) -> str:
        """The compact form that travels in the button."""
        plain: dict[str, object] = {"n": self.number, "d": self.digest, "v": self.version}
        plain |= {"o": self.newer} if self.newer else {}
        plain |= {"i": self.item} if self.item else {}
        return json.dumps(plain, separators=(",", ":"))

    @staticmethod
    def read(text: str) -> ButtonValue:
        """What `write` wrote, or UserError for anything else."""
        try:
            plain = json.loads(text)
            number, digest, version = int(plain["n"]), str(plain["d"]), int(plain["v"])
            newer, item = int(plain.get("o", 0)), str(plain.get("i", ""))
            return ButtonValue(number, digest, version, newer, item)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            raise UserError(
                "This button is not one of ours.", "", "Use `/state` to see where things are."
            ) from None
