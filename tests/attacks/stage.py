"""What an attacker and the people around them do: only what Slack and GitHub let them do."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from urllib.parse import urlencode

from bot.core.lifecycle import ENDS, State
from bot.core.records import Deployment
from bot.playground.control import Fault, FaultKind
from bot.playground.github.names import ActName, Where
from bot.playground.github.world import Repository
from bot.playground.slack.seed import ADA, FORMER, GRACE, GUEST, LINUS, MARGARET, STRANGER, TEAM
from bot.playground.slack.views import View
from tests.attacks import trail
from tests.attacks.diary import Absence, Diary
from tests.attacks.rest import resting
from tests.scenario.house import House

IDS = {
    "ada": ADA,
    "grace": GRACE,
    "linus": LINUS,
    "margaret": MARGARET,
    "gus": GUEST,
    "sam": STRANGER,
    "dennis": FORMER,
}
AUTHOR = "grace"  # of everything that is new on `main`
CHANNEL, PLACE = "#deploys", "production"
EXPIRES = timedelta(hours=4)
FACTOR = 8.0  # how fast the clock runs
PATIENCE, PAUSE = 25.0, 0.1  # seconds of the real clock
T = TypeVar("T")


class Surface(StrEnum):
    COMMAND = "by command"
    BUTTON = "by button"
    FORM = "by form"


class Moment(StrEnum):
    """When the world changes behind the backs of those who decide."""

    BEFORE = "before the votes"
    BETWEEN = "between the votes"
    PINNING = "while its tag is made"
    SENDING = "while it is sent"


TOO_LATE = (Moment.PINNING, Moment.SENDING)  # the request is frozen and judged: what was approved runs


@dataclass
class Stage:
    """One attack's place: who asks, who votes, and everything that chance has decided."""

    house: House
    diary: Diary
    catalog: Path
    random: Random
    name: str  # for branches and tags of its own
    service: str
    asker: str
    voters: tuple[str, str]
    mark: int = 0  # how long the trail was when it began
    drawn: list[str] = field(default_factory=list)

    def choose(self, *options: T) -> T:
        """Chance decides, and it is noted what."""
        chosen = self.random.choice(options)
        self.drawn.append(getattr(chosen, "__name__", str(chosen)))
        return chosen

    @property
    def repository(self) -> Repository:
        found = self.house.play.github.world.repository(f"acme/{self.service}")
        assert found is not None
        return found

    async def until(self, condition: Callable[[], Awaitable[bool]], patience: float = PATIENCE) -> bool:
        """Look again and again; False when it never came."""
        for _ in range(int(patience / PAUSE)):
            if await condition():
                return True
            await self.house.clock.sleep(PAUSE * FACTOR)
        return False

    async def act(self, name: ActName, /, **body: Any) -> dict[str, Any]:
        """Something happens in this service's repository, and the same person has always written it."""
        done = await self.house.play.github.acts.perform(
            name, **{"repository": self.service, "login": AUTHOR} | body
        )
        assert done["ok"], done
        return done

    async def newest(self) -> int:
        """The number of the last request."""
        return await trail.newest(self.house.app.store)

    async def asks(self, ref: str = "", extra: str = "") -> int | None:
        """Ask for it; None where that was refused."""
        store = self.house.app.store
        before, mark = await self.newest(), await trail.length(store)
        if extra or self.choose(Surface.COMMAND, Surface.FORM) is Surface.COMMAND:
            words = " ".join(each for each in ("/deploy", self.service, PLACE, ref, extra) if each)
            await self.house.says(self.asker, CHANNEL, words)
        else:
            await self.house.says(self.asker, CHANNEL, "/deploy")
            view = await self.form(self.asker, mark)
            assert view is not None
            values = {"service": self.service, "environment": PLACE} | ({"ref": ref} if ref else {})
            await self._submit(self.asker, view, values)
        await self.heard(self.asker, mark, "DeploymentAsked")
        after = await self.newest()
        return after if after > before else None

    async def gets_through(self, ref: str = "", extra: str = "") -> None:
        """Ask for it, and if nobody minds let the others approve it until it runs."""
        number = await self.asks(ref, extra)
        if number is not None:
            for voter in self.voters:
                await self.votes(voter, number)
            await self.settles(number)

    async def asked(self, ref: str = "", extra: str = "") -> int:
        """Ask for something that may be asked for, and wait until it can be voted on."""
        number = await self.asks(ref, extra)
        assert number is not None, await self.lines()
        await self.rests()
        return number

    async def votes(self, person: str, number: int, surface: Surface | None = None) -> None:
        """Try to approve it, and wait for what is on record of that."""
        mark = await trail.length(self.house.app.store)
        chosen: Surface = surface or self.choose(*Surface)
        if chosen is Surface.BUTTON and not await self._button(number):
            chosen = Surface.COMMAND
        view: View | None = None
        match chosen:
            case Surface.COMMAND:
                await self.house.says(person, CHANNEL, f"/approve #{number} {PLACE}")
            case Surface.BUTTON:
                await self.house.press(person, CHANNEL, "approve", number)
                view = await self.form(person, mark)
            case Surface.FORM:
                await self.house.says(person, CHANNEL, "/approve")
                view = await self.form(person, mark)
        if view is not None:
            await self._submit(person, view, {"number": f"#{number}", "environment": PLACE})
        await self.heard(person, mark, "VoteCast")

    async def _button(self, number: int) -> bool:
        """Wait whether the card comes to show it; not for long, it may never."""

        async def shown() -> bool:
            cards = [each for each in self.house.cards(CHANNEL) if each.text.startswith(f"#{number} ")]
            return any("'approve'" in str(each.blocks) for each in cards)

        return await self.until(shown, 2.0)

    async def form(self, person: str, mark: int) -> View | None:
        """The form that opens, or None where the record says why not."""
        slack = self.house.play.slack

        async def there() -> bool:
            open_ = slack.opened_views(person)
            return bool(open_ and open_[-1].blocks[1:]) or await self._said(person, mark, "RequestRefused")

        await self.until(there)
        opened = slack.opened_views(person)
        return opened[-1] if opened and opened[-1].blocks[1:] else None

    async def _submit(self, person: str, view: View, values: dict[str, str]) -> None:
        done = await self.house.play.slack.submit(person, view, values)
        if not done["ok"]:
            await self.house.play.slack.close_view(person, view)

    async def _said(self, person: str, mark: int, *events: str) -> bool:
        records = await trail.read(self.house.app.store, mark)
        return any(each.actor == IDS[person] and each.event in events for each in records)

    async def heard(self, person: str, mark: int, event: str) -> None:
        """Wait until the trail has it, or a refusal."""
        await self.until(lambda: self._said(person, mark, event, "RequestRefused"))

    async def slips_in(
        self, person: str, command: str, words: str, team: str = TEAM, event: str = "VoteCast"
    ) -> None:
        """A delivery that Slack signed, as it would come from somebody whom its own window keeps out."""
        mark = await trail.length(self.house.app.store)
        slack = self.house.play.slack
        channel = slack.world.channel(CHANNEL)
        assert channel is not None
        fields = {
            "team_id": team,
            "channel_id": channel.id,
            "user_id": IDS[person],
            "user_name": person,
            "command": command,
            "text": words,
            "response_url": slack.backend.response_urls.issue(IDS[person], channel.id),
            "trigger_id": slack.backend.triggers.issue(IDS[person]),
        }
        await self.delivered(fields)
        await self.heard(person, mark, event)

    async def delivered(self, fields: dict[str, str]) -> dict[str, Any]:
        """The bytes themselves, signed."""
        kind = "application/x-www-form-urlencoded"
        deliver = self.house.play.slack.control.acts["deliver"]
        return await deliver({"body": urlencode(fields), "content_type": kind})

    async def presses_by_hand(self, person: str, action: str, value: dict[str, Any]) -> None:
        """A click as Slack would deliver it, on a button that carries this; and the form that follows."""
        mark = await self.clicks(person, action, value)
        view = await self.form(person, mark)
        if view is not None:
            await self._submit(person, view, {"environment": PLACE})
        await self.heard(person, mark, "VoteCast")

    async def clicks(self, person: str, action: str, value: dict[str, Any]) -> int:
        """The click alone; how long the trail was before it."""
        mark = await trail.length(self.house.app.store)
        slack = self.house.play.slack
        channel = slack.world.channel(CHANNEL)
        assert channel is not None
        payload = {
            "type": "block_actions",
            "user": {"id": IDS[person], "username": person, "team_id": TEAM},
            "team": {"id": TEAM, "domain": "acme"},
            "trigger_id": slack.backend.triggers.issue(IDS[person]),
            "container": {"type": "message", "message_ts": "1.1", "channel_id": channel.id},
            "channel": {"id": channel.id, "name": channel.name},
            "response_url": slack.backend.response_urls.issue(IDS[person], channel.id),
            "actions": [
                {"type": "button", "action_id": action, "block_id": "buttons", "value": json.dumps(value)}
            ],
        }
        await self.delivered({"payload": json.dumps(payload)})
        return mark

    async def says(self, person: str, words: str, event: str) -> None:
        """A command, and wait until the trail has what came of it."""
        mark = await trail.length(self.house.app.store)
        await self.house.says(person, CHANNEL, words)
        await self.heard(person, mark, event)

    async def through(self, number: int, moment: Moment, act: Callable[[], Awaitable[object]]) -> None:
        """The honest way from asked to its end, with something done behind everybody's back."""
        first, second = self.voters
        github = self.house.play.github.control
        if moment is Moment.BEFORE:
            await act()
        await self.votes(first, number)
        if moment is Moment.BETWEEN:
            await act()
        where = {Moment.PINNING: Where.REF_CREATE, Moment.SENDING: Where.DISPATCH}.get(moment)
        if where is None:
            await self.votes(second, number)
        else:
            github.faults.append(Fault(where, FaultKind.HOLD_BEFORE, 1))
            await asyncio.gather(self.votes(second, number), self._while_held(act))
        await self.settles(number)

    async def _while_held(self, act: Callable[[], Awaitable[object]]) -> None:
        """As soon as the call is held; nobody waits for long for an answer of GitHub."""
        github = self.house.play.github.control
        for _ in range(int(PATIENCE / 0.02)):
            if github.holding:
                await act()
                break
            await self.house.clock.sleep(0.02 * FACTOR)
        github.faults.clear()  # also where it never came to that call
        await github.acts["release"]({})

    async def under_law(self, number: int, moment: Moment, edit: tuple[str, str]) -> None:
        """The same, and what is done is that another catalog is put in force; in the end the first again."""
        before = self.catalog.read_text()
        after = before.replace(*edit)
        assert before != after, edit

        async def ordain() -> None:
            self.ordains(after)

        await self.through(number, moment, ordain)
        await self.expires(number)
        self.ordains(before)

    async def settles(self, number: int) -> Deployment:
        """It has ended, or it waits and nobody has anything to do for it."""

        async def settled() -> bool:
            found = await self.house.deployment(number)
            if found is None or found.state in ENDS:
                return True
            return found.state is State.WAITING and await resting(self.house)

        assert await self.until(settled), await self.house.deployment(number)
        found = await self.house.deployment(number)
        assert found is not None
        return found

    def codes(self, person: str) -> int:
        """How many codes this person was sent so far."""
        told = self.house.play.slack.direct_messages(person)
        return sum("Give it to nobody" in str(each.blocks) for each in told)

    async def reads(self, words: str, patience: float = PATIENCE) -> bool:
        """Wait until the trail says so."""

        async def there() -> bool:
            records = await trail.read(self.house.app.store, self.mark)
            return any(re.search(words, each.line) for each in records)

        return await self.until(there, patience)

    async def expires(self, number: int) -> None:
        """Everybody waits until it is too late, unless it has ended by then."""
        if (await self.settles(number)).state not in ENDS:
            self.house.clock.leap(EXPIRES.total_seconds())
            await self.house.ends(number)

    async def rests(self) -> None:
        """Nothing is left to do at this moment."""
        assert await self.until(lambda: resting(self.house))

    async def green(self) -> None:
        """The checks of `main` have ended."""

        async def ended() -> bool:
            tip = self.repository.git.refs["refs/heads/main"]
            runs = [run for run in self.repository.runs.values() if run.head_sha == tip]
            return bool(runs) and all(run.latest.conclusion is not None for run in runs)

        assert await self.until(ended)

    async def lines(self) -> str:
        """The trail since this attack began, to read."""
        return "\n".join(each.line for each in await trail.read(self.house.app.store, self.mark))

    def ordains(self, text: str) -> None:
        """Another catalog is in force from now on."""
        self.catalog.write_text(text)
        self.house.app.reload()
        self.diary.laws.append((self.house.clock.now(), text))

    async def leaves(self, person: str, *, told: bool) -> Callable[[], None]:
        """Somebody is deactivated, and Slack may say so; the answer lets them in again."""
        slack = self.house.play.slack
        found = slack.world.person(person)
        assert found is not None
        groups = [each for each in slack.world.usergroups.values() if found.id in each.users]
        gone = Absence(found.id, self.house.clock.now())
        self.diary.absences.append(gone)
        found.deleted = not told
        if told:
            await slack.control.acts["deactivate"]({"person": person})

        def back() -> None:
            found.deleted = False
            for group in groups:
                group.users = list(dict.fromkeys([*group.users, found.id]))
            self.house.clock.leap(301)  # what we know of people is five minutes old at most
            self.diary.absences.remove(gone)
            self.diary.absences.append(replace(gone, until=self.house.clock.now()))

        return back
