# SPDX-License-Identifier: Apache-2.0
"""The WebSocket client against a server that says exactly these bytes."""

from __future__ import annotations

import base64
import hashlib
import socket
import threading
import unittest
from collections.abc import Callable

import trellis
from trellis._websocket import WebSocket

ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Peer:
    """Shakes hands with one client, says bytes, and keeps what it hears."""

    def __init__(self, says: bytes, accept: Callable[[bytes], bytes] | None = None) -> None:
        self.heard = b""
        self._says = says
        self._accept = accept or (lambda key: base64.b64encode(hashlib.sha1(key + ACCEPT).digest()))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{self._listener.getsockname()[1]}/sync"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(4096)
            key = [line for line in head.split(b"\r\n") if line.startswith(b"Sec-WebSocket-Key")]
            proof = self._accept(key[0].split(b": ")[1])
            connection.sendall(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + proof + b"\r\n\r\n" + self._says
            )
            while got := connection.recv(65536):
                self.heard += got

    def end(self) -> bytes:
        self._thread.join()
        self._listener.close()
        return self.heard


class Client(unittest.TestCase):
    def connect(self, says: bytes) -> tuple[WebSocket, Peer]:
        peer = Peer(says)
        client = WebSocket(peer.url, 5, None)
        self.addCleanup(peer.end)
        self.addCleanup(client.close)
        return client, peer

    def refused(self, says: bytes) -> None:
        client, _ = self.connect(says)
        with self.assertRaises(trellis.TrellisError) as caught:
            client.receive(5)
        self.assertEqual(caught.exception.code, "offline")

    def test_messages_of_every_length(self) -> None:
        for size in (0, 1, 125, 126, 65535, 65536):
            message = bytes(size)
            if size < 126:
                head = bytes([0x82, size])
            elif size < 65536:
                head = b"\x82\x7e" + size.to_bytes(2)
            else:
                head = b"\x82\x7f" + size.to_bytes(8)
            client, _ = self.connect(head + message)
            self.assertEqual(client.receive(5), message)

    def test_what_is_sent_is_masked_and_whole(self) -> None:
        for size in (1, 126, 65536):
            client, peer = self.connect(b"")
            message = bytes(range(256)) * 256
            client.send(message[:size])
            client.close()
            heard = peer.end()
            at = 2 if size < 126 else 4 if size < 65536 else 10
            self.assertEqual(heard[0], 0x82)
            self.assertTrue(heard[1] & 0x80)
            mask = heard[at : at + 4]
            got = heard[at + 4 : at + 4 + size]
            self.assertEqual(bytes(b ^ mask[i % 4] for i, b in enumerate(got)), message[:size])

    def test_pieces_become_one_and_a_ping_between_is_answered(self) -> None:
        client, peer = self.connect(b"\x02\x02ab" + b"\x89\x03hey" + b"\x80\x01c")
        self.assertEqual(client.receive(5), b"abc")
        client.close()
        heard = peer.end()
        self.assertEqual(heard[0], 0x8A)
        self.assertEqual(bytes(b ^ heard[2 + i] for i, b in enumerate(heard[6:9])), b"hey")

    def test_silence_is_no_message(self) -> None:
        client, _ = self.connect(b"\x82")
        self.assertIsNone(client.receive(0.01))

    def test_what_breaks_the_protocol_ends_the_connection(self) -> None:
        for says in (
            b"\x81\x01a",  # a text
            b"\x82\x81aaaab",  # masked by the server
            b"\xc2\x01a",  # a reserved bit
            b"\x82\x7f" + (1 << 40).to_bytes(8),  # too long
            b"\x88\x02\x03\xe8",  # goodbye
        ):
            with self.subTest(says=says):
                self.refused(says)

    def test_a_wrong_proof_is_refused(self) -> None:
        peer = Peer(b"", lambda key: b"bm90IHRoaXM=")
        self.addCleanup(peer.end)
        with self.assertRaises(trellis.TrellisError):
            WebSocket(peer.url, 5, None)

    def test_other_addresses_are_refused(self) -> None:
        for url in ("http://localhost/sync", "ws://", "nonsense"):
            with self.assertRaises(trellis.TrellisError):
                WebSocket(url, 1, None)


if __name__ == "__main__":
    unittest.main()
