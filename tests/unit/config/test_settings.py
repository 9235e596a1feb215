"""The environment is read strictly, and never leaks."""

from __future__ import annotations

import subprocess
import sys
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

from bot.config.mistakes import ConfigError
from bot.config.settings import SECRETS, LogFormat, LogLevel, Settings
from bot.core.pipelines import Provider

SERVER = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "swordfish"}
FERNET = urlsafe_b64encode(bytes(32)).decode()
OTHER_FERNET = urlsafe_b64encode(bytes(range(32))).decode()
PEM = "-----BEGIN RSA PRIVATE KEY-----\\nabc\\n-----END RSA PRIVATE KEY-----\\n"  # pragma: allowlist secret


def mistakes(**environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        Settings.load({**SERVER, **environ})
    return [str(each) for each in caught.value.mistakes]


def test_defaults() -> None:
    settings = Settings.load(SERVER)
    assert settings.config == Path("slipway.yml")
    assert settings.base_url == "http://127.0.0.1:3000"
    assert settings.database_url.get_secret_value() == "sqlite:///slipway.db"
    assert settings.slack_api_url == "https://slack.com/api/"
    assert (settings.log_level, settings.log_format) == (LogLevel.INFO, LogFormat.TEXT)
    assert not settings.socket_mode


def test_everything_said_is_taken() -> None:
    settings = Settings.load(
        {
            "SLACK_BOT_TOKEN": " xoxb-1\n",
            "SLACK_APP_TOKEN": "xapp-1",
            "SLACK_API_URL": "http://127.0.0.1:4000/api",
            "SLIPWAY_PORT": "8080",
            "SLIPWAY_HOST": "0.0.0.0",
            "SLIPWAY_PUBLIC_URL": "https://slipway.example.com/",
            "SLIPWAY_LOG_LEVEL": "debug",
            "SLIPWAY_COMMAND_PREFIX": "x-",
            "SLIPWAY_LOG_FORMAT": "json",
            "SLIPWAY_ENCRYPTION_KEYS": f"{FERNET}, {OTHER_FERNET}",
            "GITHUB_APP_ID": "12",
            "GITHUB_APP_PRIVATE_KEY": PEM,
            "DATABASE_URL": "postgresql://slipway:secret@db:5432/slipway",  # pragma: allowlist secret
        }
    )
    assert settings.socket_mode
    assert settings.slack_bot_token is not None
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1"
    assert settings.slack_api_url == "http://127.0.0.1:4000/api/"
    assert settings.port == 8080
    assert settings.command_prefix == "x-"
    assert settings.base_url == "https://slipway.example.com"
    assert [key.get_secret_value() for key in settings.encryption_keys] == [FERNET, OTHER_FERNET]
    assert settings.github_app_private_key is not None
    assert "\nabc\n" in settings.github_app_private_key.get_secret_value()


def test_empty_means_absent_where_nothing_is_secret() -> None:
    assert Settings.load({**SERVER, "SLIPWAY_PORT": "", "GITLAB_URL": " "}).port == 3000


def test_a_server_needs_slack_and_a_check_does_not() -> None:
    with pytest.raises(ConfigError) as caught:
        Settings.load({})
    assert [each.file for each in caught.value.mistakes] == ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"]
    assert Settings.load({}, serving=False).slack_bot_token is None


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_every_secret_may_be_a_file(name: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    good = {
        "SLACK_BOT_TOKEN": "xoxb-2",
        "SLACK_APP_TOKEN": "xapp-2",
        "DATABASE_URL": "sqlite:///other.db",
        "SLIPWAY_ENCRYPTION_KEYS": FERNET,
        "GITHUB_APP_PRIVATE_KEY": PEM,
        "ALERTMANAGER_WEBHOOK_SECRET": "a" * 16,
    }
    beside = {
        "GITHUB_APP_PRIVATE_KEY": {"GITHUB_APP_ID": "1"},
        "GITHUB_CLIENT_SECRET": {"GITHUB_CLIENT_ID": "a"},
        "JENKINS_TOKEN": {"JENKINS_USER": "a"},
    }
    file.write_text(good.get(name, "anything") + "\n", encoding="utf-8")
    others = {key: value for key, value in SERVER.items() if key != name}
    environ = {**others, **beside.get(name, {}), f"{name}_FILE": str(file)}
    loaded = Settings.load(environ)
    [field] = [key for key, item in Settings.model_fields.items() if item.alias == name]
    assert getattr(loaded, field)
    [said] = mistakes_of({**environ, name: "x"}, name)
    assert said == f"{name}: this is set twice, here and by {name}_FILE; take one of the two out"
    file.write_text("replace-me", encoding="utf-8")
    assert mistakes_of(environ, name) == [
        f"{name}: this still has the value of the example; put the real one there"
    ]
    file.write_text("\n", encoding="utf-8")
    assert mistakes_of(environ, name) == [f"{name}: this is set, but empty; give it a value, or take it out"]
    file.unlink()
    [said] = mistakes_of(environ, name)
    assert "which cannot be read: No such file or directory" in said


def mistakes_of(environ: dict[str, str], name: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        Settings.load(environ)
    return [str(each) for each in caught.value.mistakes if each.file == name]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SLACK_BOT_TOKEN", "xoxp-1", "this does not begin with xoxb-"),
        ("SLACK_APP_TOKEN", "xoxb-1", "this does not begin with xapp-"),
        ("SLIPWAY_PORT", "http", "`http` is no port"),
        ("SLIPWAY_PORT", "65536", "`65536` is no port"),
        ("SLIPWAY_PORT", "tcp://10.0.0.7:80", "an address that Kubernetes sets for a Service called slipway"),
        ("SLIPWAY_PUBLIC_URL", "slipway.example.com", "this is no address"),
        ("SLIPWAY_PUBLIC_URL", "https://", "this is no address"),
        (
            "GITHUB_API_URL",
            "https://a:b@example.com",  # pragma: allowlist secret
            "this holds more than an address",
        ),
        ("GITHUB_APP_ID", "slipway", "this is no App ID"),
        ("DATABASE_URL", "postgres://a/b", "did you mean `postgresql`?"),
        ("DATABASE_URL", "postgresql+psycopg://a/b", "did you mean `postgresql`?"),
        ("DATABASE_URL", "mysql://a/b", "this is no database"),
        ("DATABASE_URL", "slipway.db", "this is no database"),
        ("DATABASE_URL", "sqlite://", "this names no file"),
        ("DATABASE_URL", "sqlite:///:memory:", "this names no file"),
        ("DATABASE_URL", "postgresql://host", "this names no database on a server"),
        ("SLIPWAY_ENCRYPTION_KEYS", f"{FERNET},short", "key 2 is no Fernet key"),
        ("SLIPWAY_ENCRYPTION_KEYS", f"{FERNET},{FERNET}", "a key is there twice"),
        ("SLIPWAY_COMMAND_PREFIX", "/X ", "small letters, digits, - and _"),
        ("SLIPWAY_LOG_LEVEL", "inof", "`inof` is none of debug, info, warning, error; did you mean `info`?"),
        ("SLIPWAY_LOG_FORMAT", "xml", "`xml` is none of text, json"),
        ("ALERTMANAGER_WEBHOOK_SECRET", "a" * 15, "this cannot be the secret part of an address"),
        ("ALERTMANAGER_WEBHOOK_SECRET", "a/b?c#d%20" * 3, "this cannot be the secret part of an address"),
        ("GITHUB_APP_PRIVATE_KEY", "abc", "this is no private key in PEM form"),
    ],
)
def test_a_value_that_cannot_be(name: str, value: str, message: str) -> None:
    assert any(each.startswith(f"{name}: ") and message in each for each in mistakes(**{name: value}))


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"GITHUB_APP_ID": "1"}, "GITHUB_APP_PRIVATE_KEY: this belongs to GITHUB_APP_ID"),
        ({"GITHUB_CLIENT_ID": "1"}, "GITHUB_CLIENT_SECRET: this belongs to GITHUB_CLIENT_ID"),
        ({"JENKINS_TOKEN": "1"}, "JENKINS_USER: this belongs to JENKINS_TOKEN"),
        (
            {"GITHUB_TOKEN": "a", "GITHUB_APP_ID": "1", "GITHUB_APP_PRIVATE_KEY": PEM},
            "GITHUB_TOKEN: GitHub is reached by a token or as an App, not both",
        ),
    ],
)
def test_values_that_do_not_go_together(environ: dict[str, str], message: str) -> None:
    [said] = mistakes(**environ)
    assert message in said


