"""The code host that is configured; what it needs is imported only then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr

from bot.config.settings import Settings
from bot.core.ports import Clock, Provider
from bot.core.redelivery import PATH
from integrations import load

if TYPE_CHECKING:
    from integrations.github.factory import GitHub


def secret(value: SecretStr | None) -> str:
    """In the clear; nothing where it is not set."""
    return value.get_secret_value() if value is not None else ""


def provider_of(github: GitHub) -> Provider:
    """In all the roles that it plays."""
    return Provider(
        github.code,
        github.pins,
        github.ci,
        github.doors,
        github.landings,
        github.runs,
        github.deliveries,
        github.artifacts,
        github.releases,
        github.logs,
    )


def hook_address(settings: Settings) -> str:
    """Where GitHub delivers to, as it knows it; empty where nothing is taken."""
    return settings.base_url + PATH if settings.github_webhook_secret is not None else ""


def connect(settings: Settings, clock: Clock) -> GitHub | None:
    """GitHub, where it is configured."""
    if settings.github_token is None and settings.github_app_id is None:
        return None
    github = load("github")
    credentials = (
        github.App(settings.github_app_id, secret(settings.github_app_private_key))
        if settings.github_app_id is not None
        else github.Token(secret(settings.github_token))
    )
    url = settings.github_api_url
    pause = 1.0 if url == github.PUBLIC_API else None  # what GitHub asks of those who write
    built: GitHub = github.build(credentials, clock, api_url=url, pause_between_writes=pause)
    return built
