"""What /quarantine lists, takes and lifts; and what it does not guess."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.core.catalog import Catalog
from bot.core.code import ResolvedRef
from bot.core.command import Context
from bot.core.errors import Denied, Transient, UserError
from bot.core.intents import LiftQuarantine, MendQuarantine, PutQuarantine
from bot.core.locks import Scope
from bot.core.people import NamedUsers, PeopleSet
from bot.core.quarantine import Fix, Quarantine
from bot.core.values import Person
from bot.slack.grammar import Vocabulary, parse
from commands import quarantine
from tests.fakes.forge import seeded
from tests.fakes.git import HEADS, TAGS
from tests.fakes.locks import FakeQuarantines
from tests.fakes.queues import StillClock
from tests.fakes.samples import ADA, LINUS, NOON, SHA_A, SHA_B, SRE, actor, catalog, service
from tests.unit.commands.test_commands import context, plain

ADAS = PeopleSet("ada", NamedUsers((ADA.id,)))
KEPT = Quarantine("q1", Scope("api"), SHA_A, "v1.4.2", actor(LINUS), "it corrupts carts", NOON)


def known(**changes: Any) -> Catalog:
    """Ada owns the api; everybody may deploy it to staging."""
    plain = service(**changes)
    places = tuple(replace(each, policy=replace(each.policy, owners=(ADAS,))) for each in plain.environments)
    return catalog(replace(plain, environments=places))


def here(*held: Quarantine, person: Person = ADA, found: Catalog | None = None, **more: Any) -> Context:
    asked = context(person=person, known=found or known(), **more)
    return replace(asked, quarantines=FakeQuarantines(list(held)))


async def run(ctx: Context, *words: str | None, lift: bool = False, fix: str = "", reason: str = "") -> Any:
    names = ("service", "environment", "ref")
    arguments = dict(zip(names, words, strict=False))
    return await quarantine.run(ctx, quarantine.Arguments(**arguments, lift=lift, fix=fix, reason=reason))


async def test_it_lists_what_one_may_know_of() -> None:
    said = plain(await run(here(KEPT)))
    assert "v1.4.2, aaaaaaa, api in every environment, by @Linus since" in said
    assert "“it corrupts carts”" in said
    assert "/quarantine api aaaaaaa lift because ..." in said
    for ctx in (here(), here(KEPT, person=LINUS, found=known(visible_to=(SRE,)))):
        assert plain(await run(ctx)) == "Nothing is quarantined."
    only = replace(KEPT, scope=Scope("api", "production"))
    assert plain(await run(here(only), "api", "staging")) == "Nothing is quarantined."


async def test_what_is_kept_out_is_the_commit() -> None:
    ctx = here()
    tip = (await ctx.code_hosts["github"].resolve("acme/api", "main")).sha
    reply = await run(ctx, "api", "staging", "main", reason="it corrupts carts")
    assert reply.intents == (PutQuarantine(Scope("api", "staging"), tip, "main", "it corrupts carts"),)
    everywhere = await run(ctx, "api", None, "main", reason="it corrupts carts")
    assert everywhere.intents[0].scope == Scope("api")


@pytest.mark.parametrize(
    ("words", "lift", "reason", "told"),
    [
        (("api", "staging", "main"), False, "", "Why may this release not return?"),
        (("api", None, "v1.4.2"), True, "", "Why do you lift this?"),
        (("api", None, None), True, "fine", "Which release?"),
        (("api", None, None), False, "bad", "Which release?"),
        (("api", "staging", "v1.4.2"), True, "fine", "Which quarantine of v1.4.2 do you mean?"),
        (("api", None, "main"), True, "fine", "main is not quarantined: api in every environment."),
    ],
)
async def test_what_is_missing_is_said(
    words: tuple[str | None, ...], lift: bool, reason: str, told: str
) -> None:
    with pytest.raises(UserError) as error:
        await run(here(KEPT), *words, lift=lift, reason=reason)
    assert error.value.what == told


async def test_it_is_lifted_by_its_name_or_its_commit() -> None:
    for ref in ("v1.4.2", "aaaaaaa", SHA_A.upper()):
        reply = await run(here(KEPT), "api", None, ref, lift=True, reason="fine")
        assert reply.intents == (LiftQuarantine(KEPT, "fine"),)
    moved = replace(KEPT, id="q2", sha=SHA_B)  # the tag was moved, and quarantined again
    with pytest.raises(UserError, match="Which quarantine") as error:
        await run(here(KEPT, moved), "api", None, "v1.4.2", lift=True, reason="fine")
    assert "`/quarantine api bbbbbbb lift because ...`" in error.value.next


async def test_who_may_deploy_may_quarantine_and_the_owners_lift() -> None:
    assert (await run(here(person=LINUS), "api", "staging", "main", reason="bad")).intents
    with pytest.raises(Denied, match="quarantine releases of api in production"):
        await run(here(person=LINUS), "api", None, "main", reason="bad")
    with pytest.raises(Denied, match="lift quarantines of api in staging"):
        await run(here(KEPT, person=LINUS), "api", None, "v1.4.2", lift=True, reason="fine")


class Silent:
    """A code host that takes the call and never answers."""

    async def resolve(self, repository: str, ref: str) -> ResolvedRef:  # noqa: ARG002
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]


async def test_a_code_host_that_does_not_answer_is_not_waited_for() -> None:
    with pytest.raises(Transient):
        await run(here(hosts={"github": Silent()}, deadline=0.01), "api", "staging", "main", reason="bad")


async def test_an_owner_says_once_which_release_contains_the_fix() -> None:
    forge = seeded(StillClock())
    tip, first = forge.git.refs[HEADS + "main"], forge.git.refs[TAGS + "v1.0.0"]
    kept = replace(KEPT, sha=first, ref="v1.0.0")
    ctx = here(kept, hosts={"github": forge.code})
    for words in ("by main", "main"):
        reply = await run(ctx, "api", None, "v1.0.0", fix=words, reason="they are locked")
        assert reply.intents == (MendQuarantine(kept, tip, "main", "they are locked"),)
    with pytest.raises(UserError, match="Why does that mend it"):
        await run(ctx, "api", None, "v1.0.0", fix="by main")
    with pytest.raises(UserError, match="Do you lift it"):
        await run(ctx, "api", None, "v1.0.0", lift=True, fix="by main", reason="so")
    with pytest.raises(UserError, match="is not made of"):
        await run(ctx, "api", None, "v1.0.0", fix="by v1.0.0", reason="so")
    with pytest.raises(UserError, match="is not quarantined"):
        await run(ctx, "api", "staging", "main", fix="by main", reason="so")
    linus = here(kept, hosts={"github": forge.code}, person=LINUS)
    with pytest.raises(Denied, match="lift quarantines of api in staging"):
        await run(linus, "api", None, "v1.0.0", fix="by main", reason="so")
    said = replace(kept, fixes=(Fix(tip, "main", actor(ADA), "they are locked", NOON),))
    assert f"main, {tip[:7]} contains the fix: “they are locked”, by @Ada" in plain(await run(here(said)))


def test_it_is_said_as_people_say_it() -> None:
    known_words = Vocabulary({"api": ("staging",)})
    said = parse(quarantine.COMMAND, "api staging v1.4.2 fixed by v1.4.3 because so", known_words)
    assert (said.ref, said.fix, said.reason) == ("v1.4.2", "by v1.4.3", "so")
    said = parse(quarantine.COMMAND, "api fixed v1.4.3 v1.4.2 because so", known_words)
    assert (said.ref, said.fix) == ("v1.4.2", "v1.4.3")
