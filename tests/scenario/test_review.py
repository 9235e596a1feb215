"""The review after an emergency, from its start to the second opinion or the reminder, on both databases."""

from __future__ import annotations

from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.core.reviews import WITHIN, Finding
from bot.playground.github.names import ActName
from bot.playground.slack.seed import GRACE, MARGARET, TEAM
from tests.scenario.house import PATIENCE, House
from tests.scenario.test_emergency import CATALOG, CHANNEL, FIRE, audit_channel, trail


async def after_an_emergency(house: House) -> None:
    """Ada broke the glass, and it is deployed."""
    await house.breaks_the_glass("ada", "#deploys", FIRE)
    await house.reaches(State.SUCCEEDED)


async def reviewed_by(house: House, *people: str) -> Deployment:
    """Wait until just these have spoken."""

    def spoken(found: Deployment) -> bool:
        return found.review is not None and [each.person for each in found.review.opinions] == [*people]

    return await house.sees(spoken, what=f"to be reviewed by {people}")


async def card_shows(house: House, words: str) -> None:
    """Wait until the card says so."""
    await house.play.slack.until(lambda: words in str(house.cards(CHANNEL)[0].blocks), PATIENCE)


async def test_two_others_close_it_and_nobody_else(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await after_an_emergency(house)
        await house.says("ada", CHANNEL, "/review #1 ok because I was right")
        await house.answered("ada", "You can't review your own emergency.")
        await house.says("gus", "#deploys", "/review #1 ok because why not")
        await house.answered("gus", "Guests never review emergencies.")
        await house.says("grace", CHANNEL, "/review #1 ok")
        await house.answered("grace", "Why do you find so?")
        await house.says("grace", CHANNEL, "/review #1 fine because it burnt")
        await house.answered("grace", "Was it right to break the glass?")
        await reviewed_by(house)
        await house.says("grace", CHANNEL, "/review #1 ok because it burnt")
        await reviewed_by(house, GRACE)
        await house.says("grace", CHANNEL, "/review #1 ok because it burnt a lot")
        first = await house.sees(lambda found: "a lot" in str(found.review))
        assert first.review is not None
        assert not first.review.closed  # the same person twice is one
        await card_shows(house, "1 of 2")
        await house.says("linus", "#deploys", "/state api production")
        await house.answered("linus", "The emergency #1 waits for its review")
        await house.says("margaret", "#deploys", "/review")
        await house.answered("margaret", "#1 api to production")
        await house.says("margaret", CHANNEL, "/review #1 not-ok because approvals take a minute")
        closed = await reviewed_by(house, GRACE, MARGARET)
        assert closed.review is not None
        assert closed.review.closed
        assert [each.finding for each in closed.review.opinions] == [Finding.OK, Finding.NOT_OK]
        await card_shows(house, "not right")
        await audit_channel(house, "The emergency is reviewed: #1 api to production")
        assert await house.app.store.queries.open_reviews(TEAM) == ()
        await house.says("linus", CHANNEL, "/review #1 ok because I like it")
        await house.answered("linus", "The review of #1 is closed.")
        events = ["ReviewOpened", "ReviewGiven", "ReviewClosed", "RequestRefused"]
        records = await trail(house)
        assert [sum(name in each for each in records) for name in events] == [1, 3, 1, 5]


async def test_a_review_that_is_late_is_asked_for_once(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await after_an_emergency(house)
        opened = await house.deployment()
        assert opened is not None
        assert opened.review is not None
        assert opened.review.due_at == opened.review.opened_at + WITHIN
        assert opened.attempted_at is not None
        assert opened.review.opened_at <= opened.attempted_at  # none starts without
        house.clock.leap((WITHIN).total_seconds())
        await house.replied(CHANNEL, "this emergency was not reviewed in time.")
        await audit_channel(house, "The review of an emergency is overdue: #1")
        await house.quiet()  # nothing is left that would say it again
        late = [each for each in house.play.slack.messages(CHANNEL) if "not reviewed in time" in each.text]
        assert len(late) == 1
        await house.says("grace", CHANNEL, "/review #1 ok because it burnt")
        await house.says("margaret", CHANNEL, "/review #1 ok because it did")
        closed = await house.sees(lambda found: found.review is not None and found.review.closed)
        assert closed.review is not None
        assert closed.review.well


async def test_what_never_started_and_what_was_no_emergency_has_no_review(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await house.says("linus", "#deploys", "/lock api production because I move the tables")
        await house.answered("linus", "Locked: api in production")
        await house.breaks_the_glass("ada", "#deploys", FIRE)
        await house.reaches(State.WAITING)
        await house.press("ada", CHANNEL, "cancel")
        await house.reaches(State.WITHDRAWN)
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.reaches(State.SUCCEEDED, 2)
        await house.says("grace", CHANNEL, "/review #1 ok because it never ran")
        await house.answered("grace", "#1 has no review.")
        assert await house.app.store.queries.open_reviews(TEAM) == ()


async def test_one_that_had_its_turn_and_was_not_sent_has_no_review(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await house.says("linus", "#deploys", "/lock api production because I move the tables")
        await house.answered("linus", "Locked: api in production")
        await house.breaks_the_glass(
            "ada", "#deploys", "/deploy api production v1.4.1 emergency because it burns"
        )
        await house.reaches(State.WAITING)
        await house.act(ActName.MOVE_TAG, repository="acme/api", tag="v1.4.1", to="main")
        await house.says("linus", "#deploys", "/unlock api production")
        moved = await house.reaches(State.STALE)
        assert moved.review is None
        await house.act(ActName.DISABLE_WORKFLOW, repository="acme/api", workflow="deploy.yml")
        await house.breaks_the_glass("ada", "#deploys", FIRE)
        refused = await house.reaches(State.FAILED, 2)
        assert refused.review is None
        assert house.play.github.dispatches() == []
        assert await house.app.store.queries.open_reviews(TEAM) == ()
