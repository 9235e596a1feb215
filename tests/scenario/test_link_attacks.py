"""Ways to take over a link: none of them links anything, and each is in the trail with its reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.core.linking import VALID, Hitch
from bot.playground.control import Fault, FaultKind
from bot.playground.github.names import Where
from bot.playground.slack.seed import ADA, LINUS, TEAM
from bot.store.tables import metadata
from tests.databases import Backend
from tests.scenario.house import House
from tests.scenario.surfer import Surfer, code_for, link_of, told
from tests.scenario.test_link import a_house, audited

KEPT = ("client_id", "redirect_uri", "state", "code_challenge")
ONE_DATABASE = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)


async def login_of(house: House, person: str) -> str | None:
    found = await house.app.store.links.of(TEAM, person)
    return found.account.login if found else None


async def refused_for(house: House) -> list[str]:
    return [each["why"] for name, each in await audited(house) if name == "LinkRefused"]


async def nothing_linked(house: House, *why: Hitch) -> None:
    assert [name for name, _ in await audited(house) if name == "AccountLinked"] == []
    assert await refused_for(house) == list(why)


async def test_the_link_of_somebody_else_needs_their_code(database_url: str) -> None:
    """Linus got hold of Ada's link, and signs in as himself to act in her name."""
    async with a_house(database_url) as house, Surfer() as linus:
        await linus.sign_in(await link_of(house, "ada"), "linus")
        await told(house, "ada", "Somebody signed in at GitHub as")
        right = await code_for(house, "ada")
        wrong = [f"{(int(right) + each) % 10**8:08}" for each in range(1, 6)]
        for code in wrong[:4]:
            await linus.send(code=code)
            assert (linus.status, "That is not the code." in linus.page) == (403, True)
        await linus.send(code=wrong[4])
        assert "That was the last wrong code." in linus.page
        await linus.post(linus.url, code=right)
        assert linus.status == 403
        await nothing_linked(house, *[Hitch.WRONG_CODE] * 4, Hitch.TOO_MANY_CODES)


async def test_a_person_lured_to_sign_in_is_asked_for_a_code_they_never_get(database_url: str) -> None:
    """Linus sends his link to Ada, so that her account becomes his. He has the code, she has the browser."""
    async with a_house(database_url) as house, Surfer() as ada, Surfer() as linus:
        link = await link_of(house, "linus")
        await linus.visit(link)
        await ada.visit(link)
        assert "Go on only if you are Linus" in ada.page
        await ada.send()
        await ada.send(login="ada")
        assert ("<dd>Linus</dd>" in ada.page, "<dd>ada</dd>" in ada.page) == (True, True)
        code = await code_for(house, "linus")
        await linus.post(ada.url, code=code)
        assert "This is not the browser that opened the link." in linus.page
        assert house.play.slack.direct_messages("ada") == []
        await nothing_linked(house, Hitch.OTHER_BROWSER)


async def test_a_form_of_another_site_is_not_ours(database_url: str) -> None:
    """His page makes her browser send the code: her cookie goes along, the secret of our form does not."""
    async with a_house(database_url) as house, Surfer() as ada:
        await ada.sign_in(await link_of(house, "linus"), "ada")
        code = await code_for(house, "linus")
        await ada.post(ada.url, code=code)
        assert "This form was not sent from its own page." in ada.page
        await ada.post(ada.url, code=code)
        assert ada.status == 403
        await nothing_linked(house, Hitch.FORGED)


async def test_another_site_cannot_start_a_link_in_a_browser(database_url: str) -> None:
    async with a_house(database_url) as house, Surfer() as ada:
        await ada.post(await link_of(house, "linus"))
        assert "This form was not sent from its own page." in ada.page
        assert house.play.github.control.calls(Where.OAUTH_AUTHORIZE) == []
        await nothing_linked(house, Hitch.FORGED)


async def test_the_way_back_fits_one_browser_only(database_url: str) -> None:
    """Linus stops at the last step and lets Ada's browser take it: it would be signed in as him."""
    async with a_house(database_url) as house, Surfer() as linus, Surfer() as ada:
        await linus.begin(await link_of(house, "linus"))
        house.play.github.control.faults.append(Fault(Where.OAUTH_TOKEN, FaultKind.ERROR_503, 1))
        state = linus.query("state")
        await ada.visit(f"{house.app.settings.base_url}/link/callback?code=0123&state={state}")
        assert "This is not the browser that opened the link." in ada.page
        assert house.play.github.control.calls(Where.OAUTH_TOKEN) == []
        await nothing_linked(house, Hitch.OTHER_BROWSER)


