"""Acme, the workspace every stand-in begins with."""

from __future__ import annotations

from bot.playground.slack.world import SLACKBOT, Channel, Identity, Person, Privacy, Usergroup, World

TEAM, OTHER_TEAM = "T0ACME0001", "T0GLOBEX01"
IDENTITY = Identity(TEAM, "Acme", "acme", "A0SLIPWAY1", "B0SLIPWAY1", "U0SLIPWAY1")
ADA, GRACE, LINUS, MARGARET = "U0ADA00001", "U0GRACE001", "U0LINUS001", "U0MARGARET"
GUEST, STRANGER, FORMER = "U0GUEST001", "U0STRANGER", "U0FORMER01"


def _people() -> list[Person]:
    london, york = "Europe/London", "America/New_York"
    return [
        Person(ADA, "ada", "Ada Byron", "Site reliability", "ada@acme.example", london, TEAM, is_admin=True),
        Person(GRACE, "grace", "Grace Murray", "Payments lead", "grace@acme.example", york, TEAM),
        Person(LINUS, "linus", "Linus Berg", "Engineer", "linus@acme.example", "Europe/Helsinki", TEAM),
        Person(MARGARET, "margaret", "Margaret Heath", "Engineer", "margaret@acme.example", london, TEAM),
        Person(GUEST, "gus", "Gus Ferrer", "Contractor", "gus@studio.example", london, TEAM, is_guest=True),
        Person(
            STRANGER,
            "sam",
            "Sam Ito",
            "Partner",
            "sam@globex.example",
            "Asia/Tokyo",
            OTHER_TEAM,
            is_stranger=True,
        ),
        Person(FORMER, "dennis", "Dennis Moor", "Engineer", "dennis@acme.example", york, TEAM, deleted=True),
        Person(SLACKBOT, "slackbot", "Slackbot", "", "", london, TEAM, is_bot=True),
    ]


def _channels() -> list[Channel]:
    bot, staff = IDENTITY.bot_user, [ADA, GRACE, LINUS, MARGARET]
    public = Privacy.PUBLIC
    return [
        Channel("C0GENERAL1", "general", public, [*staff, GUEST], "Company-wide news"),
        Channel("C0DEPLOYS1", "deploys", public, [*staff, GUEST, bot], "What goes out, and when"),
        Channel("C0APIDEPLO", "api-deploys", public, [*staff, bot], "Releases of the API"),
        Channel("C0WEBDEPLO", "web-deploys", public, [*staff, bot], "Releases of the web site"),
        Channel("C0AUDIT001", "audit", Privacy.PRIVATE, [ADA, GRACE, bot], "Checkpoints of the audit trail"),
        Channel(
            "C0PAYMENTS",
            "payments",
            public,
            [*staff, STRANGER, bot],
            "With our friends of Globex",
            is_shared=True,
        ),
    ]


def acme(bot_name: str) -> World:
    """A fresh workspace with the app installed under the manifest's name."""
    world = World(IDENTITY)
    bot = Person(IDENTITY.bot_user, "slipway", bot_name, "", "", "Europe/London", TEAM, is_bot=True)
    for person in [*_people(), bot]:
        world.people[person.id] = person
    for channel in _channels():
        world.channels[channel.id] = channel
    groups = [
        Usergroup("S0SRE00001", "sre", "Site reliability", [ADA, MARGARET]),
        Usergroup("S0PAYMENTS", "payments", "Payments", [GRACE, LINUS]),
    ]
    world.usergroups = {group.id: group for group in groups}
    for person in world.people.values():
        if person.selectable and not person.is_stranger:
            world.app_channel(person.id)
    return world
