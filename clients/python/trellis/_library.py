# SPDX-License-Identifier: Apache-2.0
"""libtrellis through ctypes: the structs and functions of trellis.h, and nothing else."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from ctypes import POINTER, Structure, byref, c_bool, c_char, c_char_p, c_int32, c_int64, c_size_t
from ctypes import c_uint8, c_uint32, c_uint64, c_void_p
from typing import Any

from trellis.errors import TrellisError

ABI = 1


class _Bytes(Structure):
    _fields_ = [("data", c_void_p), ("size", c_size_t)]


class _Buffer(Structure):
    _fields_ = [("data", POINTER(c_uint8)), ("size", c_size_t)]


class _Error(Structure):
    _fields_ = [("status", c_int32), ("message", c_char * 252)]


class _Options(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("path", c_char_p),
        ("key", _Bytes),
        ("schema_json", _Bytes),
        ("custody", c_char_p),
        ("host", c_void_p),
        ("storage", c_void_p),
        ("cache_kib", c_uint32),
    ]


def _find() -> str:
    """TRELLIS_LIBRARY names the file; else what is installed."""
    named = os.environ.get("TRELLIS_LIBRARY")
    return named or ctypes.util.find_library("trellis") or f"libtrellis.so.{ABI}"


def _load() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(_find())
    except OSError as why:
        raise ImportError(
            f"libtrellis is not installed, or not found: {why}; name it in TRELLIS_LIBRARY"
        ) from why
    error, buffer, handle = POINTER(_Error), POINTER(_Buffer), c_void_p
    signatures: dict[str, tuple[Any, list[Any]]] = {
        "abi": (c_uint32, []),
        "version": (c_char_p, []),
        "status_name": (c_char_p, [c_int32]),
        "buffer_free": (None, [buffer]),
        "open": (c_int32, [POINTER(_Options), POINTER(handle), error]),
        "close": (c_int32, [handle]),
        "move_here": (c_int32, [handle, error]),
        "keep_custody": (c_int32, [handle, c_char_p, error]),
        "suspend": (c_int32, [handle, error]),
        "resume": (c_int32, [handle, error]),
        "call": (c_int32, [handle, _Bytes, buffer, error]),
        "watch": (c_int32, [handle, _Bytes, POINTER(c_uint64), error]),
        "rows": (c_int32, [handle, c_uint64, buffer, error]),
        "unwatch": (c_int32, [handle, c_uint64, error]),
        "next_event": (c_int32, [handle, buffer, error]),
        "session_url": (c_int32, [handle, _Bytes, buffer, error]),
        "session_start": (c_int32, [handle, _Bytes, POINTER(handle), error]),
        "session_receive": (c_int32, [handle, _Bytes, error]),
        "session_heard": (c_int32, [handle, error]),
        "session_next_frame": (c_int32, [handle, buffer, error]),
        "session_tick": (c_int32, [handle, error]),
        "session_wait_ms": (c_int32, [handle, POINTER(c_int64), error]),
        "session_is_open": (c_bool, [handle]),
        "session_hang_up": (c_int32, [handle, error]),
        "session_result": (c_int32, [handle, buffer, error]),
        "session_redial_ms": (c_int32, [handle, POINTER(c_int64), error]),
        "session_end": (c_int32, [handle]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, f"trellis_{name}")
        function.restype = result
        function.argtypes = arguments
    if library.trellis_abi() != ABI:
        raise ImportError(f"this package speaks ABI {ABI}, the library {library.trellis_abi()}")
    return library


_library = _load()


def version() -> str:
    """The version of the library."""
    return str(_library.trellis_version().decode())


def _borrowed(data: bytes) -> _Bytes:
    # Points into `data`, which the caller holds until the call is over.
    return _Bytes(ctypes.cast(c_char_p(data), c_void_p), len(data))


def _raise(status: int, error: _Error) -> None:
    if status != 0:
        name = _library.trellis_status_name(status).decode()
        raise TrellisError(name, error.message.decode("utf-8", "replace") or name)


def _run(name: str, *arguments: Any) -> None:
    """Calls a function that takes an error last, and raises what it answers."""
    error = _Error()
    _raise(getattr(_library, f"trellis_{name}")(*arguments, byref(error)), error)


def _take(name: str, *arguments: Any) -> bytes:
    """The same for one whose answer is a buffer."""
    buffer, error = _Buffer(), _Error()
    status = getattr(_library, f"trellis_{name}")(*arguments, byref(buffer), byref(error))
    try:
        _raise(status, error)
        return ctypes.string_at(buffer.data, buffer.size) if buffer.size else b""
    finally:
        _library.trellis_buffer_free(byref(buffer))


def open_replica(
    path: str | None,
    key: bytes,
    schema: bytes,
    custody: str | None,
    host: c_void_p | None = None,
) -> c_void_p:
    """`host`: a trellis_host that outlives the replica; None: the system's."""
    options = _Options(
        struct_size=ctypes.sizeof(_Options),
        path=None if path is None else path.encode(),
        key=_borrowed(key),
        schema_json=_borrowed(schema),
        custody=None if custody is None else custody.encode(),
        host=host,
    )
    handle = c_void_p()
    _run("open", byref(options), byref(handle))
    return handle


def close(handle: c_void_p) -> None:
    status = _library.trellis_close(handle)
    if status != 0:
        name = _library.trellis_status_name(status).decode()
        raise TrellisError(name, "closing the replica")


def call(handle: c_void_p, request: bytes) -> bytes:
    return _take("call", handle, _borrowed(request))


def watch(handle: c_void_p, query: bytes) -> int:
    number = c_uint64()
    _run("watch", handle, _borrowed(query), byref(number))
    return number.value


def rows(handle: c_void_p, number: int) -> bytes:
    return _take("rows", handle, number)


def unwatch(handle: c_void_p, number: int) -> None:
    _run("unwatch", handle, number)


def next_event(handle: c_void_p) -> bytes:
    return _take("next_event", handle)


def run(name: str, handle: c_void_p) -> None:
    """suspend, resume or move_here."""
    _run(name, handle)


def keep_custody(handle: c_void_p, custody: str) -> None:
    _run("keep_custody", handle, custody.encode())


class Session:
    """A session's handle. Ends itself at the end of a `with`."""

    def __init__(self, replica: c_void_p, request: bytes) -> None:
        self._handle = c_void_p()
        _run("session_start", replica, _borrowed(request), byref(self._handle))

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        _library.trellis_session_end(self._handle)

    @staticmethod
    def url(replica: c_void_p, request: bytes) -> str:
        return _take("session_url", replica, _borrowed(request)).decode()

    @property
    def is_open(self) -> bool:
        return bool(_library.trellis_session_is_open(self._handle))

    def receive(self, frame: bytes) -> None:
        _run("session_receive", self._handle, _borrowed(frame))

    def heard(self) -> None:
        _run("session_heard", self._handle)

    def tick(self) -> None:
        _run("session_tick", self._handle)

    def next_frame(self) -> bytes:
        return _take("session_next_frame", self._handle)

    def wait_ms(self) -> int:
        wait = c_int64()
        _run("session_wait_ms", self._handle, byref(wait))
        return wait.value

    def hang_up(self) -> None:
        _run("session_hang_up", self._handle)

    def redial_ms(self) -> int:
        redial = c_int64()
        _run("session_redial_ms", self._handle, byref(redial))
        return redial.value

    def result(self) -> bytes:
        return _take("session_result", self._handle)
