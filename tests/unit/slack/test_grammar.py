"""From words to typed arguments, and what wrong words get."""

from __future__ import annotations

from dataclasses import dataclass
from time import process_time
from typing import Any

import pytest

from bot.core.command import ArgKind, Command, NoArguments, arg
from bot.core.errors import UserError
from bot.slack.grammar import parse
from bot.slack.words import typed
from commands import COMMANDS
from commands.deploy import COMMAND as DEPLOY
from commands.help import COMMAND as HELP
from commands.state import COMMAND as STATE
from commands.unsubscribe import COMMAND as UNSUBSCRIBE
from tests.unit.slack.talk import LAUNCH, VOCABULARY, Everything, command

PLAIN = Everything("api", "staging")


@pytest.mark.parametrize(
    ("words", "at", "ref"),
    [
        ("api production at tomorrow 09:00 v1", "tomorrow 09:00", "v1"),
        ("api at 9am production v1", "9am", "v1"),
        ("api production v1 at next monday 9 am Europe/London", "next monday 9 am Europe/London", "v1"),
        ("at monday 9am api production", "monday 9am", None),
        ("api production at soon", "soon", None),
    ],
)
def test_a_time_ends_where_it_makes_sense(words: str, at: str, ref: str | None) -> None:
    found = parse(DEPLOY, words, VOCABULARY)
    assert (found.environment, found.at, found.ref) == ("production", at, ref)


def launch(words: str) -> Everything:
    found = parse(LAUNCH, words, VOCABULARY)
    assert isinstance(found, Everything)
    return found


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("api staging", PLAIN),
        ("api to staging", PLAIN),
        ("API in Staging", PLAIN),
        ("  api \t staging\n", PLAIN),
        ("environment=staging service=api", PLAIN),
        ("staging service=api", PLAIN),
        ("environment=staging api", PLAIN),
        ('"api" "staging"', PLAIN),
        ("api staging main", Everything("api", "staging", "main")),
        ("api staging Feature/X", Everything("api", "staging", "Feature/X")),
        ("api staging ref=because", Everything("api", "staging", "because")),
        ("api staging ref=emergency", Everything("api", "staging", "emergency")),
        ('api staging ref="a b"', Everything("api", "staging", "a b")),
        ("api staging dry-run", Everything("api", "staging", dry_run=True)),
        ("DRY-RUN api staging", Everything("api", "staging", dry_run=True)),
        ("api staging a=1 b=2", Everything("api", "staging", inputs=(("a", "1"), ("b", "2")))),
        ("api staging a=b=c", Everything("api", "staging", inputs=(("a", "b=c"),))),
        ("api staging a=", Everything("api", "staging", inputs=(("a", ""),))),
        ('api staging m="say because x"', Everything("api", "staging", inputs=(("m", "say because x"),))),
        ("api staging at tomorrow 09:00", Everything("api", "staging", at="tomorrow 09:00")),
        ("at 9:00 dry-run api staging", Everything("api", "staging", at="9:00", dry_run=True)),
        ("api staging because it is Friday", Everything("api", "staging", reason="it is Friday")),
        ("api staging BECAUSE of it", Everything("api", "staging", reason="of it")),
        ("api staging because x because y", Everything("api", "staging", reason="x because y")),
        ("api staging because it sets a=1.", Everything("api", "staging", reason="it sets a=1.")),
        ('api staging because a "quoted" word', Everything("api", "staging", reason='a "quoted" word')),
    ],
)
def test_what_words_mean(words: str, wanted: Everything) -> None:
    assert launch(words) == wanted


@pytest.mark.parametrize(
    ("phone", "wanted"),
    [
        ("api staging ref=“a b”", Everything("api", "staging", "a b")),
        ("api staging dry–run", Everything("api", "staging", dry_run=True)),
        ("api staging dry—run", Everything("api", "staging", dry_run=True)),
        ("api\u00a0staging\u202fmain", Everything("api", "staging", "main")),
        ("api staging because it’s Friday", Everything("api", "staging", reason="it's Friday")),
    ],
)
def test_what_phones_put_in_is_repaired(phone: str, wanted: Everything) -> None:
    assert launch(phone) == wanted


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("<#C123|123>", "#123"),
        ("<#C0GENERAL1|general>", "#general"),
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&amp;lt;", "&lt;"),
        ("<https://example.com/x|example.com/x>", "example.com/x"),
        ("<https://example.com>", "https://example.com"),
        ("<mailto:a@example.com|a@example.com>", "a@example.com"),
        ("<@U1|ann>", "<@U1|ann>"),
    ],
)
def test_slacks_escapes_are_undone_once(sent: str, meant: str) -> None:
    assert typed(sent) == meant


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("", "Which service?"),
        ("api", "Which environment?"),
        ("apy staging", "There is no service called `apy`."),
        ("api stagign", "There is no environment of api called `stagign`."),
        ("environment=preview api", "There is no environment of api called `preview`."),
        ("api staging main extra", "`extra` is one word too many."),
        ("api staging service=web", "There is no environment of web called `api`."),
        ("service=api service=web staging", "The service is given twice."),
        ("api staging dry-run dry-run", "The dry run is given twice."),
        ("api staging ref=", "`ref=` wants something after it."),
        ("api staging because", "`because` wants a reason after it."),
        ("api staging at", "`at` wants something after it."),
        ("api staging at dry-run", "`at` wants something after it."),
    ],
)
def test_wrong_words_are_told_with_an_example(words: str, what: str) -> None:
    with pytest.raises(UserError) as refused:
        launch(words)
    assert refused.value.what == what
    assert "/launch api staging" in refused.value.next


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("apii staging", "Did you mean `api`?"),
        ("api prodution", "Did you mean `production`?"),
        ("zzz staging", "There are api, web, web-shop."),
        ("api zzz", "There are staging, production."),
        ("", "There are api, web, web-shop."),
        ("api staging main emergenci", "Did you mean `emergency`?"),
    ],
)
def test_the_nearest_right_word_is_named(words: str, hint: str) -> None:
    with pytest.raises(UserError) as refused:
        launch(words)
    assert refused.value.why == hint


