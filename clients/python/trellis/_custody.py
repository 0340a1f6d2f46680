# SPDX-License-Identifier: Apache-2.0
"""Where a database lives, in words that differ once its file was copied or set back; the same
words as the command line's, so that both may open one file in turn."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def _token(database: Path) -> Path:
    return database.with_name(database.name + ".custody")


def custody_of(database: Path) -> str | None:
    """None where there is no such file yet."""
    try:
        file = database.stat()
    except OSError:
        return None
    machine = _text(Path("/etc/machine-id"))
    return f"{machine} {file.st_dev} {file.st_ino} {_text(_token(database))}"


def renew_custody(database: Path) -> str:
    """A new token beside the database: a copy made earlier no longer fits it."""
    fresh = _token(database).with_name(_token(database).name + ".tmp")
    with open(fresh, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(16))
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, _token(database))
    return custody_of(database) or ""
