"""Attacks on what holds a deployment although everybody agrees to it, and on breaking the glass."""

from __future__ import annotations

from dataclasses import replace

from bot.playground.github.names import ActName
from tests.attacks import trail
from tests.attacks.diary import Quarantine
from tests.attacks.stage import AUTHOR, CHANNEL, IDS, PLACE, TOO_LATE, Moment, Stage

ITEM = "backup verified"
APPROVED = "expires: 4h, confirm: true}"
LISTED = (APPROVED, f"{APPROVED}\n        checklist: {{before: [{ITEM}]}}")
NOT_TICKED = f"What held it: Not ticked yet: {ITEM}"
OUTSIDERS = {"gus": "Guests never", "sam": "other organisations", "dennis": "deactivated"}
GLASS = "emergency because customers can't pay"


async def quarantined(stage: Stage) -> str:
    """The release was put into quarantine, and somebody who may not lifts that."""
    fresh = (await stage.act(ActName.ADD_COMMIT))["sha"]
    await stage.green()
    number = await stage.asked(stage.choose("main", fresh))
    nobody = stage.choose("ada", "margaret", *OUTSIDERS)  # no owners
    place = f"{stage.service} {stage.choose(f'{PLACE} ', '')}{fresh[:10]}"

    async def keep_out() -> None:
        await stage.says(AUTHOR, f"/quarantine {place} because it corrupts carts", "ReleaseQuarantined")
        stage.diary.quarantines.append(Quarantine(stage.service, fresh, stage.house.clock.now()))
        await _tries(stage, nobody, "/quarantine", f"{place} lift because it is fine", "QuarantineLifted")

    moment = stage.choose(*Moment)
    await stage.through(number, moment, keep_out)
    await stage.expires(number)
    await stage.says(AUTHOR, f"/quarantine {place} lift because it is over", "QuarantineLifted")
    kept = stage.diary.quarantines.pop()
    stage.diary.quarantines.append(replace(kept, until=stage.house.clock.now()))
    if moment in TOO_LATE:
        return "RequestRefused.*(quarantine|Guests|organisations|deactivated)"
    return "What held it: .* is quarantined"


async def unticked(stage: Stage) -> str:
    """Everybody has approved it, and nobody who may has said that the checklist is done."""
    before = stage.catalog.read_text()
    if stage.choose("listed before", "listed since") == "listed since":
        number = await stage.asked()
        await stage.under_law(number, stage.choose(Moment.BEFORE, Moment.BETWEEN), LISTED)
        return NOT_TICKED
    stage.ordains(before.replace(*LISTED))
    number = await stage.asked()
    how = stage.choose(_by_outsider, _of_another, _taken_back)
    said = await how(stage, number)
    for voter in stage.voters:
        await stage.votes(voter, number)
    await stage.expires(number)
    stage.ordains(before)
    return said


async def _value(stage: Stage, number: int, **changes: object) -> dict[str, object]:
    found = await stage.house.deployment(number)
    assert found is not None
    return {"n": number, "d": found.digest, "v": found.version, "i": ITEM} | changes


async def _ticks(stage: Stage, person: str, value: dict[str, object], action: str = "tick") -> None:
    mark = await stage.clicks(person, f"{action}:0", value)
    await stage.heard(person, mark, {"tick": "ItemTicked", "untick": "ItemUnticked"}[action])


async def _by_outsider(stage: Stage, number: int) -> str:
    person = stage.choose(*OUTSIDERS)
    await _ticks(stage, person, await _value(stage, number))
    # Nobody of another organisation may even know of it, so the button answers as if there were none.
    why = "There is no such deployment" if person == "sam" else OUTSIDERS[person]
    return f"RequestRefused by {IDS[person]}.*{why}"


async def _of_another(stage: Stage, number: int) -> str:
    """A button that was made for another request, or one for an item that is not on the list."""
    if stage.choose("digest", "item") == "digest":
        digest = stage.choose("0" * 64, "")
        await _ticks(stage, stage.asker, await _value(stage, number, d=digest))
        return f"RequestRefused by {IDS[stage.asker]}.*made for another"
    await _ticks(stage, stage.asker, await _value(stage, number, i="backup verified "))
    return f"RequestRefused by {IDS[stage.asker]}.*can't be ticked"


