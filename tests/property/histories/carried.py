"""The other half: a history is carried out by units of work on a database, and `/rollback` is asked."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from random import Random

from bot.core.command import Context
from bot.core.errors import Transient, UserError
from bot.core.intents import AskDeployment, LiftQuarantine, PutQuarantine
from bot.core.lifecycle import TRANSITIONS, State, Trigger
from bot.core.locks import Scope
from bot.core.ports import UnitOfWork
from bot.core.records import Deployment
from bot.core.steps import Step
from bot.core.targets import targets
from bot.core.values import Place
from bot.engine.intents import Asker, apply
from bot.engine.quarantining import lift, put
from bot.store.store import Store
from commands import rollback
from tests.contract.store_support import ADA, HandClock, commit, follow, new, open_store, resolution
from tests.fakes.samples import LINUS, NOON, actor
from tests.property.histories.acts import Act, Book, Deed
from tests.property.histories.drawing import drawn
from tests.property.histories.opinion import opinion
from tests.property.histories.told import difference, sha, told
from tests.unit.commands.test_commands import Slow
from tests.unit.commands.test_commands import context as context_of

LOOKS = 8  # after each so many acts, and at the end
LIVES = 4  # of so many crashes one ends the whole process
SERVICE, HERE, ELSEWHERE = "api", "staging", "production"
FAR = Scope(SERVICE, ELSEWHERE)
WIDE = "c"  # releases from here on are quarantined in the whole service
ASKER = Asker(actor(LINUS), Place("C0HERE0001"))
MEANT = re.compile(r'version="#(\d+)" away_from="#(\d+)"')


class Struck(Exception):
    """The process dies here."""


async def disagreements(url: str, seed: int, histories: int) -> list[str]:
    """Where the two opinions differ, each history in a workspace of its own."""
    random, found = Random(seed), []  # nosec B311 - repeatable
    async with lives(url) as house:
        for number in range(histories):
            place = Carrier(house, f"T{number}")
            flaw = await place.flaw(drawn(random, short=True))
            found += [f"history {number} of seed {seed}: {flaw}"] if flaw else []
    return found


@dataclass
class Lives:
    """One process after another on the same database."""

    url: str
    clock: HandClock
    store: Store
    crashes: int = 0

    async def crashed(self) -> None:
        """Now and then a new one begins."""
        self.crashes += 1
        if self.crashes % LIVES == 0:
            await self.store.close()
            self.store = open_store(self.url, self.clock)


@asynccontextmanager
async def lives(url: str) -> AsyncIterator[Lives]:
    """The last of them is closed in the end."""
    clock = HandClock(NOON)
    house = Lives(url, clock, open_store(url, clock))
    try:
        yield house
    finally:
        await house.store.close()


@cache
def way(start: State, end: State) -> tuple[Trigger, ...]:
    """The shortest, by the table of lifecycles."""
    ways: dict[State, tuple[Trigger, ...]] = {start: ()}
    while end not in ways:
        known = dict(ways)
        for (source, trigger), target in TRANSITIONS.items():
            if source in known:
                ways.setdefault(target, (*known[source], trigger))
        assert ways != known, f"nothing leads from {start} to {end}"
    return ways[end]


@dataclass
class Carrier:
    """Carries out one history, and keeps the book of it."""

    house: Lives
    workspace: str
    book: Book = field(default_factory=Book)

    async def flaw(self, history: Iterable[Act]) -> str:
        """The first, or nothing."""
        for number, act in enumerate(history, 1):
            self.house.clock.move(60)
            flaw = await self.carry(act)
            self.book.note(act)
            flaw = flaw or ("" if number % LOOKS else await self.look())
            if flaw:
                return flaw
        return await self.look() or await self.asks()

    async def carry(self, act: Act) -> str:
        """By one unit of work; what is wrong with the answer to whoever goes back."""
        match act.deed:
            case Deed.DEPLOY:
                await self._deploy(act, HERE)
            case Deed.ELSEWHERE:
                await self._deploy(act, ELSEWHERE)
            case Deed.ROLL_BACK:
                return await self._roll_back(act)
            case Deed.GO_ON:
                await self._go_on(act.state)
            case Deed.PAST_US | Deed.PAST_US_BEFORE | Deed.NEVER_SENT:
                await self._never_sent(act)
            case Deed.QUARANTINE | Deed.LIFT:
                await self._quarantine(act)
            case Deed.CRASH:
                await self._crash()
        return ""

    async def _deploy(self, act: Act, environment: str) -> None:
        async with self._unit() as uow:
            asked = new(SERVICE, environment)
            made = await uow.deployments.add(replace(asked, wish=replace(asked.wish, kind=act.kind)))
            await self._sent(uow, made, act)

    async def _sent(self, uow: UnitOfWork, made: Deployment, act: Act) -> None:
        """As far as the act says."""
        made = await follow(uow, await self._resolved(uow, made, act), *way(made.state, State.DISPATCHING))
        made = await uow.deployments.save(replace(made, attempted_at=uow.now))
        await follow(uow, made, *way(State.DISPATCHING, act.state))

    async def _resolved(self, uow: UnitOfWork, made: Deployment, act: Act) -> Deployment:
        found = replace(resolution(), release=commit(sha(act.release)), changes=())
        return await uow.deployments.save(replace(made, resolution=found))

    async def _roll_back(self, act: Act) -> str:
        """As a person who confirms: the release is named only where another one would come back."""
        past, context = self.book.past, self._context()
        first = opinion(past).choices[0] == act.release
        named = None if first else sha(act.release)
        arguments = rollback.Arguments(SERVICE, HERE, named, f"#{act.undoes}", reason="it is late")
        try:
            reply = await rollback.run(context, arguments)
        except UserError as error:
            return f"{told(past)}: {act.release} is refused, {error.what} {error.why}"
        (intent,) = reply.intents
        assert isinstance(intent, AskDeployment)
        if intent.wish.ref != sha(act.release):
            return f"{told(past)}: {intent.wish.ref} comes back, expected {act.release}"
        async with self._unit() as uow:
            made = await apply(uow, intent, ASKER, context.catalog)
            assert made is not None
            await self._sent(uow, made, act)
        return ""

    async def _go_on(self, state: State) -> None:
        assert self.book.under_way is not None
        async with self._unit() as uow:
            made = await uow.deployments.by_number(self.book.under_way.number)
            assert made is not None
            await follow(uow, made, *way(made.state, state))

    async def _never_sent(self, act: Act) -> None:
        """Not by us, that is."""
        last, at = self.book.last_ended, self.house.clock.now()
        if act.deed is Deed.PAST_US_BEFORE and last:
            at = await self._since(last.number) - timedelta(seconds=30)
        async with self._unit() as uow:
            made = await self._resolved(uow, await uow.deployments.add(new(SERVICE, HERE)), act)
            made = await follow(uow, made, *way(made.state, act.state))
            if act.deed is not Deed.NEVER_SENT:
                await uow.deployments.save(replace(made, landed_at=at))

    async def _since(self, number: int) -> datetime:
        arrivals = await self.house.store.releases.arrivals(self.workspace, SERVICE, HERE)
        (at,) = [each.at for each in arrivals if each.number == number]
        assert at is not None
        return at

    async def _quarantine(self, act: Act) -> None:
        """Here, or wherever the service runs."""
        scope = Scope(SERVICE, HERE if act.release < WIDE else None)
        async with self._unit() as uow:
            if act.deed is Deed.QUARANTINE:
                await put(uow, PutQuarantine(scope, sha(act.release), "v1", "it corrupts carts"), ADA)
                await put(uow, PutQuarantine(FAR, sha(act.release), "v1", "it is cautious"), ADA)
                return
            for each in await uow.quarantines.held():
                if each.sha == sha(act.release):
                    await lift(uow, LiftQuarantine(each, "it is mended"), ADA)

    async def _crash(self) -> None:
        """In the middle of whatever would have come next, which is not committed then."""
        with suppress(Struck):
            async with self._unit() as uow:
                if self.book.under_way is not None:
                    made = await uow.deployments.by_number(self.book.under_way.number)
                    assert made is not None
                    await follow(uow, made, *way(made.state, State.SUCCEEDED))
                else:
                    made = await uow.deployments.add(new(SERVICE, HERE))
                    made = await self._resolved(uow, made, Act(Deed.DEPLOY, "a"))
                    await uow.deployments.save(replace(made, attempted_at=uow.now))
                raise Struck
        await self.house.crashed()

    async def look(self) -> str:
        """What the core makes of what the database has kept."""
        store, place = self.house.store, Scope(SERVICE, HERE)
        arrivals = await store.releases.arrivals(self.workspace, SERVICE, HERE)
        held = await store.quarantines.held(self.workspace)
        found = targets(arrivals, {each.sha for each in held if each.scope.covers(place)})
        past = self.book.past
        on_record = [(each.number, each.release[0], each.state) for each in arrivals]
        if on_record != [(each.number, each.release, each.state) for each in past.happenings]:
            return f"{told(past)}: on record is {on_record}"
        return next(iter(difference(past, found, opinion(past))), "")

    async def asks(self) -> str:
        """What a person reads who asks for nothing special."""
        past = self.book.past
        expected = opinion(past)
        going = self.book.under_way
        if not expected.choices:
            said = "There is nothing to go back to"
        elif going is not None and going.back:
            said = "is being rolled back already"
        else:
            assert expected.runs is not None
            said = f"{expected.choices[0]} in place of #{expected.runs.number}"
        answer = await self._answer()
        return "" if said in answer else f"{told(past)}: {answer!r}, expected {said!r}"

    async def _answer(self) -> str:
        try:
            reply = await rollback.run(self._context(), rollback.Arguments(SERVICE, HERE))
        except UserError as error:
            return error.what
        meant = MEANT.search(reply.in_full)
        assert meant is not None
        back = [each.release for each in self.book.past.happenings if each.number == int(meant[1])]
        return f"{''.join(back)} in place of #{meant[2]}"

    def _unit(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self.house.store.units.begin(self.workspace, Step.RECORD_END)

    def _context(self) -> Context:
        """With a code host that is down: then our own record must do."""
        store, hosts = self.house.store, {"github": Slow(Transient("it is down."))}
        return replace(
            context_of(hosts=hosts),  # type: ignore[arg-type]
            workspace=self.workspace,
            now=self.house.clock.now(),
            queries=store.queries,
            releases=store.releases,
            locks=store.locks,
            quarantines=store.quarantines,
        )
