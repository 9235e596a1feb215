"""Which line of CODEOWNERS speaks of a file."""

from __future__ import annotations

import pytest

from integrations.github.codeowners import owners_of

DEPLOY = ".github/workflows/deploy.yml"


@pytest.mark.parametrize(
    ("pattern", "owned"),
    [
        ("*", True),
        ("*.yml", True),
        ("**/deploy.yml", True),
        ("deploy.yml", True),
        ("/deploy.yml", False),
        (".github/", True),
        ("/.github/", True),
        ("workflows/", True),
        ("/workflows/", False),
        (".github/*", False),
        (".github/**", True),
        ("/.github/workflows", True),
        ("/.github/workflows/*", True),
        ("/.github/workflows/*.yaml", False),
        ("/.github/workflow", False),
        (".github/**/deploy.yml", True),
        ("github/workflows/deploy.yml", False),
        ("xgithub/", False),
    ],
)
def test_a_pattern_covers_what_github_says_it_does(pattern: str, owned: bool) -> None:
    assert bool(owners_of(f"{pattern} @acme/leads\n", DEPLOY)) is owned


def test_the_last_line_that_fits_decides_even_with_nobody() -> None:
    text = "# all of it\n* @ada @grace # both\n/.github/ @acme/leads\n/.github/workflows/\n"
    assert owners_of(text, "src/main.py") == ("@ada", "@grace")
    assert owners_of(text, ".github/CODEOWNERS") == ("@acme/leads",)
    assert owners_of(text, DEPLOY) == ()
    assert owners_of("", DEPLOY) == ()
