"""Linking accounts: what the command asks for, and what the pages do, each turn in a commit of its own."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from bot.core import linking
from bot.core.calls import Call
from bot.core.catalog import Catalog
from bot.core.effects import Tell
from bot.core.errors import Denied, NeedsHuman, Transient, UserError
from bot.core.events import AccountLinked, AccountUnlinked, LinkAsked, LinkConfirmed
from bot.core.intents import ConfirmLink, StartLink
from bot.core.link_ports import LinkBook, SignIn
from bot.core.linking import (
    Account,
    Displaced,
    Hitch,
    Invitation,
    Link,
    LinkAttempt,
    LinkState,
    Mint,
    Turn,
    challenge,
    code_subject,
    hashed,
    same,
)
from bot.core.policy import Permission, must_belong
from bot.core.ports import Directory, UnitOfWork, Units
from bot.core.steps import Step
from bot.core.text import Mention, Text, bold, code, line, lines, sentence
from bot.core.values import SLIPWAY, Actor

CALLBACK, CONFIRM = "/link/callback", "/link/confirm"
_UNKNOWN = UserError(
    "There is no such link.",
    "It was mistyped, or it is from another day.",
    "Ask for one with `/slipway link`.",
)
_NOT_YET = UserError("Slipway is not ready yet.", "It has just started.", "Try again in a moment.")


@dataclass(frozen=True, slots=True)
class Browser:
    """One browser on its way: the attempt it goes through, and a secret that only it holds."""

    attempt: str
    token: str

    def write(self) -> str:
        """The cookie."""
        return f"{self.attempt}.{self.token}"

    @staticmethod
    def new(attempt: str) -> Browser:
        """With a secret that nobody else knows."""
        return Browser(attempt, secrets.token_urlsafe(32))

    @staticmethod
    def read(cookie: str) -> Browser | None:
        """What `write` wrote."""
        attempt, dot, token = cookie.partition(".")
        return Browser(attempt, token) if dot and attempt and token else None


@dataclass(frozen=True, slots=True)
class LinkDesk:
    """Where a person proves which account is theirs. Raises UserError for what the browser shall read."""

    units: Units
    book: LinkBook
    sign_in: SignIn
    mint: Mint
    directory: Directory
    catalog: Callable[[], Catalog]
    home: Callable[[], str | None]

    def invite(self) -> Invitation:
        """A new attempt, not yet kept."""
        attempt = secrets.token_urlsafe(16)
        return Invitation(attempt, hashed(self.mint.secret(attempt)))

    async def look(self, secret: str) -> LinkAttempt:
        """Whose link it is. Looking uses nothing up: programs look at links, too."""
        found = await self.book.attempt_by_secret(self._workspace(), hashed(secret))
        if found is None:
            raise _UNKNOWN
        if found.state in (LinkState.LINKED, LinkState.ENDED):
            raise linking.explain(Hitch.USED)
        return found

    def form(self, browser: Browser) -> str:
        """What a form of ours must bring back from this browser."""
        return self.mint.form(browser.attempt, browser.token)

    async def open(self, secret: str, known: Browser | None, form: str) -> str:
        """The address at the code host for the one browser that may use this link."""
        attempt = (await self.look(secret)).id
        token = known.token if known and known.attempt == attempt else ""
        fits = bool(token) and same(self.mint.form(attempt, token), form)
        async with self._turn() as uow:
            found = await _get(uow, attempt)
            turn = linking.open_link(found, hashed(token), uow.now, form_fits=fits)
            await _keep(uow, turn)
        _raise(turn)
        verifier = self.mint.verifier(attempt, token)
        state = self.mint.state(attempt, token)
        return self.sign_in.address(state, self._redirect, challenge(verifier))

    async def come_back(self, known: Browser | None, state: str, code: str) -> None:
        """Ask the code host who it is, and send the person a code; an empty `code` means declined."""
        if known is None:  # the state tells which attempt it is that somebody meddles with
            known = Browser(state.partition(".")[0], "")
        fits = same(self.mint.state(known.attempt, known.token), state)
        async with self._turn() as uow:
            found = await _get(uow, known.attempt)
            turn = linking.come_back(found, hashed(known.token), uow.now, state_fits=fits)
            if turn.refusal is None and not code:
                turn = linking.end(turn.attempt, Hitch.DECLINED)
            await _keep(uow, turn)
        _raise(turn)
        account = await self._ask(known, code)
        async with self._turn() as uow:
            turn = linking.sign_in(await _get(uow, known.attempt), account, uow.now)
            await _keep(uow, turn)
            if turn.refusal is None:
                await uow.show(_code_message(turn.attempt, account))
        _raise(turn)

    async def confirming(self, known: Browser | None) -> LinkAttempt:
        """What the page with the field for the code is about."""
        found = await self.book.attempt(self._workspace(), known.attempt) if known else None
        if found is None or known is None or not same(found.browser_hash, hashed(known.token)):
            raise linking.explain(Hitch.OTHER_BROWSER)
        if found.state is not LinkState.CONFIRMING:
            raise linking.explain(Hitch.USED)
        return found

    async def confirm(self, known: Browser | None, form: str, typed: str) -> LinkAttempt:
        """The attempt after a code was typed: LINKED, when it was the right one."""
        if known is None:
            raise linking.explain(Hitch.OTHER_BROWSER)
        await self._must_still_belong(known)
        digits = "".join(each for each in typed if each not in " -")
        async with self._turn() as uow:
            found = await _get(uow, known.attempt)
            ours = same(self.mint.form(known.attempt, known.token), form)
            fits = found.account is not None and same(self.mint.code(code_subject(found)), digits)
            turn = linking.confirm(found, hashed(known.token), uow.now, form_fits=ours, code_fits=fits)
            await _keep(uow, turn)
            if turn.refusal is None and turn.attempt.account is not None:
                await _link(uow, turn.attempt, turn.attempt.account, self.catalog())
        _raise(turn)
        return turn.attempt

    async def _must_still_belong(self, known: Browser) -> None:
        """Ten minutes are long enough to be deactivated."""
        try:
            attempt = await self.confirming(known)
        except UserError:
            return  # it is refused below, where that is kept
        person = await self.directory.person(self._workspace(), attempt.asker.id, fresh=True)
        try:
            must_belong(Permission.LINK, person)
        except Denied:
            async with self._turn() as uow:
                turn = linking.end(await _get(uow, attempt.id), Hitch.LEFT)
                await _keep(uow, turn)
            _raise(turn)

    async def _ask(self, known: Browser, code: str) -> Account:
        try:
            verifier = self.mint.verifier(known.attempt, known.token)
            return await self.sign_in.account(code, self._redirect, verifier)
        except (UserError, NeedsHuman, Transient):
            async with self._turn() as uow:
                await _keep(uow, linking.end(await _get(uow, known.attempt), Hitch.UNPROVEN))
            raise

    def _turn(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self.units.begin(self._workspace(), Step.LINK_TURN)

    def _workspace(self) -> str:
        home = self.home()
        if home is None:
            raise _NOT_YET
        return home

    @property
    def _redirect(self) -> str:
        return self.mint.base_url + CALLBACK


async def start_link(uow: UnitOfWork, intent: StartLink, asker: Actor) -> None:
    """Keep the attempt that the answer's link belongs to."""
    made = intent.invitation
    await uow.links.ask(LinkAttempt(made.attempt, asker, made.secret_hash, uow.now))
    await uow.record(LinkAsked(made.attempt, asker.id), asker)


