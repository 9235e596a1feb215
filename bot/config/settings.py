"""What comes from the environment: endpoints and secrets. Read only when asked, all mistakes at once."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.config.mistakes import ConfigError, Mistake
from bot.config.secret_values import (
    app_id,
    app_token,
    bot_token,
    command_prefix,
    database_url,
    encryption_keys,
    gather,
    path_secret,
    port,
    private_key,
    web_address,
)
from bot.config.shape_base import word_of
from bot.core.pipelines import Provider

SLACK_API_URL = "https://slack.com/api/"
GITHUB_API_URL = "https://api.github.com"
GITHUB_WEB_URL = "https://github.com"


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """For people or for machines."""

    TEXT = "text"
    JSON = "json"


Address = Annotated[str, AfterValidator(web_address)]
SlackAddress = Annotated[Address, AfterValidator(lambda address: f"{address}/")]
AppId = Annotated[str, AfterValidator(app_id)]
Prefix = Annotated[str, AfterValidator(command_prefix)]
Port = Annotated[int, BeforeValidator(port)]
FernetKeys = Annotated[tuple[SecretStr, ...], BeforeValidator(encryption_keys)]
Secret = SecretStr | None
BotToken = Annotated[SecretStr, AfterValidator(bot_token)]
AppToken = Annotated[SecretStr, AfterValidator(app_token)]
PathSecret = Annotated[SecretStr, AfterValidator(path_secret)]
PrivateKey = Annotated[SecretStr, AfterValidator(private_key)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(database_url)]


class Settings(BaseSettings):
    """One field for each variable; `docs/catalog.md` explains them. Secrets never show in its text."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    config: Path = Field(default=Path("slipway.yml"), alias="SLIPWAY_CONFIG")
    host: str = Field(default="127.0.0.1", alias="SLIPWAY_HOST")
    port: Port = Field(default=3000, alias="SLIPWAY_PORT")
    public_url: Address | None = Field(default=None, alias="SLIPWAY_PUBLIC_URL")
    database_url: DatabaseUrl = Field(default=SecretStr("sqlite:///slipway.db"), alias="DATABASE_URL")

    slack_bot_token: BotToken | None = Field(default=None, alias="SLACK_BOT_TOKEN")
    slack_signing_secret: Secret = Field(default=None, alias="SLACK_SIGNING_SECRET")
    slack_app_token: AppToken | None = Field(default=None, alias="SLACK_APP_TOKEN")
    slack_api_url: SlackAddress = Field(default=SLACK_API_URL, alias="SLACK_API_URL")

    github_token: Secret = Field(default=None, alias="GITHUB_TOKEN")
    github_app_id: AppId | None = Field(default=None, alias="GITHUB_APP_ID")
    github_app_private_key: PrivateKey | None = Field(default=None, alias="GITHUB_APP_PRIVATE_KEY")
    github_api_url: Address = Field(default=GITHUB_API_URL, alias="GITHUB_API_URL")
    github_web_url: Address = Field(default=GITHUB_WEB_URL, alias="GITHUB_WEB_URL")
    github_webhook_secret: Secret = Field(default=None, alias="GITHUB_WEBHOOK_SECRET")
    github_client_id: str | None = Field(default=None, alias="GITHUB_CLIENT_ID")
    github_client_secret: Secret = Field(default=None, alias="GITHUB_CLIENT_SECRET")

    gitlab_url: Address | None = Field(default=None, alias="GITLAB_URL")
    gitlab_token: Secret = Field(default=None, alias="GITLAB_TOKEN")
    gitlab_webhook_secret: Secret = Field(default=None, alias="GITLAB_WEBHOOK_SECRET")

    jenkins_url: Address | None = Field(default=None, alias="JENKINS_URL")
    jenkins_user: str | None = Field(default=None, alias="JENKINS_USER")
    jenkins_token: Secret = Field(default=None, alias="JENKINS_TOKEN")
    jenkins_webhook_secret: Secret = Field(default=None, alias="JENKINS_WEBHOOK_SECRET")

    alertmanager_webhook_secret: PathSecret | None = Field(default=None, alias="ALERTMANAGER_WEBHOOK_SECRET")

    kubeconfig: str | None = Field(default=None, alias="KUBECONFIG")
    encryption_keys: FernetKeys = Field(default=(), alias="SLIPWAY_ENCRYPTION_KEYS")
    command_prefix: Prefix = Field(default="", alias="SLIPWAY_COMMAND_PREFIX")
    log_level: Annotated[LogLevel, word_of(LogLevel)] = Field(
        default=LogLevel.INFO, alias="SLIPWAY_LOG_LEVEL"
    )
    log_format: Annotated[LogFormat, word_of(LogFormat)] = Field(
        default=LogFormat.TEXT, alias="SLIPWAY_LOG_FORMAT"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what it is given: the process's environment is never read behind the caller's back."""
        return (init_settings,)

    @classmethod
    def load(cls, environ: Mapping[str, str], *, serving: bool = True) -> Self:
        """The settings, or ConfigError with all mistakes; `serving` also asks for what a server must have."""
        values, mistakes = gather(environ, VARIABLES, SECRETS)
        wrong = {each.file for each in mistakes}
        loaded: Self | None = None
        try:
            loaded = cls(**values)
        except ValidationError as error:
            found = [_mistake(each) for each in error.errors(include_url=False, include_input=False)]
            mistakes += found
            wrong |= {each.file for each in found}
        present = values.keys() | wrong
        mistakes += _together(present) + (_needed(present) if serving else [])
        if mistakes or loaded is None:
            raise ConfigError(sorted(mistakes), subject="the environment")
        return loaded

    @property
    def base_url(self) -> str:
        """What links point to, without a slash at the end."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def socket_mode(self) -> bool:
        """Whether Slack is reached by a socket and not at a public address."""
        return self.slack_app_token is not None

    def missing_for(self, providers: frozenset[Provider]) -> tuple[Mistake, ...]:
        """What the providers of a catalog need and the environment does not give."""
        absent = {
            Provider.GITHUB: self.github_token is None and self.github_app_id is None,
            Provider.GITLAB: self.gitlab_token is None,
            Provider.JENKINS: self.jenkins_url is None or self.jenkins_token is None,
        }
        return tuple(
            Mistake(_ACCESS[each], 0, 0, f"the catalog uses {each}, and nothing gives access to it", "set it")
            for each in sorted(providers)
            if absent[each]
        )


VARIABLES = tuple(item.alias or "" for item in Settings.model_fields.values())
SECRETS = frozenset(
    item.alias or "" for item in Settings.model_fields.values() if "SecretStr" in str(item.annotation)
)
_ACCESS = {
    Provider.GITHUB: "GITHUB_TOKEN",
    Provider.GITLAB: "GITLAB_TOKEN",
    Provider.JENKINS: "JENKINS_TOKEN",
}
_PAIRS = (
    ("GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY"),
    ("GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET"),
    ("JENKINS_USER", "JENKINS_TOKEN"),
)


def _mistake(error: Any) -> Mistake:
    context = error.get("ctx", {})
    said = str(context.get("said", error["msg"]))
    return Mistake(str(error["loc"][0]), 0, 0, said, str(context.get("hint", "")))


def _together(present: set[str]) -> list[Mistake]:
    found = [
        Mistake(absent, 0, 0, f"this belongs to {there}, which is set", f"set both, or take {there} out")
        for pair in _PAIRS
        for there, absent in (pair, pair[::-1])
        if there in present and absent not in present
    ]
    if {"GITHUB_TOKEN", "GITHUB_APP_ID"} <= present:
        said = "GitHub is reached by a token or as an App, not both"
        found.append(Mistake("GITHUB_TOKEN", 0, 0, said, "take it or GITHUB_APP_ID out"))
    return found


def _needed(present: set[str]) -> list[Mistake]:
    found = []
    if "SLACK_BOT_TOKEN" not in present:
        found.append(Mistake("SLACK_BOT_TOKEN", 0, 0, "this is not set", "from the app's page Install App"))
    if not {"SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"} & present:
        hint = "set it, or SLACK_APP_TOKEN for Socket Mode"
        found.append(
            Mistake("SLACK_SIGNING_SECRET", 0, 0, "nothing tells Slack's requests from others", hint)
        )
    return found
