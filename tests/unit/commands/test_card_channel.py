"""Where a card may be shown: nowhere that lets people see what is hidden from them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.catalog import Catalog, Channels
from bot.core.errors import Transient, UserError
from tests.fakes.chat import FakeChannels
from tests.fakes.samples import ADA, SRE, catalog, service
from tests.unit.commands.test_commands import asked, context


async def test_no_card_goes_in_front_of_outsiders() -> None:
    named = context(channels=FakeChannels(frozenset({"#deploys"})))
    with pytest.raises(UserError, match="#deploys is shared with people of other organisations"):
        await asked(named, "api", "staging")
    inside = context(channels=FakeChannels(frozenset({"C0HERE0001"})))
    assert (await asked(inside, "api", "staging")).channel == "#deploys"
    nowhere = replace(catalog(), channels=Channels())
    typed = context(channels=FakeChannels(frozenset({"C0HERE0001"})), known=nowhere)
    with pytest.raises(UserError, match="This channel is shared"):
        await asked(typed, "api", "staging")
    assert (await asked(context(known=nowhere), "api", "staging")).channel == "C0HERE0001"


async def test_the_catalog_may_show_a_service_to_outsiders() -> None:
    known = catalog(service("api", external=True))
    ctx = context(known=known, channels=FakeChannels(frozenset({"#deploys"})))
    assert (await asked(ctx, "api", "staging")).channel == "#deploys"


async def test_a_channel_that_nobody_could_look_at_is_closed() -> None:
    channels = FakeChannels(fails=Transient("it can't be reached.", system="Slack"))
    with pytest.raises(Transient):
        await asked(context(channels=channels), "api", "staging")


async def test_a_hidden_service_never_shows_its_card_where_it_was_typed() -> None:
    hidden = Catalog((service("vault", visible_to=(SRE,)),))
    with pytest.raises(UserError, match="no channel for the card of vault"):
        await asked(context(person=ADA, known=hidden), "vault", "staging")
    own = Catalog((service("vault", visible_to=(SRE,), channel="#vault"),))
    assert (await asked(context(person=ADA, known=own), "vault", "staging")).channel == "#vault"
