# SPDX-License-Identifier: Apache-2.0
"""interchange.py <fixture> <folder>: the replay of fixtures/interchange/README.md."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

from trellis import _library

KEY = bytes([5] * 32)
_I64 = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)
_U64 = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_void_p)
_RANDOM = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(ctypes.c_uint8), ctypes.c_size_t)
_LOG = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p)


class World(ctypes.Structure):
    """The told clock and the random stream, as a trellis_host."""

    _fields_ = [
        ("struct_size", ctypes.c_size_t),
        ("context", ctypes.c_void_p),
        ("wall_ms", _I64),
        ("monotonic_ms", _I64),
        ("boot_id", _U64),
        ("random", _RANDOM),
        ("log", _LOG),
    ]

    def __init__(self) -> None:
        self.passed = 0
        self.state = 1
        super().__init__(
            ctypes.sizeof(World),
            None,
            _I64(lambda _: 1_780_000_000_000 + self.passed),
            _I64(lambda _: 1000 + self.passed),
            _U64(lambda _: 1),
            _RANDOM(lambda _, data, size: self._fill(data, size)),
        )

    def _fill(self, data: ctypes._Pointer[ctypes.c_uint8], size: int) -> None:  # type: ignore
        mask = (1 << 64) - 1
        for at in range(0, size, 8):
            self.state = (self.state + 0x9E3779B97F4A7C15) & mask
            word = ((self.state ^ (self.state >> 30)) * 0xBF58476D1CE4E5B9) & mask
            word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & mask
            part = (word ^ (word >> 31)).to_bytes(8, "little")[: size - at]
            ctypes.memmove(ctypes.addressof(data.contents) + at, part, len(part))


def replay(fixture: Path) -> None:
    for left in Path().glob("python.db*"):
        left.unlink()
    Path("out.bundle").unlink(missing_ok=True)
    requests = (fixture / "requests.jsonl").read_bytes().splitlines()
    replies = (fixture / "replies.jsonl").read_bytes().splitlines()
    assert len(requests) == len(replies) > 0
    world = World()
    handle = _library.open_replica("python.db", KEY, b"", None, ctypes.cast(
        ctypes.pointer(world), ctypes.c_void_p))
    for request, reply in zip(requests, replies):
        world.passed += 1000
        got = _library.call(handle, request)
        assert got == reply, f"{request!r}\n wanted {reply!r}\n got    {got!r}"
    _library.close(handle)
    bundle = bytes.fromhex((fixture / "bundle.hex").read_text("ascii"))
    assert Path("out.bundle").read_bytes() == bundle, "the bundle"


def open_those_of_others(fixture: Path) -> None:
    digest = (fixture / "replies.jsonl").read_bytes().splitlines()[-1]
    for file in sorted(Path().glob("*.db")):
        handle = _library.open_replica(str(file), KEY, b"", None)
        got = _library.call(handle, b'{"op":"digest"}')
        assert got == digest, f"{file}: wanted {digest!r}, got {got!r}"
        _library.close(handle)
        print("opened", file)


def main() -> None:
    fixture, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    replay(fixture)
    open_those_of_others(fixture)


if __name__ == "__main__":
    main()
