"""The doctor tries the ways in, instead of believing the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.app.doctor import _linkable, _sources, _way_in
from bot.config.settings import Settings
from bot.core.alert_rules import AlertKeeper, AlertSource
from bot.core.catalog import Catalog
from bot.core.findings import Grade
from bot.core.ingress import Tally
from bot.web.server import Served, Server, application
from integrations.slack import make_client
from integrations.slack.doctor import check_socket
from tests.contract.playground_slack import BOT_TOKEN, workspace
from tests.fakes.prometheus import PrometheusStandIn

SECRETS = {"SLACK_BOT_TOKEN": "xoxb-" + "1" * 20, "SLACK_SIGNING_SECRET": "2" * 32}


def reached_at(url: str) -> Settings:
    return Settings.load(SECRETS | {"SLIPWAY_PUBLIC_URL": url})


async def test_the_public_address_is_tried() -> None:
    server = Server(application(Served(Tally())), "127.0.0.1", 0)
    port = await server.start()
    try:
        found = await _way_in(reached_at(f"http://127.0.0.1:{port}"))
    finally:
        await server.stop()
    assert found[-1].what == f"Slipway answers at http://127.0.0.1:{port}."


def test_where_nobody_can_link_an_account_a_team_has_no_members() -> None:
    settings, teams = Settings.load(SECRETS), frozenset({"acme/sre"})
    (found,) = _linkable(settings, teams)
    assert (found.grade, "GITHUB_CLIENT_ID" in found.fix) == (Grade.FAIL, True)
    assert _linkable(settings, frozenset()) == []
    oauth = {"GITHUB_CLIENT_ID": "Iv1.x", "GITHUB_CLIENT_SECRET": "3" * 32}
    assert _linkable(Settings.load(SECRETS | oauth), teams) == []


async def test_an_address_where_nobody_answers(unused_tcp_port: int) -> None:
    last = (await _way_in(reached_at(f"http://127.0.0.1:{unused_tcp_port}")))[-1]
    assert last.grade is Grade.WARN
    assert "does not answer" in last.what
    assert "slipway serve" in last.fix


async def test_sources_of_alerts_are_asked(unused_tcp_port: int) -> None:
    async with PrometheusStandIn() as source:
        here = AlertSource("main", source.url, AlertKeeper.PROMETHEUS)
        gone = AlertSource("calls", f"http://127.0.0.1:{unused_tcp_port}", AlertKeeper.ALERTMANAGER)
        found = await _sources(Catalog(alarms=(here, gone)))
    assert [(each.grade, each.what) for each in found] == [
        (Grade.OK, "Alerts can be read from main."),
        (Grade.FAIL, "Alerts can't be read from calls: it cannot be reached (ClientConnectorError)."),
    ]
    assert found[1].fix == f"Check {gone.url}."
    assert await _sources(Catalog()) == []


@pytest.fixture
async def somebody_else() -> AsyncIterator[str]:
    async def parked(_: web.Request) -> web.Response:
        return web.Response(text="This domain is for sale.")

    app = web.Application()
    app.router.add_get("/healthz", parked)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_an_address_where_somebody_else_answers(somebody_else: str) -> None:
    last = (await _way_in(reached_at(somebody_else)))[-1]
    assert last.grade is Grade.WARN
    assert "not by Slipway" in last.what


async def test_socket_mode_is_tried(tmp_path: Path) -> None:
    async with workspace(tmp_path) as acme, aiohttp.ClientSession() as session:
        client = make_client(BOT_TOKEN, acme.slack.url + "/api/", session)
        found = await check_socket(client, "xapp-wrong")
    assert found.grade is Grade.FAIL
    assert "connections:write" in found.fix
