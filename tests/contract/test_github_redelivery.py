"""What GitHub remembers of its deliveries, and asking for one again: as an App, and with a token."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.errors import NeedsHuman
from bot.core.findings import Grade
from bot.core.redelivery import Webhook
from bot.playground.clock import WallClock
from bot.playground.github import GitHubStandIn
from bot.playground.github.hooks import HOOK_ID
from bot.playground.github.names import ActName, WebhookMode
from integrations.github.clients import PAGE
from integrations.github.factory import App, GitHub, Token, build
from integrations.github.webhooks import Event
from tests.contract.playground_github import (
    APP_ID,
    PRIVATE_KEY,
    TOKEN,
    Ear,
    act,
    ended,
    listening,
    running,
    started,
)

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
REPOSITORIES = ("acme/api", "acme/web")
ALL = frozenset(REPOSITORIES)


@asynccontextmanager
async def talking(*, app: bool = False) -> AsyncIterator[tuple[GitHub, GitHubStandIn, Ear]]:
    """A stand-in that delivers to an ear, and an adapter that may ask it."""
    async with listening() as ear, running(deliver_to=ear.url, app=app) as stand_in:
        given = App(str(APP_ID), PRIVATE_KEY) if app else Token(TOKEN)
        github = build(given, WallClock(), api_url=stand_in.url, pause_between_writes=None)
        try:
            yield github, stand_in, ear
        finally:
            await github.close()


async def lost(stand_in: GitHubStandIn) -> None:
    """A run that nobody heard of."""
    await act(stand_in, ActName.WEBHOOKS, mode=WebhookMode.DROP)
    await ended(stand_in, await started(stand_in))
    await stand_in.hooks.settled()
    await act(stand_in, ActName.WEBHOOKS, mode=WebhookMode.ON)


async def heard_again(github: GitHub, stand_in: GitHubStandIn, ear: Ear, webhook: Webhook) -> None:
    tried = await github.deliveries.tried(webhook, LONG_AGO)
    assert {each.guid for each in tried} == {each.guid for each in stand_in.hooks.deliveries}
    assert [each.at for each in tried] == sorted((each.at for each in tried), reverse=True)
    one = next(each for each in tried if each.heeded)
    await github.deliveries.again(webhook, one.id)
    await stand_in.hooks.settled()
    assert [each.guid for each in ear.heard] == [one.guid]
    assert [each.again for each in await github.deliveries.tried(webhook, LONG_AGO)].count(True) == 1


async def test_an_app_asks_as_itself() -> None:
    async with talking(app=True) as (github, stand_in, ear):
        await lost(stand_in)
        (webhook,) = await github.deliveries.webhooks(REPOSITORIES, ear.url)
        assert webhook.id == ""
        await heard_again(github, stand_in, ear, webhook)
        (found,) = await github.deliveries.findings(REPOSITORIES, ear.url, ALL)
        assert found.grade is Grade.OK


async def test_a_token_finds_the_webhook_of_a_repository_by_its_address() -> None:
    async with talking() as (github, stand_in, ear):
        repo = stand_in.world.repository("acme/api")
        assert repo is not None
        stand_in.hooks.repository_id = repo.id
        await lost(stand_in)
        (webhook,) = await github.deliveries.webhooks(REPOSITORIES, ear.url)
        assert webhook == Webhook("acme/api", str(HOOK_ID))
        await heard_again(github, stand_in, ear, webhook)


async def test_a_token_that_may_finds_the_webhook_of_the_organisation() -> None:
    async with talking() as (github, stand_in, ear):
        stand_in.site.access.scopes = "repo, admin:org_hook"
        await lost(stand_in)
        (webhook,) = await github.deliveries.webhooks(REPOSITORIES, ear.url)
        assert webhook == Webhook("acme", str(HOOK_ID))
        await heard_again(github, stand_in, ear, webhook)
        assert await github.deliveries.webhooks(REPOSITORIES, "https://elsewhere.example") == ()
        (found,) = await github.deliveries.findings(REPOSITORIES, "https://elsewhere.example", ALL)
        assert (found.grade, "No webhook" in found.what) == (Grade.WARN, True)


async def test_a_token_that_may_not_says_which_scope_is_missing() -> None:
    async with talking() as (github, _, ear):
        with pytest.raises(NeedsHuman, match="admin:org_hook"):
            await github.deliveries.webhooks(REPOSITORIES, ear.url)
        (found,) = await github.deliveries.findings(REPOSITORIES, ear.url, ALL)
        assert (found.grade, "admin:repo_hook" in found.what) == (Grade.WARN, True)


@pytest.mark.parametrize("app", [True, False], ids=["app", "token"])
async def test_the_doctor_names_events_that_are_not_sent(*, app: bool) -> None:
    async with talking(app=app) as (github, stand_in, ear):
        stand_in.site.access.scopes = "repo, admin:org_hook"
        gate = {Event.DEPLOYMENT_PROTECTION_RULE, Event.DEPLOYMENT_REVIEW}
        stand_in.hooks.events = [each for each in stand_in.hooks.events if each not in gate]
        stand_in.hooks.events.remove(Event.RELEASE)
        again, *lacking = await github.deliveries.findings(REPOSITORIES, ear.url, frozenset({"acme/web"}))
        assert again.grade is Grade.OK
        assert [(each.grade, each.what) for each in lacking] == [
            (Grade.WARN, "GitHub's webhook does not send release of acme/api."),
            (
                Grade.WARN,
                "GitHub's webhook does not send release, deployment_protection_rule, deployment_review"
                " of acme/web.",
            ),
        ]
        assert "only found by looking" in lacking[0].fix
        assert "not answered" in lacking[1].fix
        stand_in.hooks.events = ["*"]
        assert len(await github.deliveries.findings(REPOSITORIES, ear.url, ALL)) == 1


async def test_it_reads_page_by_page_and_no_further_than_asked() -> None:
    async with talking(app=True) as (github, stand_in, ear):
        for _ in range(12):
            await lost(stand_in)
        assert len(stand_in.hooks.deliveries) > PAGE
        (webhook,) = await github.deliveries.webhooks(REPOSITORIES, ear.url)
        tried = await github.deliveries.tried(webhook, LONG_AGO)
        assert len(tried) == len(stand_in.hooks.deliveries)
        now = datetime.now(UTC)
        assert await github.deliveries.tried(webhook, now + timedelta(minutes=1)) == ()
