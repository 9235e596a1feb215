"""From a wish to commits, and from commits to the frozen request."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.asking import freeze, inputs_for, pin_ref, smoke_inputs
from bot.core.catalog import Environment
from bot.core.code import RefKind
from bot.core.errors import UserError
from bot.core.pipelines import Pin, Pipeline, Start
from bot.core.policy_version import policy_version
from bot.core.resolving import Standing, resolve
from bot.core.rules import ApprovalRule, Approvals, WorkflowVerification
from bot.core.values import operation_key
from tests.fakes.forge import FakeForge, seeded
from tests.fakes.git import HEADS, TAGS
from tests.fakes.queues import StillClock
from tests.fakes.samples import NOON, PIPELINE, SHA_A, SHA_B, SRE, asked, policy, resolution, service, wish

KEY = operation_key("slw-7-abcdefghij")
BARE = replace(PIPELINE, inputs=(("environment", "{environment}"),), accepts=())


@pytest.fixture
def forge() -> FakeForge:
    return seeded(StillClock())


def place(pipeline: Pipeline | None = PIPELINE, **rules: Any) -> Environment:
    return Environment("staging", policy(pipeline=pipeline, **rules))


async def resolved(forge: FakeForge, ref: str | None, where: Environment, **standing: Any) -> Any:
    known = Standing(standing.pop("live", None), **standing)
    return await resolve(forge.code, service(), where, wish(ref=ref), known)


async def test_a_branch_runs_its_own_workflow(forge: FakeForge) -> None:
    found = await resolved(forge, "main", place())
    tip = forge.git.refs[HEADS + "main"]
    assert (found.ref_kind, found.dispatch_ref) == (RefKind.BRANCH, "refs/heads/main")
    assert (found.release.sha, found.workflow_sha, found.ref_why) == (tip, tip, "")


async def test_no_name_means_the_default_branch_or_what_was_promoted(forge: FakeForge) -> None:
    assert (await resolved(forge, None, place())).ref_why == "the default branch"
    first = forge.git.refs[TAGS + "v1.0.0"]
    found = await resolved(forge, None, place(), promoted=first, promoted_from="staging")
    assert (found.release.sha, found.ref_why) == (first, "verified in staging")


async def test_what_was_promoted_keeps_its_tag_while_that_means_the_same(forge: FakeForge) -> None:
    first, tip = forge.git.refs[TAGS + "v1.0.0"], forge.git.refs[HEADS + "main"]
    stands = {"promoted": first, "promoted_from": "staging", "tag": "v1.0.0"}
    found = await resolved(forge, None, place(), **stands)
    assert (found.ref_kind, found.ref_name, found.release.sha) == (RefKind.TAG, "v1.0.0", first)
    closed = await resolved(forge, None, place(refs=("main",)), **stands)  # by its name it might not go
    assert (closed.ref_kind, closed.release.sha) == (RefKind.COMMIT, first)
    named = await resolved(forge, first, place(), **stands)  # the commit was asked for, and nothing else
    assert (named.ref_kind, named.ref_why) == (RefKind.COMMIT, "")
    forge.git.refs[TAGS + "v1.0.0"] = tip
    moved = await resolved(forge, None, place(), **stands)
    assert (moved.ref_kind, moved.release.sha) == (RefKind.COMMIT, first)
    del forge.git.refs[TAGS + "v1.0.0"]
    gone = await resolved(forge, None, place(), **stands)
    assert (gone.ref_kind, gone.release.sha) == (RefKind.COMMIT, first)


async def test_a_bare_commit_is_an_input_of_a_workflow_on_the_default_branch(forge: FakeForge) -> None:
    first, tip = forge.git.refs[TAGS + "v1.0.0"], forge.git.refs[HEADS + "main"]
    found = await resolved(forge, first, place())
    assert (found.release.sha, found.workflow_sha, found.dispatch_ref) == (first, tip, "refs/heads/main")


async def test_a_bare_commit_without_an_input_runs_its_own_workflow_on_our_tag(forge: FakeForge) -> None:
    first = forge.git.refs[TAGS + "v1.0.0"]
    found = await resolved(forge, first, place(replace(BARE, pin=Pin.TAG)))
    assert (found.release.sha, found.workflow_sha) == (first, first)
    with pytest.raises(UserError, match="no input that says which commit"):
        await resolved(forge, first, place(replace(BARE, pin=Pin.CHECK)))


async def test_a_pipeline_may_name_its_own_reference(forge: FakeForge) -> None:
    found = await resolved(forge, "v1.0.0", place(replace(PIPELINE, ref="main")))
    assert found.dispatch_ref == "refs/heads/main"
    assert found.release.sha == forge.git.refs[TAGS + "v1.0.0"]


async def test_a_commit_of_a_fork_is_refused(forge: FakeForge) -> None:
    fork = next(each for each, node in forge.git.nodes.items() if node.told.author == "mallory")
    with pytest.raises(UserError, match="acme/api itself"):
        await resolved(forge, fork, place())


async def test_a_tag_outside_the_branches_is_refused_although_its_name_fits(forge: FakeForge) -> None:
    aside = forge.git.commit("Aside", "eve", NOON, ())
    forge.git.refs[TAGS + "v2.0.0"] = aside
    with pytest.raises(UserError) as refused:
        await resolved(forge, "v2.0.0", place(refs=("v*",), reachable_from=("main",)))
    assert "main" in refused.value.why
    assert (
        await resolved(forge, "v1.0.0", place(refs=("v*",), reachable_from=("main",)))
    ).ref_name == "v1.0.0"


async def test_what_lies_between_is_kept(forge: FakeForge) -> None:
    first, tip = forge.git.refs[TAGS + "v1.0.0"], forge.git.refs[HEADS + "main"]
    found = await resolved(forge, "main", place(), live=first)
    assert (found.base_sha, [each.sha for each in found.changes]) == (first, [tip])
    assert found.paths == ("src/app.py",)
    assert (await resolved(forge, "main", place(), live=tip)).base_sha is None


def test_inputs_are_filled_and_sorted() -> None:
    sent = inputs_for(PIPELINE, wish(), resolution(), KEY)
    assert sent == (
        ("environment", "staging"),
        ("log_level", "info"),
        ("operation", KEY),
        ("version", SHA_A),
    )


@pytest.mark.parametrize(
    ("template", "known", "sent"),
    [
        ("{ref}", {}, "main"),
        ("{short_sha}", {}, "aaaaaaa"),
        ("{version}", {}, SHA_A),
        ("{version}", {"ref_kind": RefKind.TAG, "ref_name": "v1"}, "v1"),
        ("{tag}", {"ref_kind": RefKind.TAG, "ref_name": "v1"}, "v1"),
        ("{previous.sha}", {"base_sha": SHA_B}, SHA_B),
    ],
)
def test_every_placeholder_has_its_value(template: str, known: dict[str, Any], sent: str) -> None:
    pipeline = replace(PIPELINE, inputs=(("x", template),))
    assert dict(inputs_for(pipeline, wish(inputs=()), resolution(**known), KEY))["x"] == sent


@pytest.mark.parametrize(("template", "known"), [("{tag}", {}), ("{previous.sha}", {"base_sha": None})])
def test_an_empty_value_is_never_sent(template: str, known: dict[str, Any]) -> None:
    pipeline = replace(PIPELINE, inputs=(("x", template),))
    with pytest.raises(UserError) as refused:
        inputs_for(pipeline, wish(), resolution(**known), KEY)
    assert template in refused.value.what
    assert refused.value.next


def test_the_frozen_request_holds_all_three_commits() -> None:
    where, what = place(), resolution(workflow_sha=SHA_B)
    request = freeze(asked(), what, service(), where, NOON)
    assert (request.release_sha, request.workflow_sha) == (SHA_A, SHA_B)
    assert request.dispatch_ref == pin_ref(KEY) == f"refs/tags/slipway/{KEY}"
    assert request.policy_version == policy_version(service(), where)
    assert (request.requester, request.nonce, request.expires_at) == (
        "U0LINUS001",
        asked().id,
        None,
    )
    loose = freeze(asked(), what, service(), place(replace(PIPELINE, pin=Pin.CHECK)), NOON)
    assert loose.dispatch_ref == "refs/heads/main"


def test_a_request_that_needs_votes_expires() -> None:
    where = place(approvals=Approvals((ApprovalRule(1, (SRE,)),), expires=timedelta(hours=4)))
    assert freeze(asked(), resolution(), service(), where, NOON).expires_at == NOON + timedelta(hours=4)


def test_without_a_pipeline_nothing_is_asked_for() -> None:
    with pytest.raises(UserError, match="has no pipeline"):
        freeze(asked(), resolution(), service(), place(None), NOON)


def test_the_tag_that_starts_it_is_a_part_of_the_request() -> None:
    by_tag = replace(PIPELINE, start=Start.TAG, inputs=(), tag="deploy-{environment}-{short_sha}-{key}")
    request = freeze(asked(), resolution(), service(), place(by_tag), NOON)
    assert request.dispatch_ref == f"refs/tags/deploy-staging-{SHA_A[:7]}-{KEY}"
    ours = freeze(asked(), resolution(), service(), place(replace(by_tag, tag=None)), NOON)
    assert ours.dispatch_ref == pin_ref(KEY)
    with pytest.raises(UserError, match=r"The name of the tag .* needs a value for \{tag\}"):
        freeze(asked(), resolution(), service(), place(replace(by_tag, tag="{tag}-{key}")), NOON)


async def test_what_a_tag_starts_runs_the_file_of_the_release(forge: FakeForge) -> None:
    first = forge.git.refs[TAGS + "v1.0.0"]
    found = await resolved(forge, first, place(replace(BARE, start=Start.TAG, pin=Pin.TAG)))
    assert (found.release.sha, found.workflow_sha) == (first, first)


def test_what_a_smoke_workflow_could_not_be_told_is_refused_when_it_is_asked_for() -> None:
    rule = WorkflowVerification("smoke.yml", (("tag", "{tag}"),))
    with pytest.raises(UserError, match=r"of a verification `tag` needs a value for \{tag\}"):
        freeze(asked(), resolution(), service(), place(verify=(rule,)), NOON)
    tagged = resolution(ref_kind=RefKind.TAG, ref_name="v1.4.2")
    assert freeze(asked(), tagged, service(), place(verify=(rule,)), NOON).asked_ref == "v1.4.2"
    assert smoke_inputs(rule, wish(), tagged, KEY) == (("tag", "v1.4.2"),)
