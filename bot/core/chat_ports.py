"""The chat: what is said there, shown there, and opened in front of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.core.effects import Effect, Posted, Tell
from bot.core.errors import NeedsHuman, UserError


class FormOpener(Protocol):
    """Opens a form in front of a person, within the three seconds that its trigger lives."""

    async def open_form(self, workspace: str, trigger: str, view: Mapping[str, object]) -> str:
        """The form's id; empty when the trigger has expired."""
        ...

    async def update_form(self, workspace: str, form: str, view: Mapping[str, object]) -> None:
        """Show something else in its place; one that was closed meanwhile stays closed."""
        ...


class HomeTabs(Protocol):
    """The page that each person has of us in the chat."""

    async def publish(self, workspace: str, person: str, view: Mapping[str, object]) -> None:
        """Show it in place of what stood there."""
        ...


class Channels(Protocol):
    """What is known of the places where messages stand."""

    async def outside(self, workspace: str, channel: str) -> bool:
        """Whether people of other organisations read there. False where we have no right to know."""
        ...

    async def inside(self, workspace: str, channel: str) -> bool:
        """Whether surely nobody else reads there. False where nobody tells us, as of other people's talks."""
        ...

    async def name_of(self, workspace: str, channel: str) -> str:
        """As the catalog would name it, such as #deploys; empty where we have no right to know."""
        ...

    async def id_of(self, workspace: str, channel: str) -> str:
        """The id behind a name; the same word again where it is one, or where nobody knows."""
        ...

    async def closed(self, workspace: str, channel: str) -> bool:
        """Whether nothing can be said there any more, read anew. True where we have no right to know."""
        ...


class Pictures(Protocol):
    """Pictures for messages of ours, where the chat has no block that draws them."""

    async def upload(self, workspace: str, name: str, picture: bytes, alt: str) -> str:
        """The id by which a message shows it; it may take some seconds until one can."""
        ...


class Unfurls(Protocol):
    """What is shown below links in what people write."""

    async def unfurl(
        self, workspace: str, message: Posted, url: str, blocks: Sequence[Mapping[str, object]]
    ) -> None:
        """Twice is the same as once; a message that is gone needs nothing."""
        ...


class Chat(Protocol):
    """Messages in channels. `message` has text and blocks in the chat's own form."""

    async def post(
        self,
        workspace: str,
        channel: str,
        message: Mapping[str, object],
        operation: str,
        thread: str | None = None,
    ) -> Posted:
        """A new message; `operation` travels with it unseen.

        One in a thread is shown in the channel too, unless it says `reply_broadcast: False`.
        """
        ...

    async def edit(self, workspace: str, posted: Posted, message: Mapping[str, object]) -> bool:
        """False when the message is gone."""
        ...

    async def whisper(
        self,
        workspace: str,
        channel: str,
        person: str,
        message: Mapping[str, object],
        response_url: str,
    ) -> None:
        """For one person's eyes only."""
        ...

    async def find(
        self, workspace: str, channel: str, operation: str, since: datetime, thread: str | None = None
    ) -> Posted | None:
        """The message that carries this operation; HistoryClosed where we may not read."""
        ...


class Homes(Protocol):
    """Makes the home tab of a person, and shows it."""

    async def show(self, workspace: str, person: str) -> None: ...


class Messenger(Protocol):
    """Carries effects to people. Raises Ambiguous when a post may have arrived."""

    async def deliver(
        self, workspace: str, operation: str, effect: Effect, known: Posted | None, *, repeated: bool = False
    ) -> Posted | None:
        """Show it, and say where it stands now; `known` is the card's message where there is one.

        `repeated` marks a post that may have been made before, where nobody can look. CardGone when that
        message was deleted: call again without it.
        """
        ...

    async def look_up(
        self, workspace: str, operation: str, effect: Effect, known: Posted | None, since: datetime
    ) -> Posted | None:
        """The message that a try since then made; None means surely none, HistoryClosed that nobody knows."""
        ...

    async def instead(self, workspace: str, effect: Effect, refusal: NeedsHuman | UserError) -> Tell | None:
        """Whom to tell, and what, when an effect was refused for good."""
        ...
