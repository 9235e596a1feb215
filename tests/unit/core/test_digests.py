"""What a digest says of a window, in values and in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.catalog import Catalog
from bot.core.digest_words import about, computed, days_line, headline, in_words, summary
from bot.core.digests import Counts, Digest, Need, NeedKind, digest, shown_services
from bot.core.effects import Posted
from bot.core.failures import FailureSource
from bot.core.happenings import Story
from bot.core.lifecycle import State
from bot.core.schedules import Window
from bot.core.values import Kind
from tests.fakes.samples import SRE, catalog, service
from tests.fakes.stories import DAILY, DAY, HOUR, MONDAY, WEEKLY, busy_week, failed, happened, window

SERVICES = catalog().services
API = frozenset({"C0APIDEPLO", "#api-deploys"})


def daily(story: Story, *needs: Need) -> Digest:
    return digest(DAILY, window(), story, SERVICES, needs)


def lines(found: Digest) -> tuple[str, str]:
    return summary(found)


def plain(found: Digest) -> str:
    return in_words(found, lambda _: "").plain()


def test_two_lines_say_it_all() -> None:
    found = digest(WEEKLY, window(WEEKLY), busy_week(), SERVICES)
    happened_, waits = lines(found)
    assert happened_ == (
        "12 deploys to production and 2 elsewhere, 1 rollback, 1 failed and was rolled back in 9m,"
        " 1 did not get through."
    )
    assert waits == "Nothing waits."
    assert headline(found) == "The week until Mon 9 Nov, 10:00"


@pytest.mark.parametrize(
    ("story", "said"),
    [
        (Story(), "Nothing was deployed."),
        (Story((happened(1, HOUR),)), "1 deploy to production."),
        (Story((happened(1, HOUR, environment="staging"),)), "1 deploy elsewhere."),
        (Story((happened(1, HOUR, kind=Kind.ROLLBACK),)), "No deploys, 1 rollback."),
        (Story((happened(1, HOUR, state=State.FAILED),)), "No deploys, 1 did not get through."),
        (
            Story((), (failed(1, HOUR, None),)),
            "No deploys, 1 failed and still fails.",
        ),
        (
            Story((), (failed(1, HOUR, HOUR, source=FailureSource.ALERT),)),
            "No deploys, 1 failed and recovered in 1h.",
        ),
        (
            Story((), (failed(1, HOUR, HOUR), failed(2, 2 * HOUR, None))),
            "No deploys, 2 failed, and not all have recovered.",
        ),
        (
            Story((), (failed(1, 3 * HOUR, HOUR), failed(2, 3 * HOUR, 2 * HOUR))),
            "No deploys, 2 failed and were rolled back in at most 2h.",
        ),
    ],
)
def test_what_happened_in_words(story: Story, said: str) -> None:
    assert lines(daily(story))[0] == said


def test_the_start_is_in_the_window_and_the_end_is_not() -> None:
    ends = happened(1, timedelta())
    starts = happened(2, DAY)
    assert daily(Story((starts, ends))).counts == Counts(production=1)
    assert daily(Story((starts, ends))).before == Counts()
    assert daily(Story((happened(3, 2 * DAY),))).before == Counts(production=1)


def test_it_is_quiet_when_nothing_happened_and_nothing_waits() -> None:
    assert daily(Story()).quiet
    assert daily(Story((happened(1, HOUR, state=State.WITHDRAWN), happened(2, 5 * DAY)))).quiet
    assert not daily(Story((happened(1, HOUR),))).quiet
    assert not daily(Story(), need(NeedKind.APPROVAL)).quiet


def need(kind: NeedKind, number: int = 7, ago: timedelta = HOUR) -> Need:
    return Need(kind, number, "api to production", MONDAY - ago, Posted("C1", "1.1"))


def test_what_needs_people_is_told_the_most_urgent_first_and_at_most_three() -> None:
    needs = [
        need(NeedKind.APPROVAL, 1),
        need(NeedKind.APPROVAL, 2, 2 * HOUR),
        need(NeedKind.REVIEW, 3),
        need(NeedKind.UNKNOWN, 4),
    ]
    found = daily(Story(), *needs)
    assert [each.number for each in found.needs] == [4, 3, 2, 1]
    assert (
        lines(found)[1] == "1 outcome is unknown, 1 emergency to be reviewed, 2 requests wait for approval."
    )
    text = in_words(found, lambda posted: f"https://chat.test/{posted.ts}").plain()
    assert text.count("https://chat.test/1.1") == 3
    assert "1 more: `/approvals` lists what waits." in text


def test_at_most_ten_places_are_listed_in_the_catalogs_order() -> None:
    names = [f"s{each:02}" for each in range(12)]
    services = [service(name) for name in names]
    story = Story(tuple(happened(each + 1, HOUR, service=name) for each, name in enumerate(reversed(names))))
    found = digest(DAILY, window(), story, services)
    assert [each.service for each in found.rows] == names[:10]
    assert found.more_rows == 2
    assert "2 more places are not listed." in plain(found)


def test_what_left_the_catalog_is_told_no_more() -> None:
    assert daily(Story((happened(1, HOUR, service="gone"),), (failed(2, HOUR, HOUR, service="gone"),))).quiet


def test_a_place_says_what_runs_there_and_how_often_it_failed() -> None:
    story = Story((happened(1, HOUR), happened(2, 2 * HOUR, state=State.FAILED)), (failed(1, HOUR, HOUR),))
    found = digest(DAILY, window(), story, SERVICES, running={("api", "production"): "4f2a9c1 (#1)"})
    (row,) = found.rows
    assert (row.runs, row.deploys, row.failures) == ("4f2a9c1 (#1)", 1, 2)
    assert "api in production · 4f2a9c1 (#1) runs there · 1 deploy, 2 failures" in plain(found)


def test_few_deploys_are_listed_and_many_are_measured() -> None:
    few = daily(Story((happened(2, 2 * HOUR), happened(1, HOUR))))
    assert (
        "api in production: 2 deploys, too few for figures: #2 `2222222` 3h after its first commit"
        in plain(few)
    )
    many = digest(WEEKLY, window(WEEKLY), busy_week(), SERVICES)
    assert (
        "api in production: 12 deploys, lead time 1h (p50) and 3h (p90), 1 of 12 failed (8 %),"
        " recovery 1h (p50), 1 of 13 unplanned"
        " · before: 5 deploys, lead time 1h (p50) and 3h (p90), 0 of 5 failed (0 %), 0 of 5 unplanned"
    ) in plain(many)


def test_a_service_that_did_not_change_in_production_has_no_figures() -> None:
    assert daily(Story((happened(1, HOUR, environment="staging"), happened(2, 30 * HOUR)))).figures == ()


def test_a_weekly_one_counts_each_day_of_the_calendar() -> None:
    found = digest(WEEKLY, window(WEEKLY), busy_week(), SERVICES)
    assert sum(each.deploys for each in found.days) == 14
    assert sum(each.failures for each in found.days) == 2
    assert days_line(found.days).startswith("Mon 2: 0, Tue 3: 2, ")
    assert daily(busy_week()).days == ()


def test_it_says_how_it_was_computed() -> None:
    said = computed(daily(Story()))
    assert said.startswith("From Sun 8 Nov 2026, 10:00 (Europe/London) until before Mon 9 Nov 2026, 10:00")
    assert "day before" in said
    assert "week earlier" in computed(digest(WEEKLY, window(WEEKLY), Story(), SERVICES))


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=9), "9s"),
        (timedelta(minutes=8, seconds=40), "9m"),
        (timedelta(hours=3, minutes=20, seconds=5), "3h20m"),
        (timedelta(days=2, hours=3, minutes=50), "2d4h"),
    ],
)
def test_lengths_are_as_exact_as_people_want_them(length: timedelta, said: str) -> None:
    assert about(length) == said


def names(
    known: Catalog,
    *named: str,
    by_catalog: bool = False,
    outside: bool = False,
    here: frozenset[str] = API,
) -> list[str]:
    found = shown_services(known, here, named, by_catalog=by_catalog, outside=outside)
    return [each.name for each in found]


def test_a_channel_hears_of_the_services_whose_cards_go_there() -> None:
    known = catalog(service("api", channel="#api-deploys"), service("web"))
    assert names(known) == ["api"]
    assert names(known, here=frozenset({"C0DEPLOYS1", "#deploys"})) == ["web"]
    assert names(known, by_catalog=True) == ["api", "web"]
    assert names(known, "web") == ["web"]


def test_what_is_hidden_is_told_only_where_the_catalog_sends_it() -> None:
    hidden = catalog(service("vault", visible_to=(SRE,), channel="#vault"), service("api"))
    assert names(hidden, by_catalog=True) == ["api"]
    assert names(hidden, "vault") == []
    assert names(hidden, "vault", by_catalog=True) == ["vault"]
    assert names(hidden, here=frozenset({"#vault"})) == ["vault"]


def test_people_of_other_organisations_hear_of_what_is_external() -> None:
    known = catalog(service("api", external=True), service("web"))
    assert names(known, by_catalog=True, outside=True) == ["api"]
    assert names(known, "web", by_catalog=True, outside=True) == []


def test_the_window_of_a_story_is_half_open() -> None:
    story = Story((happened(1, HOUR),), (failed(1, HOUR, None),))
    at = story.deployments[0].ended_at
    assert story.within(Window(at, at + HOUR)) == story
    assert story.within(Window(at - HOUR, at)) == Story()
    assert replace(story, failures=()).within(Window(at, at + HOUR)).failures == ()
