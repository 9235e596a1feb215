"""Attacks one after another on one house, and in the end the judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from bot.core.lifecycle import ENDS, State
from bot.playground.github.names import ActName
from bot.playground.slack.seed import TEAM
from tests.attacks import trail
from tests.attacks.diary import Diary
from tests.attacks.evidence import gather
from tests.attacks.judge import flaws_of
from tests.attacks.stage import AUTHOR, CHANNEL, FACTOR, IDS, Stage
from tests.attacks.table import ATTACKS, Attack
from tests.scenario.house import House
from tests.scenario.surfer import link

CATALOG = Path(__file__).parent / "strict.yml"
SERVICES = ("api", "payments")
LINKED = ("ada", "grace", "linus", "margaret")
A_DAY = 24 * 60 * 60 + 60  # seconds; a younger link does not vote
SLOW = 30.0  # seconds of the real clock that a form may take to open
HEARD = 10.0  # seconds of the real clock until the trail says it


@dataclass(frozen=True, slots=True)
class Case:
    """One attack, and what chance makes of it."""

    number: int
    attack: Attack
    seed: int


@dataclass
class Outcome:
    """What was seen of a siege."""

    flaws: list[str] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)
    ran: int = 0


def cases(random: Random, first: int, count: int) -> Iterator[Case]:
    """So many, every kind in turn."""
    for number in range(first, first + count):
        yield Case(number, ATTACKS[number % len(ATTACKS)], random.getrandbits(32))


async def besiege(
    url: str, folder: Path, attempts: Sequence[Case], say: Callable[[str], object] = str
) -> Outcome:
    """All of them, in one house; `say` hears of each while they go on."""
    outcome, catalog, diary = Outcome(), folder / "slipway.yml", Diary()
    law = _write(catalog)
    async with House(url, factor=FACTOR, catalog=catalog) as house:
        house.play.slack.backend.triggers.seconds = SLOW * FACTOR
        await _prepare(house, diary, law)
        for case in attempts:
            await _one(house, diary, catalog, case, outcome)
            say(outcome.drawn[-1])
        await house.quiet()
        evidence = await gather(house, diary)
        outcome.flaws += flaws_of(evidence, diary)
        outcome.ran = len(evidence.runs)
    return outcome


def _write(catalog: Path) -> str:
    law = CATALOG.read_text()
    catalog.write_text(law)
    return law


async def _prepare(house: House, diary: Diary, law: str) -> None:
    """Everybody has linked their account long ago."""
    diary.laws.append((house.clock.now(), law))
    for repository in house.play.github.world.repositories.values():
        diary.tips[repository.full_name] = repository.git.refs["refs/heads/main"]
        diary.runs |= repository.runs.keys()
    await _link_all(house)


async def _link_all(house: House) -> None:
    """Whoever left and came back had their link forgotten; before the next attack it is an old one again."""
    gone = [each for each in LINKED if await house.app.store.links.of(TEAM, IDS[each]) is None]
    for person in gone:
        await link(house, person, person)
    if gone:
        house.clock.leap(A_DAY)


async def _one(house: House, diary: Diary, catalog: Path, case: Case, outcome: Outcome) -> None:
    await _link_all(house)
    random = Random(case.seed)  # nosec B311 - repeatable
    asker, *voters = random.sample([each for each in LINKED if each != AUTHOR], 3)
    mark = await trail.length(house.app.store)
    service, name = random.choice(SERVICES), f"{case.number}.{random.randint(0, 99)}"
    stage = Stage(
        house, diary, catalog, random, name, service, asker, (voters[0], voters[1]), mark, [service, asker]
    )
    what = f"{case.attack.__name__} (case {case.number}, seed {case.seed})"
    try:
        words = await case.attack(stage)
    except (AssertionError, TimeoutError) as error:
        outcome.flaws.append(f"{what} {stage.drawn} did not go on: {error}\n{await stage.lines()}")
        words = ""
    if not await stage.reads(words, HEARD):
        told = await stage.lines()
        outcome.flaws.append(f"{what} {stage.drawn}: the trail does not say “{words}”:\n{told}")
    outcome.drawn.append(f"{case.attack.__name__} {' '.join(stage.drawn)} {name}")
    await _clear(stage)


async def _clear(stage: Stage) -> None:
    """What still waits is withdrawn, and what runs comes to its end."""
    for number in range(1, await stage.newest() + 1):
        found = await stage.house.deployment(number)
        assert found is not None
        if found.state in ENDS:
            continue
        if found.state in (State.WAITING, State.UNKNOWN):
            asker = next(name for name, id in IDS.items() if id == found.requested_by.id)
            action = "cancel" if found.state is State.WAITING else "it_did_not_run"
            await stage.house.press(asker, CHANNEL, action, number)
        else:
            await stage.house.act(ActName.FINISH_NOW)
        await stage.house.ends(number)