async def test_the_way_back_of_another_attempt_does_not_fit(database_url: str) -> None:
    """The same while Ada is on her own way: her cookie is there, but the state is his."""
    async with a_house(database_url) as house, Surfer() as linus, Surfer() as ada:
        await linus.begin(await link_of(house, "linus"))
        await ada.begin(await link_of(house, "ada"))
        state = linus.query("state")
        await ada.visit(f"{house.app.settings.base_url}/link/callback?code=0123&state={state}")
        assert "This answer does not belong to your sign-in." in ada.page
        await nothing_linked(house, Hitch.WRONG_STATE)


async def test_a_code_that_the_code_host_gave_another_browser_is_worth_nothing(database_url: str) -> None:
    """Somebody else's code in one's own way back: it was asked for with another verifier."""
    async with a_house(database_url) as house, Surfer() as linus, Surfer() as ada:
        await linus.begin(await link_of(house, "linus"))
        async with linus.session.post(
            f"{house.play.github.web_url}/login/oauth/authorize",
            data={name: linus.query(name) for name in KEPT} | {"login": "linus"},
            allow_redirects=False,
        ) as answer:
            code = answer.headers["Location"].partition("code=")[2].partition("&")[0]
        await ada.begin(await link_of(house, "ada"))
        state = ada.query("state")
        await ada.visit(f"{house.app.settings.base_url}/link/callback?code={code}&state={state}")
        assert "used already, or is too old" in ada.page
        await nothing_linked(house, Hitch.UNPROVEN)


async def test_a_link_and_a_way_back_work_once(database_url: str) -> None:
    async with a_house(database_url) as house, Surfer() as ada, Surfer() as other:
        link = await link_of(house, "ada")
        await ada.sign_in(link, "ada")
        back = next(each for each in ada.trail if "/link/callback?" in each)
        page = ada.page
        await ada.visit(back)
        assert "This link was used already." in ada.page
        await ada.visit(f"{house.app.settings.base_url}/link/confirm")
        assert ada.page == page
        await ada.send(code=await code_for(house, "ada"))
        assert await login_of(house, ADA) == "ada"
        for again in (link, back, f"{house.app.settings.base_url}/link/confirm"):
            await other.visit(again)
            assert other.status == 403
        assert await refused_for(house) == []


async def test_a_second_browser_ends_it(database_url: str) -> None:
    """Whoever comes second may be the person: so nobody goes on."""
    async with a_house(database_url) as house, Surfer() as first, Surfer() as second:
        link = await link_of(house, "ada")
        await first.begin(link)
        await second.begin(link)
        assert "This is not the browser that opened the link." in second.page
        await first.send(login="linus")
        assert first.status == 403
        await nothing_linked(house, Hitch.OTHER_BROWSER)


@pytest.mark.parametrize("steps", [0, 1, 2])
@ONE_DATABASE
async def test_it_expires_at_every_step(database_url: str, steps: int) -> None:
    async with a_house(database_url) as house, Surfer() as ada:
        await ada.visit(await link_of(house, "ada"))
        typed: dict[str, str] = {}
        if steps > 0:
            await ada.send()
            typed = {"login": "ada"}
        if steps > 1:
            await ada.send(**typed)
            typed = {"code": await code_for(house, "ada")}
        house.clock.leap(VALID.total_seconds())
        await ada.send(**typed)
        assert (ada.status, "expired" in ada.page or "too old" in ada.page) == (403, True)
        await nothing_linked(house, Hitch.EXPIRED)


async def test_a_newer_link_ends_the_older_one(database_url: str) -> None:
    async with a_house(database_url) as house, Surfer() as linus, Surfer() as ada:
        await linus.sign_in(await link_of(house, "ada"), "linus")
        older = await code_for(house, "ada")
        link = await link_of(house, "ada")
        await linus.send(code=older)
        assert linus.status == 403
        await ada.visit(link)
        assert ada.status == 200
        await nothing_linked(house)


