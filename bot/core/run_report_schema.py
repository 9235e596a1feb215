"""The schema of `slipway.json`, published under docs/; what is read is checked against this very value."""

from __future__ import annotations

from typing import Any

ONE_LINE = r"^[^\x00-\x1f\x7f\u0080-\u009f\u2028\u2029]+$"
# It is typed by people, and it becomes an input of a workflow: nothing in it may mean anything to a shell.
BACKUP_ID = r"^[A-Za-z0-9][A-Za-z0-9._:/@+-]*$"
DIGEST = r"^sha256:[0-9a-f]{64}$"
MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$"
ADDRESS = r"^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[!-~]*)?$"
OPEN = "additionalProperties"


def _words(longest: int, pattern: str, description: str) -> dict[str, Any]:
    return {"type": "string", "maxLength": longest, "pattern": pattern, "description": description}


SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "slipway.json",
    "description": "What a run says of itself, left as an artifact called slipway.json or slipway.",
    "type": "object",
    OPEN: False,
    "properties": {
        "version": _words(200, ONE_LINE, "What was deployed, as people call it."),
        "images": {
            "type": "array",
            "maxItems": 50,
            "description": "What was built.",
            "items": {
                "type": "object",
                OPEN: False,
                "required": ["name", "digest"],
                "properties": {
                    "name": _words(300, ONE_LINE, "Without a tag: that may move."),
                    "digest": _words(71, DIGEST, "What the registry calls it."),
                },
            },
        },
        "backup": {
            "type": "object",
            OPEN: False,
            "description": "The backup that this run made before its first migration.",
            "required": ["id", "at"],
            "properties": {
                "id": _words(100, BACKUP_ID, "By which it can be restored; {backup} in the catalog."),
                "at": _words(40, MOMENT, "What it holds was written before then; RFC 3339."),
            },
        },
        "migrations": {
            "type": "array",
            "maxItems": 300,
            "description": "The migrations that this run carried out.",
            "items": _words(300, ONE_LINE, "Its path or name."),
        },
        "url": _words(500, ADDRESS, "Where it can be looked at now."),
    },
}
