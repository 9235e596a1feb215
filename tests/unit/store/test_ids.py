"""Ids in the order of time, and keys."""

from __future__ import annotations

import time
import uuid

import pytest

from bot.core.values import operation_key
from bot.store.ids import new_id, new_key


def test_an_id_is_a_uuid_of_version_7_made_now() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid.UUID(new_id())
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_ids_of_one_process_ascend_also_within_a_millisecond() -> None:
    ids = [new_id() for _ in range(5_000)]
    assert ids == sorted(set(ids))


def test_ids_ascend_when_the_clock_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    first = new_id()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert new_id() > first


def test_a_key_is_well_formed_and_differs_each_time() -> None:
    keys = {operation_key(new_key(12)) for _ in range(100)}
    assert len(keys) == 100
    assert all(key.startswith("slw-12-") for key in keys)
