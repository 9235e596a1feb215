"""From the words of a command to its typed arguments: same shape for every command."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, TypeVar

from bot.core.command import Arg, ArgKind, Command, args_of
from bot.core.errors import UserError
from bot.core.grammar_words import GrammarWord
from bot.core.nearest import suggestion
from bot.slack.words import PAIR, split, tidy, without_quoted

Arguments = TypeVar("Arguments")

POSITIONAL = frozenset({ArgKind.SERVICE, ArgKind.ENVIRONMENT, ArgKind.REF, ArgKind.WORD, ArgKind.COMMAND})
AT_MOST = 5  # words of a phrase such as `at next monday 9 am Europe/London`
UNREAD = 3  # words of one that is no phrase at all


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names this person may use: the environments of each visible service, and the commands."""

    services: Mapping[str, tuple[str, ...]]
    commands: tuple[str, ...] = ()

    def environments(self, service: str | None) -> tuple[str, ...]:
        """Those of one service, or all of them."""
        if service is not None:
            return self.services.get(service, ())
        return tuple(dict.fromkeys(name for names in self.services.values() for name in names))


def parse(command: Command[Arguments], text: str, vocabulary: Vocabulary) -> Arguments:
    """The arguments, or UserError that says what is wrong, the nearest right word, and an example."""
    reader = _Reader(command, args_of(command.arguments), vocabulary)
    reader.read(tidy(text))
    return command.arguments(**reader.values)


