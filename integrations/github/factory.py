"""GitHub, put together: the one thing that the composition root builds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from github import Auth, GithubIntegration

from bot.core.findings import Finding
from bot.core.ports import Clock
from integrations.github import doctor
from integrations.github.access import Access, AppAccess, TokenAccess
from integrations.github.accounts import GitHubAccounts
from integrations.github.artifacts import GitHubArtifacts
from integrations.github.ci import GitHubCi
from integrations.github.clients import Clients, Options
from integrations.github.code import GitHubCode
from integrations.github.deliveries import GitHubDeliveries
from integrations.github.doors import GitHubDoors
from integrations.github.following import GitHubRuns
from integrations.github.landings import GitHubLandings
from integrations.github.logs import GitHubLogs
from integrations.github.oauth import GitHubSignIn
from integrations.github.pins import GitHubPins
from integrations.github.releases import GitHubReleases
from integrations.github.teams import GitHubTeams
from integrations.github.ways_around import Target

PUBLIC_API = "https://api.github.com"
SignIn = GitHubSignIn


@dataclass(frozen=True, slots=True)
class Token:
    """A personal access token, classic or fine-grained."""

    token: str


@dataclass(frozen=True, slots=True)
class App:
    """A GitHub App, by its number and private key (PEM)."""

    id: str
    private_key: str


Credentials = Token | App


@dataclass(frozen=True, slots=True)
class GitHub:
    """The roles GitHub plays, over one set of clients. Close it at the end."""

    code: GitHubCode
    pins: GitHubPins
    ci: GitHubCi
    doors: GitHubDoors
    accounts: GitHubAccounts
    teams: GitHubTeams
    landings: GitHubLandings
    runs: GitHubRuns
    deliveries: GitHubDeliveries
    artifacts: GitHubArtifacts
    releases: GitHubReleases
    logs: GitHubLogs
    clients: Clients

    async def check(self, targets: Sequence[Target], teams: Collection[str] = ()) -> tuple[Finding, ...]:
        """What `slipway doctor` says: what the catalog would start here, and the teams that it counts on."""
        return await doctor.check(self.clients, targets, teams)

    async def close(self) -> None:
        """Let the calls under way end, and drop the connections."""
        await self.clients.close()


def build(
    credentials: Credentials,
    clock: Clock,
    *,
    api_url: str = PUBLIC_API,
    timeout: int = 10,
    threads: int = 4,
    pause_between_writes: float | None = 1.0,
) -> GitHub:
    """Nothing is called yet: a wrong token shows at the first call, or in `check`."""
    options = Options(api_url.rstrip("/"), timeout, threads, pause_between_writes)
    clients = Clients(_access(credentials, clock, options), clock, options)
    return GitHub(
        GitHubCode(clients),
        GitHubPins(clients),
        GitHubCi(clients),
        GitHubDoors(clients),
        GitHubAccounts(clients),
        GitHubTeams(clients),
        GitHubLandings(clients),
        GitHubRuns(clients),
        GitHubDeliveries(clients),
        GitHubArtifacts(clients, options.base_url),
        GitHubReleases(clients),
        GitHubLogs(clients, options.base_url),
        clients,
    )


def _access(credentials: Credentials, clock: Clock, options: Options) -> Access:
    match credentials:
        case Token():
            return TokenAccess(credentials.token)
        case App():
            auth = Auth.AppAuth(credentials.id, credentials.private_key)
            return AppAccess(credentials.id, GithubIntegration(auth=auth, **options.arguments()), clock)
