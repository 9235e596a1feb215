"""Which run is let in for what was asked for in the chat: one of exactly that commit, that waits for us."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.core.catalog import Catalog, Environment
from bot.core.errors import UserError
from bot.core.gate_runs import GateRun, GateView, Starts
from bot.core.gatekeeping import answered_by_another, twin_of
from bot.core.lifecycle import State
from bot.core.pipelines import Pin, Start
from bot.core.records import Attempt, Deployment
from bot.core.runs import RunStatus
from bot.core.values import DeploymentId, Sha
from bot.core.waiting_runs import WaitingRun, find_waiting, how_it_starts, must_be_new
from tests.fakes.samples import (
    PIPELINE,
    SHA_A,
    SHA_B,
    asked,
    catalog,
    frozen,
    policy,
    resolution,
    run,
    service,
    wish,
)

DEPLOY = ".github/workflows/deploy.yml"
RUN = run(RunStatus.WAITING)
ONLY = frozenset({"staging"})
VIEW = GateView(RUN, DEPLOY, "push", "linus", "77", "main", ONLY, ONLY)
GATE = GateRun(RUN.ref, 1, "staging", SHA_A, DEPLOY, "push", "linus", "77")
PLACE = Environment("staging", policy(pipeline=replace(PIPELINE, start=Start.GATE, pin=Pin.GATE)))
KNOWN = catalog(service("api", PLACE))


@dataclass(frozen=True)
class Told:
    """The port Doors, with what a test says."""

    views: tuple[GateView, ...] = ()
    file: Starts | None = None

    async def waiting(self, repository: str, workflow: str, sha: Sha) -> tuple[GateView, ...]:
        assert (repository, workflow, sha) == ("acme/api", "deploy.yml", SHA_A)
        return self.views

    async def starts(self, repository: str, workflow: str, sha: Sha) -> Starts | None:
        assert (repository, workflow, sha) == ("acme/api", "deploy.yml", SHA_A)
        return self.file

    async def accepts(self, repository: str, workflow: str, sha: Sha) -> None:
        raise AssertionError(f"nobody types inputs of {workflow} in {repository} at {sha} here")


async def found(*views: GateView, file: Starts | None = None, known: Catalog = KNOWN) -> WaitingRun:
    return await find_waiting(Told(views, file), known, service("api", PLACE), PLACE, resolution())


async def test_the_run_that_waits_for_us_is_the_one() -> None:
    elsewhere = replace(VIEW, waits=frozenset({"production"}), ours=frozenset({"production"}))
    assert await found(elsewhere, VIEW) == WaitingRun(GATE, RUN)


@pytest.mark.parametrize(
    ("views", "said"),
    [
        ((), "No run of aaaaaaa waits at the gate of staging"),
        ((replace(VIEW, run=replace(RUN, head_sha=SHA_B)),), "No run of aaaaaaa waits"),
        ((replace(VIEW, workflow=".github/workflows/other.yml"),), "No run of aaaaaaa waits"),
        ((replace(VIEW, event="pull_request"),), "No run of aaaaaaa waits"),
        ((replace(VIEW, waits=frozenset(), ours=frozenset()),), "No run of aaaaaaa waits"),
        ((replace(VIEW, ours=frozenset()),), "Run 101 of aaaaaaa waits at staging, but not for Slipway"),
        ((VIEW, VIEW), "Several runs of aaaaaaa wait at the gate of staging: 101 and 101"),
    ],
)
async def test_nothing_else_is_let_in(views: tuple[GateView, ...], said: str) -> None:
    with pytest.raises(UserError) as refused:
        await found(*views)
    assert said in refused.value.what
    assert refused.value.why
    assert refused.value.next


async def test_a_run_that_goes_to_several_places_is_let_in_by_the_rules_of_none() -> None:
    """The votes for one service would deploy the other one as well."""
    with pytest.raises(UserError, match="api in staging and web in staging share the gate staging"):
        await found(VIEW, known=catalog(service("api", PLACE), service("web", PLACE)))
    other = policy(pipeline=replace(PIPELINE, start=Start.GATE, pin=Pin.GATE, workflow="web.yml"))
    both = catalog(service("api", PLACE), service("web", Environment("staging", other)))
    assert (await found(VIEW, known=both)).gate == GATE


@pytest.mark.parametrize(
    ("starts", "said"),
    [
        (Starts(("main", "release/*")), "by a push to a branch `main, release/*`."),
        (Starts(("**",), ("**",)), "by a push to any branch, or by a push of any tag."),
        (Starts(tags=("v*",), by_hand=True), "by a push of a tag `v*`, or by a person at the code host."),
        (Starts(others=("workflow_run",)), "by `workflow_run`."),
        (Starts(), "Nothing that Slipway knows of starts deploy.yml"),
        (None, "What starts deploy.yml can't be read"),
    ],
)
def test_what_would_make_one_is_told(starts: Starts | None, said: str) -> None:
    assert said in how_it_starts("deploy.yml", starts)


def card(number: int, *, emergency: bool = False, state: State = State.WAITING, **more: Any) -> Deployment:
    """A deployment that waits for the same run."""
    known = catalog(service("api", PLACE))
    id = DeploymentId(str(number))
    made = frozen(state, known, id=id, number=number, wish=wish(emergency=emergency), gate_run=GATE, run=RUN)
    return replace(made, **more)


def test_one_run_has_one_card() -> None:
    must_be_new(WaitingRun(GATE, RUN), [asked(), card(1, gate_run=replace(GATE, attempt=2))])
    with pytest.raises(UserError, match="#1"):
        must_be_new(WaitingRun(GATE, RUN), [card(1)])


SENT: dict[str, Any] = {"state": State.RUNNING, "attempt": Attempt.FOUND}


@pytest.mark.parametrize(
    ("mine", "other", "gives_way"),
    [
        (card(2), card(1), True),
        (card(1), card(2), False),
        (card(1), card(2, emergency=True), True),
        (card(2, emergency=True), card(1), False),
        (card(1), card(2, **SENT), True),
        (card(2), card(1, state=State.REJECTED), False),
        (card(1, state=State.DISPATCHING), card(2, emergency=True), False),
        (card(2), card(1, gate_run=replace(GATE, attempt=2)), False),
        (card(2), card(1, gate_run=None), False),
    ],
)
def test_of_two_about_one_run_one_gives_way(mine: Deployment, other: Deployment, gives_way: bool) -> None:
    assert (twin_of(mine, (mine, other)) == other) is gives_way
    assert twin_of(mine, (mine,)) is None


def test_what_another_answers_for_is_not_turned_away() -> None:
    ended = card(2, state=State.SUPERSEDED)
    assert answered_by_another(ended, (card(1), ended))
    assert answered_by_another(ended, (card(1, state=State.SUCCEEDED, attempt=Attempt.FOUND), ended))
    assert not answered_by_another(ended, (card(1, state=State.EXPIRED), ended))
