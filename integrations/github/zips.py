"""Reads files out of a zip that anybody may have made: nothing is unpacked, and everything is counted."""

from __future__ import annotations

import zipfile
import zlib

STEEPEST = 200  # bytes of a file for each in the zip
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)


class OddZip(ValueError):
    """It can't be used, and why."""


def content_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, largest: int) -> bytes:
    """One file of it, of at most so many bytes; OddZip for anything that is not plainly that."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise OddZip("its artifact is packed in an odd way")
    steep = entry.file_size > STEEPEST * max(entry.compress_size, 1)
    if entry.file_size > largest or steep:
        raise OddZip(f"it is larger than {largest // 1024} KiB, or packed too tightly")
    with archive.open(entry) as file:
        content = file.read(largest + 1)  # what it claims to be is not what is counted
    if len(content) > largest:
        raise OddZip(f"it is larger than {largest // 1024} KiB")
    return content
