"""The preview of a rollback says plainly whether a migration lies between, and which."""

from __future__ import annotations

import pytest

from bot.core.catalog import Policy
from bot.core.rules import Right, Rights
from commands._back_migrations import between
from tests.fakes.samples import SRE, policy

REFUNDS, SPLIT = "db/migrations/0042_refunds.sql", "db/migrations/0043_split.sql"


def guarded(*, rights: bool = True) -> Policy:
    able = Rights(((Right.OVERRIDE_MIGRATIONS, (SRE,)),)) if rights else Rights()
    return policy(migrations=("db/migrations/**",), rights=able)


@pytest.mark.parametrize(
    ("paths", "whole", "said"),
    [
        (("src/app.py",), True, "No migration lies between."),
        (("src/app.py", REFUNDS, REFUNDS), True, f"A migration lies between: {REFUNDS}."),
        ((REFUNDS, SPLIT), True, f"Migrations lie between: {REFUNDS}, {SPLIT}."),
        ((REFUNDS,), False, f"A migration lies between: {REFUNDS} and nobody can say which others."),
        ((), False, "Nobody can say whether a migration lies between."),
    ],
)
def test_which_files(paths: tuple[str, ...], whole: bool, said: str) -> None:
    text = between(guarded(), paths, whole=whole).plain()
    assert said in text
    assert ("does not undo" in text) is (said != "No migration lies between.")


def test_who_must_agree() -> None:
    assert (
        "until somebody of sre other than you lets it pass"
        in between(guarded(), [REFUNDS], whole=True).plain()
    )
    assert "the catalog allows nobody" in between(guarded(rights=False), [REFUNDS], whole=True).plain()


def test_a_service_without_migrations_has_nothing_to_say() -> None:
    assert not between(policy(), [REFUNDS], whole=False).lines