async def forget_link(uow: UnitOfWork, person: str, actor: Actor) -> Account | None:
    """Which account was forgotten, if any; to tell of it is the caller's. Also for somebody who left."""
    gone = await uow.links.drop(person)
    if gone is None:
        return None
    account = gone.account
    await uow.record(AccountUnlinked(person, account.provider, account.user_id, account.login), actor)
    return account


async def end_link(uow: UnitOfWork, person: str, actor: Actor, catalog: Catalog) -> None:
    """Forget a person's account, and tell of it; nothing linked is fine."""
    account = await forget_link(uow, person, actor)
    if account is None:
        return
    whose = line("It was linked to ", Mention(person, person), ".") if person != actor.id else Text(())
    text = line(_who(actor), " unlinked the GitHub user ", code(account.login), ".")
    if person != actor.id:
        await uow.show(Tell(person, text + lines("It was linked to you."), call=Call.URGENT))
    await _tell_audit(uow, catalog, text + whose)


async def confirm_link(uow: UnitOfWork, intent: ConfirmLink, actor: Actor, catalog: Catalog) -> None:
    """Somebody else vouches for a link; UserError where it is no longer the one that they were shown."""
    person = intent.person
    link = await uow.links.confirm(person, intent.account, actor.id)
    if link is None:
        raise linking.other_account()
    account = link.account
    await uow.record(LinkConfirmed(person, account.provider, account.user_id, account.login), actor)
    whose = Mention(person, person)
    text = line(_who(actor), " confirmed that the GitHub user ", code(account.login), " is ", whose, ".")
    await _tell_audit(uow, catalog, text)