async def test_one_account_belongs_to_one_person(database_url: str) -> None:
    """Whoever proves it last has it; the one before is told, and so is the audit channel."""
    async with a_house(database_url) as house:
        for person, id in (("linus", LINUS), ("ada", ADA)):
            async with Surfer() as surfer:
                await surfer.sign_in(await link_of(house, person), "linus")
                await surfer.send(code=await code_for(house, person))
            assert await login_of(house, id) == "linus"
        assert await login_of(house, LINUS) is None
        await told(house, "linus", "is no longer linked to you")
        await house.quiet()
        assert "It was linked to" in str([each.blocks for each in house.play.slack.messages("#audit")])
        moved = [each["moved_from"] for name, each in await audited(house) if name == "AccountLinked"]
        assert moved == ["", LINUS]


async def test_who_was_deactivated_on_the_way_links_nothing(database_url: str) -> None:
    async with a_house(database_url) as house, Surfer() as ada:
        await ada.sign_in(await link_of(house, "ada"), "ada")
        code = await code_for(house, "ada")
        house.play.slack.world.people[ADA].deleted = True
        await ada.send(code=code)
        assert "may not be linked" in ada.page
        await nothing_linked(house, Hitch.LEFT)


async def test_declining_links_nothing(database_url: str) -> None:
    async with a_house(database_url) as house, Surfer() as ada:
        await ada.begin(await link_of(house, "ada"))
        await ada.send(login="")
        assert "You declined, and nothing was linked." in ada.page
        await nothing_linked(house, Hitch.DECLINED)


@ONE_DATABASE
@pytest.mark.parametrize("where", [Where.OAUTH_TOKEN, Where.USER])
@pytest.mark.parametrize("kind", [FaultKind.ERROR_503, FaultKind.DROP, FaultKind.LOSE_ANSWER])
async def test_a_code_host_that_does_not_answer_proves_nothing(
    database_url: str, where: Where, kind: FaultKind
) -> None:
    async with a_house(database_url) as house, Surfer() as ada:
        house.play.github.control.faults.append(Fault(where, kind, 2))  # a read is tried twice
        await ada.sign_in(await link_of(house, "ada"), "ada")
        assert (ada.status, "Nothing was linked." in ada.page) == (503, True)
        await nothing_linked(house, Hitch.UNPROVEN)


async def test_nothing_that_opens_a_link_is_kept(database_url: str) -> None:
    """Whoever reads the database, a copy of it, or the audit trail, can go no step of the way."""
    async with a_house(database_url) as house, Surfer() as ada:
        link = await link_of(house, "ada")
        await ada.sign_in(link, "ada")
        code = await code_for(house, "ada")
        cookie = ada.cookie(house.app.settings.base_url).partition(".")[2]
        secrets = [link.rpartition("/")[2], code, cookie, ada.query("state").partition(".")[2]]
        secrets.append(ada.query("code"))
        await ada.send(code=code)
        await house.quiet()
        rows: list[str] = []
        async with house.app.store.database.read() as connection:
            for table in metadata.sorted_tables:
                rows += [str(row) for row in (await connection.execute(select(table))).all()]
        kept = "\n".join(rows)
        assert all(secrets)
        assert [each for each in secrets if each in kept] == []


@ONE_DATABASE
async def test_the_pages_cannot_be_framed_and_tell_nobody_where_one_came_from(database_url: str) -> None:
    async with a_house(database_url) as house, Surfer() as ada:
        link = await link_of(house, "ada")
        async with ada.session.get(link) as answer:
            headers = answer.headers
            assert headers["X-Frame-Options"] == "DENY"
            assert headers["Referrer-Policy"] == "no-referrer"
            assert headers["Cache-Control"] == "no-store"
            assert "script-src 'none'" in headers["Content-Security-Policy"]
            cookie = headers["Set-Cookie"]
        assert ("HttpOnly" in cookie, "SameSite=Lax" in cookie, "Path=/link" in cookie) == (True, True, True)
        assert f"Max-Age={int(timedelta(minutes=10).total_seconds())}" in cookie


@ONE_DATABASE
async def test_looking_at_a_link_uses_nothing_up(database_url: str) -> None:
    """Chats and virus scanners open links by themselves."""
    async with a_house(database_url) as house, Surfer() as scanner, Surfer() as ada:
        link = await link_of(house, "ada")
        for _ in range(3):
            await scanner.visit(link)
        await ada.sign_in(link, "ada")
        await ada.send(code=await code_for(house, "ada"))
        assert await login_of(house, ADA) == "ada"
