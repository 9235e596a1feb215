"""What becomes of a link: undone, confirmed, and looked up when it matters; on both databases."""

from __future__ import annotations

from pathlib import Path

from bot.core.verdicts import GateState, Verdict
from bot.playground.github.names import Where
from bot.playground.slack.seed import ADA, GRACE, LINUS, TEAM
from tests.scenario.house import House
from tests.scenario.surfer import link, told
from tests.scenario.test_link import a_house, audited

GUARDED = Path(__file__).parent / "identity.yml"


async def events(house: House) -> list[str]:
    return [name for name, _ in await audited(house) if not name.startswith(("Link", "Deployment"))]


async def audit_channel(house: House) -> str:
    await house.quiet()
    return str([each.text for each in house.play.slack.messages("#audit")])


async def test_a_person_undoes_their_link(database_url: str) -> None:
    async with a_house(database_url) as house:
        await link(house, "linus", "linus")
        await house.says("linus", "#deploys", "/slipway unlink")
        await house.answered("linus", "is no longer linked to you")
        assert await house.app.store.links.of(TEAM, LINUS) is None
        assert await events(house) == ["AccountLinked", "AccountUnlinked"]
        assert "unlinked the GitHub user" in await audit_channel(house)
        await house.says("linus", "#deploys", "/slipway unlink")
        await house.answered("linus", "No GitHub user is linked to you.")


async def test_an_administrator_unlinks_somebody_who_left(database_url: str) -> None:
    async with a_house(database_url) as house:
        await link(house, "linus", "linus")
        await house.says("grace", "#deploys", "/slipway unlink @linus")
        await house.answered("grace", "You can't admin")
        assert await house.app.store.links.of(TEAM, LINUS) is not None
        await house.says("ada", "#deploys", "/slipway unlink @linus")
        await told(house, "linus", "It was linked to you.")
        assert await house.app.store.links.of(TEAM, LINUS) is None
        assert await events(house) == ["AccountLinked", "RequestRefused", "AccountUnlinked"]


async def vouch(house: House, told: str) -> None:
    """Ada presses the button below what she was told."""
    (asked,) = [each for each in house.play.slack.ephemerals("ada") if each.text == told]
    done = await house.play.slack.click("ada", asked, "say_in_full")
    assert done["ok"], done


async def test_an_administrator_vouches_for_a_new_link_but_not_for_their_own(database_url: str) -> None:
    async with a_house(database_url) as house:
        await link(house, "linus", "linus")
        await link(house, "ada", "ada")
        told = ""
        for person, whom, answer in (
            ("grace", "linus", "You can't admin"),
            ("ada", "ada", "You can't confirm your own link."),
            ("ada", "grace", "They have linked no GitHub user."),
            ("ada", "linus", "The GitHub user linus (id "),
        ):
            await house.says(person, "#deploys", f"/slipway confirm-link @{whom}")
            told = await house.answered(person, answer)
        assert "Nothing is confirmed yet." in told
        await link(house, "linus", "grace")
        await vouch(house, told)
        await house.answered("ada", "Their link has changed meanwhile.")
        assert [name for name, _ in await audited(house)].count("LinkConfirmed") == 0
        await link(house, "linus", "linus")
        await vouch(house, told)
        await house.answered("ada", "You vouch for the link of")
        links = [await house.app.store.links.of(TEAM, each) for each in (LINUS, ADA, GRACE)]
        assert [each and each.confirmed for each in links] == [True, False, None]
        assert [name for name, _ in await audited(house)].count("LinkConfirmed") == 1
        assert "confirmed that the GitHub user" in await audit_channel(house)
        await link(house, "linus", "linus")
        again = await house.app.store.links.of(TEAM, LINUS)
        assert again == links[0], "proving it again changes nothing"
        await link(house, "linus", "margaret")
        other = await house.app.store.links.of(TEAM, LINUS)
        assert other is not None
        assert not other.confirmed, "what was vouched for was another account"


async def identity(house: House, number: int) -> Verdict:
    """What the gate said of a request."""
    seen = await house.sees(lambda found: bool(found.verdicts), number, "to be judged")
    return next(each for each in seen.verdicts if each.gate == "identity")


async def test_where_rules_ask_for_accounts_a_request_waits_for_the_link(database_url: str) -> None:
    async with House(database_url, factor=4, catalog=GUARDED) as house:
        await house.says("linus", "#deploys", "/deploy api staging")
        waiting = await identity(house, 1)
        assert waiting.state is GateState.WAITING
        assert waiting.what == "Linus has linked no account of the code host."
        assert house.play.github.control.calls(Where.PERMISSION) == []
        await link(house, "linus", "linus")
        await house.says("linus", "#deploys", "/deploy api staging")
        assert (await identity(house, 2)).state is GateState.OPEN
        assert len(house.play.github.control.calls(Where.PERMISSION)) >= 1


async def test_a_person_who_may_not_write_at_the_code_host_starts_nothing(database_url: str) -> None:
    async with House(database_url, factor=4, catalog=GUARDED) as house:
        await link(house, "linus", "linus")
        repository = house.play.github.world.repository("acme/api")
        assert repository is not None
        repository.roles["linus"] = "read"
        await house.says("linus", "#deploys", "/deploy api staging")
        refused = await identity(house, 1)
        assert refused.state is GateState.REFUSED
        assert refused.why == "At the code host linus has the permission read there."
        assert house.play.github.dispatches() == []
