# SPDX-License-Identifier: Apache-2.0
"""What works without a network."""

from __future__ import annotations

import shutil
import tempfile
import threading
import unittest
from pathlib import Path

import trellis

URL = "ws://127.0.0.1:1/sync"


class Local(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "family.db"

    def open(self) -> trellis.Replica:
        replica = trellis.open(self.path)
        self.addCleanup(replica.close)
        return replica

    def assertCode(self, code: str):  # noqa: N802 (as unittest names its own)
        test = self

        class Expect:
            def __enter__(self) -> None:
                return None

            def __exit__(self, _kind: object, error: object, _trace: object) -> bool:
                test.assertIsInstance(error, trellis.TrellisError)
                test.assertEqual(error.code, code)  # type: ignore[union-attr]
                return True

        return Expect()

    def test_what_is_written_is_there_after_a_restart(self) -> None:
        with trellis.open(self.path) as db:
            founded = db.org_create("District", URL)
            self.assertEqual(len(founded.sheets), 3)
            space = db.space_create("School")
            record = db.put(space, "check_in", {"method": "phone"})
            db.set(record, next_contact="2027-01-31")
        with trellis.open(self.path) as db:
            self.assertEqual(db.get(record)["fields"]["next_contact"], "2027-01-31")
            rows = db.query("SELECT count(*) AS n FROM check_in WHERE method = ?", ["phone"])
            self.assertEqual(rows, [{"n": 1}])
            self.assertEqual([row["rec"] for row in db.list("check_in")], [record])
            self.assertEqual([each["name"] for each in db.spaces()].count("School"), 1)
            self.assertEqual(db.members()[0]["device"], founded.device)

    def test_a_batch_is_all_or_nothing(self) -> None:
        db = self.open()
        db.org_create("District", URL)
        space = db.space_create("School")
        good = {"op": "put", "space": space, "type": "check_in", "fields": {"method": "phone"}}
        bad = {**good, "fields": {"method": "no such"}}
        with self.assertCode("invalid"):
            db.batch([good, bad])
        self.assertEqual(db.list("check_in"), [])
        self.assertEqual(len(db.batch([good, good])), 2)
        self.assertEqual(len(db.list("check_in")), 2)

    def test_a_live_query_tells_what_changed(self) -> None:
        db = self.open()
        db.org_create("District", URL)
        space = db.space_create("School")
        with db.watch("check_in") as live, db.watch(sql="SELECT count(*) AS n FROM check_in") as count:
            self.assertEqual(live.rows, [])
            self.assertEqual(count.rows, [{"n": 0}])
            record = db.put(space, "check_in", {"method": "phone"})
            change = next(live.changes(timeout=0.001))
            self.assertEqual([row["rec"] for row in change.added], [record])
            db.delete(record)
            self.assertEqual(next(live.changes(timeout=0.001)).removed, [record])
            self.assertEqual(count.rows, [{"n": 0}])

    def test_rows_are_where_later_changes_start(self) -> None:
        db = self.open()
        db.org_create("District", URL)
        space = db.space_create("School")
        with db.watch("check_in") as live:
            db.put(space, "check_in", {"method": "phone"})
            self.assertEqual(len(live.rows), 1)
            db.put(space, "check_in", {"method": "text"})
            self.assertEqual(len(next(live.changes(timeout=0.001)).added), 1)

    def test_mistakes_are_exceptions(self) -> None:
        db = self.open()
        with self.assertCode("invalid"):
            db.call("no such verb")
        with self.assertCode("invalid"):
            db.sync()
        with self.assertCode("invalid"):
            db.watch()
        with self.assertCode("invalid"):
            db.get("no record")
        with self.assertCode("invalid"):
            trellis.open(self.path.with_name("other.db"), key=b"short")
        db.suspend()
        with self.assertCode("suspended"):
            db.call("hello")
        db.resume()
        db.call("hello")
        db.close()
        db.close()
        with self.assertCode("closed"):
            db.call("hello")

    def test_the_wrong_key_opens_nothing_and_breaks_nothing(self) -> None:
        with trellis.open(self.path, key=b"a" * 32) as db:
            db.org_create("District", URL)
        with self.assertCode("wrong_key"):
            trellis.open(self.path, key=b"b" * 32)
        with trellis.open(self.path, key=b"a" * 32) as db:
            self.assertIn("org", db.call("hello"))

    def test_a_second_program_is_told_busy(self) -> None:
        self.open()
        with self.assertCode("busy"):
            trellis.open(self.path)

    def test_a_thread_takes_over(self) -> None:
        db = self.open()
        seen: list[str] = []

        def elsewhere() -> None:
            try:
                db.call("hello")
            except trellis.TrellisError as why:
                seen.append(why.code)
            db.move_here()
            seen.append(str(db.call("hello")["interface"]))

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        db.move_here()
        self.assertEqual(seen, ["wrong_thread", "1"])

    def test_a_copy_writes_under_a_name_of_its_own(self) -> None:
        with trellis.open(self.path) as db:
            db.org_create("District", URL)
            space = db.space_create("School")
            db.put(space, "check_in", {"method": "phone"})
            before = db.call("version", space=space)["version"]
        with trellis.open(self.path) as db:
            db.put(space, "check_in", {"method": "phone"})
            self.assertEqual(db.call("version", space=space)["version"].keys(), before.keys())
        copy = self.path.with_name("copy.db")
        shutil.copy(self.path, copy)
        shutil.copy(f"{self.path}.key", f"{copy}.key")
        with trellis.open(copy) as db:
            db.put(space, "check_in", {"method": "phone"})
            after = db.call("version", space=space)["version"]
        self.assertEqual(len(after.keys() - before.keys()), 1)


if __name__ == "__main__":
    unittest.main()
