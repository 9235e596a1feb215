"""What lies between two releases, told both ways."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.command import Context
from bot.core.errors import Transient, UserError
from bot.core.lifecycle import State
from bot.core.values import Sha
from commands import changes
from tests.fakes.forge import FakeForge, seeded
from tests.fakes.git import HEADS, TAGS
from tests.fakes.queues import StillClock
from tests.fakes.samples import in_state
from tests.unit.commands.test_commands import Slow, context, plain


def house(live: str | None = "v1.0.0") -> tuple[FakeForge, Context]:
    forge = seeded(StillClock())
    row = in_state(State.SUCCEEDED)
    assert row.request is not None
    rows = []
    if live is not None:
        rows = [replace(row, request=replace(row.request, release_sha=forge.git.refs[TAGS + live]))]
    return forge, context(*rows, hosts={"github": forge.code})


async def told(ctx: Context, between: str | None = None) -> str:
    return plain(await changes.run(ctx, changes.Arguments("api", between)))


async def test_what_one_has_and_the_other_lacks() -> None:
    _, ctx = house()
    said = await told(ctx, "main..v1.0.0")
    assert "In main and not in v1.0.0: 1 commit" in said
    assert "Add refunds" in said
    assert "By grace" in said


async def test_the_order_in_which_they_are_named_does_not_matter() -> None:
    _, ctx = house()
    assert "In main and not in v1.0.0: 1 commit" in await told(ctx, "v1.0.0..main")


@pytest.mark.parametrize("between", ["staging..main", "staging...main", "staging…main"])
async def test_an_environment_means_what_runs_there(between: str) -> None:
    """With as many dots as git takes, and with what a phone makes of three."""
    _, ctx = house()
    assert "In main and not in staging: 1 commit" in await told(ctx, between)
    assert "In main and not in staging: 1 commit" in await told(ctx, "staging")


async def test_two_that_went_different_ways() -> None:
    forge, ctx = house()
    old = Sha(forge.git.refs[TAGS + "v1.0.0"])
    forge.git.refs[HEADS + "hotfix"] = forge.git.commit("Mend #77", "linus", StillClock().now(), (old,))
    said = await told(ctx, "main..hotfix")
    assert "In main and not in hotfix: 1 commit" in said
    assert "In hotfix and not in main: 1 commit" in said
    assert "issues/77" in said


async def test_the_same_commit() -> None:
    _, ctx = house()
    assert "They are the same commit." in await told(ctx, "main..main")


async def test_without_a_range_each_environment_is_compared_with_the_default_branch() -> None:
    _, ctx = house()
    said = await told(ctx)
    assert "staging: 1 commit to come" in said
    assert "List them: `/changes api staging`" in said
    assert "production: nothing deployed by Slipway yet" in said


async def test_what_can_not_be_listed_is_not_offered() -> None:
    _, ctx = house(live=None)
    assert "List them" not in await told(ctx)


@pytest.mark.parametrize(
    ("between", "why"),
    [
        ("a..b..c", "is no range"),
        ("..main", "is no range"),
        ("production..main", "Nobody knows what runs in production"),
        ("nowhere..main", "nowhere"),
    ],
)
async def test_what_is_no_range_is_said(between: str, why: str) -> None:
    _, ctx = house()
    with pytest.raises(UserError, match=why):
        await told(ctx, between)


async def test_a_code_host_that_does_not_answer_in_time() -> None:
    silent = context(hosts={"github": Slow()}, deadline=0.01)
    with pytest.raises(Transient, match="what lies between"):
        await told(silent, "main..v1.0.0")