async def _link(uow: UnitOfWork, attempt: LinkAttempt, account: Account, catalog: Catalog) -> None:
    asker = attempt.asker
    displaced = await uow.links.put(Link(asker.id, account, uow.now))
    replaced = displaced.account.login if displaced.account else ""
    await uow.record(
        AccountLinked(
            attempt.id,
            asker.id,
            account.provider,
            account.user_id,
            account.login,
            displaced.holder,
            replaced,
        ),
        asker,
    )
    for told, text in _news(asker, account, displaced):
        await uow.show(Tell(told, text, call=Call.URGENT))
    await _tell_audit(uow, catalog, _notice(asker, account, displaced))


def _news(asker: Actor, account: Account, displaced: Displaced) -> list[tuple[str, Text]]:
    """Whom to tell of a new link, besides the audit channel."""
    mine = line("Your account is now linked to the GitHub user ", bold(account.login), ".")
    news = [(asker.id, mine + sentence("If that was not you, use `/slipway unlink` and tell an operator."))]
    if displaced.holder:
        taken = line("The GitHub user ", bold(account.login), " is no longer linked to you: ", _who(asker))
        taken += lines("proved to hold it.", "If that is not right, tell an operator now.")
        news.append((displaced.holder, taken))
    return news


def _notice(asker: Actor, account: Account, displaced: Displaced) -> Text:
    text = line(_who(asker), " linked the GitHub user ", code(account.login), f" (id {account.user_id}).")
    if displaced.holder:
        text += line("It was linked to ", Mention(displaced.holder, displaced.holder), " before.")
    if displaced.account is not None:
        text += line("It replaces ", code(displaced.account.login), ".")
    return text


def _who(asker: Actor) -> Mention:
    return Mention(asker.id, asker.name)


def _code_message(attempt: LinkAttempt, account: Account) -> Tell:
    text = line("Somebody signed in at GitHub as ", bold(account.login), " to link that user to you.")
    text += lines(
        "If it was you, and this is your user, type the code below into the page that asks for it.",
        "Give it to nobody: whoever asks you for it wants to act in your name, or you in theirs.",
    )
    return Tell(attempt.asker.id, text, code_of=code_subject(attempt), call=Call.URGENT)


async def _tell_audit(uow: UnitOfWork, catalog: Catalog, text: Text) -> None:
    if catalog.channels.audit is not None:
        await uow.show(Tell(catalog.channels.audit, text))


async def _get(uow: UnitOfWork, attempt: str) -> LinkAttempt:
    found = await uow.links.attempt(attempt)
    if found is None:
        raise _UNKNOWN
    return found


async def _keep(uow: UnitOfWork, turn: Turn) -> None:
    """Who sits at the browser is not known until the code was right, so the trail names the bot."""
    await uow.links.save(turn.attempt)
    if turn.event is not None:
        await uow.record(turn.event, SLIPWAY)


def _raise(turn: Turn) -> None:
    """Only after the commit: a refusal is kept, too."""
    if turn.refusal is not None:
        raise turn.refusal
