"""Who may do what: every permission against every kind of person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.archive import Extent
from bot.core.catalog import Catalog, Environment, Service
from bot.core.errors import Denied
from bot.core.people import AnyOf, GithubTeam, NamedUsers, PeopleSet
from bot.core.policy import Permission, audit_scope, authorise, visible, visible_services
from bot.core.rules import Right, Rights
from bot.core.values import Person
from tests.fakes.samples import ADA, FORMER, GUEST, LINUS, SRE, STRANGER, catalog, policy, service

CATALOG = catalog()
P = Permission
OWNER = Person("U0OWNER001", "Olga", LINUS.observed_at)
REQUESTER = replace(LINUS, id="U0ASKED001", name="Rita")
PEOPLE = {
    "sre": ADA,
    "member": LINUS,
    "owner": OWNER,
    "requester": REQUESTER,
    "guest": GUEST,
    "stranger": STRANGER,
    "former": FORMER,
}
# who may, by environment; production is for the SRE group alone
MAY: dict[tuple[Permission, str], set[str]] = {
    (P.LOOK, "staging"): {"sre", "member", "owner", "requester", "guest", "stranger"},
    (P.LOOK, "production"): {"sre", "member", "owner", "requester", "guest", "stranger"},
    (P.EXPLAIN, "staging"): {"sre", "member", "owner", "requester", "guest"},
    (P.EXPLAIN, "production"): {"sre", "member", "owner", "requester", "guest"},
    (P.AUDIT, "staging"): set(),
    (P.AUDIT, "production"): set(),
    (P.DEPLOY, "staging"): {"sre", "member", "owner", "requester"},
    (P.DEPLOY, "production"): {"sre"},
    (P.CANCEL, "staging"): {"sre", "member", "owner", "requester"},
    (P.CANCEL, "production"): {"sre", "owner", "requester"},
    (P.SETTLE, "staging"): {"sre", "member", "owner", "requester"},
    (P.SETTLE, "production"): {"sre", "owner", "requester"},
    (P.DECIDE, "staging"): {"sre", "member", "owner", "requester"},  # the request itself names its people
    (P.DECIDE, "production"): {"sre", "member", "owner", "requester"},
    (P.TICK, "staging"): {"sre", "member", "owner", "requester"},
    (P.TICK, "production"): {"sre"},
    (P.QUARANTINE, "staging"): {"sre", "member", "owner", "requester"},
    (P.QUARANTINE, "production"): {"sre"},
    (P.LIFT_QUARANTINE, "staging"): set(),  # the owners and a right: this catalog names nobody
    (P.LIFT_QUARANTINE, "production"): set(),
    (P.RUN, "staging"): {"sre", "member", "owner", "requester"},
    (P.RUN, "production"): {"sre"},
    (P.ROLL_BACK, "staging"): {"sre", "member", "owner", "requester"},
    (P.ROLL_BACK, "production"): {"sre"},
    (P.RESTORE, "staging"): set(),  # a right that this catalog gives nobody
    (P.RESTORE, "production"): set(),
    (P.OVERRIDE, "staging"): {"sre", "member", "owner", "requester"},  # the freeze itself names its people
    (P.OVERRIDE, "production"): {"sre", "member", "owner", "requester"},
    (P.EMERGENCY, "staging"): set(),
    (P.EMERGENCY, "production"): set(),
    (P.HAND_OVER, "staging"): {"owner", "requester"},
    (P.HAND_OVER, "production"): {"owner", "requester"},
    (P.REVIEW, "staging"): {"owner"},
    (P.REVIEW, "production"): {"owner"},
    (P.LOCK, "staging"): {"sre", "member", "owner", "requester"},
    (P.LOCK, "production"): {"sre", "owner"},
    (P.UNLOCK, "staging"): {"sre", "member", "owner", "requester", "guest"},  # each lock says who may end it
    (P.UNLOCK, "production"): {"sre", "member", "owner", "requester", "guest"},
    (P.BREAK_LOCK, "staging"): set(),
    (P.BREAK_LOCK, "production"): set(),
    (P.SETTINGS, "staging"): {"sre", "member", "owner", "requester", "guest"},
    (P.SETTINGS, "production"): {"sre", "member", "owner", "requester", "guest"},
    (P.AWAIT_LOCK, "staging"): {"sre", "member", "owner", "requester", "guest"},
    (P.AWAIT_LOCK, "production"): {"sre", "member", "owner", "requester", "guest"},
    (P.SUBSCRIBE, "staging"): set(),  # a right, and this catalog names nobody
    (P.SUBSCRIBE, "production"): set(),
    (P.UNSUBSCRIBE, "staging"): {"sre", "member", "owner", "requester", "guest"},  # each says who may end it
    (P.UNSUBSCRIBE, "production"): {"sre", "member", "owner", "requester", "guest"},
    (P.LINK, "staging"): {"sre", "member", "owner", "requester", "guest"},
    (P.LINK, "production"): {"sre", "member", "owner", "requester", "guest"},
    (P.ADMIN, "staging"): set(),
    (P.ADMIN, "production"): set(),
}


def entry(environment: str) -> tuple[Service, Environment]:
    service, place = CATALOG.service("api"), CATALOG.environment("api", environment)
    assert service is not None
    assert place is not None
    return service, place


def test_the_table_is_whole() -> None:
    assert {permission for permission, _ in MAY} == set(Permission)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize(("permission", "environment"), MAY)
def test_every_permission_for_every_kind_of_person(permission: P, environment: str, who: str) -> None:
    service, place = entry(environment)
    if who in MAY[permission, environment]:
        allowed = authorise(permission, PEOPLE[who], CATALOG, service, place, REQUESTER.id)
        assert allowed.source
        return
    with pytest.raises(Denied) as denied:
        authorise(permission, PEOPLE[who], CATALOG, service, place, REQUESTER.id)
    assert denied.value.what
    assert denied.value.why
    assert denied.value.next


def test_a_denial_says_what_why_and_who_can() -> None:
    with pytest.raises(Denied) as denied:
        authorise(P.DEPLOY, LINUS, CATALOG, *entry("production"))
    assert denied.value.what == "You can't deploy api to production."
    assert "sre" in denied.value.why
    assert "sre" in denied.value.next


def test_a_denial_says_why_a_team_may_not_count_somebody() -> None:
    leads = PeopleSet("leads", AnyOf((GithubTeam("acme/leads"), NamedUsers(("U0OWNER001",)))))
    service, _ = entry("staging")
    place = Environment("led", policy(who=(SRE, leads)))
    linked = replace(LINUS, login="linus")
    silent = replace(linked, unread_teams=frozenset({"acme/leads"}))
    for person, why in (
        (LINUS, "nobody knows yours: link it with"),
        (silent, "acme/leads can't be read now"),
    ):
        with pytest.raises(Denied, match=why):
            authorise(P.DEPLOY, person, CATALOG, service, place)
    with pytest.raises(Denied, match=r"you are in none of these\. Ask"):
        authorise(P.DEPLOY, linked, CATALOG, service, place)
    assert authorise(P.DEPLOY, replace(linked, teams=frozenset({"acme/leads"})), CATALOG, service, place)
    with pytest.raises(Denied) as denied:
        authorise(P.DEPLOY, LINUS, CATALOG, *entry("production"))
    assert "GitHub" not in denied.value.why


def test_nobody_is_named_twice() -> None:
    owned = replace(entry("production")[0], owners=(SRE,))
    with pytest.raises(Denied) as denied:
        authorise(P.CANCEL, LINUS, CATALOG, owned, entry("production")[1])
    assert denied.value.why.count("sre") == 1


def test_absent_means_nobody() -> None:
    service, _ = entry("staging")
    with pytest.raises(Denied, match="allows nobody"):
        authorise(P.DEPLOY, ADA, CATALOG, service, Environment("empty", policy(who=())))
    with pytest.raises(Denied, match="allows nobody"):
        authorise(P.DEPLOY, ADA, CATALOG)


def test_the_catalogs_own_right_makes_an_administrator() -> None:
    assert authorise(P.ADMIN, ADA, CATALOG).source == "sre"
    with pytest.raises(Denied):
        authorise(P.ADMIN, LINUS, CATALOG)


def test_the_glass_is_broken_by_those_whom_the_nearest_word_names() -> None:
    granted = Rights(((Right.EMERGENCY, (SRE,)),))
    known = service_with("api", staging=granted, production=Rights())
    staging, production = known.environments
    assert authorise(P.EMERGENCY, ADA, Catalog((known,)), known, staging).source == "sre"
    in_group = frozenset({"sre"})
    for person in (LINUS, FORMER, replace(GUEST, groups=in_group), replace(STRANGER, groups=in_group)):
        with pytest.raises(Denied):
            authorise(P.EMERGENCY, person, Catalog((known,)), known, staging)
    with pytest.raises(Denied) as denied:
        authorise(P.EMERGENCY, ADA, Catalog((known,)), known, production)
    assert denied.value.what == "You can't break the glass for api in production."


def test_who_asked_may_always_take_it_back_but_not_from_outside() -> None:
    service, place = entry("production")
    assert authorise(P.CANCEL, REQUESTER, CATALOG, service, place, REQUESTER.id)
    with pytest.raises(Denied, match="other organisations"):
        authorise(P.CANCEL, STRANGER, CATALOG, service, place, STRANGER.id)
    with pytest.raises(Denied, match="deactivated"):
        authorise(P.CANCEL, FORMER, CATALOG, service, place, FORMER.id)


def test_people_of_other_organisations_know_what_is_made_for_them() -> None:
    open_one, shared = (
        replace(entry("staging")[0], external=False),
        replace(entry("staging")[0], external=True),
    )
    assert not visible(STRANGER, open_one)
    assert visible(STRANGER, shared)
    assert all(visible(person, open_one) for person in (LINUS, GUEST))
    named = PeopleSet("partners", NamedUsers((STRANGER.id,)))
    assert visible(STRANGER, replace(open_one, visible_to=(named,)))
    assert not visible(STRANGER, replace(shared, visible_to=(SRE,)))
    assert visible_services(STRANGER, CATALOG) == ()


def test_a_hidden_service_is_seen_by_its_people_alone() -> None:
    vault = CATALOG.service("vault")
    assert vault is not None
    assert visible(ADA, vault)
    assert not any(visible(person, vault) for person in (LINUS, GUEST, STRANGER, FORMER))
    assert [service.name for service in visible_services(LINUS, CATALOG)] == ["api", "web"]
    assert [service.name for service in visible_services(ADA, CATALOG)] == ["api", "web", "vault"]


def audited() -> tuple[Catalog, Service]:
    """The SRE group audits everything but staging of api, which is the owner's."""
    owners = PeopleSet("payments", NamedUsers((OWNER.id,)))
    general = Rights(((Right.AUDIT, (SRE,)),))
    own = Rights(((Right.AUDIT, (owners,)),))
    shown = service_with("api", staging=own, production=general)
    hidden = replace(service_with("vault", staging=general), visible_to=(owners,))
    return Catalog((shown, hidden), rights=general), shown


