"""auth.test, api.test, users.*, usergroups.*, bots.info, apps.connections.open."""

from __future__ import annotations

from bot.playground.slack.backend import Backend
from bot.playground.slack.errors import ErrorCode, SlackError
from bot.playground.slack.ratelimits import Tier
from bot.playground.slack.shown import person_to_api, usergroup_to_api
from bot.playground.slack.socket_mode import SocketCourier
from bot.playground.slack.web_api.method import Args, Json, Method, TokenKind, page_of
from bot.playground.slack.world import Person


def auth_test(backend: Backend, _args: Args) -> Json:
    """auth.test."""
    identity = backend.world.identity
    return {
        "url": backend.base + "/",
        "team": identity.team_name,
        "user": backend.world.people[identity.bot_user].name,
        "team_id": identity.team_id,
        "user_id": identity.bot_user,
        "bot_id": identity.bot_id,
        "is_enterprise_install": False,
    }


def api_test(_backend: Backend, args: Args) -> Json:
    """api.test: what was sent comes back."""
    return {"args": args.raw}


def _shown(backend: Backend, person: Person) -> Json:
    with_email = "users:read.email" in backend.manifest.scopes
    return person_to_api(person, backend.clock.now(), with_email=with_email)


def user_info(backend: Backend, args: Args) -> Json:
    """users.info."""
    person = backend.world.people.get(args.need("user"))
    if person is None:
        raise SlackError(ErrorCode.USER_NOT_FOUND)
    return {"user": _shown(backend, person)}


def user_list(backend: Backend, args: Args) -> Json:
    """users.list: everybody, also who left and who came through a shared channel."""
    page, cursor = page_of([_shown(backend, p) for p in backend.world.people.values()], args, 1000)
    return {
        "members": page,
        "cache_ts": int(backend.ids.now()),
        "response_metadata": {"next_cursor": cursor},
    }


def lookup_by_email(backend: Backend, args: Args) -> Json:
    """users.lookupByEmail: members of this workspace who are still here."""
    email = args.need("email").lower()
    for person in backend.world.people.values():
        if person.email == email and not person.deleted and not person.is_stranger:
            return {"user": _shown(backend, person)}
    raise SlackError(ErrorCode.USERS_NOT_FOUND)


def usergroup_list(backend: Backend, args: Args) -> Json:
    """usergroups.list."""
    with_users = args.flag("include_users")
    groups = backend.world.usergroups.values()
    return {"usergroups": [usergroup_to_api(backend.world, g, with_users=with_users) for g in groups]}


def usergroup_users(backend: Backend, args: Args) -> Json:
    """usergroups.users.list."""
    group = backend.world.usergroups.get(args.need("usergroup"))
    if group is None:
        raise SlackError(ErrorCode.NO_SUCH_SUBTEAM)
    return {"users": list(group.users)}


def bot_info(backend: Backend, args: Args) -> Json:
    """bots.info."""
    identity = backend.world.identity
    if (args.text("bot") or identity.bot_id) != identity.bot_id:
        raise SlackError(ErrorCode.BOT_NOT_FOUND)
    name = backend.world.people[identity.bot_user].real_name
    return {
        "bot": {
            "id": identity.bot_id,
            "deleted": False,
            "name": name,
            "user_id": identity.bot_user,
            "app_id": identity.app_id,
            "updated": 1_700_000_000,
            "icons": {},
        }
    }


def open_connection(backend: Backend, _args: Args) -> Json:
    """apps.connections.open: where to connect for Socket Mode."""
    if not isinstance(backend.courier, SocketCourier):
        raise SlackError(ErrorCode.NOT_ENABLED)
    host = backend.base.removeprefix("http://")
    return {"url": f"ws://{host}/link/?ticket={backend.courier.ticket()}&app_id={backend.courier.app_id}"}


READ, GROUPS = ("users:read",), ("usergroups:read",)
METHODS = (
    Method("auth.test", auth_test, Tier.FREE),
    Method("api.test", api_test, Tier.FREE, token=TokenKind.NONE),
    Method("users.info", user_info, Tier.FOUR, READ),
    Method("users.list", user_list, Tier.TWO, READ),
    Method("users.lookupByEmail", lookup_by_email, Tier.THREE, ("users:read.email",)),
    Method("usergroups.list", usergroup_list, Tier.TWO, GROUPS),
    Method("usergroups.users.list", usergroup_users, Tier.TWO, GROUPS),
    Method("bots.info", bot_info, Tier.THREE, READ),
    Method("apps.connections.open", open_connection, Tier.ONE, token=TokenKind.APP),
)
