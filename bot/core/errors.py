"""One tree of errors.

SlipwayError
  UserError     the person can mend it: what, why, what next
    Denied      the person may not: what, why, who can
    Locked      somebody's lock is in the way, and one can wait for its end
  Transient     the world may mend itself: try again later
    Ambiguous   as above, and the call may have had its effect
  NeedsHuman    the world answered for good, and a person has to look
    ChannelClosed   nothing can be said in a channel any more
  Bug           we are wrong; details go to the log under a reference
"""

from __future__ import annotations

DATABASE = "The database"  # the system that a Transient of the store names


class SlipwayError(Exception):
    """The root of every error that Slipway raises itself."""


class UserError(SlipwayError):
    """What happened, why, and what to do next; each a plain sentence."""

    def __init__(self, what: str, why: str = "", next: str = "") -> None:
        super().__init__(" ".join(part for part in (what, why, next) if part))
        self.what = what
        self.why = why
        self.next = next


class Denied(UserError):
    """The person may not do this; `next` names who can."""


class Locked(UserError):
    """Somebody else has locked it. `place` is what a button carries that waits for its end."""

    def __init__(self, what: str, why: str, next: str, place: str) -> None:
        super().__init__(what, why, next)
        self.place = place


class Transient(SlipwayError):
    """The other side did not answer or is busy; nothing took effect."""

    def __init__(self, why: str, *, system: str = "", retry_after: float | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.system = system
        self.retry_after = retry_after


class Ambiguous(Transient):
    """The answer was lost; the call may have taken effect. Look before repeating."""


class Unanswered(Transient):
    """The answer was lost; to repeat the call does no harm, but the lost one may take effect after it."""


class HistoryClosed(SlipwayError):
    """The chat does not let us read where an earlier try would stand."""


class CardGone(SlipwayError):
    """The message that was to be edited is no longer there; a new one has to be posted."""


class BlocksRefused(SlipwayError):
    """The chat does not take one of the parts we sent; some come to workspaces in phases."""


class LeaseLost(SlipwayError):
    """Somebody else works on this key now; whatever we were about to write is void."""


class NeedsHuman(SlipwayError):
    """The other side refused for a reason that only a person can remove."""

    def __init__(self, what: str, why: str = "", next: str = "") -> None:
        super().__init__(" ".join(part for part in (what, why, next) if part))
        self.what = what
        self.why = why
        self.next = next


class ChannelClosed(NeedsHuman):
    """The channel was archived, or it is not there (any more)."""


class Bug(SlipwayError):
    """A state that the code holds impossible."""
