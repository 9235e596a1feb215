"""What the log looks like, and that no secret stands in it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from bot.app.logs import set_up
from bot.config.settings import Settings

KEY = "-----BEGIN RSA " + 'PRIVATE KEY-----\nMIIEow"x\\y\nabcdef\n-----END RSA ' + "PRIVATE KEY-----"
SECRETS = {
    "SLACK_BOT_TOKEN": "xoxb" + "-1234567890-abcdefghij",
    "SLACK_SIGNING_SECRET": "0123456789abcdef" * 2,
    "GITHUB_APP_PRIVATE_KEY": KEY,
    "GITHUB_WEBHOOK_SECRET": 'a "quoted" secret\\with é',
    "DATABASE_URL": "postgresql://slipway:" + "hunter2@127.0.0.1/slipway",
}


@pytest.fixture(autouse=True)
def root_logger() -> Iterator[None]:
    """Give the root logger back as it was."""
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    levels = {
        name: logging.getLogger(name).level
        for name in ("apscheduler", "slack_bolt", "slack_sdk", "urllib3", "github")
    }
    yield
    root.setLevel(before[0])
    for handler in list(root.handlers):
        root.removeHandler(handler)
    for handler in before[1]:
        root.addHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def logged(
    capsys: pytest.CaptureFixture[str],
    form: str,
    message: str,
    *values: object,
    error: Exception | None = None,
) -> str:
    environ = SECRETS | {"SLIPWAY_LOG_FORMAT": form, "GITHUB_APP_ID": "1", "SLIPWAY_LOG_LEVEL": "info"}
    set_up(Settings.load(environ, serving=False))
    logging.getLogger("bot.test").warning(message, *values, exc_info=error)
    return capsys.readouterr().err


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_of_ours_is_ever_written(capsys: pytest.CaptureFixture[str], form: str, name: str) -> None:
    secret = SECRETS[name]
    error = ValueError(f"it was {secret!r}", {"nested": secret})
    for text in (
        logged(capsys, form, "said %s", secret),
        logged(capsys, form, "said %r", secret),
        logged(capsys, form, "said %s", json.dumps(secret)),
        logged(capsys, form, "failed", error=error),
    ):
        assert "[redacted]" in text
        for piece in secret.split("\n"):
            assert piece not in text
            assert json.dumps(piece)[1:-1] not in text
        for inner in ("MIIEow", "abcdef\n", "hunter2"):
            assert inner not in text


@pytest.mark.parametrize("form", ["text", "json"])
def test_secrets_of_others_are_masked_by_their_shape(capsys: pytest.CaptureFixture[str], form: str) -> None:
    token = "ghp" + "_" + "a1B2" * 9
    assert token not in logged(capsys, form, "answer: %s", {"token": token})


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    text = logged(capsys, "json", "two\nlines %s", "é", error=ValueError("boom"))
    (row,) = [json.loads(line) for line in text.splitlines()]
    assert (row["level"], row["logger"], row["message"]) == ("warning", "bot.test", "two\nlines é")
    assert "ValueError: boom" in row["exception"]


def test_text_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    text = logged(capsys, "text", "hello %s", "there")
    assert text.endswith("WARNING bot.test: hello there\n")
    assert logging.getLogger("slack_bolt").level == logging.WARNING
