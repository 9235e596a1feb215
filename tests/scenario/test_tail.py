"""From a run that fails to what it wrote, in the thread of its card and nowhere else; on both databases."""

from __future__ import annotations

from bot.core.lifecycle import State
from bot.playground.control import Fault, FaultKind
from bot.playground.github.names import ActName, Where
from bot.playground.slack.seed import ADA
from tests.scenario.house import House
from tests.scenario.test_subscribe import SUBSCRIBE, of_ours, subscribes


async def test_what_a_failed_run_wrote_is_a_reply_that_rings_for_nobody(database_url: str) -> None:
    async with House(database_url, catalog=SUBSCRIBE) as house:
        await subscribes(house, "#deploys", "api on=failure")
        faults = house.play.github.control.faults
        faults.append(Fault(Where.JOB_LOGS, FaultKind.ERROR_503, 1))
        await house.act(ActName.FAIL_NEXT, job="deploy")
        await house.says("ada", "#api-deploys", "/deploy api staging")
        await house.reaches(State.FAILED)
        for channel in ("#api-deploys", "#deploys"):
            reply = await house.replied(channel, "how deploy › Roll out failed.")
            said = str(reply.blocks)
            assert "Roll out: GET /health answered 503, wanted 200" in said
            assert "Error: Process completed with exit code 1." in said
            assert "26 tests: 1 failed." in said
            assert "ghs_" not in said
            assert ADA not in said
        await house.quiet()
        for channel in ("#api-deploys", "#deploys"):
            _, failure, wrote = of_ours(house, channel)
            assert ADA in str(failure.blocks)
            assert "how deploy" in wrote.text
            assert (wrote.thread_ts, wrote.broadcast) == (failure.thread_ts, False)
        assert not any(each.times for each in faults)