@pytest.mark.parametrize("last", ["emergency", "dry-run", "a=1"])
def test_a_reason_that_ends_in_an_option_is_not_guessed(last: str) -> None:
    with pytest.raises(UserError) as refused:
        launch(f"api staging because we must {last}")
    assert f"`{last}`" in refused.value.what
    assert f"“we must {last}”" in refused.value.why
    assert "“we must”" in refused.value.why
    assert f"`{last} because we must`" in refused.value.next
    assert launch(f"api staging {last} because we must").reason == "we must"
    assert launch(f"api staging because we must {last}.").reason == f"we must {last}."


def test_pairs_are_refused_where_nobody_takes_them() -> None:
    with pytest.raises(UserError, match="takes no `x="):
        parse(STATE, "api x=1", VOCABULARY)


def test_a_pair_at_the_end_of_a_reason_is_plain_where_nobody_takes_pairs() -> None:
    @dataclass(frozen=True, slots=True)
    class Why:
        reason: str = arg(ArgKind.REST, "why", word="because", default="")

    assert parse(command(Why), "because x a=1", VOCABULARY).reason == "x a=1"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("api, web staging extra", "beside the comma"),
        ("api staging main level=high, low", "beside the comma"),
        ("api staging main level = high", "beside the `=`"),
    ],
)
def test_a_blank_too_many_is_named(words: str, why: str) -> None:
    @dataclass(frozen=True, slots=True)
    class Lenient:
        first: str = arg(ArgKind.WORD, "any")
        second: str = arg(ArgKind.WORD, "any")
        third: str = arg(ArgKind.WORD, "any")
        pairs: tuple[tuple[str, str], ...] = arg(ArgKind.PAIRS, "any", default=())

    with pytest.raises(UserError) as refused:
        parse(command(Lenient), words, VOCABULARY)
    assert why in refused.value.why


def test_the_example_has_the_word_that_was_cut_short() -> None:
    with pytest.raises(UserError) as refused:
        parse(STATE, "run", VOCABULARY)
    assert "`/state run 1234567890`" in refused.value.next
    with pytest.raises(UserError, match=r"Which subscription\?"):
        parse(UNSUBSCRIBE, "", VOCABULARY)


def test_a_command_without_arguments_takes_no_words() -> None:
    assert parse(command(NoArguments), "  ", VOCABULARY) == NoArguments()
    with pytest.raises(UserError, match="one word too many"):
        parse(command(NoArguments), "hello", VOCABULARY)


@pytest.mark.parametrize(
    ("words", "what", "environment"),
    [
        ("", None, None),
        ("api", "api", None),
        ("production", "production", None),
        ("api production", "api", "production"),
        ("api in production", "api", "production"),
        ("in production", None, "production"),
        ("environment=production", None, "production"),
        ("#42", "#42", None),
    ],
)
def test_the_words_of_state(words: str, what: str | None, environment: str | None) -> None:
    found = parse(STATE, words, VOCABULARY)
    assert (found.what, found.environment) == (what, environment)


def test_the_words_of_help() -> None:
    assert parse(HELP, "", VOCABULARY).command is None
    assert parse(HELP, "Deploy", VOCABULARY).command == "deploy"
    with pytest.raises(UserError, match="Did you mean `deploy`"):
        parse(HELP, "deplyo", VOCABULARY)


@pytest.mark.parametrize(
    ("command", "example"), [(each, example) for each in COMMANDS for example in each.examples]
)
def test_every_example_is_understood(command: Command[Any], example: str) -> None:
    name, words = example.removeprefix("/slipway ").removeprefix("/").partition(" ")[::2]
    assert (
        name == command.name or command.by_form
    )  # where words alone never do it, another one opens the form
    parse(next(each for each in COMMANDS if each.name == name), words, VOCABULARY)


@pytest.mark.parametrize("text", ["<http:" * 6_000, "<#C1|" * 8_000, "<https:" * 5_700])
def test_no_message_takes_long_to_read(text: str) -> None:
    began = process_time()
    assert typed(text) == text
    assert process_time() - began < 0.3
