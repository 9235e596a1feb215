"""Attacks by people: those who may not decide, and those who may no longer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.core.lifecycle import State
from bot.core.linking import VALID, Hitch
from bot.playground.slack.seed import OTHER_TEAM
from tests.attacks.stage import AUTHOR, EXPIRES, IDS, PLACE, Stage
from tests.scenario.surfer import Surfer, code_for, link_of

Try = Callable[[int], Awaitable[None]]
IN_TIME = "It was not approved in time"


async def _beside_a_vote(stage: Stage, attempt: Try) -> int:
    """One honest vote, one that is not: together they would be enough."""
    number = await stage.asked()
    first, second = stage.voters
    if stage.choose("before the vote", "after the vote") == "before the vote":
        await attempt(number)
        await stage.votes(first, number)
    else:
        await stage.votes(first, number)
        await attempt(number)
    found = await stage.settles(number)
    if found.state is State.WAITING and stage.choose(True, False):
        await stage.votes(second, number)
        await stage.settles(number)
    return number


async def by_requester(stage: Stage) -> str:
    await _beside_a_vote(stage, lambda number: stage.votes(stage.asker, number))
    return "You asked for it yourself"


async def by_author(stage: Stage) -> str:
    await _beside_a_vote(stage, lambda number: stage.votes(AUTHOR, number))
    return "authors may not approve their own work"


async def by_guest(stage: Stage) -> str:
    await _beside_a_vote(stage, lambda number: _votes_or_slips(stage, "gus", number))
    return f"RequestRefused by {IDS['gus']}.*Guests"


async def _votes_or_slips(stage: Stage, person: str, number: int) -> None:
    if stage.choose("in the window", "past the window") == "in the window":
        await stage.votes(person, number)
    else:
        await stage.slips_in(person, "/approve", f"#{number} {PLACE}")


async def by_stranger(stage: Stage) -> str:
    """Somebody of another organisation, in a channel that both share."""
    command = stage.choose("/approve", "/slipway")
    words = "approve " if command == "/slipway" else ""
    await _beside_a_vote(stage, lambda number: stage.slips_in("sam", command, f"{words}#{number} {PLACE}"))
    return f"RequestRefused by {IDS['sam']}"


async def by_deactivated(stage: Stage) -> str:
    """Somebody who left, or a voter who leaves before; a session of theirs still lives."""
    if stage.choose("long gone", "just now") == "long gone":
        await _beside_a_vote(stage, lambda number: stage.slips_in("dennis", "/approve", f"#{number} {PLACE}"))
        return f"RequestRefused by {IDS['dennis']}.*deactivated"
    second = stage.voters[1]
    number = await stage.asked()
    await stage.votes(stage.voters[0], number)
    back = await stage.leaves(second, told=stage.choose(True, False))
    await stage.slips_in(second, "/approve", f"#{number} {PLACE}")
    await stage.settles(number)
    back()
    return f"RequestRefused by {IDS[second]}.*deactivated"


async def left_after_voting(stage: Stage) -> str:
    """The vote was good when it was cast."""
    number, told = await stage.asked(), stage.choose(True, False)
    first, second = stage.voters
    await stage.votes(first, number)
    back = await stage.leaves(first, told=told)
    if told:
        await stage.reads("PersonLeft")
    await stage.votes(second, number)
    await stage.expires(number)
    back()
    return f"PersonLeft.*{IDS[first]}" if told else IN_TIME


async def twice(stage: Stage) -> str:
    """One person is not two."""
    number, first = await stage.asked(), stage.voters[0]
    await stage.votes(first, number)
    await stage.votes(first, number)
    await stage.settles(number)
    return f"RequestRefused by {IDS[first]}.*approved #{number} already"


async def after_expiry(stage: Stage) -> str:
    """The card still hangs there."""
    number = await stage.asked()
    first, second = stage.voters
    if stage.choose("the second vote", "both votes") == "the second vote":
        await stage.votes(first, number)
        late = [second]
    else:
        late = [first, second]
    stage.house.clock.leap(EXPIRES.total_seconds() + stage.choose(1, 60, 3600))
    for person in late:
        await stage.votes(person, number)
    await stage.settles(number)
    return f"RequestRefused by {IDS[second]}.*(has expired|has been decided)"


async def other_workspace(stage: Stage) -> str:
    """Signed by Slack, but for an installation that is not this one."""
    who = stage.choose(*IDS)

    async def attempt(number: int) -> None:
        await stage.slips_in(who, "/approve", f"#{number} {PLACE}", team=OTHER_TEAM)

    await _beside_a_vote(stage, attempt)
    return f"RequestRefused by {IDS[who]}.*another workspace"


async def hijacked_link(stage: Stage) -> str:
    """Somebody wants another person's account, or to vote as them."""
    victim, thief = stage.asker, stage.choose(*stage.voters, AUTHOR)
    return await stage.choose(_guess, _lure, _forge, _late)(stage, victim, thief)


async def _guess(stage: Stage, victim: str, thief: str) -> str:
    async with Surfer() as surfer:
        before = stage.codes(victim)
        await surfer.sign_in(await link_of(stage.house, victim), thief)
        right = await code_for(stage.house, victim, before)
        await surfer.send(code=f"{(int(right) + stage.random.randint(1, 9)) % 10**8:08}")
    return f"LinkRefused.*{Hitch.WRONG_CODE}"


async def _lure(stage: Stage, victim: str, thief: str) -> str:
    async with Surfer() as lured, Surfer() as other:
        before = stage.codes(thief)
        link = await link_of(stage.house, thief)
        await other.visit(link)
        await lured.sign_in(link, victim)
        await other.post(lured.url, code=await code_for(stage.house, thief, before))
    return f"LinkRefused.*{Hitch.OTHER_BROWSER}"


async def _forge(stage: Stage, victim: str, thief: str) -> str:
    async with Surfer() as lured:
        before = stage.codes(thief)
        await lured.sign_in(await link_of(stage.house, thief), victim)
        await lured.post(lured.url, code=await code_for(stage.house, thief, before))
    return f"LinkRefused.*{Hitch.FORGED}"


async def _late(stage: Stage, victim: str, thief: str) -> str:
    async with Surfer() as surfer:
        await surfer.begin(await link_of(stage.house, victim))
        stage.house.clock.leap(VALID.total_seconds())
        await surfer.send(login=thief)
    return f"LinkRefused.*{Hitch.EXPIRED}"
