"""Any arguments survive being said, in any order; any text is understood or refused in words."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.command import Command
from bot.core.errors import UserError
from bot.slack.forms import words_of
from bot.slack.grammar import parse
from bot.slack.words import split, tidy, typed
from commands import COMMANDS
from tests.unit.slack.talk import LAUNCH, VOCABULARY, Everything

SIMPLE = "abcdefghijklmnopqrstuvwxyzABC0123456789._/-"
REFS = st.text(SIMPLE, min_size=1, max_size=20)
VALUES = st.text(SIMPLE + "=,:+ '&;<>#|é", max_size=20).map(lambda text: " ".join(text.split()))
NAMES = st.text("abcdefghij_", min_size=1, max_size=8).filter(
    lambda name: name not in ("at", "ref", "service", "environment", "inputs", "dry_run")
)
WORDS = st.lists(st.text(SIMPLE + "'!,", min_size=1, max_size=8), min_size=1, max_size=6)
REASONS = WORDS.map(" ".join).filter(lambda reason: not reason.lower().endswith(("emergency", "dry-run")))
TIMES = st.sampled_from(["", "09:00", "tomorrow 09:00", "next monday 9am"])
PLACES = [(service, each) for service, names in VOCABULARY.services.items() for each in names]


@st.composite
def arguments(draw: st.DrawFn) -> Everything:
    service, environment = draw(st.sampled_from(PLACES))
    pairs = draw(st.dictionaries(NAMES, VALUES, max_size=3))
    return Everything(
        service,
        environment,
        draw(st.none() | REFS),
        tuple(pairs.items()),
        draw(TIMES),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.just("") | REASONS),
    )


def said(args: Everything, shuffle: random.Random) -> str:
    """The arguments as words: what has no fixed place stands anywhere before the reason."""
    options = [f'{name}="{value}"' for name, value in args.inputs]
    options += [f'ref="{args.ref}"'] if args.ref else []
    options += ["dry-run"] if args.dry_run else []
    options += ["emergency"] if args.emergency else []
    shuffle.shuffle(options)
    # `at` takes up to three words, so it needs an option or the reason behind it, or stands last
    places = [args.service, shuffle.choice(["to ", "in ", ""]) + args.environment]
    first, second = options[: len(options) // 2], options[len(options) // 2 :]
    when = [f"at {args.at}"] if args.at else []
    reason = [f"because {args.reason}"] if args.reason else []
    return " ".join([*first, *places, *second, *when, *reason])


def in_order(args: Everything) -> Everything:
    pairs = tuple(sorted(args.inputs))
    return Everything(
        args.service,
        args.environment,
        args.ref,
        pairs,
        args.at,
        args.dry_run,
        args.emergency,
        args.reason,
    )


@given(arguments(), st.randoms(use_true_random=False))
def test_what_is_said_is_what_is_meant_in_any_order(args: Everything, shuffle: random.Random) -> None:
    found = parse(LAUNCH, said(args, shuffle), VOCABULARY)
    assert isinstance(found, Everything)
    assert in_order(found) == in_order(args)


@given(arguments())
def test_a_form_means_what_the_same_words_mean(args: Everything) -> None:
    values = {
        "service": args.service,
        "environment": args.environment,
        "ref": args.ref or "",
        "inputs": "\n".join(f'{name}="{value}"' for name, value in args.inputs),
        "at": args.at,
        "dry_run": "dry-run" if args.dry_run else "",
        "emergency": "emergency" if args.emergency else "",
        "reason": args.reason,
    }
    found = parse(LAUNCH, words_of(LAUNCH, values), VOCABULARY)
    assert isinstance(found, Everything)
    assert in_order(found) == in_order(args)


ODD = "api staging to because at emergency dry-run a=1 ref= service=api in environment=production help x"
ODDER = ["<#C1|7>", "&lt;", "=", "#7", '"', "“", "—", "\u00a0"]
GRAMMARLIKE = st.lists(st.sampled_from([*ODD.split(), *ODDER])).map(" ".join)


@pytest.mark.parametrize("command", [*COMMANDS, LAUNCH], ids=lambda command: command.name)
@given(st.text() | GRAMMARLIKE)
@example('"')
@example("because \ud800 x")
@example("\0")
def test_any_text_is_understood_or_refused_in_words(command: Command[Any], text: str) -> None:
    try:
        parse(command, typed(text), VOCABULARY)
    except UserError as error:
        assert error.what
        assert error.next


@given(st.text())
def test_tidy_words_stay_as_they_are(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    assert all(split(once))
    once.encode()


@given(st.text())
def test_escaping_is_undone(text: str) -> None:
    plain = text.replace("<", "").replace(">", "")
    assert typed(plain.replace("&", "&amp;")) == plain
