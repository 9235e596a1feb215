"""Linking a person of the chat to a user of the code host, proven on both sides; pure decisions.

The chat's side is proven by a code that only the person can read, the code host's side by signing in there.
Between the two stands one browser, known by a cookie. Whatever does not fit ends the attempt: a new one costs
a word.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.errors import UserError
from bot.core.events import Event, LinkOpened, LinkRefused, LinkSignedIn
from bot.core.values import Actor

VALID = timedelta(minutes=10)
TRIES = 5
DIGITS = 8
AGAIN = "Ask for a new link with `/slipway link`."
_DOMAIN = b"slipway/link/1"


class LinkState(StrEnum):
    """How far an attempt has gone."""

    ASKED = "asked"
    SIGNING_IN = "signing in"  # a browser was sent to the code host
    RETURNED = "returned"  # it came back, and the code host is being asked who that is
    CONFIRMING = "confirming"  # the code is on its way to the person
    LINKED = "linked"
    ENDED = "ended"


class Hitch(StrEnum):
    """Why an attempt was refused."""

    USED = "used already"
    EXPIRED = "expired"
    OTHER_BROWSER = "another browser"
    WRONG_STATE = "state mismatch"
    DECLINED = "declined at the code host"
    UNPROVEN = "the code host did not say who it is"
    FORGED = "not sent from our page"
    LEFT = "the person left"
    WRONG_CODE = "wrong code"
    TOO_MANY_CODES = "too many wrong codes"


@dataclass(frozen=True, slots=True)
class Account:
    """A user of a code host: the id stays, the login may change."""

    provider: str
    user_id: str
    login: str


@dataclass(frozen=True, slots=True)
class Link:
    """A person of the chat and the account they proved to hold."""

    person: str
    account: Account
    linked_at: datetime
    confirmed: bool = False  # an administrator vouched for it


@dataclass(frozen=True, slots=True)
class Team:
    """A team of the code host, seen from the chat."""

    people: frozenset[str]  # those who have linked their account
    unlinked: int = 0  # accounts of which nobody knows whose they are


@dataclass(frozen=True, slots=True)
class Displaced:
    """What a new link took the place of."""

    holder: str = ""  # who had the account before
    account: Account | None = None  # which account the person had before


@dataclass(frozen=True, slots=True)
class LinkAttempt:
    """One try to link, from the command to its end. Nothing in it opens anything."""

    id: str
    asker: Actor
    secret_hash: str
    asked_at: datetime
    state: LinkState = LinkState.ASKED
    browser_hash: str = ""
    account: Account | None = None
    tries: int = 0

    @property
    def expires_at(self) -> datetime:
        """From then on it is worth nothing."""
        return self.asked_at + VALID


@dataclass(frozen=True, slots=True)
class Invitation:
    """The name of a new attempt, and the hash by which its link will be known."""

    attempt: str
    secret_hash: str


@dataclass(frozen=True, slots=True)
class Mint:
    """Makes every secret of an attempt from one key, so that none of them is ever kept."""

    key: bytes = field(repr=False)
    base_url: str

    def secret(self, attempt: str) -> str:
        """What the link ends in."""
        return self._make("link", attempt)

    def address(self, attempt: str) -> str:
        """The link itself."""
        return f"{self.base_url}/link/{self.secret(attempt)}"

    def state(self, attempt: str, browser: str) -> str:
        """What travels to the code host and back; it fits one browser only."""
        return f"{attempt}.{self._make('state', attempt, browser)}"

    def verifier(self, attempt: str, browser: str) -> str:
        """Proves to the code host that whoever trades the code in is who asked for it (PKCE)."""
        return self._make("verifier", attempt, browser)

    def form(self, attempt: str, browser: str) -> str:
        """Stands in our forms, so that no other site's form is taken for ours."""
        return self._make("form", attempt, browser)

    def code(self, subject: str) -> str:
        """The digits that are sent to the person."""
        number = int.from_bytes(hashlib.sha256(self._make("code", subject).encode()).digest())
        return f"{number % 10**DIGITS:0{DIGITS}}"

    def _make(self, *parts: str) -> str:
        message = b"\x00".join([_DOMAIN, *(part.encode() for part in parts)])
        return _short(hmac.digest(self.key, message, "sha256"))