def service_with(name: str, **rights: Rights) -> Service:
    places = [Environment(each, policy(rights=granted)) for each, granted in rights.items()]
    return service(name, *places)


def test_the_audit_trail_is_for_those_whom_the_nearest_word_names() -> None:
    known, api = audited()
    staging, production = api.environments
    assert authorise(P.AUDIT, OWNER, known, api, staging).source == "payments"
    assert authorise(P.AUDIT, ADA, known, api, production).source == "sre"
    for person, place in ((ADA, staging), (OWNER, production), (LINUS, staging)):
        with pytest.raises(Denied):
            authorise(P.AUDIT, person, known, api, place)
    for anywhere in (ADA, OWNER):
        assert authorise(P.AUDIT, anywhere, known)
    for nowhere in (LINUS, GUEST, STRANGER, FORMER):
        with pytest.raises(Denied):
            authorise(P.AUDIT, nowhere, known)


def test_what_may_be_read_of_the_trail_is_what_is_granted_and_seen() -> None:
    known, shown = audited()
    assert audit_scope(ADA, known) == Extent(frozenset({("api", "production")}), elsewhere=True)
    assert audit_scope(OWNER, known) == Extent(frozenset({("api", "staging")}), elsewhere=False)
    whole = replace(shown, rights=Rights(((Right.AUDIT, (SRE,)),)))
    assert ("api", "") in audit_scope(ADA, Catalog((whole,))).places
    assert audit_scope(LINUS, known) == Extent(frozenset(), elsewhere=False)
