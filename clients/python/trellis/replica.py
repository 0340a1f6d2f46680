# SPDX-License-Identifier: Apache-2.0
"""A device's own copy of its spaces."""

from __future__ import annotations

import json
import os
import ssl
import tempfile
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from ctypes import c_void_p
from pathlib import Path
from typing import Any

from trellis import _library, _talk
from trellis._custody import custody_of, renew_custody
from trellis.errors import TrellisError
from trellis.live import Follower, LiveQuery
from trellis.types import Grant, Member, Organisation, Recovered, Row, Space, SyncReport


def open(  # noqa: A001 (as in dbm, shelve and tarfile: trellis.open)
    path: str | os.PathLike[str] | None = None,
    *,
    key: bytes | None = None,
    schema: Mapping[str, Any] | None = None,
    tls: ssl.SSLContext | None = None,
) -> "Replica":
    """Opens the database at `path`, or makes it; without a path, one in memory.

    `key`: the 32 bytes that encrypt the file. Without one they lie beside it in `path`.key, as
    the command line keeps them: fine for trying out, and no protection if both are stolen.
    `schema`: a district's own; else the family schema. `tls`: whom to trust for wss://.
    """
    return Replica(None if path is None else Path(path), key, schema, tls)


class Replica:
    """Works offline; every write is on the disk when its call returns. For one thread at a time
    (`move_here`). Closes at the end of a `with`."""

    def __init__(
        self,
        path: Path | None,
        key: bytes | None,
        schema: Mapping[str, Any] | None,
        tls: ssl.SSLContext | None,
    ) -> None:
        self.tls = tls
        self._handle: c_void_p | None = None
        self._events: deque[dict[str, Any]] = deque()
        self._follower: Follower | None = None
        text = b"" if schema is None else json.dumps(schema).encode()
        if path is None:
            self._handle = _library.open_replica(None, key or b"", text, None)
            return
        if "\0" in str(path):
            raise TrellisError("invalid", "a path holds no zero")
        key = key if key is not None else _key_beside(path)
        self._handle = _library.open_replica(str(path), key, text, custody_of(path))
        _library.keep_custody(self._handle, renew_custody(path))

    def __enter__(self) -> "Replica":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def handle(self) -> c_void_p:
        """Of the library; for this package."""
        if self._handle is None:
            raise TrellisError("closed", "this replica is closed")
        return self._handle

    @property
    def is_closed(self) -> bool:
        return self._handle is None

    def close(self) -> None:
        """Seals what is not sealed and closes the file. Again is fine."""
        if self._handle is None:
            return
        self._stop_following()
        _library.close(self._handle)
        self._handle = None

    def suspend(self) -> None:
        """Closes the file until `resume()`, without ending live queries."""
        self._stop_following()
        _library.run("suspend", self.handle)

    def resume(self) -> None:
        _library.run("resume", self.handle)

    def move_here(self) -> None:
        """This thread owns the replica from now on. See to it that no call is under way."""
        _library.run("move_here", self.handle)

    def call(self, op: str, **arguments: Any) -> dict[str, Any]:
        """Any verb of docs/scripting.md. Those that need the server are methods: sync, join,
        recover."""
        request = json.dumps({"op": op, **arguments}).encode()
        reply: dict[str, Any] = json.loads(_library.call(self.handle, request))
        return reply

    # Organisation --------------------------------------------------------------------------

    def org_create(self, name: str, url: str) -> Recovered:
        """Founds an organisation with this device as its first."""
        reply = self.call("org_create", name=name, url=url)
        return Recovered(reply["org"], reply["device"], reply["recovery"])

    def space_create(self, name: str, **options: Any) -> str:
        return str(self.call("space_create", name=name, **options)["space"])

    def spaces(self) -> list[Space]:
        spaces: list[Space] = self.call("spaces")["spaces"]
        return spaces

    def members(self) -> list[Member]:
        members: list[Member] = self.call("members")["members"]
        return members

    def invite(self, role: str, spaces: Iterable[Grant]) -> str:
        """A text with which one more device can join. Sync, or the server does not know it."""
        return str(self.call("invite", role=role, spaces=list(spaces))["invite"])

    def join(self, invite: str, name: str, *, deadline: float = 60.0) -> Organisation:
        reply = self._talk({"op": "join", "invite": invite, "name": name}, deadline)
        return Organisation(reply["org"], reply["device"], reply["spaces"])

    def recover(
        self, sheets: Sequence[str], name: str, url: str, *, deadline: float = 60.0
    ) -> Recovered:
        request = {"op": "recover", "sheets": list(sheets), "name": name, "url": url}
        reply = self._talk(request, deadline)
        return Recovered(reply["org"], reply["device"], reply["recovery"])

    # Writing -------------------------------------------------------------------------------

    def put(
        self, space: str, type: str, fields: Mapping[str, Any], *, key: str | None = None
    ) -> str:
        """Creates a record and gives its identifier. With a key, devices that create the same
        key offline create one record."""
        more = {} if key is None else {"key": key}
        return str(self.call("put", space=space, type=type, fields=dict(fields), **more)["rec"])

    def set(self, record: str, **fields: Any) -> None:
        self.call("set", rec=record, fields=fields)

    def delete(self, record: str, reason: str = "") -> None:
        self.call("delete", rec=record, reason=reason)

    def batch(self, ops: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Several writes, all or nothing."""
        reply = self.call("batch", ops=[dict(op) for op in ops])
        results: list[dict[str, Any]] = reply.get("results", [reply])
        return results

    # Reading -------------------------------------------------------------------------------

    def get(self, record: str) -> dict[str, Any]:
        return self.call("get", rec=record)

    def list(self, type: str, **options: Any) -> list[Row]:
        """Records of a type; `space`, `where`, `order`, `limit`, `after`."""
        rows: list[Row] = self.call("list", type=type, **options)["rows"]
        return rows

    def query(self, sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> list[Row]:
        """Read-only SQL over one view per record type."""
        bound = dict(params) if isinstance(params, Mapping) else [*params]
        rows: list[Row] = self.call("query", sql=sql, params=bound)["rows"]
        return rows

    def watch(self, type: str | None = None, *, sql: str | None = None, **options: Any) -> LiveQuery:
        """A list or a query that stays true."""
        if (type is None) == (sql is None):
            raise TrellisError("invalid", "watch a type or an SQL query: one of the two")
        what = {"type": type} if type is not None else {"sql": sql}
        return LiveQuery(self, {**what, **options})

    # Syncing -------------------------------------------------------------------------------

    def sync(self, *, deadline: float = 60.0) -> SyncReport:
        """One pass until nothing is left to send or to receive."""
        return SyncReport.of(self._talk({"op": "sync"}, deadline))

    def _talk(self, request: dict[str, Any], deadline: float) -> dict[str, Any]:
        self._stop_following()
        return _talk.run(self.handle, request, deadline, self.tls)

    def follow(self, timeout: float) -> None:
        """Stays in sync for one step: until something has come, or that many seconds."""
        if "org" not in self.call("hello"):
            raise TrellisError("invalid", "nobody else writes: this device is in no organisation")
        if self._follower is None:
            self._follower = Follower(self)
        self._follower.step(timeout)

    def _stop_following(self) -> None:
        if self._follower is not None:
            self._follower.stop()
            self._follower = None

    # Events --------------------------------------------------------------------------------

    def take_event(self, watch: int) -> dict[str, Any] | None:
        """The oldest that is about this watch."""
        while text := _library.next_event(self.handle):
            event = json.loads(text)
            if event["event"] == "rows":
                self._events.append(event)
        for event in self._events:
            if event["watch"] == watch:
                self._events.remove(event)
                return event
        return None

    def forget_events(self, watch: int) -> None:
        self._events = deque(event for event in self._events if event["watch"] != watch)


def _key_beside(path: Path) -> bytes:
    """The key file of the command line: 32 bytes, or 64 hexadecimal digits."""
    beside = path.with_name(path.name + ".key")
    if beside.exists():
        content = beside.read_bytes()
        return content if len(content) == 32 else bytes.fromhex(content.decode("ascii").strip())
    if path.exists():
        raise TrellisError("wrong_key", f"{path} has no key beside it: give the key")
    key = os.urandom(32)
    # Whole and durable before the first page is written under it.
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as fresh:
        fresh.write((key.hex() + "\n").encode())
        fresh.flush()
        os.fsync(fresh.fileno())
    os.replace(fresh.name, beside)
    return key
