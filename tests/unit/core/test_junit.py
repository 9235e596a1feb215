"""Results of tests, read without trusting whoever wrote them."""

from __future__ import annotations

import pytest

from bot.core.junit import MOST_FAILURES, FailedTest, TestCounts, read_results
from bot.core.visible import clip

GOOD = b"""<?xml version="1.0"?>
<testsuites><testsuite name="s" tests="4">
 <testcase classname="t.a" name="one"/>
 <testcase classname="t.a" name="two"><failure message="503 != 200">Traceback</failure></testcase>
 <testcase name="three"><error>first
second</error></testcase>
 <testcase classname="t.a" name="four"><skipped/></testcase>
 <system-out>word</system-out>
</testsuite></testsuites>"""
BOMB = b"""<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;">]>
<testsuite><testcase name="&y;"><failure/></testcase></testsuite>"""
OUTSIDE = b"""<!DOCTYPE a SYSTEM "file:///etc/passwd"><testsuite><testcase name="x"/></testsuite>"""


def read(*files: bytes) -> TestCounts | None:
    return read_results(files, clip)


def test_tests_are_counted_and_those_that_failed_named() -> None:
    assert read(GOOD) == TestCounts(
        4, 2, 1, (FailedTest("t.a.two", "503 != 200"), FailedTest("three", "first\nsecond"))
    )


def test_several_files_are_added_up_and_the_same_one_counts_once() -> None:
    other = b'<testsuite><testcase name="x"/></testsuite>'
    found = read(GOOD, GOOD, other, b'<coverage line-rate="1"/>')
    assert found is not None
    assert (found.total, found.failed, found.whole) == (5, 2, True)


def test_only_the_first_few_are_named() -> None:
    cases = b"".join(b'<testcase name="%d"><failure/></testcase>' % number for number in range(20))
    found = read(b"<testsuite>" + cases + b"</testsuite>")
    assert found is not None
    assert (found.total, found.failed, len(found.failures)) == (20, 20, MOST_FAILURES)


@pytest.mark.parametrize("hostile", [BOMB, OUTSIDE], ids=["entities", "an outside definition"])
def test_a_document_that_defines_anything_is_not_read(hostile: bytes) -> None:
    assert read(hostile) is None


@pytest.mark.parametrize(
    "odd",
    [
        b"",
        b"<testsuite>",
        b"no xml",
        b"<html/>",
        b"<testsuite></testsuite>",
        b'<?xml version="1.0" encoding="klingon"?><testsuite><testcase name="x"/></testsuite>',
        b"<testsuite>" * 60 + b"</testsuite>" * 60,
        b"<testsuite><testcase name='&undefined;'/></testsuite>",
    ],
)
def test_what_is_odd_says_nothing(odd: bytes) -> None:
    assert read(odd) is None


def test_what_is_broken_beside_others_is_said() -> None:
    found = read(GOOD, b"<testsuite><testcase")
    assert found is not None
    assert (found.total, found.whole) == (4, False)
