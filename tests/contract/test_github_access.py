"""A GitHub App's tokens: fetched once for each account, renewed in time, never mistaken for a lost write."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import cache

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.core.errors import Ambiguous, NeedsHuman, Transient
from bot.core.findings import Finding, Grade
from bot.playground.clock import WallClock
from bot.playground.control import FaultKind
from bot.playground.github.auth import AppIdentity
from bot.playground.github.names import Where
from bot.playground.github.shapes import apps
from integrations.github.factory import App, GitHub, build
from integrations.github.ways_around import Target
from tests.contract.ci_suite import HEADS, KEY, spec_of
from tests.contract.github_harness import REPOSITORY, GitHubHarness, github_harness

APP_ID = 4711


class ShiftedClock(WallClock):
    """The wall clock, some time ahead."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


@cache
def keys() -> tuple[str, str]:
    """A private key and its public half, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


@pytest.fixture
async def harness() -> AsyncIterator[GitHubHarness]:
    private, public = keys()
    async with github_harness(App(str(APP_ID), private), AppIdentity(APP_ID, public)) as made:
        yield made


def issued(harness: GitHubHarness) -> int:
    return len(harness.stand_in.control.calls(Where.INSTALLATION_TOKEN))


async def test_an_app_does_all_that_a_token_does(harness: GitHubHarness) -> None:
    await harness.pins.create(REPOSITORY, KEY, harness.tip())
    since, spec = harness.clock.now(), spec_of(harness, f"{HEADS}main")
    receipt = await harness.ci.trigger(spec)
    assert receipt.run is not None
    assert harness.stand_in.run(int(receipt.run.external_id)).actor.login == "slipway[bot]"
    assert await harness.ci.find(spec, since) == receipt.run


async def test_calls_at_once_share_one_token(harness: GitHubHarness) -> None:
    reads = (harness.code.resolve(REPOSITORY, "main") for _ in range(12))
    await asyncio.gather(*reads, harness.pins.create(REPOSITORY, KEY, harness.tip()))
    assert issued(harness) == 1


async def test_a_token_is_renewed_before_it_expires(harness: GitHubHarness) -> None:
    clock = ShiftedClock()
    github = build(
        App(str(APP_ID), keys()[0]), clock, api_url=harness.stand_in.url, pause_between_writes=None
    )
    try:
        await github.code.resolve(REPOSITORY, "main")
        clock.ahead = timedelta(minutes=54)
        await github.code.resolve(REPOSITORY, "main")
        assert issued(harness) == 1
        clock.ahead = timedelta(minutes=56)
        await github.code.resolve(REPOSITORY, "main")
        assert issued(harness) > 1
    finally:
        await github.close()


async def test_an_app_reads_who_is_in_a_team_and_in_those_below(harness: GitHubHarness) -> None:
    world = harness.stand_in.world
    world.teams["payments"].parent = "sre"
    world.teams["sre"].pending.append("linus")
    world.teams["payments"].members.remove("linus")
    ids = {str(world.users[login].id) for login in ("ada", "margaret", "grace")}
    assert await harness.github.teams.members("acme/sre") == ids, "who is only invited is not in it"
    await harness.code.resolve(REPOSITORY, "main")
    assert issued(harness) == 1, "the token of the organisation does for its repositories"


async def test_where_the_app_is_not_installed_a_person_is_told(harness: GitHubHarness) -> None:
    with pytest.raises(NeedsHuman, match="Install the App"):
        await harness.code.resolve("acme/nothing", "main")


async def test_a_token_that_cannot_be_fetched_is_no_lost_write(harness: GitHubHarness) -> None:
    harness.fault(Where.INSTALLATION_TOKEN, FaultKind.ERROR_502)
    with pytest.raises(Transient) as failed:
        await harness.ci.trigger(spec_of(harness, f"{HEADS}main"))
    assert not isinstance(failed.value, Ambiguous)
    assert harness.dispatches == 0
    assert issued(harness) == 1


async def test_a_key_of_another_app_is_refused(harness: GitHubHarness) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    github: GitHub = build(App(str(APP_ID), other.decode()), WallClock(), api_url=harness.stand_in.url)
    try:
        with pytest.raises(NeedsHuman, match="credentials"):
            await github.code.resolve(REPOSITORY, "main")
    finally:
        await github.close()


async def test_the_doctor_names_a_permission_the_app_lacks(
    harness: GitHubHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = Target(REPOSITORY, "deploy.yml", "staging", frozenset({"environment", "version"}))
    assert all(each.grade is Grade.OK for each in await harness.github.check([target]))
    monkeypatch.setitem(apps.PERMISSIONS, "actions", "read")
    github = build(App(str(APP_ID), keys()[0]), WallClock(), api_url=harness.stand_in.url)
    (finding,) = not_well(await github.check([target]))
    await github.close()
    assert "actions: write" in finding.what


def not_well(findings: tuple[Finding, ...]) -> list[Finding]:
    return [each for each in findings if each.grade is not Grade.OK]
