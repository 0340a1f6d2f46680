# SPDX-License-Identifier: Apache-2.0
"""The client's half of RFC 6455, as far as syncing needs it: binary messages over TCP or TLS."""

from __future__ import annotations

import base64
import hashlib
import os
import select
import socket
import ssl
import struct
from urllib.parse import urlsplit

from trellis.errors import TrellisError

_ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_HEAD_MAX = 8 * 1024
_MESSAGE_MAX = 1024 * 1024
_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0, 1, 2, 8, 9, 10


def _offline(what: str) -> TrellisError:
    return TrellisError("offline", what)


class WebSocket:
    """One connection. Blocking to write; reading waits as long as it is told."""

    def __init__(self, url: str, timeout: float, context: ssl.SSLContext | None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("ws", "wss") or not parts.hostname:
            raise TrellisError("invalid", f"{url} is no ws:// or wss:// address")
        is_secure = parts.scheme == "wss"
        self._input = bytearray()
        self._message = bytearray()
        self._socket: socket.socket | None = None
        try:
            raw = socket.create_connection(
                (parts.hostname, parts.port or (443 if is_secure else 80)), timeout
            )
            self._socket = raw
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if is_secure:
                context = context or ssl.create_default_context()
                self._socket = context.wrap_socket(raw, server_hostname=parts.hostname)
            self._shake_hands(parts.netloc.rpartition("@")[2], parts.path or "/", parts.query)
        except OSError as why:
            self.close()
            raise _offline(f"connecting to {parts.netloc}: {why}") from why
        except TrellisError:
            self.close()
            raise

    def _shake_hands(self, host: str, path: str, query: str) -> None:
        key = base64.b64encode(os.urandom(16))
        target = path + (f"?{query}" if query else "")
        self._send_all(
            f"GET {target} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key.decode()}\r\n\r\n".encode("ascii")
        )
        while b"\r\n\r\n" not in self._input:
            if len(self._input) > _HEAD_MAX:
                raise _offline("the server's answer is too long")
            self._fill()
        head, _, rest = bytes(self._input).partition(b"\r\n\r\n")
        self._input = bytearray(rest)
        lines = head.decode("latin-1").split("\r\n")
        status = lines[0].split(" ")
        if len(status) < 2 or status[1] != "101":
            raise _offline(f"the server did not take the connection: {lines[0][:100]}")
        headers = dict(
            (name.strip().lower(), value.strip())
            for name, _, value in (line.partition(":") for line in lines[1:])
        )
        proof = base64.b64encode(hashlib.sha1(key + _ACCEPT).digest()).decode()
        if headers.get("sec-websocket-accept") != proof:
            raise _offline("whoever answered is no WebSocket server")

    def send(self, message: bytes) -> None:
        """One binary message."""
        self._send_frame(_BINARY, message)

    def receive(self, timeout: float) -> bytes | None:
        """The next binary message; None where none came in time."""
        while True:
            message = self._next_message()
            if message is not None:
                return message
            if not self._is_readable(timeout):
                return None
            self._fill()

    def close(self) -> None:
        """Says goodbye where that is possible. Again is fine."""
        open_socket, self._socket = self._socket, None
        if open_socket is None:
            return
        try:
            mask = os.urandom(4)
            goodbye = struct.pack("!H", 1000)
            open_socket.sendall(bytes([0x80 | _CLOSE, 0x82]) + mask + _masked(goodbye, mask))
        except OSError:
            pass
        open_socket.close()

    # Bytes ---------------------------------------------------------------------------------

    def _open(self) -> socket.socket:
        if self._socket is None:
            raise _offline("the connection is closed")
        return self._socket

    def _send_all(self, data: bytes) -> None:
        try:
            self._open().sendall(data)
        except OSError as why:
            raise _offline(f"the connection was lost: {why}") from why

    def _is_readable(self, timeout: float) -> bool:
        open_socket = self._open()
        if isinstance(open_socket, ssl.SSLSocket) and open_socket.pending() > 0:
            return True
        return bool(select.select([open_socket], [], [], max(timeout, 0))[0])

    def _fill(self) -> None:
        try:
            got = self._open().recv(64 * 1024)
        except OSError as why:
            raise _offline(f"the connection was lost: {why}") from why
        if not got:
            raise _offline("the server closed the connection")
        self._input += got

    # Frames --------------------------------------------------------------------------------

    def _send_frame(self, kind: int, payload: bytes) -> None:
        size, mask = len(payload), os.urandom(4)
        head = bytes([0x80 | kind])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 65536:
            head += bytes([0x80 | 126]) + struct.pack("!H", size)
        else:
            head += bytes([0x80 | 127]) + struct.pack("!Q", size)
        self._send_all(head + mask + _masked(payload, mask))

    def _next_message(self) -> bytes | None:
        """A whole message out of what has come in; None where there is none yet."""
        while (frame := self._next_frame()) is not None:
            is_last, kind, payload = frame
            if kind == _PING:
                self._send_frame(_PONG, payload)
            elif kind == _CLOSE:
                self.close()
                raise _offline("the server closed the connection")
            elif kind in (_BINARY, _CONTINUATION):
                self._message += payload
                if len(self._message) > _MESSAGE_MAX:
                    raise _offline("the server sent a message over the limit")
                if is_last:
                    message, self._message = bytes(self._message), bytearray()
                    return message
            elif kind != _PONG:
                raise _offline("the server sent what is no binary message")
        return None

    def _next_frame(self) -> tuple[bool, int, bytes] | None:
        data = self._input
        if len(data) < 2:
            return None
        size, at = data[1] & 0x7F, 2
        if data[1] & 0x80 or data[0] & 0x70:
            raise _offline("the server breaks the WebSocket protocol")
        if size == 126:
            if len(data) < 4:
                return None
            size, at = struct.unpack_from("!H", data, 2)[0], 4
        elif size == 127:
            if len(data) < 10:
                return None
            size, at = struct.unpack_from("!Q", data, 2)[0], 10
        if size > _MESSAGE_MAX:
            raise _offline("the server sent a message over the limit")
        if len(data) < at + size:
            return None
        payload = bytes(data[at : at + size])
        first = data[0]
        del data[: at + size]
        return bool(first & 0x80), first & 0x0F, payload


def _masked(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    if size == 0:
        return b""
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(key, "little")).to_bytes(
        size, "little"
    )
