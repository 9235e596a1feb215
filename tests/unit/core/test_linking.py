"""Each turn of an attempt to link accounts, and every turn that must not be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.events import LinkOpened, LinkRefused, LinkSignedIn
from bot.core.linking import (
    TRIES,
    VALID,
    Account,
    Hitch,
    LinkAttempt,
    LinkState,
    Mint,
    Turn,
    challenge,
    code_subject,
    come_back,
    confirm,
    end,
    explain,
    hashed,
    open_link,
    same,
    sign_in,
)
from bot.core.values import Actor, ActorKind

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADA = Actor(ActorKind.PERSON, "U1", "Ada")
ACCOUNT = Account("github", "7", "ada")
MINE, THEIRS = hashed("mine"), hashed("theirs")
ASKED = LinkAttempt("a1", ADA, "s", NOW)
GONE = replace(ASKED, state=LinkState.SIGNING_IN, browser_hash=MINE)
BACK = replace(GONE, state=LinkState.RETURNED)
ASKING = replace(BACK, state=LinkState.CONFIRMING, account=ACCOUNT)

# What each step is, done as it should be.
STEPS: list[tuple[LinkAttempt, Callable[[LinkAttempt, str, datetime], Turn]]] = [
    (ASKED, lambda attempt, browser, now: open_link(attempt, browser, now, form_fits=True)),
    (GONE, lambda attempt, browser, now: come_back(attempt, browser, now, state_fits=True)),
    (BACK, lambda attempt, _, now: sign_in(attempt, ACCOUNT, now)),
    (ASKING, lambda attempt, browser, now: confirm(attempt, browser, now, form_fits=True, code_fits=True)),
]
NAMES = ["open", "come back", "sign in", "confirm"]


def refused(turn: Turn, hitch: Hitch) -> bool:
    """It is over, the trail has the reason once, and the browser reads it."""
    event = turn.event
    told = isinstance(event, LinkRefused) and event.why == hitch
    return turn.attempt.state is LinkState.ENDED and told and str(turn.refusal) == str(explain(hitch))


def test_the_way_from_the_link_to_the_end() -> None:
    states, attempt = [], ASKED
    for _, step in STEPS:
        turn = step(attempt, MINE, NOW)
        assert turn.refusal is None
        attempt = turn.attempt
        states.append(attempt.state)
    assert states == [LinkState.SIGNING_IN, LinkState.RETURNED, LinkState.CONFIRMING, LinkState.LINKED]
    assert (attempt.browser_hash, attempt.account) == (MINE, ACCOUNT)


def test_what_the_trail_says_on_the_way() -> None:
    assert STEPS[0][1](ASKED, MINE, NOW).event == LinkOpened("a1", "U1")
    assert STEPS[2][1](BACK, MINE, NOW).event == LinkSignedIn("a1", "U1", "github", "7", "ada")


@pytest.mark.parametrize(("attempt", "step"), STEPS, ids=NAMES)
def test_after_ten_minutes_no_step_goes_on(
    attempt: LinkAttempt, step: Callable[[LinkAttempt, str, datetime], Turn]
) -> None:
    assert refused(step(attempt, MINE, NOW + VALID), Hitch.EXPIRED)
    assert step(attempt, MINE, NOW + VALID - timedelta(milliseconds=1)).refusal is None


@pytest.mark.parametrize(("attempt", "step"), [STEPS[1], STEPS[3]], ids=[NAMES[1], NAMES[3]])
@pytest.mark.parametrize("browser", [THEIRS, "", hashed("")])
def test_another_browser_ends_it(
    attempt: LinkAttempt, step: Callable[[LinkAttempt, str, datetime], Turn], browser: str
) -> None:
    assert refused(step(attempt, browser, NOW), Hitch.OTHER_BROWSER)


def test_the_first_browser_takes_the_link_and_may_take_it_again() -> None:
    again = open_link(GONE, MINE, NOW, form_fits=True)
    assert (again.attempt, again.refusal) == (GONE, None)
    assert refused(open_link(GONE, THEIRS, NOW, form_fits=True), Hitch.OTHER_BROWSER)


def test_a_browser_that_never_opened_it_cannot_come_back() -> None:
    assert refused(come_back(ASKED, "", NOW, state_fits=True), Hitch.OTHER_BROWSER)
    assert refused(come_back(ASKED, MINE, NOW, state_fits=True), Hitch.OTHER_BROWSER)


def test_a_form_of_another_site_ends_it() -> None:
    for attempt in (ASKED, GONE):
        assert refused(open_link(attempt, MINE, NOW, form_fits=False), Hitch.FORGED)
    assert refused(confirm(ASKING, MINE, NOW, form_fits=False, code_fits=True), Hitch.FORGED)


def test_a_state_that_does_not_fit_ends_it() -> None:
    assert refused(come_back(GONE, MINE, NOW, state_fits=False), Hitch.WRONG_STATE)


def test_steps_come_in_their_order() -> None:
    for number, (_, step) in enumerate(STEPS[1:], 1):
        for before, _ in STEPS[:number]:
            turn = step(replace(before, browser_hash=MINE), MINE, NOW)
            assert (turn.attempt.state, turn.refusal is not None) == (before.state, True)


def test_a_way_back_works_once() -> None:
    for later in (BACK, ASKING):
        turn = come_back(later, MINE, NOW, state_fits=True)
        assert (turn.attempt, turn.event) == (later, None)
        assert str(turn.refusal) == str(explain(Hitch.USED))


@pytest.mark.parametrize("state", [LinkState.LINKED, LinkState.ENDED])
def test_what_is_over_stays_over_and_fills_no_trail(state: LinkState) -> None:
    over = replace(ASKING, state=state)
    turns = [step(over, MINE, NOW) for _, step in STEPS]
    turns += [end(over, Hitch.DECLINED), confirm(over, THEIRS, NOW, form_fits=True, code_fits=True)]
    assert {(turn.attempt, turn.event, str(turn.refusal)) for turn in turns} == {
        (over, None, str(explain(Hitch.USED)))
    }


def test_five_wrong_codes_end_it() -> None:
    attempt = ASKING
    for left in range(TRIES - 1, 0, -1):
        turn = confirm(attempt, MINE, NOW, form_fits=True, code_fits=False)
        assert turn.attempt.state is LinkState.CONFIRMING
        assert str(turn.refusal) == str(explain(Hitch.WRONG_CODE, left))
        assert turn.event == LinkRefused("a1", "U1", Hitch.WRONG_CODE, "ada")
        attempt = turn.attempt
    assert refused(confirm(attempt, MINE, NOW, form_fits=True, code_fits=False), Hitch.TOO_MANY_CODES)


def test_a_wrong_code_does_not_spoil_the_right_one() -> None:
    turn = confirm(ASKING, MINE, NOW, form_fits=True, code_fits=False)
    done = confirm(turn.attempt, MINE, NOW, form_fits=True, code_fits=True)
    assert done.attempt.state is LinkState.LINKED


def test_every_secret_fits_one_attempt_one_browser_one_account_and_one_use() -> None:
    mint = Mint(b"key", "https://bot.example.org")
    other = replace(ASKING, account=Account("github", "8", "ada"))
    made = [
        *(mint.secret(attempt) for attempt in ("a1", "a2")),
        *(mint.state(attempt, browser) for attempt in ("a1", "a2") for browser in ("b", "c")),
        *(mint.verifier(attempt, browser) for attempt in ("a1", "a2") for browser in ("b", "c")),
        *(mint.form(attempt, browser) for attempt in ("a1", "a2") for browser in ("b", "c")),
        *(mint.code(code_subject(attempt)) for attempt in (ASKING, other, replace(ASKING, id="a2"))),
        Mint(b"another key", "https://bot.example.org").secret("a1"),
    ]
    assert len(set(made)) == len(made)
    assert mint.state("a1", "b").startswith("a1.")
    assert mint.form("a1", "b2") != mint.form("a1b", "2")  # the parts cannot run into each other
    assert mint.address("a1") == f"https://bot.example.org/link/{mint.secret('a1')}"
    assert "key" not in repr(mint)


def test_a_code_has_eight_digits_and_what_is_seen_of_a_secret_is_not_the_secret() -> None:
    mint = Mint(b"key", "")
    codes = [mint.code(f"{number}") for number in range(50)]
    assert {(len(code), code.isdigit()) for code in codes} == {(8, True)}
    assert hashed("secret") != "secret"
    # the example of RFC 7636, appendix B
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_secrets_are_compared_whatever_is_sent() -> None:
    assert same("a", "a")
    assert not same("a", "ä\udc80")


@pytest.mark.parametrize("hitch", Hitch)
def test_every_refusal_says_what_to_do(hitch: Hitch) -> None:
    error = explain(hitch, 1)
    assert error.what.endswith(".")
    assert error.next or hitch is Hitch.LEFT
