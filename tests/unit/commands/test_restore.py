"""What /slipway restore and its form ask for, and when they refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.catalog import Environment
from bot.core.command import Context
from bot.core.errors import Denied, UserError
from bot.core.intents import AskDeployment
from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.core.restorable import Restorable
from bot.core.targets import Arrival
from bot.core.values import DeploymentId, Kind, Person
from commands import confirm_restore, restore
from commands.confirm_restore import check
from tests.fakes.forge import seeded
from tests.fakes.git import HEADS, TAGS
from tests.fakes.queues import StillClock
from tests.fakes.records import Gone
from tests.fakes.samples import ADA, LINUS, NOON, PIPELINE, actor, catalog, commit, resolution, service
from tests.unit.commands.test_commands import context, plain
from tests.unit.core.test_restoring import back, backup, guarded

WORKFLOW = replace(PIPELINE, accepts=())
TYPED = confirm_restore.Arguments(
    service="api",
    environment="staging",
    name="staging",
    backup="b-1",
    number="#8",
    meant="b-1",
    reason="orders are wrong",
)


def beside(
    *, person: Person = ADA, found: Restorable | None = None, more: tuple[Deployment, ...] = ()
) -> Context:
    """#8 brought v1.0.0 back, away from main."""
    forge = seeded(StillClock())
    old, new = forge.git.refs[TAGS + "v1.0.0"], forge.git.refs[HEADS + "main"]
    gone = replace(back(found=found), id=DeploymentId("back"), number=8, undoes=DeploymentId("bad"))
    gone = replace(gone, resolution=resolution(release=commit(old), workflow_sha=old))
    known = catalog(service("api", Environment("staging", guarded(pipeline=WORKFLOW))))
    ctx = context(gone, *more, person=person, known=known, hosts={"github": forge.code})
    there = [
        Arrival(DeploymentId("good"), 6, Kind.DEPLOY, State.SUCCEEDED, old, NOON, "v1.0.0"),
        Arrival(DeploymentId("bad"), 7, Kind.DEPLOY, State.SUCCEEDED, new, NOON),
        Arrival(gone.id, 8, Kind.ROLLBACK, State.SUCCEEDED, old, NOON, "v1.0.0", DeploymentId("bad")),
    ]
    return replace(ctx, releases=Gone(there))


async def test_words_and_buttons_open_the_form_and_ask_for_nothing() -> None:
    reply = await restore.run(beside(), restore.Arguments("#8"))
    assert reply.intents == ()
    assert reply.opens is not None
    assert reply.opens.command == "confirm-restore"
    assert not {"name", "backup", "reason"} & (reply.opens.fixed.keys() | reply.opens.given.keys())
    assert "goes back to backup b-1" in reply.opens.about
    assert "What was written since then would be lost." in reply.opens.about
    assert "#8) runs there, and stays." in reply.opens.about


async def test_what_was_typed_asks_for_exactly_that() -> None:
    ctx = beside()
    check(TYPED)
    reply = await confirm_restore.run(ctx, TYPED)
    (intent,) = reply.intents
    assert isinstance(intent, AskDeployment)
    wish = intent.wish
    assert (wish.kind, wish.reason, wish.restores) == (
        Kind.RESTORE,
        "orders are wrong",
        Restorable(2, backup(1), 1),
    )
    assert intent.undoes is None
    assert intent.retires == ()
    assert "restore of the database of api in staging: backup `b-1`" in plain(reply)


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"name": "production"}, "name of the environment"), ({"backup": "b-2"}, "name of the backup")],
)
def test_what_is_typed_wrong_goes_no_further(changes: dict[str, str], why: str) -> None:
    with pytest.raises(UserError, match=why):
        check(replace(TYPED, **changes))


async def test_a_form_that_told_of_something_else_is_refused() -> None:
    other = replace(TYPED, backup="b-2", meant="b-2")
    check(other)
    with pytest.raises(UserError, match="not what the form told of"):
        await confirm_restore.run(beside(), other)


async def test_it_takes_the_right() -> None:
    with pytest.raises(Denied, match="You can't restore the database of api in staging"):
        await restore.run(beside(person=LINUS), restore.Arguments("#8"))
    with pytest.raises(Denied):
        await confirm_restore.run(beside(person=LINUS), TYPED)


async def test_without_a_backup_there_is_nothing_to_restore() -> None:
    with pytest.raises(UserError, match="offers no restore"):
        await restore.run(beside(found=Restorable(2)), restore.Arguments("#8"))


async def test_not_beside_something_else_that_got_there_since() -> None:
    ctx = beside()
    assert isinstance(ctx.releases, Gone)
    ctx.releases.rows.append(
        Arrival(DeploymentId("newer"), 9, Kind.DEPLOY, State.FAILED, ctx.releases.rows[1].release, NOON)
    )
    for run in (restore.run(ctx, restore.Arguments("#8")), confirm_restore.run(ctx, TYPED)):
        with pytest.raises(UserError, match="#9 runs there now"):
            await run


async def test_one_at_a_time() -> None:
    open_one = replace(back(State.WAITING), id=DeploymentId("other"), number=9, requested_by=actor(ADA))
    open_one = replace(open_one, wish=replace(open_one.wish, kind=Kind.RESTORE))
    with pytest.raises(UserError, match=r"is being restored already: #9"):
        await restore.run(beside(more=(open_one,)), restore.Arguments("#8"))
