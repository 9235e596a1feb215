"""Who works at Acme; the same people are members of its Slack workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.playground.github.model import Team, User
from bot.playground.github.world import World

ORGANIZATION = "acme"
TOKEN_LOGIN = "acme-deployer"
APP_LOGIN = "slipway[bot]"


@dataclass(frozen=True)
class Person:
    login: str
    name: str
    title: str

    @property
    def email(self) -> str:
        return f"{self.login}@acme.example"


ADA = Person("ada", "Ada Byron", "Site reliability")
GRACE = Person("grace", "Grace Murray", "Payments lead")
LINUS = Person("linus", "Linus Berg", "Engineer")
MARGARET = Person("margaret", "Margaret Heath", "Engineer")
PEOPLE = (ADA, GRACE, LINUS, MARGARET)
TEAMS = {"sre": (ADA, MARGARET), "payments": (GRACE, LINUS), "engineering": PEOPLE}
BOTS = {
    "dependabot[bot]": "49699333+dependabot[bot]@users.noreply.github.com",
    "web-flow": "noreply@github.com",
    TOKEN_LOGIN: "deployer@acme.example",
    APP_LOGIN: "62500001+slipway[bot]@users.noreply.github.com",
}


def empty_world(
    organization: str = ORGANIZATION, name: str = "Acme", teams: Mapping[str, tuple[Person, ...]] = TEAMS
) -> World:
    """The organisation with its people and teams, and no repository yet."""
    world = World(User(91_200_001, organization, name, f"hello@{organization}.example", "Organization"))
    for person in PEOPLE:
        world.users[person.login] = User(world.number("user"), person.login, person.name, person.email)
    for login, email in BOTS.items():
        kind = "Bot" if login.endswith("[bot]") else "User"
        world.users[login] = User(world.number("user"), login, login, email, kind)
    for slug, members in teams.items():
        world.teams[slug] = Team(world.number("team"), slug, slug.upper(), [who.login for who in members])
    return world
