"""`start: tag`, from the words in the chat to the run that the push of a tag started, on both databases."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from bot.playground.control import Fault, FaultKind
from bot.playground.github.git import TAGS
from bot.playground.github.model import Run
from bot.playground.github.names import ActName, Trigger, Where
from tests.scenario.house import House

CATALOG = Path(__file__).parent / "tag.yml"
CHANNEL = "#api-deploys"


def started(house: House) -> list[tuple[Trigger, str, str]]:
    """What a push started, and at which commit."""
    runs: list[Run] = house.play.github.runs("acme/api")
    return [(each.trigger, each.ref, each.head_sha) for each in runs if each.path.endswith("/release.yml")]


async def test_a_tag_is_pushed_once_for_what_was_approved_followed_and_kept(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        github = house.play.github
        await house.says("linus", "#deploys", "/deploy api production because it is Monday")
        await house.card_says("Waiting for 1 approval")
        await house.act(ActName.ADD_COMMIT, repository="api")  # what was approved is what runs
        github.control.faults.append(Fault(Where.REF_CREATE, FaultKind.LOSE_ANSWER, 1))
        await house.press("ada", CHANNEL, "approve")
        done = await house.reaches(State.SUCCEEDED)
        assert done.request is not None
        tag, sha = f"{TAGS}v-production-{done.key}", done.request.release_sha
        assert started(house) == [(Trigger.PUSH, tag, sha)]
        await house.act(ActName.HOLD_NEXT, job="release")
        await house.says("linus", "#deploys", "/deploy api production")
        await house.press("ada", CHANNEL, "approve", 2)
        await house.reaches(State.RUNNING, 2)
        await house.press("linus", CHANNEL, "cancel", 2)
        await house.reaches(State.CANCELLED, 2)
        await house.quiet()
        assert len(started(house)) == len(
            [one for one in github.control.calls(Where.REF_CREATE) if one.happened]
        )
        assert len(started(house)) == 2
        refs = github.world.repository("acme/api")
        assert refs is not None
        assert refs.git.refs[tag] == sha, "a tag of the catalog's own pattern stays"
        assert github.dispatches() == []
