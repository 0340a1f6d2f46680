# SPDX-License-Identifier: Apache-2.0
"""A real server for tests, in a process of its own. TRELLISD names the program."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from typing import Self


class Server:
    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._port = 0
        self._process: subprocess.Popen[str] | None = None
        self.start()

    def start(self) -> None:
        store = os.path.join(self._folder.name, "relay.db")
        self._process = subprocess.Popen(
            [os.environ["TRELLISD"], "--store", f"sqlite:{store}"]
            + ["--listen", f"127.0.0.1:{self._port}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        self._port = json.loads(self._process.stdout.readline())["port"]

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._port}/sync"

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._folder.cleanup()
