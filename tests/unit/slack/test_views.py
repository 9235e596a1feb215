"""What people see, state by state, and that no name can look like anything else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.actions import ActionId, ButtonValue
from bot.core.code import Direction, RefKind
from bot.core.effects import Announcement
from bot.core.gates import GATES
from bot.core.lifecycle import ENDS, State
from bot.core.pinning import MOST
from bot.core.range_words import all_changes, warned
from bot.core.records import Base, Deployment
from bot.core.reviews import Finding, Opinion, opened
from bot.core.runs import RunStatus, Stage
from bot.core.text import Icon, Link, Mention, Moment, Text, Words, bold, code, italic, line, lines
from bot.core.values import Sha
from bot.core.verdicts import GateState, Verdict
from bot.slack.views import blocks
from bot.slack.views.announcement import FOR_OTHERS, answer
from bot.slack.views.card import LOOKS, TASKS, WORDS, card
from commands import COMMANDS
from commands.help import explain, overview
from tests.fakes.samples import (
    LINUS,
    NOON,
    SHA_B,
    SHA_C,
    actor,
    asked,
    commit,
    in_state,
    pinned,
    resolution,
    run,
    wish,
)
from tests.golden import golden, kept
from tests.unit.slack.saying import announcement
from tests.unit.slack.slack_takes import leaves, must_be_harmless, must_fit, words
from tests.unit.slack.test_digest_view import MADE as DIGESTS
from tests.unit.slack.test_run_card_view import MADE as RUN_MADE
from tests.unit.slack.test_state_view import STATES
from tests.unit.slack.test_verification_view import CARDS

BUTTONS: dict[State, set[ActionId]] = {end: {ActionId.ASK_AGAIN} for end in ENDS} | {
    State.SUCCEEDED: {ActionId.ROLL_BACK},
    State.FAILED: {ActionId.ASK_AGAIN, ActionId.ROLL_BACK},
    State.CANCELLED: {ActionId.ASK_AGAIN, ActionId.ROLL_BACK},
    State.UNKNOWN: {ActionId.LOOK_AGAIN, ActionId.IT_RAN, ActionId.IT_DID_NOT_RUN, ActionId.CANCEL},
    State.VERIFYING: set(),
    State.CANCELLING: set(),
}
MANY = tuple(
    replace(commit(Sha(f"{n:040x}"), f"Change {n} (#{n})", ("ada", "grace")[n % 2]), pull_request=n)
    for n in range(1, 18)
)
RAN = Base(6, RefKind.TAG, "v1.4.0", "https://code.test/commit/c")
RANGE = {
    "base": RAN,
    "direction": Direction.AHEAD,
    "total": 2,
    "pull_requests": "https://code.test/pull/{number}",
}
NOTHING_NEW = {"changes": (), "paths": (), "total": 0}
RANGES: dict[str, dict[str, Any]] = {
    "plain": {"changes": (commit(SHA_B, "Tidy up", "ada"), replace(commit(), pull_request=12))},
    "one": {"changes": (commit(),), "total": 1},
    "many": {"changes": MANY, "total": 17},
    "truncated": {"changes": MANY, "total": 1_204, "truncated": True},
    "files": {"truncated": True, "paths": tuple(f"{n}.py" for n in range(300))},
    "behind": NOTHING_NEW | {"direction": Direction.BEHIND, "behind": 3},
    "diverged": {"direction": Direction.DIVERGED, "behind": 1},
    "rewritten": {
        "direction": Direction.DIVERGED,
        "behind": 2,
        "base": replace(RAN, ref_kind=RefKind.BRANCH, ref_name="main"),
    },
    "unrelated": NOTHING_NEW | {"direction": Direction.UNRELATED, "truncated": True, "compare_url": ""},
    "migrations": {"migrations": tuple(f"db/migrations/000{n}.sql" for n in range(1, 6))},
    "first": NOTHING_NEW | {"base": None, "base_sha": None, "direction": None, "compare_url": ""},
    "same": NOTHING_NEW | {"base_sha": None, "direction": None, "compare_url": ""},
}
SAID = Text(
    line(bold("Bold"), " plain ", italic("slanted"), " ", code("code")).lines
    + line(Link("https://code.test", "a link"), " at ", Moment(NOON), Icon("rocket")).lines
    + line(Mention("U0ADA00001", "Ada"), Mention("U0ADA00001", "Ada", notify=True)).lines
    + lines("one", "", "two").lines
)
ROLLBACKS = {"card-goes-back", "card-went-back", "card-was-undone"}
ROLLBACKS |= {"announcement-unknown-rollback", "announcement-undone-authors"}
ANSWERS = {
    "answer-spans": SAID,
    "answer-help": overview(COMMANDS),
    **{f"answer-help-{each.name}": explain(each) for each in COMMANDS},
}


@pytest.mark.parametrize("state", State)
def test_the_card_in_every_state(state: State) -> None:
    made = card(in_state(state))
    must_fit(made)
    golden(f"card-{state.value}", made)


def test_the_card_where_the_plan_block_is_not_there_yet() -> None:
    made = card(in_state(State.RUNNING), with_plan=False)
    must_fit(made)
    assert not any(leaf.get("type") == "plan" for leaf in leaves(made))
    assert "smoke test: queued" in words(made)
    golden("card-running-without-plan", made)


@pytest.mark.parametrize("name", RANGES)
def test_the_card_names_what_the_request_brings(name: str) -> None:
    made = card(in_state(State.WAITING, resolution=resolution(**(RANGE | RANGES[name]))))
    must_fit(made)
    golden(f"card-brings-{name}", made)


def test_a_few_commits_are_named_the_rest_is_counted() -> None:
    def said(most: int) -> str:
        found = resolution(**(RANGE | {"changes": MANY[:most], "total": most}))
        return words(card(in_state(State.WAITING, resolution=found)))

    assert "more" not in said(5)
    assert said(17).count("Change") == 5
    assert "… and 12 more" in said(17)
    assert "17 commits, 17 pull requests since #6" in said(17)


def test_an_answer_has_room_for_as_many_commits_as_it_promises() -> None:
    long = tuple(
        replace(commit(Sha(f"{n:040x}"), "\u200b" * 200, "\u200b" * 100), pull_request=10**9)
        for n in range(60)
    )
    made = answer(all_changes(resolution(**(RANGE | {"changes": long, "total": 60}))), [])
    must_fit(made)
    assert words(made).count("PR #") == 50
    assert "… and 10 more" in words(made)


@pytest.mark.parametrize("state", ENDS)
def test_at_the_end_only_what_matters_stays(state: State) -> None:
    found = resolution(**(RANGE | RANGES["many"] | RANGES["diverged"]))
    said = words(card(in_state(state, resolution=found)))
    assert "17 commits" in said
    assert "Change" not in said
    assert "different ways" not in said
    assert "Details" in said


@pytest.mark.parametrize("what", frozenset(Announcement) - {Announcement.LOGGED})  # that one: test_tail_view
def test_what_is_announced(what: Announcement) -> None:
    state = State.UNKNOWN if what is Announcement.UNKNOWN else State.FAILED
    made = announcement(in_state(state, alerts=(pinned(),)), what)
    must_fit(made)
    rings = {"type": "user", "user_id": "U0LINUS001"} in leaves(made)
    assert rings is (what not in FOR_OTHERS)
    golden(f"announcement-{what.value}", made)


@pytest.mark.parametrize("name", ANSWERS)
def test_answers(name: str) -> None:
    made = answer(ANSWERS[name], [])
    must_fit(made)
    golden(name, made)


def test_an_answer_with_a_button() -> None:
    offer = blocks.button(ActionId.OPEN_FORM, "Open the form", "deploy", style="primary")
    made = answer(line("That took too long."), [offer])
    must_fit(made)
    golden("answer-offer", made)


def test_every_golden_file_is_made_by_a_test() -> None:
    wanted = {f"card-{state.value}" for state in State} | {
        f"announcement-{each.value}" for each in Announcement
    }
    wanted |= {f"card-brings-{name}" for name in RANGES} | ROLLBACKS
    wanted |= {f"card-verification-{name}" for name in CARDS}
    single = {"card-running-without-plan", "card-gates", "card-alerts", "card-reported", "answer-offer"}
    single |= {f"answer-state-{each}" for each in STATES}
    single |= {"card-restore-offered", "card-restore-waits", "card-restored"}
    assert kept() == wanted | set(ANSWERS) | set(DIGESTS) | RUN_MADE | single


def test_every_state_and_status_has_a_look() -> None:
    assert set(LOOKS) == set(State)
    assert len({word for _, word in LOOKS.values()}) == len(State)
    assert set(TASKS) == set(WORDS) == set(RunStatus)
    assert all(TASKS[status] != "complete" for status in (RunStatus.UNKNOWN, RunStatus.UNSTABLE))


@pytest.mark.parametrize("state", State)
def test_the_buttons_fit_the_state(state: State) -> None:
    deployment = in_state(state)
    made = card(deployment)
    pressed = [leaf for leaf in leaves(made) if leaf.get("type") == "button"]
    acting = {ActionId(leaf["action_id"]) for leaf in pressed} - {ActionId.OPEN_RUN}
    details = {ActionId.DETAILS} if deployment.resolution else set()
    assert acting == BUTTONS.get(state, {ActionId.CANCEL}) | details
    assert sum(leaf.get("style") == "primary" for leaf in pressed) <= 1
    for leaf in pressed:
        if leaf["action_id"] == ActionId.OPEN_RUN:
            assert leaf["url"].startswith("https://")
            continue
        value = ButtonValue.read(leaf["value"])
        assert (value.number, value.digest) == (7, deployment.digest or "")
    assert all("confirm" in leaf for leaf in pressed if leaf.get("style") == "danger")


def test_what_is_to_be_typed_stands_out_on_the_card() -> None:
    held = in_state(State.WAITING, note="It is held.", next_step="Ask for it: `/override #7 because ...`.")
    spans = [leaf for leaf in leaves(card(held)) if leaf.get("style") == {"code": True}]
    assert "/override #7 because ..." in [each["text"] for each in spans]


def test_what_was_cancelled_already_offers_no_second_cancel() -> None:
    hanging = in_state(State.UNKNOWN, cancelled_by=actor(LINUS))
    assert ActionId.CANCEL not in [leaf.get("action_id") for leaf in leaves(card(hanging))]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (None, "nobody knows whether it was deployed."),
        (RunStatus.UNKNOWN, "nobody knows whether it was deployed."),
        (RunStatus.NEEDS_PERSON, "its run waits for a person."),
        (RunStatus.RUNNING, "nobody knows what becomes of its run."),
        (RunStatus.QUEUED, "nobody knows what becomes of its run."),
    ],
)
def test_what_is_asked_of_people_fits_what_is_known_of_the_run(status: RunStatus | None, said: str) -> None:
    lost = in_state(State.UNKNOWN, run=run(status) if status else None)
    assert said in words(announcement(lost, Announcement.UNKNOWN))


HOSTILE = {
    "everybody": "<!channel>",
    "mention": "<@U0ADA00001>",
    "link": "<https://evil.example|main>",
    "escaped": "&lt;!here&gt;",
    "bold": "*main* _x_ ~y~ `z` ```w```",
    "right to left": "gpj\u202efdp",
    "nothing to see": "ma\u200bin\ufeff",
    "bell": "main\x07\x1b[31m",
    "half a character": "main\ud800",
    "long": "x" * 5000,
    "long and escaped": "<&>" * 2000,
    "lines": "a\nb",
    "only spaces": "   ",
}


def hostile(name: str, state: State = State.FAILED) -> Deployment:
    """A deployment whose every word was chosen by somebody who means harm."""
    person = replace(asked().requested_by, name=name)
    release = commit(title=name, author=name)
    stages = tuple(Stage(f"{name}{number}", RunStatus.FAILURE, name) for number in range(30))
    return replace(
        in_state(state),
        requested_by=person,
        wish=wish(reason=name, ref=name, inputs=(("note", name),), emergency=True),
        review=opened(NOON).with_opinion(Opinion("U1", name, name, Finding.NOT_OK, name, NOON)),
        resolution=resolution(release=release, ref_name=name, ref_why=name, **brought(name)),
        run=run(RunStatus.FAILURE, stages=stages, title=name),
        note=name,
        next_step=name,
        alerts=(pinned(name=name[:99], summary=name[:300]),) * MOST,
    )


def brought(name: str) -> dict[str, Any]:
    """Every commit and path is called so, and everything is odd about them."""
    changes = tuple(commit(each, title=name, author=name) for each in (SHA_B, SHA_C) * 10)
    odd = {"direction": Direction.DIVERGED, "behind": 9, "truncated": True, "migrations": (name,) * 9}
    return {"changes": changes, "base": Base(6, RefKind.BRANCH, name, "https://code.test/c"), **odd}


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_name_becomes_markup_or_hides(name: str) -> None:
    deployment = hostile(name)
    must_be_harmless(card(deployment), name)
    must_be_harmless(card(deployment, with_plan=False), name)
    must_be_harmless(card(hostile(name, State.WAITING)), name)
    assert deployment.resolution is not None
    must_be_harmless(answer(warned(deployment.resolution) + all_changes(deployment.resolution), []), name)
    for what in Announcement:
        made = announcement(deployment, what)
        must_be_harmless(made, name)
        users = [leaf for leaf in leaves(made) if leaf.get("type") == "user"]
        expected = [] if what in FOR_OTHERS else ["U0LINUS001"]
        assert [leaf["user_id"] for leaf in users] == expected
    said = line(name, bold(name), code(name), Link("https://x.test", name), Mention("U1", name))
    must_be_harmless(answer(said, []), name)


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_wish_that_was_not_read_yet_is_as_harmless(name: str) -> None:
    must_be_harmless(card(asked(wish=wish(ref=name, reason=name), note=name)), name)


def test_letters_of_several_alphabets_are_pointed_out() -> None:
    made = card(in_state(State.WAITING, resolution=resolution(ref_name="m\u0430in")))
    assert "look closely" in words(made)


def test_a_long_answer_ends_in_whole_lines_and_says_what_is_missing() -> None:
    rows = [line(bold(f"service-{n}"), " ", code("abc1234"), " by Ada, ", Moment(NOON)) for n in range(800)]
    made = answer(Text(tuple(each.lines[0] for each in rows)), [])
    must_fit(made)
    assert "more lines. Ask for less at a time." in words(made)
    shown = words(made).count("service-")
    assert 100 < shown < 800
    assert f"and {800 - shown} more lines" in words(made)


def test_that_the_glass_was_broken_stays_on_the_card() -> None:
    passed = tuple(Verdict(each, GateState.OVERRIDDEN, "said") for each in ("approvals", "freeze"))
    urgent = in_state(State.SUCCEEDED, wish=wish(emergency=True), verdicts=passed, review=opened(NOON))
    made = card(urgent)
    must_fit(made)
    assert "EMERGENCY" in words(made)
    assert "it did not wait for approvals and freeze" in words(made)
    assert "0 of 2, " in words(made)
    assert "EMERGENCY" not in words(card(in_state(State.SUCCEEDED)))


def test_open_gates_share_a_line_and_closed_ones_have_their_own() -> None:
    shut = {
        "approvals": Verdict(
            "approvals",
            GateState.WAITING,
            "Waiting for 1 approval of sre.",
            left="Can still approve: Ada, Grace and 4 more.",
        ),
        "freeze": Verdict("freeze", GateState.OVERRIDDEN, "staging is frozen.", "Ada let it pass."),
        "queue": Verdict("queue", GateState.WAITING, "#3 goes first."),
    }
    said = tuple(
        shut.get(gate.name, Verdict(gate.name, GateState.OPEN, "Nothing is wrong.")) for gate in GATES
    )
    made = card(in_state(State.WAITING, verdicts=said))
    must_fit(made)
    golden("card-gates", made)
    assert "Nothing is wrong" not in words(made)
    assert all(gate.name in words(made) for gate in GATES)
    assert "Open:" not in words(card(in_state(State.WAITING, verdicts=tuple(shut.values()))))


@pytest.mark.parametrize(
    ("left", "instead"), [("Can still approve: Ada.", "Can still approve: Ada."), ("", "See above.")]
)
def test_a_gate_does_not_repeat_the_note_above_it(left: str, instead: str) -> None:
    said = Verdict("approvals", GateState.WAITING, "Waiting for 1 approval of sre.", "It is late.", left=left)
    found = in_state(State.WAITING, verdicts=(said,))
    noted = words(card(replace(found, note=f"{said.what} {said.why}")))
    assert noted.count(said.what) == 1
    assert instead in noted
    assert said.what in words(card(replace(found, note="Something else holds it.")))


def test_many_stages_are_counted() -> None:
    stages = tuple(Stage(f"job {number}", RunStatus.RUNNING) for number in range(40))
    made = card(in_state(State.RUNNING, run=run(stages=stages)))
    must_fit(made)
    assert "28 more stages" in words(made)
    must_fit(card(in_state(State.RUNNING, run=run(stages=stages)), with_plan=False))


def test_changes_are_counted_in_words() -> None:
    def said(**changes: Any) -> str:
        return words(card(in_state(State.WAITING, resolution=resolution(**changes))))

    assert "2 commits since ccccccc" in said()
    assert "1 commit since" in said(changes=(commit(),))
    assert "at least 2 commits" in said(truncated=True)
    assert "nothing new since" in said(changes=())
    assert "since" not in said(base_sha=None)


def test_the_text_alone_says_it_all() -> None:
    """A phone and a screen reader have nothing else."""
    made = card(in_state(State.FAILED))
    assert made["text"] == "#7 api to staging: failed. Why it is failed."
    ended = in_state(State.SUCCEEDED, ended_at=NOON + timedelta(minutes=3))
    assert "took 3m" in words(card(ended))


def test_an_empty_text_is_still_a_block() -> None:
    must_fit(answer(line(Words("")) + line("said"), []))
    assert blocks.rich(Text(()))["elements"][0]["elements"] == [{"type": "text", "text": " "}]
