"""views.*: open, push, update, publish."""

from __future__ import annotations

from bot.playground.slack.backend import Backend
from bot.playground.slack.errors import ErrorCode, SlackError, missing_field
from bot.playground.slack.limits import check_view, view_too_large
from bot.playground.slack.ratelimits import Tier
from bot.playground.slack.views import View
from bot.playground.slack.web_api.method import Args, Json, Method


def _payload(args: Args, kind: str) -> Json:
    view = args.parsed("view", ErrorCode.INVALID_ARGUMENTS, dict)
    if view is None:
        raise missing_field("view")
    problems = check_view(view)
    if not problems and view["type"] != kind:
        problems = [f"must be a {kind} view [json-pointer:/view/type]"]
    if problems:
        raise SlackError.with_messages(ErrorCode.INVALID_ARGUMENTS, problems)
    if view_too_large(view):
        raise SlackError(ErrorCode.VIEW_TOO_LARGE)
    return view


def _answer(backend: Backend, view: View) -> Json:
    return {"view": backend.views.to_json(view)}


def open_view(backend: Backend, args: Args) -> Json:
    """views.open: needs a fresh trigger."""
    payload, key = _payload(args, "modal"), args.need("trigger_id")
    trigger = backend.triggers.redeem(key)
    return _answer(backend, backend.views.open(trigger.person, payload))


def push_view(backend: Backend, args: Args) -> Json:
    """views.push: needs a trigger that came from a modal."""
    payload, key = _payload(args, "modal"), args.need("trigger_id")
    trigger = backend.triggers.redeem(key)
    if trigger.from_view is None:
        raise SlackError(ErrorCode.INVALID_TRIGGER_ID)
    return _answer(backend, backend.views.push(trigger.person, payload))


def update_view(backend: Backend, args: Args) -> Json:
    """views.update: by id or external id, optionally only when nobody changed it since."""
    if not args.text("view_id") and not args.text("external_id"):
        raise missing_field("view_id")
    view = backend.views.find(args.text("view_id"), args.text("external_id"))
    payload = _payload(args, view.payload["type"])
    return _answer(backend, backend.views.update(view, payload, args.text("hash")))


def publish_view(backend: Backend, args: Args) -> Json:
    """views.publish: one person's home tab."""
    payload, person = _payload(args, "home"), args.need("user_id")
    if person not in backend.world.people:
        raise SlackError(ErrorCode.USER_NOT_FOUND)
    if not backend.manifest.home_tab:
        raise SlackError(ErrorCode.NOT_ENABLED)
    return _answer(backend, backend.views.publish_home(person, payload, args.text("hash")))


METHODS = (
    Method("views.open", open_view, Tier.FOUR),
    Method("views.push", push_view, Tier.FOUR),
    Method("views.update", update_view, Tier.FOUR),
    Method("views.publish", publish_view, Tier.FOUR),
)
