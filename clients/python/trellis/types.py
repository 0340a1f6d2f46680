# SPDX-License-Identifier: Apache-2.0
"""What comes back, with names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypedDict

#: One record or row of a query: its columns by name.
Row = dict[str, Any]

#: Bytes as they stand in JSON.
Bytes = TypedDict("Bytes", {"$bytes": str})


class Grant(TypedDict):
    """What a device may do in a space: of "read", "write", "steward"."""

    space: str
    rights: list[str]


class Space(TypedDict, total=False):
    """A group that shares records and keys."""

    space: str
    name: str
    epoch: int
    rights: list[str]
    directory: bool


class Member(TypedDict):
    """A device of the organisation."""

    device: str
    name: str
    role: str
    active: bool
    spaces: list[Grant]


@dataclass(frozen=True)
class Organisation:
    """What a join answers."""

    org: str
    device: str
    spaces: list[Space] = field(default_factory=list)


@dataclass(frozen=True)
class Recovered:
    """What founding or recovering answers. `sheets` are shown once: print them."""

    org: str
    device: str
    sheets: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class SyncReport:
    """How far a pass has come. `pending` counts own edits that the server has not confirmed."""

    complete: bool
    sent: int
    received: int
    changes: int
    bytes_up: int
    bytes_down: int
    pending: int
    events: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, reply: dict[str, Any]) -> "SyncReport":
        known = cls.__dataclass_fields__
        return cls(**{name: value for name, value in reply.items() if name in known})