def hashed(secret: str) -> str:
    """How a secret is looked for without being kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def challenge(verifier: str) -> str:
    """What may be seen of a verifier beforehand."""
    return _short(hashlib.sha256(verifier.encode()).digest())


def _short(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def same(left: str, right: str) -> bool:
    """Whether two secrets are equal, in a time that tells nothing."""
    return hmac.compare_digest(left.encode(errors="replace"), right.encode(errors="replace"))


def code_subject(attempt: LinkAttempt) -> str:
    """What a code stands for: this attempt with this account, no other."""
    return f"{attempt.id}:{attempt.account.provider}:{attempt.account.user_id}" if attempt.account else ""


@dataclass(frozen=True, slots=True)
class Turn:
    """What became of an attempt: its next state, what goes into the trail, and what the browser is told."""

    attempt: LinkAttempt
    event: Event | None = None
    refusal: UserError | None = None


def open_link(attempt: LinkAttempt, browser_hash: str, now: datetime, *, form_fits: bool) -> Turn:
    """A browser goes on to the code host. The first one takes the link; it may do so again."""
    if attempt.state is LinkState.ASKED and now < attempt.expires_at:
        if not form_fits:
            return end(attempt, Hitch.FORGED)
        opened = replace(attempt, state=LinkState.SIGNING_IN, browser_hash=browser_hash)
        return Turn(opened, LinkOpened(attempt.id, attempt.asker.id))
    bound = _bound(attempt, browser_hash, now)
    if bound is not None:
        return bound
    if not form_fits:
        return end(attempt, Hitch.FORGED)
    if attempt.state is LinkState.SIGNING_IN:
        return Turn(attempt)
    return Turn(attempt, refusal=explain(Hitch.USED))


def come_back(attempt: LinkAttempt, browser_hash: str, now: datetime, *, state_fits: bool) -> Turn:
    """The code host sent a browser back; it must be the one that went."""
    bound = _bound(attempt, browser_hash, now)
    if bound is not None:
        return bound
    if not state_fits:
        return end(attempt, Hitch.WRONG_STATE)
    if attempt.state is not LinkState.SIGNING_IN:
        return Turn(attempt, refusal=explain(Hitch.USED))
    return Turn(replace(attempt, state=LinkState.RETURNED))


def sign_in(attempt: LinkAttempt, account: Account, now: datetime) -> Turn:
    """The code host said who it is."""
    bound = _bound(attempt, attempt.browser_hash, now)
    if bound is not None:
        return bound
    if attempt.state is not LinkState.RETURNED:
        return Turn(attempt, refusal=explain(Hitch.USED))
    event = LinkSignedIn(attempt.id, attempt.asker.id, account.provider, account.user_id, account.login)
    return Turn(replace(attempt, state=LinkState.CONFIRMING, account=account), event)


def confirm(
    attempt: LinkAttempt, browser_hash: str, now: datetime, *, form_fits: bool, code_fits: bool
) -> Turn:
    """Somebody typed a code. LINKED only for the right one, in the right browser, in time."""
    bound = _bound(attempt, browser_hash, now)
    if bound is not None:
        return bound
    if not form_fits:
        return end(attempt, Hitch.FORGED)
    if attempt.state is not LinkState.CONFIRMING:
        return Turn(attempt, refusal=explain(Hitch.USED))
    if code_fits:
        return Turn(replace(attempt, state=LinkState.LINKED))
    tried = replace(attempt, tries=attempt.tries + 1)
    if tried.tries >= TRIES:
        return end(tried, Hitch.TOO_MANY_CODES)
    return Turn(tried, _refused(tried, Hitch.WRONG_CODE), explain(Hitch.WRONG_CODE, TRIES - tried.tries))


def end(attempt: LinkAttempt, hitch: Hitch) -> Turn:
    """For good; what has ended already stays as it is and is told of once."""
    if attempt.state in (LinkState.LINKED, LinkState.ENDED):
        return Turn(attempt, refusal=explain(Hitch.USED))
    return Turn(replace(attempt, state=LinkState.ENDED), _refused(attempt, hitch), explain(hitch))


def _bound(attempt: LinkAttempt, browser_hash: str, now: datetime) -> Turn | None:
    """Why this browser may not go on at all, if so."""
    if now >= attempt.expires_at:
        return end(attempt, Hitch.EXPIRED)
    if not attempt.browser_hash or not same(attempt.browser_hash, browser_hash):
        return end(attempt, Hitch.OTHER_BROWSER)
    return None


def _refused(attempt: LinkAttempt, hitch: Hitch) -> LinkRefused:
    login = attempt.account.login if attempt.account else ""
    return LinkRefused(attempt.id, attempt.asker.id, hitch.value, login)


def not_linked() -> UserError:
    """There is nothing to vouch for."""
    return UserError("They have linked no GitHub user.", "", "They can with `/slipway link`.")


def other_account() -> UserError:
    """What somebody vouches for is not what they were shown."""
    why = "It was undone, or replaced by one to another GitHub user. Nothing is confirmed."
    return UserError("Their link has changed meanwhile.", why, "Look again with `/slipway confirm-link`.")


def explain(hitch: Hitch, left: int = 0) -> UserError:
    """What the person at the browser reads."""
    match hitch:
        case Hitch.USED:
            why = "Each one works once, and a newer one takes its place."
            return UserError("This link was used already.", why, AGAIN)
        case Hitch.EXPIRED:
            return UserError("This link has expired.", "It was valid for ten minutes.", AGAIN)
        case Hitch.OTHER_BROWSER:
            why = "It was opened in another browser before, so for safety it is worth nothing any more."
            return UserError("This is not the browser that opened the link.", why, AGAIN)
        case Hitch.WRONG_STATE:
            why = "Somebody may have tried to slip you an account of theirs."
            return UserError("This answer does not belong to your sign-in.", why, AGAIN)
        case Hitch.DECLINED:
            return UserError("You declined, and nothing was linked.", "", AGAIN)
        case Hitch.UNPROVEN:
            return UserError("GitHub did not tell us who you are.", "Nothing was linked.", AGAIN)
        case Hitch.FORGED:
            why = "It came from another page, or your browser keeps no cookies."
            return UserError("This form was not sent from its own page.", why, AGAIN)
        case Hitch.LEFT:
            return UserError("This account of the workspace may not be linked.", "It was deactivated.")
        case Hitch.WRONG_CODE:
            tries = "one try is" if left == 1 else f"{left} tries are"
            return UserError(
                "That is not the code.", f"{tries.capitalize()} left.", "Look at the newest one."
            )
        case Hitch.TOO_MANY_CODES:
            return UserError("That was the last wrong code.", "Nothing was linked.", AGAIN)
