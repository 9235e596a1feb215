"""The one call that must not happen twice, against answers that no stand-in gives by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.core.errors import Ambiguous, NeedsHuman
from bot.core.runs import Receipt, RunRef, TriggerSpec
from bot.core.values import operation_key, sha
from integrations.github.refusals import Refusal
from tests.unit.github.wire import Say, Wire, wire

KEY = operation_key("slw-1-abcdefghij")
TAG = f"refs/tags/slipway/{KEY}"
SPEC = TriggerSpec("github", "acme/api", "deploy.yml", TAG, (("version", "abc"),), KEY, sha("a" * 40), True)
DETAILS = {"workflow_run_id": 42, "run_url": "https://api.test/42", "html_url": "https://web.test/42"}
REFUSALS = {
    Refusal.NO_REF: "No ref found for: refs/tags/x",
    Refusal.UNEXPECTED_INPUTS: 'Unexpected inputs provided: ["version"]',
    Refusal.INPUT_MISSING: "Required input 'environment' not provided",
    Refusal.INPUT_VALUE: "Provided value 'x' for input 'level' not in the list of allowed values",
    Refusal.TOO_MANY_INPUTS: "Invalid request.\n\nNo more than 25 properties are allowed; 26 were supplied.",
    Refusal.NO_TRIGGER: "Workflow does not have 'workflow_dispatch' trigger",
    Refusal.DISABLED: "Cannot trigger a 'workflow_dispatch' on a disabled workflow",
    Refusal.INVALID_WORKFLOW: "failed to parse workflow: (Line: 3, Col: 1): Unexpected value",
}


@pytest.fixture
async def github() -> AsyncIterator[Wire]:
    async with wire() as made:
        yield made


async def test_what_is_sent(github: Wire) -> None:
    github.say("POST", Say(200, DETAILS))
    receipt = await github.github.ci.trigger(SPEC)
    assert receipt == Receipt(RunRef("github", "acme/api", "42"))
    ((_, path, headers, body),) = github.seen
    assert path == "/repos/acme/api/actions/workflows/deploy.yml/dispatches"
    assert body == {"ref": TAG, "inputs": {"version": "abc"}, "return_run_details": True}
    assert headers["X-GitHub-Api-Version"] == "2022-11-28"
    assert headers["Authorization"] == "token ghp_unit"
    assert headers["User-Agent"] == "slipway"


@pytest.mark.parametrize("answer", [Say(204), Say(200), Say(200, "<html>"), Say(200, []), Say(200, {"x": 1})])
async def test_taken_without_details_is_a_receipt_without_a_run(github: Wire, answer: Say) -> None:
    github.say("POST", answer)
    assert await github.github.ci.trigger(SPEC) == Receipt(None)


async def test_two_bad_gateways_and_a_success_are_one_dispatch(github: Wire) -> None:
    github.say("POST", Say(502), Say(502), Say(204))
    with pytest.raises(Ambiguous):
        await github.github.ci.trigger(SPEC)
    assert len(github.sent("POST")) == 1


async def test_a_server_that_does_not_know_the_details_is_asked_without(github: Wire) -> None:
    refusal = {"message": 'Invalid request.\n\n"return_run_details" is not a permitted key.'}
    github.say("POST", Say(422, refusal), Say(204))
    assert await github.github.ci.trigger(SPEC) == Receipt(None)
    assert [sorted(body) for body in github.sent("POST")] == [
        ["inputs", "ref", "return_run_details"],
        ["inputs", "ref"],
    ]


@pytest.mark.parametrize("status", [302, 307, 308])
async def test_a_redirect_is_no_success(github: Wire, status: int) -> None:
    moved = {"message": "Moved Permanently", "url": "https://api.test/repositories/1"}
    github.say("POST", Say(status, moved, {"Location": "/repositories/1/actions"}))
    with pytest.raises(NeedsHuman, match="renamed"):
        await github.github.ci.trigger(SPEC)
    assert len(github.sent("POST")) == 1


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_each_refusal_is_told_apart_and_not_repeated(github: Wire, refusal: Refusal) -> None:
    github.say("POST", Say(422, {"message": REFUSALS[refusal]}))
    with pytest.raises(NeedsHuman) as refused:
        await github.github.ci.trigger(SPEC)
    others = [said for other, said in REFUSALS.items() if other is not refusal]
    assert REFUSALS[refusal] in refused.value.why
    assert not any(other in refused.value.why for other in others)
    assert refused.value.next
    assert len(github.sent("POST")) == 1


async def test_every_refusal_has_another_next_step(github: Wire) -> None:
    steps = set()
    for said in REFUSALS.values():
        github.say("POST", Say(422, {"message": said}))
        with pytest.raises(NeedsHuman) as refused:
            await github.github.ci.trigger(SPEC)
        steps.add((refused.value.why.partition(" GitHub says")[0], refused.value.next))
    github.say("POST", Say(404, {"message": "Not Found"}))
    with pytest.raises(NeedsHuman) as refused:
        await github.github.ci.trigger(SPEC)
    steps.add((refused.value.why.partition(" GitHub says")[0], refused.value.next))
    assert len(steps) == len(Refusal)


async def test_an_unknown_refusal_quotes_github(github: Wire) -> None:
    github.say("POST", Say(422, {"message": "The moon is in the wrong phase"}))
    with pytest.raises(NeedsHuman, match="wrong phase"):
        await github.github.ci.trigger(SPEC)


@pytest.mark.parametrize(
    "inputs", [tuple((f"i{n}", "x") for n in range(26)), (("big", "x" * 65_535),)], ids=["many", "large"]
)
async def test_what_no_github_takes_is_not_sent(github: Wire, inputs: tuple[tuple[str, str], ...]) -> None:
    spec = TriggerSpec("github", "acme/api", "deploy.yml", TAG, inputs, KEY, sha("a" * 40), True)
    with pytest.raises(NeedsHuman, match="25"):
        await github.github.ci.trigger(spec)
    assert github.seen == []


@pytest.mark.parametrize(
    "repository", ["", "acme", "acme/api/x", "acme/api?x=1", "../x", "acme/..", "acme/."]
)
async def test_what_is_no_repository_is_not_called(github: Wire, repository: str) -> None:
    with pytest.raises(NeedsHuman, match=r"slipway\.yml"):
        await github.github.code.repository(repository)
    assert github.seen == []
