"""How we prove who we are: a token, or a GitHub App with a token for each account that installed it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol, TypeVar

from github import Auth, GithubIntegration
from github.GithubException import GithubException
from github.InstallationAuthorization import InstallationAuthorization
from github.Requester import Requester

from bot.core.errors import NeedsHuman
from bot.core.ports import Clock
from integrations.github.errors import status_of

T = TypeVar("T")
RENEW_BEFORE = timedelta(minutes=5)


class Access(Protocol):
    """Credentials, safe to ask from any thread."""

    @property
    def app_id(self) -> str:
        """The number of the App whose these are; empty for a token, which may not do all that an App may."""
        ...

    def account(self, repository: str) -> str:
        """Who bears the rate limit there: calls for one account share a queue and a client per thread."""
        ...

    def auth(self, repository: str) -> Auth.Auth:
        """What signs the calls to this repository; may go over the network when it is used."""
        ...

    def ready(self, repository: str) -> None:
        """Fetch what `auth` will need, so that a failure to get it is never taken for a lost write."""
        ...

    def login(self) -> str:
        """The login of an App's bot; empty for a token, whose user GitHub tells."""
        ...

    def as_app(self, work: Callable[[Requester], T]) -> T:
        """Calls that an App signs with its own key; a token makes none."""
        ...

    def permissions(self, repository: str) -> dict[str, str]:
        """What an App was granted; empty for a token, of which GitHub does not tell it."""
        ...


class TokenAccess:
    """One token for everything."""

    def __init__(self, token: str) -> None:
        self._auth = Auth.Token(token)

    @property
    def app_id(self) -> str:
        return ""

    def account(self, repository: str) -> str:  # noqa: ARG002
        return ""

    def auth(self, repository: str) -> Auth.Auth:  # noqa: ARG002
        return self._auth

    def ready(self, repository: str) -> None:
        """A token is always ready."""

    def login(self) -> str:
        return ""

    def as_app(self, work: Callable[[Requester], T]) -> T:  # noqa: ARG002
        raise NeedsHuman("That is for a GitHub App.", "We have a token.", "Set GITHUB_APP_ID and its key.")

    def permissions(self, repository: str) -> dict[str, str]:  # noqa: ARG002
        return {}


class AppAccess:
    """A GitHub App: an installation token for each account, fetched once and renewed before it expires."""

    def __init__(self, app_id: str, integration: GithubIntegration, clock: Clock) -> None:
        self._app_id = app_id
        self._integration = integration  # not safe for threads: only under the lock
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: dict[str, InstallationAuthorization] = {}
        self._login = ""

    @property
    def app_id(self) -> str:
        return self._app_id

    def account(self, repository: str) -> str:
        return repository.partition("/")[0].lower()

    def auth(self, repository: str) -> Auth.Auth:
        return InstallationAuth(self, repository)

    def ready(self, repository: str) -> None:
        self.token(repository)

    def login(self) -> str:
        with self._lock:
            if not self._login:
                self._login = f"{self._integration.get_app().slug}[bot]"
            return self._login

    def permissions(self, repository: str) -> dict[str, str]:
        return self._authorization(repository).permissions

    def as_app(self, work: Callable[[Requester], T]) -> T:
        with self._lock:
            return work(self._integration.requester)

    def token(self, repository: str) -> str:
        """A token that lives for some minutes more."""
        return self._authorization(repository).token

    def _authorization(self, repository: str) -> InstallationAuthorization:
        """Threads that ask at once share one renewal."""
        account = self.account(repository)
        with self._lock:
            known = self._tokens.get(account)
            if known is None or known.expires_at - self._clock.now() < RENEW_BEFORE:
                known = self._tokens[account] = self._renew(repository)
            return known

    def _renew(self, repository: str) -> InstallationAuthorization:
        owner, _, name = repository.partition("/")
        try:
            of = self._integration
            installation = of.get_repo_installation(owner, name) if name else of.get_org_installation(owner)
        except GithubException as error:
            if status_of(error) != 404:
                raise
            raise NeedsHuman(
                f"The GitHub App cannot reach {repository}.",
                "It is not installed there, or the repository does not exist.",
                "Install the App for this repository, or mend the name in slipway.yml.",
            ) from error
        return self._integration.get_access_token(installation.id)


class InstallationAuth(Auth.Auth):
    """Signs with whatever token the App holds for this account at that moment."""

    def __init__(self, app: AppAccess, repository: str) -> None:
        self._app = app
        self._repository = repository

    @property
    def token_type(self) -> str:
        return "token"

    @property
    def token(self) -> str:
        return self._app.token(self._repository)
