"""Writes a batch of receipts with one statement, and says of each whether it is new."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exists, select
from sqlalchemy.exc import DBAPIError, OperationalError

from bot.core.records import Receipt, Stored
from bot.store.engine import database_url, is_sqlite
from bot.store.ids import new_id
from bot.store.sealing import Seal
from bot.store.tables import inbox

BUSY_MILLISECONDS = 2_000  # Slack does not wait longer than three seconds
_COLUMNS = (
    "workspace_id, id, source, lane, kind, delivery_key, signature, headers, body, sealed, received_at, due_at"
)
