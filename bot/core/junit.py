"""What tests said of themselves, in JUnit's XML: counted while it is read, and nothing else is kept of it.

The parser makes no tree, and a document with a DOCTYPE is refused at once: without one there are no entities,
neither to expand nor to fetch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from xml.parsers.expat import ExpatError, ParserCreate  # nosec B407 - entities need a DOCTYPE, see above

MOST_FAILURES = 5
DEEPEST = 50  # elements in each other
MOST_TESTS = 1_000_000
LONGEST = 4_000  # characters of a message that are looked at
LONGEST_NAME, LONGEST_SAID = 150, 200  # characters that are shown
_ROOTS = frozenset({"testsuites", "testsuite"})
_WRONG = frozenset({"failure", "error"})


@dataclass(frozen=True, slots=True)
class FailedTest:
    """One that failed, and the first line of what it said."""

    name: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class TestCounts:
    """How the tests of a run went; not `whole` where some results could not be read."""

    __test__ = False  # no test of ours

    total: int
    failed: int = 0
    skipped: int = 0
    failures: tuple[FailedTest, ...] = ()  # the first of them
    whole: bool = True


class _Odd(Exception):
    """Nothing that we read on."""


class _Reader:
    """Takes the elements as they come."""

    def __init__(self) -> None:
        self.total = self.failed = self.skipped = 0
        self.failures: list[FailedTest] = []
        self._depth = 0
        self._case: str | None = None
        self._wrong = self._left_out = False
        self._said: str | None = None  # what is told of the failure that is open
        self._told = False  # by its message, so that its text only repeats it
        self._first = ""

    def start(self, name: str, given: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST or (self._depth == 1 and name not in _ROOTS):
            raise _Odd
        if name == "testcase":
            self._case = ".".join(each for each in (given.get("classname"), given.get("name")) if each)
            self._wrong = self._left_out = False
            self._first = ""
        elif self._case is not None and name in _WRONG:
            self._said = given.get("message", "")[:LONGEST]
            self._told = bool(self._said.strip())
            self._wrong = True
        elif self._case is not None and name == "skipped":
            self._left_out = True

    def text(self, text: str) -> None:
        if self._said is not None and not self._told and len(self._said) < LONGEST:
            self._said += text

    def end(self, name: str) -> None:
        self._depth -= 1
        if name in _WRONG and self._said is not None:
            self._first = self._first or self._said[:LONGEST].strip()
            self._said = None
        elif name == "testcase" and self._case is not None:
            self._count(self._case)
            self._case = None

    def _count(self, case: str) -> None:
        self.total += 1
        if self.total > MOST_TESTS:
            raise _Odd
        self.failed += self._wrong
        self.skipped += self._left_out and not self._wrong
        if self._wrong and len(self.failures) < MOST_FAILURES:
            self.failures.append(FailedTest(case[:LONGEST], self._first))


def read_results(files: Iterable[bytes], clean: Callable[[str, int], str]) -> TestCounts | None:
    """All of them together; None where none holds a test. `clean` makes others' words fit to be shown."""
    total = failed = skipped = 0
    failures: list[FailedTest] = []
    whole = True
    for content in dict.fromkeys(files):
        reader, read = _read(content)
        if reader is None:
            whole = whole and read
            continue
        total, failed, skipped = total + reader.total, failed + reader.failed, skipped + reader.skipped
        failures += reader.failures
    if not total:
        return None
    first = failures[:MOST_FAILURES]
    shown = tuple(
        FailedTest(clean(each.name, LONGEST_NAME), clean(each.said, LONGEST_SAID)) for each in first
    )
    return TestCounts(total, failed, skipped, shown, whole)


def _read(content: bytes) -> tuple[_Reader | None, bool]:
    """What was read of one file; False where it was to be read, and could not be."""
    reader, parser = _Reader(), ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(content, True)
    except _Odd:
        return None, True  # something else than results of tests: coverage, say
    except (ExpatError, ValueError, LookupError):
        return None, False
    return reader, True


def _refuse(*_: object) -> None:
    raise _Odd
