# SPDX-License-Identifier: Apache-2.0
"""The Python programs that readers start with, as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import trellis
from server import Server

ROOT = Path(__file__).resolve().parents[3]


class Page(unittest.TestCase):
    def test_it_joins_counts_and_stays_true(self) -> None:
        page = (ROOT / "docs/embedding.md").read_text("utf-8")
        blocks = re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
        self.assertEqual(len(blocks), 1)
        self.assertLess(len(blocks[0].splitlines()), 40)
        with Server() as server, trellis.open() as admin, tempfile.TemporaryDirectory() as folder:
            admin.org_create("District", server.url)
            space = admin.space_create("School")
            invite = admin.invite("member", [{"space": space, "rights": ["read"]}])
            admin.sync()
            reader = subprocess.Popen(
                [sys.executable, "-c", blocks[0], invite],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(ROOT / "clients/python")},
                stdout=subprocess.PIPE,
                text=True,
            )
            assert reader.stdout is not None
            try:
                self.assertEqual(reader.stdout.readline(), "0 check-ins\n")
                admin.sync()  # a join is followed by a new key
                admin.put(space, "check_in", {"method": "phone"})
                admin.sync()
                self.assertEqual(reader.stdout.readline(), "1 check-ins\n")
            finally:
                reader.kill()
                reader.wait()
                reader.stdout.close()

    def test_the_first_program_goes_on_where_it_was(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            said = [self._first(folder), self._first(folder)]
        self.assertEqual(said, ["3 recovery sheets\nphone 1\n", "phone 2\n"])

    def _first(self, folder: str) -> str:
        first = subprocess.run(
            [sys.executable, "-B", str(ROOT / "clients/python/examples/first.py"), "family.db"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT / "clients/python")},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return first.stdout


if __name__ == "__main__":
    unittest.main()
