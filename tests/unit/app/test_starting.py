"""Nothing is collected while the bot starts, and what it made then is left alone afterwards."""

from __future__ import annotations

import gc

from bot.app import starting


def test_collection_rests_until_the_start_has_ended() -> None:
    before = gc.get_freeze_count()
    starting.begin()
    try:
        assert not gc.isenabled()
        kept = [[number] for number in range(1000)]
    finally:
        starting.ended()
    assert gc.isenabled()
    assert gc.get_freeze_count() - before > len(kept)
