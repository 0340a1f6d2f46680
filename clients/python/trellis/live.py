# SPDX-License-Identifier: Apache-2.0
"""Queries that stay true while others write."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trellis import _library
from trellis._talk import Talk
from trellis.errors import TrellisError
from trellis.types import Row

if TYPE_CHECKING:
    from trellis.replica import Replica


@dataclass(frozen=True)
class Change:
    """What a change did to the rows of a query. `removed` holds records' identifiers, or whole
    rows as text where the rows have none."""

    added: list[Row]
    changed: list[Row]
    removed: list[str]


class LiveQuery:
    """The rows of a list or a query, and what becomes of them.

    with db.watch("check_in") as live:
        for rows in live:          # now, and again after every change; syncs while it waits
            print(len(rows))
    """

    def __init__(self, replica: "Replica", query: dict[str, Any]) -> None:
        self._replica = replica
        self._number = _library.watch(replica.handle, json.dumps(query).encode())
        self._is_open = True

    def __enter__(self) -> "LiveQuery":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends watching. Again is fine."""
        if self._is_open and not self._replica.is_closed:
            _library.unwatch(self._replica.handle, self._number)
            self._replica.forget_events(self._number)
        self._is_open = False

    @property
    def rows(self) -> list[Row]:
        """As of now, in the order of the query."""
        self._replica.forget_events(self._number)
        rows: list[Row] = json.loads(_library.rows(self._replica.handle, self._number))
        return rows

    def __iter__(self) -> Iterator[list[Row]]:
        yield self.rows
        for _ in self.changes():
            yield self.rows

    def changes(self, timeout: float | None = None) -> Iterator[Change]:
        """Every change from now on, oldest first. While it waits it stays in sync with the server,
        where this device belongs to an organisation. Ends after `timeout` seconds without one."""
        while self._is_open:
            end = None if timeout is None else time.monotonic() + timeout
            change = self._next(end)
            if change is None:
                return
            yield change

    def _next(self, end: float | None) -> Change | None:
        while True:
            event = self._replica.take_event(self._number)
            if event is not None:
                return Change(event["added"], event["changed"], event["removed"])
            left = 3600.0 if end is None else end - time.monotonic()
            if left <= 0:
                return None
            self._replica.follow(left)


class Follower:
    """Stays in sync, one step at a time, and dials again after a pause where that breaks."""

    def __init__(self, replica: "Replica") -> None:
        self._replica = replica
        self._talk: Talk | None = None
        self._dial_at = 0.0

    def step(self, timeout: float) -> None:
        """Waits for news at most that long."""
        if self._talk is None and not self._dial(timeout):
            return
        assert self._talk is not None
        self._talk.step(timeout)
        if not self._talk.is_open:
            self._hang_up()

    def stop(self) -> None:
        if self._talk is not None:
            self._talk.end()
            self._talk = None

    def _dial(self, timeout: float) -> bool:
        pause = self._dial_at - time.monotonic()
        if pause > 0:
            time.sleep(min(pause, timeout))
            return False
        try:
            self._talk = Talk(
                self._replica.handle, b'{"op":"sync_start"}', min(timeout, 30.0), self._replica.tls
            )
            return True
        except TrellisError as why:
            if why.code != "offline":
                raise
            # No connection was made, so that the library knows of none to pause after.
            self._dial_at = time.monotonic() + 5.0
            return False

    def _hang_up(self) -> None:
        assert self._talk is not None
        talk, self._talk = self._talk, None
        try:
            redial = talk.finish()[1]
        except TrellisError as why:
            if why.code not in ("offline", "timeout", "busy"):
                raise
            redial = 5000
        self._dial_at = time.monotonic() + max(redial, 0) / 1000
