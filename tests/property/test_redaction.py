"""Whatever secret stands anywhere in a log, and wherever the log is cut, nothing of it comes out."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.log_ends import Span, end_of_log
from bot.core.redaction import Redactor

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz0123456789"
GIVEN_AWAY = 9  # characters in a row that would be too many
PASSWORD = "Zq9vR2mLw8"  # of a database  # pragma: allowlist secret
OURS = ("xq7-own/secret value+of:ours@home", f"postgresql://slipway:{PASSWORD}@db.example.com/x")
REDACTOR = Redactor(OURS)


def body(least: int, most: int, extra: str = "") -> st.SearchStrategy[str]:
    return st.text(LETTERS + extra, min_size=least, max_size=most)


Secret = tuple[str, str]  # what stands in the log, and the part of it that nobody may see


def shaped(made: Callable[[str], str], least: int, most: int, extra: str = "") -> st.SearchStrategy[Secret]:
    """Around letters that nobody may see."""
    return body(least, most, extra).map(lambda inner: (made(inner), inner))


def pem(inner: str) -> str:
    lines = [inner[place : place + 64] for place in range(0, len(inner), 64)]
    return "\n".join(["-----BEGIN RSA " + "PRIVATE KEY-----", *lines, "-----END RSA " + "PRIVATE KEY-----"])


NAMES = (
    "password",
    "DB_PASSWORD",
    "api-key",
    "apiKey",
    "client_secret",
    "authToken",
    "aws_secret_access_key",
)
WAYS = ("{}={}", "{}: {}", '"{}": "{}"', "{}='{}'", "{} => {}", '{{\\"{}\\": \\"{}\\"}}', "--{} {}", "{}:={}")
SECRETS = st.one_of(
    *(shaped(lambda inner, p=p: p + "_" + inner, 20, 60) for p in ("ghp", "gho", "ghu", "ghs", "ghr")),  # type: ignore[misc]
    shaped(lambda inner: "github_pat_" + inner, 22, 80),
    shaped(lambda inner: "glpat" + "-" + inner, 18, 30),
    shaped(lambda inner: "xoxb" + "-" + inner, 20, 50),
    shaped(lambda inner: "xapp" + "-1-" + inner, 20, 50),
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=16, max_size=16).map(
        lambda one: ("AKIA" + one, one)
    ),
    shaped(lambda inner: f"eyJ{inner[:20]}.eyJ{inner[20:50]}.{inner[50:]}", 70, 120),
    shaped(pem, 200, 600, "+/"),
    shaped(lambda inner: f"postgres://someone:{inner}@db.example.com/name", 10, 40, "-_.!/"),
    shaped(lambda inner: f"https://{inner}@github.com/acme/api", 20, 40),
    shaped(lambda inner: f"Authorization: Basic {inner}==", 12, 60),
    shaped(lambda inner: f"authorization: bearer {inner}", 12, 60),
    st.tuples(st.sampled_from(NAMES), st.sampled_from(WAYS), body(10, 40)).map(
        lambda told: (told[1].format(told[0], told[2]), told[2])
    ),
    st.sampled_from([(OURS[0], OURS[0]), (OURS[1], PASSWORD), (PASSWORD, PASSWORD)]),
)
FILLERS = st.lists(
    st.sampled_from(("step 1 of 9", "", "at line 42", "##[warning]slow", "=== ===")), max_size=8
)
SURROUNDINGS = st.sampled_from(("{}", "got {} instead", '"{}"', "\x1b[31m{}\x1b[0m", "##[error]{}", "x\r{}"))
STAMP = "2026-03-02T09:00:00.1234567Z "


def written(before: list[str], secret: str, around: str, after: list[str]) -> bytes:
    rows = [*before, *around.format(secret).split("\n"), *after]
    return "".join(f"{STAMP}{row}\n" for row in rows).encode()


def leaks(shown: tuple[str, ...], inner: str) -> list[str]:
    """The parts of it that anybody could read."""
    text = "\n".join(shown)
    parts = (inner[place : place + GIVEN_AWAY] for place in range(len(inner) - GIVEN_AWAY + 1))
    return [each for each in parts if each in text]


@given(FILLERS, SECRETS, SURROUNDINGS, FILLERS)
def test_no_secret_comes_out(before: list[str], secret: Secret, around: str, after: list[str]) -> None:
    log = written(before, secret[0], around, after)
    assert leaks(end_of_log(log, REDACTOR, Span()), secret[1]) == []


@given(SECRETS, SURROUNDINGS, FILLERS, st.floats(0, 1))
@example((pem(LETTERS * 5), LETTERS * 5), "{}", ["after"], 0.3)
def test_nor_any_half_of_one_that_is_cut(secret: Secret, around: str, after: list[str], where: float) -> None:
    """Only the end of a log is read, and it may begin in the middle of anything."""
    whole = written([], secret[0], around, after)
    log = whole[int(len(whole) * where) :]
    assert leaks(end_of_log(log, REDACTOR, Span(), cut=True), secret[1]) == []


@given(st.lists(SECRETS, min_size=1, max_size=4), FILLERS)
def test_nor_any_of_several(secrets: list[Secret], after: list[str]) -> None:
    log = b"".join(written([], secret, "{}", after) for secret, _ in secrets)
    shown = end_of_log(log, REDACTOR, Span())
    assert [found for _, inner in secrets for found in leaks(shown, inner)] == []
