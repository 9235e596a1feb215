"""Starts the whole playground: Slack, GitHub and the director, all in memory, all on loopback."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bot.playground.clock import Clock, WallClock
from bot.playground.director import Director
from bot.playground.github import AppKey, GitHubStandIn
from bot.playground.github.company.build import Company, acme
from bot.playground.github.oauth import OAuthApp
from bot.playground.slack.server import SlackStandIn

GITHUB = "github.com"  # whom links to the stand-in are meant for


@dataclass(frozen=True)
class PlaygroundSecrets:
    """The credentials of this playground; fresh ones unless they are given."""

    slack_bot_token: str = field(default_factory=lambda: f"xoxb-play-{secrets.token_hex(12)}")
    slack_signing_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    slack_app_token: str = field(default_factory=lambda: f"xapp-1-play-{secrets.token_hex(12)}")
    github_token: str = field(default_factory=lambda: f"ghp_{secrets.token_hex(18)}")
    github_webhook_secret: str = field(default_factory=lambda: secrets.token_hex(20))
    github_client_id: str = field(default_factory=lambda: f"Ov23li{secrets.token_hex(7)}")
    github_client_secret: str = field(default_factory=lambda: secrets.token_hex(20))

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> PlaygroundSecrets:
        """Those named in an environment, and fresh ones for the others."""
        names = {
            "slack_bot_token": "SLACK_BOT_TOKEN",
            "slack_signing_secret": "SLACK_SIGNING_SECRET",
            "slack_app_token": "SLACK_APP_TOKEN",
            "github_token": "GITHUB_TOKEN",
            "github_webhook_secret": "GITHUB_WEBHOOK_SECRET",
            "github_client_id": "GITHUB_CLIENT_ID",
            "github_client_secret": "GITHUB_CLIENT_SECRET",
        }
        return cls(**{key: environment[name] for key, name in names.items() if environment.get(name)})


@dataclass
class Playground:
    """All stand-ins together; `bot_url` is where the bot under play listens."""

    manifest_path: Path
    bot_url: str
    clock: Clock = field(default_factory=WallClock)
    slack_clock: Clock | None = None  # where Slack's patience shall not run with the rest
    secrets: PlaygroundSecrets = field(default_factory=PlaygroundSecrets)
    latency: float = 0.0
    speed: float = 1.0
    socket_mode: bool = False
    company: Company = acme  # whose code it is
    app: AppKey | None = None  # the bot is this GitHub App, and has no token of its own
    github: GitHubStandIn = field(init=False)
    slack: SlackStandIn = field(init=False)
    director: Director = field(init=False)

    def __post_init__(self) -> None:
        self.github = GitHubStandIn(
            clock=self.clock,
            token=self.secrets.github_token,
            webhook_secret=self.secrets.github_webhook_secret,
            deliver_to=f"{self.bot_url}/webhooks/github",
            app=self.app.identity if self.app else None,
            oauth=OAuthApp(
                self.secrets.github_client_id,
                self.secrets.github_client_secret,
                f"{self.bot_url}/link/callback",
            ),
            latency=self.latency,
            speed=self.speed,
            company=self.company,
        )
        self.director = Director(self.github)
        self.slack = SlackStandIn(
            clock=self.slack_clock or self.clock,
            manifest_path=self.manifest_path,
            signing_secret=self.secrets.slack_signing_secret,
            bot_token=self.secrets.slack_bot_token,
            app_token=self.secrets.slack_app_token,
            deliver_to=None if self.socket_mode else f"{self.bot_url}/slack/events",
            latency=self.latency,
            director=self.director,
        )
        self.director.attach_slack(self.slack.control)

    async def start(self, slack_port: int = 0, github_port: int = 0) -> None:
        """Open both servers; a port of 0 takes a free one."""
        await self.github.start(github_port)
        self.slack.backend.events.hosts[urlsplit(self.github.web_url).netloc] = GITHUB
        try:
            await self.slack.start(slack_port)
        except OSError:
            await self.github.stop()
            raise

    async def stop(self) -> None:
        """Close both servers and end what runs in them."""
        await self.slack.stop()
        await self.github.stop()

    def environment(self) -> dict[str, str]:
        """The settings of a bot that shall talk to this playground."""
        settings = {
            "SLACK_API_URL": f"{self.slack.url}/api/",
            "SLACK_BOT_TOKEN": self.secrets.slack_bot_token,
            "SLACK_SIGNING_SECRET": self.secrets.slack_signing_secret,
            "GITHUB_API_URL": self.github.url,
            "GITHUB_WEBHOOK_SECRET": self.secrets.github_webhook_secret,
            "GITHUB_WEB_URL": self.github.web_url,
            "GITHUB_CLIENT_ID": self.secrets.github_client_id,
            "GITHUB_CLIENT_SECRET": self.secrets.github_client_secret,
        }
        settings |= self._credentials()
        return settings | ({"SLACK_APP_TOKEN": self.secrets.slack_app_token} if self.socket_mode else {})

    def _credentials(self) -> dict[str, str]:
        if self.app is None:
            return {"GITHUB_TOKEN": self.secrets.github_token}
        return {"GITHUB_APP_ID": str(self.app.id), "GITHUB_APP_PRIVATE_KEY": self.app.private_key}


async def run_playground(
    *,
    slack_port: int,
    github_port: int,
    bot_url: str,
    manifest_path: Path,
    environment: Mapping[str, str],
    latency: float = 0.05,
    speed: float = 1.0,
) -> None:
    """Serve until cancelled; the secrets come from the environment, so that a supervisor can share them."""
    playground = Playground(
        manifest_path=manifest_path,
        bot_url=bot_url,
        secrets=PlaygroundSecrets.of(environment),
        latency=latency,
        speed=speed,
    )
    await playground.start(slack_port, github_port)
    try:
        await asyncio.Event().wait()
    finally:
        await playground.stop()