async def _taken_back(stage: Stage, number: int) -> str:
    value = await _value(stage, number)
    await _ticks(stage, stage.asker, value)
    await _ticks(stage, AUTHOR, value, "untick")
    return NOT_TICKED


async def overridden(stage: Stage) -> str:
    """Somebody lets it pass the checklist who may not, or may not any more."""
    before = stage.catalog.read_text()
    stage.ordains(before.replace(*LISTED))
    number = await stage.asked()
    for voter in stage.voters:
        await stage.votes(voter, number)
    await stage.settles(number)
    words = f"#{number} checklist because it was done by hand"
    person = stage.choose("ada", "margaret", *OUTSIDERS, AUTHOR)
    if person == AUTHOR:  # whose right is gone by the time it would count
        lost = ("override_checklist: [payments]", "override_checklist: [sre]")
        stage.ordains(before.replace(*LISTED).replace(*lost))
    await _tries(stage, person, "/override", words, "GateOverridden")
    await stage.expires(number)
    stage.ordains(before)
    if person in OUTSIDERS:
        return f"RequestRefused by {IDS[person]}.*{OUTSIDERS[person]}"
    return NOT_TICKED if person == AUTHOR else f"RequestRefused by {IDS[person]}.*can't override"


async def _tries(stage: Stage, person: str, command: str, words: str, event: str) -> None:
    """By the window, or past it for those whom Slack keeps out."""
    if person in OUTSIDERS:
        await stage.slips_in(person, command, words, event=event)
    else:
        await stage.says(person, f"{command} {words}", event)


async def untyped_emergency(stage: Stage) -> str:
    """To break the glass takes the right, and the environment's name typed by hand in one's own form."""
    if stage.choose("without the right", "without the name") == "without the right":
        return await stage.choose(_without_right, _in_anothers_form, _after_it_was_taken)(stage)
    able = stage.choose("ada", "margaret")
    if stage.choose("in words", "another name") == "in words":
        words = f'"{stage.service}" "{PLACE}" "{PLACE}" because customers can\'t pay'
        await stage.says(able, f"/slipway emergency {words}", "DeploymentAsked")
        return f"RequestRefused by {IDS[able]}.*wants to be confirmed"
    await _confirms(stage, able, able, stage.choose("staging", "prod", f"{PLACE}s"))
    return f"RequestRefused by {IDS[able]}.*is not the name of the environment"


async def _without_right(stage: Stage) -> str:
    await stage.says("linus", f"/deploy {stage.service} {PLACE} {GLASS}", "DeploymentAsked")
    return f"RequestRefused by {IDS['linus']}.*can't break the glass"


async def _in_anothers_form(stage: Stage) -> str:
    await _confirms(stage, stage.choose("ada", "margaret"), "linus", PLACE)
    return f"RequestRefused by {IDS['linus']}.*can't break the glass"


async def _after_it_was_taken(stage: Stage) -> str:
    before, able = stage.catalog.read_text(), stage.choose("ada", "margaret")
    mark = await _opens(stage, able)
    stage.ordains(before.replace("emergency: [sre]", "emergency: [payments]"))
    await _submits(stage, able, able, PLACE, mark)
    stage.ordains(before)
    return f"RequestRefused by {IDS[able]}.*can't break the glass"


async def _confirms(stage: Stage, opener: str, submitter: str, name: str) -> None:
    mark = await _opens(stage, opener)
    await _submits(stage, opener, submitter, name, mark)


async def _opens(stage: Stage, person: str) -> int:
    mark = await trail.length(stage.house.app.store)
    await stage.house.says(person, CHANNEL, f"/deploy {stage.service} {PLACE} {GLASS}")
    assert await stage.form(person, mark) is not None, await stage.lines()
    return mark


async def _submits(stage: Stage, opener: str, submitter: str, name: str, mark: int) -> None:
    """And the form is closed where it shows what is wrong."""
    slack = stage.house.play.slack
    view = slack.opened_views(opener)[-1]
    done = await slack.submit(submitter, view, {"name": name})
    if not done["ok"]:
        await slack.close_view(opener, view)
    await stage.heard(submitter, mark, "DeploymentAsked")
