"""Which commits may go where, read from a history in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.catalog import Environment, Tier
from bot.core.code import Direction, RefKind
from bot.core.errors import UserError
from bot.core.pipelines import Pin, Pipeline, Provider, Start
from bot.core.range_words import size
from bot.core.ranges import Hazard, hazards
from bot.core.resolving import Standing, reachable, resolve
from bot.core.rules import RollbackPlan
from bot.core.values import Kind, Sha
from bot.engine.clock import SystemClock
from tests.fakes.forge import FakeForge, seeded
from tests.fakes.git import HEADS, TAGS
from tests.fakes.samples import commit, policy, resolution, service, wish

SIDE = "feature/risky"


@pytest.fixture
def forge() -> FakeForge:
    """Beside main, a branch with a commit of its own."""
    forge = seeded(SystemClock())
    main = forge.git.refs[HEADS + "main"]
    forge.git.refs[HEADS + SIDE] = forge.git.commit("Try it", "linus", forge.clock.now(), (main,))
    return forge


def production(*branches: str) -> Environment:
    return Environment("production", policy(tier=Tier.PRODUCTION, reachable_from=branches))


@pytest.mark.parametrize(
    ("environment", "admits"),
    [
        (production(), False),  # without a word about it: the default branch
        (production("main"), False),
        (production("main", SIDE), True),
        (Environment("staging", policy()), True),
        (Environment("staging", policy(reachable_from=("main",))), False),
    ],
)
async def test_a_branch_beside_main_goes_only_where_it_is_named(
    forge: FakeForge, environment: Environment, admits: bool
) -> None:
    tip = forge.git.refs[HEADS + SIDE]
    found = resolution(ref_name=SIDE, release=commit(tip))
    assert await reachable(forge.code, environment.policy, forge.full_name, found) is admits
    asked = replace(wish(environment=environment.name), ref=SIDE)
    if admits:
        found = await resolve(forge.code, service(), environment, asked, Standing(None))
        assert found.release.sha == tip
    else:
        with pytest.raises(UserError, match="It is not on main"):
            await resolve(forge.code, service(), environment, asked, Standing(None))


async def test_what_main_contains_goes_to_production_under_any_name(forge: FakeForge) -> None:
    for name in ("main", "v1.0.0", forge.git.refs[HEADS + "main"]):
        asked = replace(wish(environment="production"), ref=name)
        found = await resolve(forge.code, service(), production(), asked, Standing(None))
        assert found.ref_name == name


@pytest.mark.parametrize(
    "kind", [Kind.PROMOTE, Kind.DEPLOY], ids=["resolved late", "asked again by the button"]
)
@pytest.mark.parametrize("known", [True, False], ids=["still there", "replaced there meanwhile"])
async def test_what_is_promoted_keeps_its_tag_while_that_means_the_same_commit(
    forge: FakeForge, kind: Kind, known: bool
) -> None:
    release = Sha(forge.git.refs[TAGS + "v1.0.0"])
    asked = Standing(None, release, "staging", "v1.0.0")
    then = asked if known else Standing(None, Sha(forge.git.refs[HEADS + SIDE]), "staging", "v2.0.0")
    promoted = replace(wish(environment="production"), kind=kind, ref=asked.reference)
    found = await resolve(forge.code, service(), production(), promoted, then)
    assert (found.ref_kind, found.ref_name, found.release.sha) == (RefKind.TAG, "v1.0.0", release)
    forge.git.refs[TAGS + "v1.0.0"] = forge.git.refs[HEADS + SIDE]
    found = await resolve(forge.code, service(), production(), promoted, then)
    assert (found.ref_kind, found.release.sha) == (RefKind.COMMIT, release)


async def test_what_was_promoted_without_a_tag_gets_none_later(forge: FakeForge) -> None:
    release = Sha(forge.git.refs[HEADS + "main"])
    promoted = replace(
        wish(environment="production"), kind=Kind.PROMOTE, ref=Standing(None, release).reference
    )
    then = Standing(None, release, "staging", "v1.0.0")
    found = await resolve(forge.code, service(), production(), promoted, then)
    assert (found.ref_kind, found.ref_why) == (RefKind.COMMIT, "verified in staging")


UNTOLD = Pipeline(Provider.GITHUB, Start.DISPATCH, Pin.TAG, timedelta(minutes=30), workflow="back.yml")


@pytest.mark.parametrize("kind", [Kind.ROLLBACK, Kind.DEPLOY])
@pytest.mark.parametrize("told", [True, False])
async def test_a_workflow_on_another_commit_must_be_told_the_release(
    forge: FakeForge, kind: Kind, told: bool
) -> None:
    """Else what goes there is whatever the branch has by now, under the name of the release."""
    pipeline = replace(UNTOLD, ref="main", inputs=(("version", "{sha}"),) if told else ())
    place = Environment("staging", policy(pipeline=pipeline))
    asked = replace(wish(), kind=kind, ref="v1.0.0", inputs=())
    assert forge.git.refs[TAGS + "v1.0.0"] != forge.git.refs[HEADS + "main"]
    if told:
        found = await resolve(forge.code, service(), place, asked, Standing(None))
        assert found.workflow_sha == forge.git.refs[HEADS + "main"]
    else:
        with pytest.raises(UserError, match="which release is meant"):
            await resolve(forge.code, service(), place, asked, Standing(None))


async def test_a_pipeline_for_going_back_must_be_told_the_release(forge: FakeForge) -> None:
    place = Environment("staging", policy(pipeline=UNTOLD, rollback=RollbackPlan(pipeline=UNTOLD)))
    asked = replace(wish(), kind=Kind.ROLLBACK, ref="v1.0.0", inputs=())
    with pytest.raises(UserError, match="It runs on main, which is another commit"):
        await resolve(forge.code, service(), place, asked, Standing(None))


async def test_what_nobody_can_read_any_more_can_still_be_left(forge: FakeForge) -> None:
    """Its branch was rewritten, or it came past us from nowhere: that is when people want to go back."""
    place = Environment("staging", policy())
    asked = replace(wish(), kind=Kind.ROLLBACK, ref="v1.0.0", inputs=())
    found = await resolve(forge.code, service(), place, asked, Standing(Sha("f" * 40)))
    assert found.release.sha == forge.git.refs[TAGS + "v1.0.0"]
    assert found.direction is Direction.UNRELATED
    assert size(found) == "nobody can say which commits of what runs leave"
    assert hazards(found) == (Hazard.UNRELATED,)