@dataclass
class _Reader:
    command: Command[Any]
    declared: dict[str, Arg]
    vocabulary: Vocabulary
    values: dict[str, Any] = field(default_factory=dict)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)  # positional arguments given as name=value

    def read(self, text: str) -> None:
        tokens = split(self._take_rest(text))
        positional = self._take_options(tokens)
        self._take_positional(positional)
        self._complete()

    def _take_rest(self, text: str) -> str:
        """`because` takes all that follows."""
        for name, each in self._of(ArgKind.REST):
            found = re.search(rf"(?:^|\s){each.word}(?:\s+|$)", without_quoted(text), re.IGNORECASE)
            if found is None:
                continue
            rest = text[found.end() :].strip()
            if not rest:
                raise self._error(f"`{each.word}` wants a reason after it.")
            self._refuse_two_readings(each, rest)
            self.values[name] = rest
            return text[: found.start()]
        return text

    def _refuse_two_readings(self, rest: Arg, reason: str) -> None:
        """`because … emergency` could mean either; it is not guessed."""
        last = reason.rsplit(maxsplit=1)[-1]
        if last.endswith((".", "!", "?")):
            return  # the end of a sentence, as the message below asks for
        option = self._flag(last) or (PAIR.fullmatch(last) and self._of(ArgKind.PAIRS))
        if option:
            start = reason[: -len(last)].strip()
            raise UserError(
                f"`{last}` at the end can be read in two ways.",
                f"Either the reason is “{reason}”, or `{last}` is an option and the reason is “{start}”.",
                f"For the option write `{last} {rest.word} {start}`; for the reason add a full stop.",
            )

    def _take_options(self, tokens: list[str]) -> list[str]:
        left: list[str] = []
        while tokens:
            token = tokens.pop(0)
            if name := self._flag(token):
                self._set(name, True)
            elif name := self._phrase(token):
                self._set(name, self._words_of_phrase(name, token, tokens))
            elif pair := PAIR.fullmatch(token):
                self._take_pair(pair[1], pair[2])
            else:
                left.append(token)
        return left

    def _words_of_phrase(self, name: str, word: str, tokens: list[str]) -> str:
        """As many words as make one phrase; where none do, the first few, for the command to refuse."""
        free = [*takewhile(lambda token: not self._is_option(token), tokens[:AT_MOST])]
        if not free:
            near = [each for each in self.command.examples if f" {word.lower()} " in each]
            raise self._error(f"`{word}` wants something after it.", example=near[0] if near else "")
        reads = self.declared[name].reads
        lengths = (length for length in range(len(free), 0, -1) if reads and reads(" ".join(free[:length])))
        length = next(lengths, min(len(free), UNREAD))
        del tokens[:length]
        return " ".join(free[:length])

    def _take_pair(self, name: str, value: str) -> None:
        each = self.declared.get(name)
        if each is not None and each.kind in POSITIONAL:
            self._name(name, value)
        elif self._of(ArgKind.PAIRS):
            self.pairs.append((name, value))
        else:
            raise self._error(f"`/{self.command.name}` takes no `{name}=`.")

    def _name(self, name: str, value: str) -> None:
        if not value:
            raise self._error(f"`{name}=` wants something after it.")
        if name in self.named:
            raise self._error(f"The {name.replace('_', ' ')} is given twice.")
        self.named[name] = value

    def _take_positional(self, tokens: list[str]) -> None:
        for name, each in self.declared.items():
            if each.kind not in POSITIONAL:
                continue
            if name in self.named:
                self._set(name, self._checked(name, each, self.named[name]))
                continue
            if tokens and tokens[0].lower() in each.filler and len(tokens) > 1:
                tokens = tokens[1:]
            if not tokens or self._is_left_out(name, each, tokens):
                continue
            self._refuse_word_as_ref(each, tokens[0])
            self._set(name, self._checked(name, each, tokens[0]))
            tokens = tokens[1:]
        if tokens:
            words = [each.word for each in self.declared.values() if each.word]
            why = self._torn(tokens) or suggestion(tokens[0], words)
            raise self._error(f"`{tokens[0]}` is one word too many.", why)

    def _torn(self, tokens: list[str]) -> str:
        """Where a blank was typed that does not belong there."""
        given = [*(value for _, value in self.pairs), *self.values.values()]
        if tokens[0].startswith(",") or any(isinstance(one, str) and one.endswith(",") for one in given):
            return "Leave out the blank beside the comma."
        return "Leave out the blanks beside the `=`." if any("=" in one for one in tokens) else ""

    def _refuse_word_as_ref(self, each: Arg, token: str) -> None:
        """`dry-run` taken for a branch would deploy what was only meant to be looked at."""
        if each.kind is ArgKind.REF and token.lower() in set(GrammarWord):
            raise UserError(
                f"`{token}` is a word of the grammar, and `/{self.command.name}` does not take it here.",
                "It is not read as the name of a branch, lest something else happens than was meant.",
                f"For a branch of that name write `ref={token}`.",
            )

    def _complete(self) -> None:
        for name, _ in self._of(ArgKind.PAIRS):
            self.values[name] = tuple(self.pairs)
        for name, each in self.declared.items():
            if each.required and name not in self.values:
                asked = each.label.lower() or name.replace("_", " ")
                raise self._error(f"Which {asked}?", self._choices(each))

    def _fits(self, each: Arg, token: str) -> bool:
        known = self._known(each)
        return known is None or token.lower() in known

    def _is_left_out(self, name: str, each: Arg, tokens: list[str]) -> bool:
        """Whether the next word is a later argument's, so that this optional one is absent."""
        if each.required:
            return False
        if len(tokens) > 1 and any(tokens[0].lower() in one.filler for one in self._after(name)):
            return True
        return not self._fits(each, tokens[0]) and self._fits_later(name, tokens[0])

    def _after(self, name: str) -> list[Arg]:
        names = list(self.declared)
        return [self.declared[each] for each in names[names.index(name) + 1 :]]

    def _fits_later(self, name: str, token: str) -> bool:
        return any(each.kind in POSITIONAL and self._fits(each, token) for each in self._after(name))

    def _checked(self, name: str, each: Arg, token: str) -> str:
        known = self._known(each)
        if known is None:
            return token
        if token.lower() in known:
            return token.lower()
        place = f" of {self.values['service']}" if "service" in self.values and name != "service" else ""
        what = f"There is no {name.replace('_', ' ')}{place} called `{token}`."
        raise self._error(what, suggestion(token, known) or self._choices(each))

    def _known(self, each: Arg) -> tuple[str, ...] | None:
        match each.kind:
            case ArgKind.SERVICE:
                return tuple(self.vocabulary.services)
            case ArgKind.ENVIRONMENT:
                return self.vocabulary.environments(self.values.get("service"))
            case ArgKind.COMMAND:
                return self.vocabulary.commands
            case ArgKind.REF | ArgKind.WORD | ArgKind.PAIRS | ArgKind.FLAG | ArgKind.AFTER | ArgKind.REST:
                return None

    def _choices(self, each: Arg) -> str:
        known = self._known(each)
        if each.kind is ArgKind.REST:
            return f"It comes last, after `{each.word}`."
        return f"There are {', '.join(known)}." if known else ""

    def _set(self, name: str, value: object) -> None:
        if name in self.values:
            raise self._error(f"The {name.replace('_', ' ')} is given twice.")
        self.values[name] = value

    def _of(self, kind: ArgKind) -> list[tuple[str, Arg]]:
        return [(name, each) for name, each in self.declared.items() if each.kind is kind]

    def _flag(self, token: str) -> str | None:
        return next((name for name, each in self._of(ArgKind.FLAG) if each.word == token.lower()), None)

    def _phrase(self, token: str) -> str | None:
        return next((name for name, each in self._of(ArgKind.AFTER) if each.word == token.lower()), None)

    def _is_option(self, token: str) -> bool:
        return bool(self._flag(token) or self._phrase(token) or PAIR.fullmatch(token))

    def _error(self, what: str, why: str = "", example: str = "") -> UserError:
        return UserError(what, why, f"For example: `{example or self.command.examples[0]}`")
