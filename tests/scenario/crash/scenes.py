"""What people do while the process dies, and what must have come of it in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.core.actions import ActionId
from bot.core.due import GRACE
from bot.core.lifecycle import State
from bot.playground.control import ANYWHERE, Fault, FaultKind
from bot.playground.github.names import ActName, Where
from bot.slack.messenger import REPEAT
from tests.scenario.crash.house import FragileHouse
from tests.scenario.crash.points import Point
from tests.scenario.house import CATALOG, PATIENCE

ANSWER = "Asked for"
BY_TAG = Path(__file__).parent.parent / "tag.yml"
GOES_BACK = Path(__file__).parent.parent / "back.yml"
WITH_SMOKE = Path(__file__).parent.parent / "smoke.yml"
ON_THE_CARD = {
    State.SUCCEEDED: "deployed",
    State.FAILED: "failed",
    State.CANCELLED: "cancelled",
    State.EXPIRED: "expired",
}
Act = Callable[[FragileHouse, "Scene"], Coroutine[Any, Any, None]]


async def nothing(_house: FragileHouse, _scene: Scene) -> None:
    """Nothing happens before."""


async def ask(house: FragileHouse, scene: Scene) -> None:
    """Type the command; whether it was taken is not asked here."""
    await house.play.slack.command("ada", "#deploys", f"/deploy {scene.service} staging because it is Monday")


@dataclass(frozen=True, slots=True)
class Scene:
    """A play with one deployment in the middle of it."""

    name: str
    before: Act = nothing  # while nothing dies
    act: Act = ask
    service: str = "api"
    channel: str = "#api-deploys"  # where the card goes
    number: int = 1
    ends: State = State.SUCCEEDED
    dispatches: int = 1
    pushes: int = 0  # of tags that start a pipeline
    replies: int = 0
    answers: int = 1  # that a person gets for their eyes only; nobody can look for one, so it may be repeated
    settle: tuple[ActionId, ...] = ()  # what a person presses when the card asks
    asks_again: bool = False  # the first try was never taken
    catalog: Path = CATALOG
    card: str = ""  # what it says in the end, where that is no word of ON_THE_CARD


async def deploy_once(house: FragileHouse, scene: Scene) -> None:
    """There is a release already, so that the next one is compared with it."""
    await ask(house, scene)
    await house.reaches(State.SUCCEEDED, 1)
    await house.act(ActName.ADD_COMMIT, repository="acme/api")
    await house.quiet()


async def lose_the_dispatch(house: FragileHouse, _scene: Scene) -> None:
    """GitHub takes it, and nobody hears."""
    house.play.github.control.faults.append(Fault(Where.DISPATCH, FaultKind.LOSE_ANSWER, 1))


async def lose_the_post(house: FragileHouse, _scene: Scene) -> None:
    """Slack shows it, and nobody hears."""
    house.play.slack.control.faults.append(Fault("chat.postMessage", FaultKind.LOSE_ANSWER, 1))


async def ask_without_code_host(house: FragileHouse, scene: Scene) -> None:
    """GitHub is away while the request is made, and comes back."""
    github = house.play.github.control
    github.faults = [Fault(ANYWHERE, FaultKind.ERROR_503, 1_000_000)]
    await ask(house, scene)
    await house.answered("ada", "does not answer yet")
    github.faults = []


async def fail_the_run(house: FragileHouse, _scene: Scene) -> None:
    """The pipeline breaks."""
    await house.act(ActName.FAIL_NEXT, job="deploy")


async def hold_the_run(house: FragileHouse, _scene: Scene) -> None:
    """The pipeline waits until somebody says more."""
    await house.act(ActName.HOLD_NEXT, job="deploy")


async def ask_and_go_on_after(house: FragileHouse, scene: Scene) -> None:
    """However slow this machine is, the pipeline is not done before the bot has died."""
    life = house.switch.life
    assert life is not None
    await ask(house, scene)
    await life.ended.wait()
    await house.act(ActName.FINISH_NOW)


async def ask_and_cancel(house: FragileHouse, scene: Scene) -> None:
    """Somebody thinks better of it."""
    await ask(house, scene)
    await house.reaches(State.RUNNING)
    await house.press("ada", scene.channel, ActionId.CANCEL)


async def ask_twice(house: FragileHouse, scene: Scene) -> None:
    """The second waits for the slot that the first one holds."""
    await house.act(ActName.HOLD_NEXT, job="deploy")
    await ask(house, scene)
    await house.reaches(State.RUNNING, 1)
    await ask(house, scene)
    await house.card_says("Waiting for #1", scene.channel, 2)
    await house.act(ActName.FINISH_NOW)


async def fail_after_the_first(house: FragileHouse, scene: Scene) -> None:
    """The second release does not work; what goes back by itself is made, and due in a moment."""
    await deploy_once(house, scene)
    await house.act(ActName.FAIL_NEXT, job="smoke")
    await ask(house, scene)
    await house.reaches(State.FAILED, 2)


async def schedule(house: FragileHouse, scene: Scene) -> None:
    """Ask for a time in two hours; whether it was taken is not asked here."""
    at = f"{house.clock.now() + timedelta(hours=2):%Y-%m-%d %H:%M} UTC"
    await house.play.slack.command("ada", "#deploys", f"/deploy {scene.service} staging at {at}")


async def schedule_and_wait(house: FragileHouse, scene: Scene) -> None:
    """The time comes."""
    await schedule(house, scene)
    await house.reaches(State.SCHEDULED)
    await house.leaps(7200)


async def schedule_and_miss(house: FragileHouse, scene: Scene) -> None:
    """The time has long passed when anybody looks."""
    await schedule(house, scene)
    await house.reaches(State.SCHEDULED)
    await house.leaps(7200 + GRACE.total_seconds())


TAG = Scene("tag")
CHECK = Scene("check", service="web", channel="#web-deploys")
PUSHED = Scene("pushed", dispatches=0, pushes=1, catalog=BY_TAG)
SMOKED = Scene("smoked", dispatches=2, catalog=WITH_SMOKE)
CHECKED = Scene("checked", service="worker", channel="#deploys")
SECOND = Scene("second", before=deploy_once, number=2, dispatches=2, answers=2)
QUEUED = Scene("queued", act=ask_twice, number=2, dispatches=2, answers=2)
LOST = Scene("lost answer", before=lose_the_dispatch)
LOST_POST = Scene("lost post", before=lose_the_post)
LATER = Scene("resolved later", act=ask_without_code_host)
FAILED = Scene("failed", before=fail_the_run, ends=State.FAILED, replies=2)  # and what its run wrote
HELD = Scene("held", before=hold_the_run, act=ask_and_go_on_after)
SCHEDULED = Scene("scheduled", act=schedule_and_wait)
OVERDUE = Scene("overdue", act=schedule_and_miss, ends=State.EXPIRED, dispatches=0, replies=1)
BY_ITSELF = Scene(
    "by itself",
    before=fail_after_the_first,
    act=nothing,
    number=3,
    dispatches=6,  # each of the three with its smoke test
    answers=2,
    replies=3,  # the failure, to those who wrote what left, and that it works again
    catalog=GOES_BACK,
    card="rolled back",
)
CANCELLED = Scene("cancelled", before=hold_the_run, act=ask_and_cancel, ends=State.CANCELLED)


def asked(scene: Scene, *settle: ActionId, dispatches: int = 0) -> Scene:
    """The same, where it can't be known whether the dispatch had its effect: a person is asked."""
    ends = State.SUCCEEDED if ActionId.IT_RAN in settle else State.FAILED
    replies = 2 if ends is State.FAILED else 1
    if scene is BY_ITSELF:
        over = 2 if ends is State.SUCCEEDED else 0  # authors are told, and that it works again
        dispatches, replies = 4, 1 + over + replies  # those of the two before it
    return replace(scene, dispatches=dispatches, pushes=0, settle=settle, ends=ends, replies=replies)


