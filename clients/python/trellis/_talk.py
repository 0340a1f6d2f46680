# SPDX-License-Identifier: Apache-2.0
"""Carries the frames of sessions between the library and a WebSocket."""

from __future__ import annotations

import json
import ssl
import time
from ctypes import c_void_p
from typing import Any

from trellis._library import Session
from trellis._websocket import WebSocket
from trellis.errors import TrellisError


class Talk:
    """One session over one connection."""

    def __init__(
        self, replica: c_void_p, request: bytes, timeout: float, context: ssl.SSLContext | None
    ) -> None:
        self._socket = WebSocket(Session.url(replica, request), timeout, context)
        try:
            self._session = Session(replica, request)
        except TrellisError:
            self._socket.close()
            raise
        self._lost: TrellisError | None = None

    @property
    def is_open(self) -> bool:
        return self._session.is_open

    def step(self, timeout: float) -> None:
        """Sends what is to be sent, and waits for a message or for the session's own time."""
        try:
            self._flush()
            if not self.is_open:
                return
            wait = self._session.wait_ms() / 1000
            message = self._socket.receive(min(timeout, wait))
            if message is not None:
                self._session.receive(message)
            elif wait <= timeout:
                self._session.tick()
            self._flush()
        except TrellisError as why:
            if why.code != "offline":
                raise
            self._lost = why
            self._session.hang_up()

    def finish(self) -> tuple[dict[str, Any], int]:
        """What the verb answers, and when to dial again (-1: not)."""
        self._session.hang_up()
        redial = self._session.redial_ms()
        try:
            return json.loads(self._session.result()), redial
        except TrellisError as why:
            if redial == 0:
                return {}, redial
            # What happened to the socket says more than that it is gone.
            raise (self._lost if self._lost and why.code == "offline" else why) from None
        finally:
            self.end()

    def end(self) -> None:
        """Without an answer. Again is fine."""
        self._session.__exit__()
        self._socket.close()

    def _flush(self) -> None:
        while frame := self._session.next_frame():
            self._socket.send(frame)


def run(
    replica: c_void_p, request: dict[str, Any], deadline: float, context: ssl.SSLContext | None
) -> dict[str, Any]:
    """Carries a request to its end, over as many connections as that takes."""
    text = json.dumps(request).encode()
    end = time.monotonic() + deadline
    while True:
        talk = Talk(replica, text, max(end - time.monotonic(), 0.001), context)
        try:
            while talk.is_open:
                left = end - time.monotonic()
                if left <= 0:
                    raise TrellisError("timeout", "the server did not finish within the deadline")
                talk.step(left)
            reply, redial = talk.finish()
        finally:
            talk.end()
        if redial != 0:
            return reply