def test_all_mistakes_come_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        Settings.load({"SLIPWAY_PORT": "x", "DATABASE_URL": "x", "GITLAB_TOKEN": "", "JENKINS_USER": "x"})
    assert {each.file for each in caught.value.mistakes} == {
        *("SLIPWAY_PORT", "DATABASE_URL", "GITLAB_TOKEN", "JENKINS_TOKEN"),
        *("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"),
    }
    assert str(caught.value).startswith("the environment has 6 mistakes:\n")


def test_no_secret_shows_in_the_settings_or_in_a_mistake() -> None:
    hidden = "hunter2hunter2"
    settings = Settings.load(
        {
            "SLACK_BOT_TOKEN": f"xoxb-{hidden}",
            "SLACK_SIGNING_SECRET": hidden,
            "GITHUB_TOKEN": hidden,
            "DATABASE_URL": f"postgresql://slipway:{hidden}@db/slipway",
            "SLIPWAY_ENCRYPTION_KEYS": FERNET,
        }
    )
    shown = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert hidden not in shown and FERNET not in shown
    wrong = mistakes(
        SLACK_BOT_TOKEN=hidden,
        DATABASE_URL=f"mysql://{hidden}",
        SLIPWAY_ENCRYPTION_KEYS=hidden,
        GITHUB_APP_PRIVATE_KEY=hidden,
        SLACK_APP_TOKEN=hidden,
    )
    assert len(wrong) == 6
    assert hidden not in " ".join(wrong)


def test_what_the_catalog_needs() -> None:
    both = frozenset({Provider.GITHUB, Provider.JENKINS})
    assert [each.file for each in Settings.load(SERVER).missing_for(both)] == [
        "GITHUB_TOKEN",
        "JENKINS_TOKEN",
    ]
    settings = Settings.load({**SERVER, "GITHUB_TOKEN": "a"})
    assert settings.missing_for(frozenset({Provider.GITHUB})) == ()


def test_the_process_environment_is_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLIPWAY_PORT", "1")
    monkeypatch.setenv("port", "2")
    assert Settings.load(SERVER).port == 3000


def test_importing_reads_nothing() -> None:
    code = "import bot.config.settings, bot.config.catalog"
    environ = {"SLIPWAY_PORT": "x", "DATABASE_URL": "x", "SLIPWAY_CONFIG": "/nowhere", "PYTHONPATH": "."}
    root = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", code], check=True, env=environ, cwd=root)
