"""What /subscribe, /unsubscribe and /subscriptions decide; nothing of it is carried out here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.catalog import Catalog, Environment
from bot.core.command import Context
from bot.core.errors import Denied, UserError
from bot.core.intents import Subscribe, Unsubscribe
from bot.core.rules import Right, Rights
from bot.core.subscriptions import FixedSubscription, Topic, made
from bot.core.values import Person, Place
from commands import subscribe, subscriptions, unsubscribe
from tests.fakes.chat import FakeChannels
from tests.fakes.samples import ADA, EVERYONE, LINUS, NOON, SRE, STRANGER, actor, catalog, policy, service
from tests.fakes.subscriptions import HERE, FakeSubscriptions, subscription
from tests.unit.commands.test_commands import context, plain

SRE_MAY = Rights(((Right.SUBSCRIBE, (SRE,)),))
ALL_MAY = Rights(((Right.SUBSCRIBE, (EVERYONE,)),))
OWNER = Person("U0OWNER001", "Olga", NOON)


def known(rights: Rights = SRE_MAY, **changes: object) -> Catalog:
    places = (Environment("staging", policy(rights=rights)), Environment("production", policy(rights=rights)))
    plain_one = catalog(
        service("api", *places, rights=rights),
        service("web", rights=rights, owners=(SRE,)),
        service("vault", rights=rights, visible_to=(SRE,), owners=(SRE,)),
    )
    return replace(plain_one, rights=rights, **changes)  # type: ignore[arg-type]


def here(person: Person = ADA, *kept: object, **changes: object) -> Context:
    found = changes.pop("known", known())
    plain_one = context(person=person, known=found, channels=FakeChannels(names={HERE: "#here"}))  # type: ignore[arg-type]
    return replace(plain_one, subscriptions=FakeSubscriptions(list(kept)), **changes)  # type: ignore[arg-type]


async def said(ctx: Context, words: str, *pairs: tuple[str, str]) -> str:
    """The refusal."""
    with pytest.raises(UserError) as refused:
        await subscribe.run(ctx, subscribe.Arguments(words, pairs))
    return str(refused.value)


async def test_the_channel_hears_of_it_from_now_on() -> None:
    words = subscribe.Arguments("api", (("env", "production"), ("on", "failure")))
    reply = await subscribe.run(here(), words)
    assert reply.intents == (Subscribe(HERE, "#here", made(["api"], ["production"], [Topic.FAILURE])),)
    assert "#here is subscribed: `api env=production on=failure`" in plain(reply)
    assert "`/subscriptions` lists" in plain(reply)


async def test_what_it_says_of_cards_fits_what_was_asked_for() -> None:
    reply = plain(await subscribe.run(here(), subscribe.Arguments("api")))
    assert "Each deployment and each run is one message" in reply
    assert "cards here anyway" not in reply
    locks = plain(await subscribe.run(here(), subscribe.Arguments("api", (("on", "lock,freeze"),))))
    assert "Each deployment" not in locks
    found = known()
    services = (replace(found.services[0], channel="#here"), *found.services[1:])
    ctx = here(known=replace(found, services=services))
    reply = plain(await subscribe.run(ctx, subscribe.Arguments("api,web")))
    assert "Deployments of api have their cards here anyway" in reply


async def test_what_nothing_tells_of_yet_is_said() -> None:
    reply = await subscribe.run(here(), subscribe.Arguments("api", (("on", "failure,drift"),)))
    assert "Nothing tells of drift yet" in plain(reply)


async def test_it_takes_the_right_for_each_of_the_services() -> None:
    with pytest.raises(Denied, match="You can't subscribe channels"):
        await subscribe.run(here(LINUS), subscribe.Arguments("api"))
    part = known(ALL_MAY)
    mixed = replace(part, services=(part.services[0], replace(part.services[1], rights=SRE_MAY)))
    await subscribe.run(here(LINUS, known=mixed), subscribe.Arguments("api"))
    for words in ("web", "api,web", "*"):
        with pytest.raises(Denied):
            await subscribe.run(here(LINUS, known=mixed), subscribe.Arguments(words))


async def test_a_hidden_service_is_as_unknown_and_only_the_file_names_its_channels() -> None:
    assert "no service called `vault`" in await said(here(LINUS, known=known(ALL_MAY)), "vault")
    assert "Only slipway.yml says which channels hear of vault." in await said(here(), "vault")


async def test_a_channel_that_others_read_takes_the_catalogs_word() -> None:
    shared = FakeChannels(shared=frozenset({HERE}))
    ctx = replace(here(), channels=shared)
    assert "They would hear of api" in await said(ctx, "api")
    assert "They would hear of" in await said(ctx, "*")
    opened = known()
    services = tuple(replace(each, external=each.name == "api") for each in opened.services)
    ctx = replace(ctx, catalog=replace(opened, services=services))
    assert (await subscribe.run(ctx, subscribe.Arguments("api"))).intents


async def test_a_direct_message_is_no_channel() -> None:
    assert "Subscriptions belong to channels." in await said(here(place=Place("D0ADA00001")), "api")
    assert "Subscriptions belong to channels." in await said(here(place=Place("")), "api")


async def test_the_same_again_is_said_plainly() -> None:
    told = await said(here(ADA, subscription()), "api")
    assert "This channel hears of that already. Ada made that subscription, Mon 2 Mar 2026, 12:00" in told
    fixed = known(subscriptions=(FixedSubscription("#here", made(["api"])),))
    assert "It stands in slipway.yml." in await said(here(known=fixed), "api")
    off = subscription(off="it was archived")
    assert (await subscribe.run(here(ADA, off), subscribe.Arguments("api"))).intents  # on again
    elsewhere = subscription(channel="C0ELSE0001")
    assert (await subscribe.run(here(ADA, elsewhere), subscribe.Arguments("api"))).intents


@pytest.mark.parametrize(("words", "pairs"), [("7", ()), ("api", ()), ("api", (("on", "failure"),))])
async def test_it_ends_by_number_or_by_its_words(words: str, pairs: tuple[tuple[str, str], ...]) -> None:
    usual, other = subscription(7), subscription(8, made(["api"], (), [Topic.FAILURE]))
    ctx = here(ADA, usual, other)
    reply = await unsubscribe.run(ctx, unsubscribe.Arguments(words, pairs))
    assert reply.intents == (Unsubscribe(other if pairs else usual),)


@pytest.mark.parametrize(
    ("person", "rights", "may"),
    [(ADA, Rights(), True), (OWNER, Rights(), True), (LINUS, Rights(), False), (LINUS, ALL_MAY, True)],
)
async def test_who_made_it_who_owns_it_and_who_may_subscribe_end_it(
    person: Person, rights: Rights, may: bool
) -> None:
    ctx = here(person, subscription(), known=known(rights))
    ctx.directory.people[OWNER.id] = OWNER  # type: ignore[attr-defined]
    if may:
        assert (await unsubscribe.run(ctx, unsubscribe.Arguments("1"))).intents
        return
    with pytest.raises(Denied):
        await unsubscribe.run(ctx, unsubscribe.Arguments("1"))


@pytest.mark.parametrize("words", ["2", "3", "vault", "web"])
async def test_what_is_not_here_is_not_ended(words: str) -> None:
    kept = (subscription(2, channel="C0ELSE0001"), subscription(3, made(["vault"])))
    with pytest.raises(UserError, match=r"no subscription|no service called"):
        await unsubscribe.run(here(LINUS, *kept, known=known(ALL_MAY)), unsubscribe.Arguments(words))


async def test_the_file_alone_ends_what_stands_in_it() -> None:
    fixed = known(subscriptions=(FixedSubscription("#here", made(["api"])),))
    with pytest.raises(UserError, match=r"Only a change of the file ends it"):
        await unsubscribe.run(here(known=fixed), unsubscribe.Arguments("api"))


async def test_the_list_has_both_kinds_and_who_made_them() -> None:
    fixed = known(
        subscriptions=(
            FixedSubscription("#here", made(["web"])),
            FixedSubscription("#else", made(["api"])),
            FixedSubscription("#here", made(["vault"])),
        )
    )
    kept = (
        subscription(1),
        subscription(2, made(["gone"]), off="it was archived"),
        subscription(3, channel="C0ELSE0001", name="#else"),
        subscription(4, made(["vault"])),
    )
    told = plain(await subscriptions.run(here(LINUS, *kept, known=fixed), subscriptions.Arguments()))
    assert "`/unsubscribe 1` · `api on=" in told
    assert "by @Ada since" in told
    assert "off: it was archived" in told
    assert "The catalog no longer knows gone." in told
    assert "slipway.yml · `web on=" in told
    assert "vault" not in told
    assert "#else" not in told
    with pytest.raises(Denied, match="what other channels hear of"):
        await subscriptions.run(here(LINUS, *kept), subscriptions.Arguments(everywhere=True))
    told = plain(await subscriptions.run(here(ADA, *kept, known=fixed), subscriptions.Arguments(True)))
    assert "`/unsubscribe 3` · #else · `api on=" in told
    assert "slipway.yml · #else · `api on=" in told
    assert "vault" in told


async def test_strangers_read_only_what_they_may_know_of() -> None:
    told = plain(await subscriptions.run(here(STRANGER, subscription()), subscriptions.Arguments()))
    assert told.startswith("This channel is subscribed to nothing.")
    assert actor(ADA).name not in told
