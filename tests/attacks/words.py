"""Attacks by words and buttons: what is typed, what is pressed, and what comes a second time."""

from __future__ import annotations

import string

from bot.playground.slack.signing import signed_headers
from tests.attacks.code import SUCCEEDED
from tests.attacks.people import IN_TIME
from tests.attacks.stage import AUTHOR, CHANNEL, EXPIRES, IDS, TOO_LATE, Moment, Stage, Surface

LETTERS = string.ascii_letters + string.digits


async def secret_input(stage: Stage) -> str:
    """A token in the place of an input, a reference or a reason."""

    def some(count: int, letters: str = LETTERS) -> str:
        return "".join(stage.random.choices(letters, k=count))

    secret = stage.choose(
        "ghp_" + some(36), "xoxb-" + some(24), "AK" + "IA" + some(16, string.ascii_uppercase)
    )
    stage.diary.secrets.append(secret)
    await stage.gets_through(
        extra=stage.choose("log_level={}", "because it takes {}", "ref={}").format(secret)
    )
    return "looks like a secret"


async def input_edited(stage: Stage) -> str:
    """More or other inputs than the catalog lets people choose."""
    git = stage.repository.git
    older = git.commits[git.refs["refs/heads/main"]].parents[0]
    typed = ("skip_smoke=true", f"version={older}", "environment=staging", "log_level=trace", "operation=x")
    extra = stage.choose(*typed, "", "")
    if extra:
        await stage.gets_through(extra=extra)
        if extra == "environment=staging":  # that one names the place itself, and there is no such place
            return f"can't be|There is no environment of {stage.service} called `staging`"
        return "There is no input|can't be"
    number, moment = await stage.asked(), stage.choose(*Moment)
    new = stage.choose('"{short_sha}"', '"{ref}"', '"{sha}", skip_smoke: "true"')
    await stage.under_law(number, moment, ('version: "{sha}"', f"version: {new}"))
    return SUCCEEDED if moment in TOO_LATE else "has changed since: .*inputs"


async def policy_changed(stage: Stage) -> str:
    """The rules become other ones while it waits: the old ones hold, and so do the new ones."""
    return await stage.choose(_stricter, _fewer, _anybody, _longer)(stage)


async def _stricter(stage: Stage) -> str:
    number, moment = await stage.asked(), stage.choose(*Moment)
    await stage.under_law(number, moment, ("count: 2", "count: 3"))
    return SUCCEEDED if moment in TOO_LATE else IN_TIME


async def _fewer(stage: Stage) -> str:
    return await _looser(stage, ("count: 2", "count: 1"), stage.voters[:1])


async def _anybody(stage: Stage) -> str:
    edit = ("exclude: [requester, authors]", "exclude: []")
    return await _looser(stage, edit, (stage.voters[0], stage.choose(stage.asker, AUTHOR)))


async def _looser(stage: Stage, edit: tuple[str, str], voters: tuple[str, ...]) -> str:
    number, before = await stage.asked(), stage.catalog.read_text()
    early = stage.choose(True, False)
    if early:
        stage.ordains(before.replace(*edit))
    for voter in voters:
        await stage.votes(voter, number)
    stage.ordains(before.replace(*edit))
    await stage.votes(voters[-1], number, Surface.COMMAND)
    await stage.expires(number)
    stage.ordains(before)
    return IN_TIME


async def _longer(stage: Stage) -> str:
    number, before = await stage.asked(), stage.catalog.read_text()
    stage.ordains(before.replace("expires: 4h", "expires: 3d"))
    stage.house.clock.leap(EXPIRES.total_seconds() + stage.choose(1, 600))
    for voter in stage.voters:
        await stage.votes(voter, number)
    await stage.settles(number)
    stage.ordains(before)
    return IN_TIME


async def old_button(stage: Stage) -> str:
    """A button of a card that was decided long ago, or its value on a newer request."""
    old = await stage.asked()
    was = await stage.house.deployment(old)
    assert was is not None
    first, second = stage.voters
    if stage.choose("withdrawn", "approved") == "withdrawn":
        await stage.house.press(stage.asker, CHANNEL, "cancel", old)
        await stage.house.ends(old)
    else:
        for voter in stage.voters:
            await stage.votes(voter, old)
        await stage.settles(old)
    if stage.choose("the same", "moved on") == "the same":
        await stage.presses_by_hand(first, "approve", {"n": old, "d": was.digest, "v": was.version})
        return f"RequestRefused by {IDS[first]}.*has been decided"
    new = await stage.asked()
    await stage.votes(first, new)
    digest = stage.choose(was.digest, "", "0" * 64)
    await stage.presses_by_hand(second, "approve", {"n": new, "d": digest, "v": was.version})
    await stage.settles(new)
    return f"RequestRefused by {IDS[second]}.*made for another"


async def replayed(stage: Stage) -> str:
    """The delivery of a good vote comes again: with its old signature, or with a new one."""
    number, slack = await stage.asked(), stage.house.play.slack
    first, second = stage.voters
    await stage.votes(first, number, Surface.COMMAND)
    sent = next(each for each in reversed(slack.deliveries) if b"approve" in each.body)
    for _ in range(stage.choose(1, 2, 3)):
        at = stage.choose(sent.at, slack.backend.ids.now())
        secret = stage.house.play.secrets.slack_signing_secret
        headers = signed_headers(secret, str(int(at)), sent.body) | {"Content-Type": sent.content_type}
        body = {"body": sent.body.decode(), "content_type": sent.content_type, "headers": headers}
        await slack.control.acts["deliver"](body | {"sign": False})
    await stage.settles(number)
    await stage.votes(second, number)
    await stage.settles(number)
    return SUCCEEDED