def unverified(scene: Scene) -> Scene:
    """The same, where it can't be known whether the smoke workflow was started: it was not, and is then."""
    return replace(scene, settle=(ActionId.MEASURE_AGAIN,), replies=1 + scene.replies)


async def perform(house: FragileHouse, scene: Scene, *points: Point) -> None:
    """Play it, die at each of the points in turn, and begin again each time."""
    await scene.before(house, scene)
    acting: asyncio.Task[None] | None = None
    for point in points:
        house.switch.arm(point)
        acting = acting or asyncio.create_task(scene.act(house, scene), name="act")
        await house.dies()
        await house.lives_on()
    assert acting is not None, "nobody dies"
    await asyncio.wait_for(acting, PATIENCE)
    if scene.asks_again:
        await ask(house, scene)


async def judge(house: FragileHouse, scene: Scene, deaths: int = 1) -> None:
    """Whatever happened on the way: this is how it must look in the end."""
    if scene.settle:
        await settle(house, scene)
    await house.reaches(scene.ends, scene.number)
    word = scene.card if scene.ends is State.SUCCEEDED and scene.card else ON_THE_CARD[scene.ends]
    await house.card_says(word, scene.channel, scene.number)
    await house.answered("ada", ANSWER)
    await house.quiet()
    cards = [each for each in house.cards(scene.channel) if each.text.startswith(f"#{scene.number} ")]
    assert len(cards) == 1, [each.text for each in cards]
    answers = [each.text for each in house.play.slack.ephemerals("ada") if ANSWER in each.text]
    assert scene.answers <= len(answers) <= scene.answers + deaths, answers
    assert sum(REPEAT not in each for each in answers) <= scene.answers, answers
    replies = [each for each in house.play.slack.messages(scene.channel) if each.is_reply]
    assert len(replies) == scene.replies, [each.text for each in replies]
    assert len(house.play.github.dispatches()) == scene.dispatches
    pushes = house.pushes()
    assert len(pushes) == scene.pushes, pushes
    assert house.started_by_tags(f"acme/{scene.service}") == pushes, "one run each, and its tag stays"
    assert house.tags_of_ours(f"acme/{scene.service}") == []
    assert await house.remains() == {}
    assert await house.audit_holds()


async def settle(house: FragileHouse, scene: Scene) -> None:
    """The card asks, once it is certain that nothing shows up; somebody answers."""
    await house.sees(lambda found: found.attempted_at is not None, scene.number)
    if ActionId.MEASURE_AGAIN in scene.settle:
        await house.replied(scene.channel, "nobody can tell whether it works")
    else:
        house.clock.leap(120)
        await house.reaches(State.UNKNOWN, scene.number)
    for action in scene.settle:
        await house.press("ada", scene.channel, action, scene.number)
