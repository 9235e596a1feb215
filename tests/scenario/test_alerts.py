"""Alerts over the wire, on both databases: the delivery, the question to the source, the card, its thread."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.config.catalog import load_catalog
from bot.core.archive import Extent, TrailWish
from bot.core.ingress import Outcome
from bot.core.lifecycle import State
from bot.core.records import Source
from bot.playground.slack.seed import TEAM
from tests.contract.prometheus_server import Traffic, alerting
from tests.databases import Backend
from tests.fakes.prometheus import AlertmanagerStandIn, PrometheusStandIn
from tests.scenario.house import House

CATALOG = Path(__file__).parent / "alerts.yml"
RULES = Path(__file__).parents[2] / "examples" / "taskflow" / "prometheus" / "alerts.yml"
CHANNEL = "#api-deploys"
SECRET = "an-address-that-nobody-guesses"
ENVIRON = {"ALERTMANAGER_WEBHOOK_SECRET": SECRET}
SUMMARY = "6.9% of the requests to backend fail, 5 % are allowed"
LABELS = {"alertname": "HighErrorRate", "service": "backend", "environment": "staging"}
NEXT_LOOK = 600.0  # seconds; none comes later than that


def asking(tmp_path: Path, url: str) -> Path:
    """The catalog with this Prometheus."""
    catalog = tmp_path / "slipway.yml"
    catalog.write_text(CATALOG.read_text().replace("http://127.0.0.1:1", url))
    return catalog


def hook(house: House, secret: str = SECRET) -> str:
    return f"{house.url}/webhooks/alertmanager/{secret}"


@asynccontextmanager
async def deployed(
    database_url: str, tmp_path: Path
) -> AsyncIterator[tuple[House, PrometheusStandIn, AlertmanagerStandIn]]:
    """#1 has succeeded; nothing fires."""
    async with (
        PrometheusStandIn() as source,
        House(database_url, catalog=asking(tmp_path, source.url), environ=ENVIRON) as house,
        AlertmanagerStandIn(hook(house)) as manager,
    ):
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.reaches(State.SUCCEEDED)
        yield house, source, manager


async def trail(house: House, event: str) -> list[dict[str, Any]]:
    scope = Extent(frozenset({("api", "staging")}), elsewhere=False)
    found = await house.app.store.archive.trail(TEAM, TrailWish(scope, event=event))
    return [dict(each.facts) for each in found.rows]


async def test_an_alert_is_pinned_rings_once_and_ends(database_url: str, tmp_path: Path) -> None:
    async with deployed(database_url, tmp_path) as (house, source, manager):
        now = house.clock.now()
        source.fires(now, "6.9444e-02", SUMMARY, **LABELS)
        manager.fires(now, SUMMARY, **LABELS)
        assert await manager.sends() == 200
        await house.sees(lambda found: bool(found.alerts), what="to have an alert")
        said = await house.replied(CHANNEL, "an alert fires")
        assert "HighErrorRate" in said.text
        assert SUMMARY in str(said.blocks)
        assert "0.0694" in str(said.blocks)
        assert [await manager.sends() for _ in range(3)] == [200, 200, 200]  # repeats
        assert house.app.tally.count(Source.ALERTMANAGER, Outcome.SEEN) == 3
        source.alerts.clear()
        assert await manager.sends(house.clock.now()) == 200
        found = await house.sees(lambda found: not found.alerts[0].fires, what="to be rid of it")
        assert found.state is State.SUCCEEDED
        await house.play.slack.until(lambda: "is over since" in str(house.cards(CHANNEL)[0].blocks), 30)
        assert len([each for each in house.play.slack.messages(CHANNEL) if "alert" in each.text]) == 1
        [pinned] = await trail(house, "AlertPinned")
        assert (pinned["alert"], pinned["value"], pinned["counts"]) == ("HighErrorRate", "0.0694", True)
        assert len(await trail(house, "AlertEnded")) == 1


async def test_a_delivery_that_is_made_up_changes_nothing(database_url: str, tmp_path: Path) -> None:
    async with deployed(database_url, tmp_path) as (house, source, manager):
        manager.fires(house.clock.now(), SUMMARY, **LABELS)
        before = source.asked
        assert await manager.sends() == 200
        async with AlertmanagerStandIn(hook(house, "another-secret-altogether")) as stranger:
            stranger.fires(house.clock.now(), "not ours", **LABELS)
            assert await stranger.sends() == 401
        manager.fires(house.clock.now(), "of nobody", service="elsewhere")
        assert await manager.sends() == 200
        await house.sees(lambda _: source.asked > before, what="to be looked at")
        await house.leaps(NEXT_LOOK)  # whatever the first one found is written by then
        found = await house.sees(lambda _: source.asked > before + 1, what="to be looked at again")
        assert found.alerts == ()
        tally = house.app.tally
        assert tally.count(Source.ALERTMANAGER, Outcome.FORGED) == 1
        await house.sees(lambda _: tally.count(Source.ALERTMANAGER, Outcome.UNPLACED) == 1)


async def test_when_every_delivery_is_lost_it_is_found_all_the_same(
    database_url: str, tmp_path: Path
) -> None:
    async with deployed(database_url, tmp_path) as (house, source, _):
        source.fires(house.clock.now(), "7e-02", SUMMARY, **LABELS)
        await house.leaps(NEXT_LOOK)
        await house.replied(CHANNEL, "an alert fires")
        source.alerts.clear()
        await house.leaps(NEXT_LOOK)
        await house.sees(lambda found: not found.alerts[0].fires, what="to be rid of it")


async def test_what_fired_before_is_none_of_its_doing(database_url: str, tmp_path: Path) -> None:
    async with deployed(database_url, tmp_path) as (house, source, manager):
        first = await house.deployment()
        assert first is not None
        source.fires(first.created_at, "7e-02", "of before", **LABELS)
        source.fires(house.clock.now(), "8e-02", "of after", **(LABELS | {"alertname": "Later"}))
        manager.fires(house.clock.now(), SUMMARY, **LABELS)
        assert await manager.sends() == 200
        found = await house.sees(lambda found: bool(found.alerts), what="to have an alert")
        assert [each.summary for each in found.alerts] == ["of after"]


@pytest.mark.long
@pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
async def test_taskflows_rules_with_the_real_ones_end_to_end(database_url: str, tmp_path: Path) -> None:
    """Five minutes of the rules are three seconds here; the rest of them is as it is."""
    async with (
        House(database_url, factor=1.0, speed=20.0, environ=ENVIRON, catalog=CATALOG) as house,
        Traffic() as taskflow,
        alerting(tmp_path, taskflow, RULES.read_text().replace("5m", "3s"), hook(house)) as real,
    ):
        house.app.catalog = load_catalog(asking(tmp_path, real.prometheus.url))
        await taskflow.scraped(8)
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.reaches(State.SUCCEEDED)
        taskflow.failing = 7
        found = await house.sees(lambda found: bool(found.alerts), what="to have an alert")
        assert [each.name for each in found.alerts] == ["HighErrorRate"]
        said = await house.replied(CHANNEL, "an alert fires")
        assert "of the requests to backend fail, 5 % are allowed" in str(said.blocks)
        taskflow.failing = 0
        await house.sees(lambda found: not found.alerts[0].fires, what="to be rid of it")
