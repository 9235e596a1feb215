"""/slipway link, from the words in the chat over the browser to the linked account, on both databases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot.core.linking import Account
from bot.playground.slack.seed import ADA, TEAM
from tests.scenario.house import House
from tests.scenario.surfer import Surfer, code_for, link_of, told

CATALOG = Path(__file__).parent / "linking.yml"


def a_house(database_url: str) -> House:
    return House(database_url, factor=4, catalog=CATALOG)


async def audited(house: House) -> list[tuple[str, dict[str, Any]]]:
    """The events of the trail with their facts."""
    lines = [json.loads(each) async for each in house.app.store.audit.export(TEAM)]
    bodies = [json.loads(each["body"]) for each in lines]
    return [(each["event"], each["facts"]) for each in bodies]


async def test_a_person_links_their_account(database_url: str) -> None:
    async with a_house(database_url) as house, Surfer() as surfer:
        await surfer.visit(await link_of(house, "ada"))
        assert "Go on only if you are Ada" in surfer.page
        await surfer.send()
        assert "Authorize Slipway" in surfer.page
        await surfer.send(login="ada")
        assert (surfer.status, "code=" in surfer.url) == (200, False)
        assert "<dd>Ada</dd>" in surfer.page
        assert "<dd>ada</dd>" in surfer.page
        await surfer.send(code=await code_for(house, "ada"))
        assert "<h1>Linked</h1>" in surfer.page
        await told(house, "ada", "now linked to the GitHub user")
        linked = await house.app.store.links.of(TEAM, ADA)
        assert linked is not None
        assert linked.account == Account("github", str(house.play.github.world.users["ada"].id), "ada")
        await house.quiet()
        assert "linked the GitHub user" in str([each.blocks for each in house.play.slack.messages("#audit")])
        assert [name for name, _ in await audited(house)] == [
            "LinkAsked",
            "LinkOpened",
            "LinkSignedIn",
            "AccountLinked",
        ]
