"""Releases as GitHub tells of them, through the real client."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.core.errors import NeedsHuman, Transient
from bot.playground.control import FaultKind
from bot.playground.github.names import ActName, Where
from integrations.github.releases import GitHubReleases
from tests.contract.github_harness import REPOSITORY, GitHubHarness, github_harness


@pytest.fixture
async def harness() -> AsyncIterator[GitHubHarness]:
    async with github_harness() as made:
        yield made


async def published(harness: GitHubHarness, tag: str, **body: object) -> str:
    told = await harness.stand_in.acts.perform(ActName.PUBLISH_RELEASE, tag=tag, **body)
    assert told["ok"], told
    return str(told["release"])


def reader(harness: GitHubHarness) -> GitHubReleases:
    return harness.github.releases


async def test_a_release_is_read_by_its_number(harness: GitHubHarness) -> None:
    id = await published(harness, "v2.0.0", name="Refunds", notes="* more", login="grace")
    found = await reader(harness).release(REPOSITORY, id)
    assert found is not None
    assert (found.external_id, found.tag, found.name, found.notes) == (id, "v2.0.0", "Refunds", "* more")
    assert (found.by, found.prerelease) == ("grace", False)
    assert found.at <= harness.clock.now()
    assert found.url.endswith("/acme/api/releases/tag/v2.0.0")
    assert found.compare.endswith("/acme/api/compare/{before}...v2.0.0")
    assert await reader(harness).newest(REPOSITORY, "") is not None


async def test_drafts_are_nobodys_business_until_they_are_published(harness: GitHubHarness) -> None:
    id = await published(harness, "v2.0.0", draft=True)
    assert await reader(harness).release(REPOSITORY, id) is None
    listing = await reader(harness).newest(REPOSITORY, "")
    assert listing is not None
    assert listing.rows == ()
    await harness.act(ActName.EDIT_RELEASE, release=id, publish=True)
    assert await reader(harness).release(REPOSITORY, id) is not None


async def test_the_listing_has_the_newest_first_and_nothing_new_costs_nothing(harness: GitHubHarness) -> None:
    ids = [await published(harness, f"v2.{number}.0", prerelease=number == 1) for number in range(3)]
    listing = await reader(harness).newest(REPOSITORY, "")
    assert listing is not None
    assert [(each.external_id, each.prerelease) for each in listing.rows] == [
        (ids[2], False),
        (ids[1], True),
        (ids[0], False),
    ]
    left = harness.stand_in.site.limits.remaining
    assert await reader(harness).newest(REPOSITORY, listing.etag) is None
    assert harness.stand_in.site.limits.remaining == left
    await harness.act(ActName.EDIT_RELEASE, release=ids[1], full=True)
    again = await reader(harness).newest(REPOSITORY, listing.etag)
    assert again is not None
    assert [each.prerelease for each in again.rows] == [False] * 3


async def test_what_is_not_there_or_no_number_is_none(harness: GitHubHarness) -> None:
    for id in ("987654321", "../runs/7", "latest", "٣"):
        assert await reader(harness).release(REPOSITORY, id) is None
    with pytest.raises(NeedsHuman):
        await reader(harness).newest("acme/none", "")


async def test_one_that_does_not_answer_is_asked_again_later(harness: GitHubHarness) -> None:
    harness.fault(Where.RELEASES_LIST, FaultKind.ERROR_503, 9)
    with pytest.raises(Transient):
        await reader(harness).newest(REPOSITORY, "")
