"""Runs at GitHub, and what the net makes of their webhooks; in between the bot dies, and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import aiohttp
from sqlalchemy import func, select

from bot.core.following import RunRecord
from bot.core.runs import RunRef
from bot.core.steps import Step
from bot.core.subscriptions import read_filter
from bot.core.values import Actor, ActorKind
from bot.engine import seeking
from bot.playground.github import plans
from bot.playground.github.company.people import TOKEN_LOGIN
from bot.playground.github.git import HEADS
from bot.playground.github.hooks import Delivery
from bot.playground.github.model import Run
from bot.playground.github.names import ActName, Conclusion, Status, Trigger, WebhookMode
from bot.playground.github.runner import Order
from bot.playground.github.world import Repository
from bot.playground.slack.seed import LINUS, TEAM
from bot.store.tables import inbox, runs
from tests.events.cards import EARS, Opinion
from tests.events.oracle import expected, recorded
from tests.scenario.crash.house import FragileHouse
from tests.scenario.crash.points import Call, Moment, Point, Target, moments
from tests.scenario.house import PATIENCE

CATALOG = Path(__file__).parent / "storm.yml"
REPOSITORIES = ("acme/api", "acme/web")
DROPPED, SILENT = 0.2, 0.1  # of the deliveries, and of the runs all of whose deliveries are lost
COPIES = 10
AT_ONCE = 8  # runs that go at the same time
FACTOR, SPEED = 3.0, 20.0
HELD, LET_GO = 0.3, 0.1  # of the runs, and of those at each look: so that they are seen under way
REPAIRED_WITHIN = 60.0  # seconds of virtual time
LOOK = 0.1
DEADLY: tuple[Target, ...] = (
    Step.STORE_RECEIPT,
    Step.CLAIM_DELIVERY,
    Step.HANDLE_DELIVERY,
    Step.CLAIM_WORK,
    Step.FOLLOW_RUN,
    Step.SEEK_RUNS,
    Step.FINISH_WORK,
    Step.CLAIM_EFFECT,
    Step.MARK_POSTING,
    Step.FINISH_EFFECT,
    Call("Chat", "post"),
    Call("Chat", "edit"),
    Call("RunReader", "read"),
    Call("RunReader", "newest"),
)
KINDS = (
    ("ci.yml", Trigger.PUSH),
    ("ci.yml", Trigger.PUSH),
    ("build.yml", Trigger.PUSH),
    ("test.yml", Trigger.PUSH),
    ("deploy.yml", Trigger.DISPATCH),
)


@dataclass
class Outcome:
    """What was seen of one storm."""

    flaws: list[str] = field(default_factory=list)
    runs: int = 0
    attempts: int = 0
    sent: int = 0
    dropped: int = 0
    deaths: int = 0
    calls: int = 0
    cards: int = 0
    replies: int = 0
    seconds: float = 0.0  # of virtual time, from the last event to the last repair


class Storm:
    """One house, and so many runs."""

    def __init__(self, house: FragileHouse, random: Random, runs: int, deaths: int) -> None:
        self._house, self._random, self._left, self._deaths = house, random, runs, deaths
        self._github = house.play.github
        self._started: list[tuple[Repository, Run]] = []
        self._again: set[int] = set()
        self._silent: set[int] = set()
        self._between_lives = asyncio.Lock()
        self._in_the_air: list[Delivery] = []
        self._read = len(self._github.hooks.deliveries)
        self.outcome = Outcome(runs=runs)

    async def rages(self) -> Outcome:
        """Until every run has ended and the bot lives; then the records are held against the oracle."""
        await self._has_begun()
        await self._listen()
        reaper = asyncio.create_task(self._reap())
        async with aiohttp.ClientSession() as session:
            while self._left or self._going():
                self._start_some()
                await self._blow(session)
                await self._house._patience.sleep(LOOK)
            await self._blow(session, all_of_it=True)
        async with self._between_lives:  # a start is not cut off
            reaper.cancel()
        with suppress(asyncio.CancelledError):
            await reaper
        self._house.switch._armed = None  # or else it dies when nobody looks after it any more
        if self._house.switch.life is not None and self._house.switch.life.ended.is_set():
            await self._comes_back()
        await self._calms_down()
        return self.outcome

    async def _has_begun(self) -> None:
        """What ended before the first start is history."""
        book, names = self._house.app.store.runs, [seeking.key("github", each) for each in REPOSITORIES]
        async with asyncio.timeout(PATIENCE):
            while not all([await book.mark(TEAM, name) for name in names]):
                await self._house._patience.sleep(LOOK)

    async def _listen(self) -> None:
        """Channels that hear of the runs, each of some of them."""
        maker = Actor(ActorKind.PERSON, LINUS, "Linus")
        services = {each.name: [one.name for one in each.places] for each in self._house.app.catalog.services}
        async with self._house._eye.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
            for ear in EARS:
                first, *pairs = ear.words.split()
                said = read_filter(first, [_pair(each) for each in pairs], services)
                channel = self._house.play.slack.backend.world.channel(ear.channel)
                assert channel is not None
                await uow.subscriptions.put(channel.id, f"#{ear.channel}", said, maker)

    def _start_some(self) -> None:
        while self._left and len(self._going()) < AT_ONCE:
            self._left -= 1
            self._start()
        for repo, run in self._started:
            odd = self._random.random()
            if run.latest.status is Status.COMPLETED:
                if odd < 0.02 and run.id not in self._again and run.latest.jobs:
                    self._again.add(run.id)
                    self._github.runner.rerun(repo, run, run.actor, only=None)
            elif odd < 0.005:
                self._github.runner.cancel(repo, run)
            elif run.hold_at and self._random.random() < LET_GO:
                run.hurry.set()

    def _start(self) -> None:
        repo = self._github.world.repository(self._random.choice(REPOSITORIES))
        assert repo is not None
        file, trigger = self._random.choice(KINDS)
        workflow = repo.workflow(file)
        sha = repo.git.refs[repo.head]
        plan = repo.file_at(workflow, sha) if workflow else None
        if workflow is None or plan is None:
            self._left += 1
            return
        inputs = {}
        if trigger is Trigger.DISPATCH:
            asked = {"environment": "staging", "version": sha}
            known = {each.name for each in plan.inputs}
            inputs = plan.checked_inputs({key: value for key, value in asked.items() if key in known})
        actor = self._random.choice(list(self._github.world.users.values()))
        order = Order(repo, workflow, plan, trigger, actor, HEADS + repo.default_branch, sha, inputs)
        run = self._fails_to_start(order) if self._random.random() < 0.05 else self._goes(order)
        self._started.append((repo, run))

    def _goes(self, order: Order) -> Run:
        run = self._github.runner.start(order)
        if self._random.random() < SILENT:
            self._silent.add(run.id)
        if self._random.random() < HELD:
            run.hold_at = self._random.choice(run.latest.jobs).key.lower()
        if self._random.random() < 0.3:
            run.fail_at = self._random.choice(run.latest.jobs).key.lower()
        return run

    def _fails_to_start(self, order: Order) -> Run:
        """No webhook ever tells of such a one."""
        run = plans.new_run(self._github.site, order)
        run.latest.jobs.clear()
        run.latest.status, run.latest.conclusion = Status.COMPLETED, Conclusion.STARTUP_FAILURE
        order.repository.runs[run.id] = run
        return run

    def _going(self) -> list[Run]:
        return [run for _, run in self._started if run.latest.status is not Status.COMPLETED]

    async def _blow(self, session: aiohttp.ClientSession, *, all_of_it: bool = False) -> None:
        """Some of what is in the air arrives, in any order."""
        self._in_the_air += self._new()
        self._random.shuffle(self._in_the_air)
        many = len(self._in_the_air) if all_of_it else int(len(self._in_the_air) * self._random.random())
        arriving, self._in_the_air = self._in_the_air[:many], self._in_the_air[many:]
        for start in range(0, len(arriving), AT_ONCE):
            await asyncio.gather(*(self._send(session, each) for each in arriving[start : start + AT_ONCE]))

    def _new(self) -> Iterator[Delivery]:
        made = self._github.hooks.deliveries[self._read :]
        self._read += len(made)
        for each in made:
            if _run_of(each) in self._silent or self._random.random() < DROPPED:
                self.outcome.dropped += 1
                continue
            yield from [each] * self._random.randint(1, COPIES)

    async def _send(self, session: aiohttp.ClientSession, delivery: Delivery) -> None:
        """Whoever is not there, or dies over it, has not heard it."""
        body = delivery.body()
        headers = self._github.hooks._headers(delivery, body)
        timeout = aiohttp.ClientTimeout(total=2.0)
        with suppress(aiohttp.ClientError, TimeoutError, OSError):
            await session.post(
                f"{self._house.url}/webhooks/github", data=body, headers=headers, timeout=timeout
            )
            self.outcome.sent += 1

    async def _reap(self) -> None:
        """Dies so often, each time somewhere else."""
        for _ in range(self._deaths):
            target = self._random.choice(DEADLY)
            moment: Moment = self._random.choice(moments(target))
            self._house.switch.arm(Point(target, moment, self._random.randint(1, 2)))
            life = self._house.switch.life
            assert life is not None
            await life.ended.wait()
            async with self._between_lives:
                await self._comes_back()
                self.outcome.deaths += 1

    async def _comes_back(self) -> None:
        await self._house.dies()
        await self._house.lives_on()

    async def _calms_down(self) -> None:
        began, flaws = self._house.clock.now(), ["it was never looked at"]
        while (waited := (self._house.clock.now() - began).total_seconds()) <= REPAIRED_WITHIN:
            flaws = await self._flaws()
            if not flaws:
                break
            await self._house._patience.sleep(LOOK)
        self.outcome.flaws, self.outcome.seconds = flaws, waited
        self.outcome.attempts = sum(len(run.attempts) for _, run in self._started)
        self.outcome.calls = len(self._github.control.journal)

    async def _flaws(self) -> list[str]:
        wanted = {key: seen for repo, run in self._started for key, seen in expected(repo, [run]).items()}
        records: list[RunRecord] = []
        for repo, run in self._started:
            ref = RunRef("github", repo.full_name, str(run.id))
            records += await self._house.app.store.runs.attempts(TEAM, ref)
        found = recorded(records)
        flaws = [f"{key} is not on record" for key in wanted.keys() - found.keys()]
        flaws += [f"{key} is on record, and was never" for key in found.keys() - wanted.keys()]
        both = wanted.keys() & found.keys()
        flaws += [f"{found[key]} is really {wanted[key]}" for key in both if found[key] != wanted[key]]
        return flaws + await self._left_over(len(wanted)) + self._chat()

    def _chat(self) -> list[str]:
        """What stands in the channels, held against a second opinion."""
        opinion, flaws = Opinion(self._started, TOKEN_LOGIN), []
        self.outcome.cards = self.outcome.replies = 0
        bot = self._house.play.slack.backend.world.identity.bot_user
        for channel in dict.fromkeys(ear.channel for ear in EARS):
            said = [each for each in self._house.play.slack.messages(f"#{channel}") if each.user == bot]
            self.outcome.cards += sum(not each.is_reply for each in said)
            self.outcome.replies += sum(each.is_reply for each in said)
            flaws += opinion.flaws(channel, said)
        return flaws

    async def _left_over(self, attempts: int) -> list[str]:
        buried = select(func.count()).select_from(inbox).where(inbox.c.dead_at.is_not(None))
        rows = select(func.count()).select_from(runs)
        async with self._house.app.store.database.read() as connection:
            given_up = (await connection.execute(buried)).scalar_one()
            kept = (await connection.execute(rows)).scalar_one()
        flaws = [f"{given_up} deliveries were given up"] if given_up else []
        return flaws + ([f"{kept} rows for {attempts} attempts"] if kept != attempts else [])


def _pair(words: str) -> tuple[str, str]:
    key, _, value = words.partition("=")
    return key, value


def _run_of(delivery: Delivery) -> int | None:
    """The run that it names, if it names one."""
    told = delivery.payload
    of_run, of_job = told.get("workflow_run") or {}, told.get("workflow_job") or {}
    found: int | None = of_run.get("id") or of_job.get("run_id")
    return found


async def storm(url: str, seed: int, runs: int, deaths: int) -> Outcome:
    """One house in it."""
    async with FragileHouse(url, factor=FACTOR, catalog=CATALOG) as house:
        github = house.play.github
        github.site.speed = SPEED
        github.hooks.deliver_to = None  # the storm delivers
        house.play.slack.backend.rate_limits.on = False  # how fast Slack takes them is for `posts` to prove
        await github.acts.perform(ActName.WEBHOOKS, mode=WebhookMode.ON)
        return await Storm(house, Random(seed), runs, deaths).rages()  # nosec B311 - repeatable
