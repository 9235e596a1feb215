"""The database of a command: where it is, and whether it is at this version's schema."""

from __future__ import annotations

from collections.abc import Mapping

from bot.config.settings import Settings
from bot.core.errors import UserError
from bot.store.schema import SchemaState
from bot.store.store import Store


def database_url(environ: Mapping[str, str]) -> str:
    """Where the database is, for commands that need nothing else."""
    return Settings.load(environ, serving=False).database_url.get_secret_value()


async def check_schema(store: Store) -> None:
    """UserError that names the command when the database is not at this version's schema."""
    match await store.schema_state():
        case SchemaState.CURRENT:
            return
        case SchemaState.AHEAD:
            raise UserError(
                "The database belongs to a newer version of Slipway.", "", "Install that version again."
            )
        case SchemaState.NONE | SchemaState.BEHIND:
            raise UserError(
                "The database is not ready for this version.",
                "Migrations are missing.",
                "Run `slipway migrate`.",
            )
