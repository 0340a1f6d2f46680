# SPDX-License-Identifier: Apache-2.0
"""Syncing through a real server."""

from __future__ import annotations

import unittest

import trellis
from server import Server


class Sync(unittest.TestCase):
    def setUp(self) -> None:
        self.server = Server()
        self.addCleanup(self.server.__exit__)
        self.first = self.open()
        self.founded = self.first.org_create("District", self.server.url)
        self.space = self.first.space_create("School")
        self.first.sync()

    def open(self) -> trellis.Replica:
        replica = trellis.open()
        self.addCleanup(replica.close)
        return replica

    def join(self) -> trellis.Replica:
        second = self.open()
        grant: trellis.Grant = {"space": self.space, "rights": ["read", "write"]}
        invite = self.first.invite("member", [grant])
        self.first.sync()
        joined = second.join(invite, "second")
        self.assertEqual(joined.org, self.founded.org)
        self.first.sync()  # a join is followed by a new key
        second.sync()
        return second

    def put(self, db: trellis.Replica) -> str:
        return db.put(self.space, "check_in", {"method": "phone"})

    def test_two_devices_agree(self) -> None:
        second = self.join()
        self.put(self.first)
        sent = self.first.sync()
        self.assertTrue(sent.complete)
        self.assertEqual(sent.sent, 1)
        got = second.sync()
        self.assertEqual((got.received, got.changes), (1, 1))
        self.assertEqual(second.call("digest"), self.first.call("digest"))

    def test_a_live_query_hears_of_others_while_it_waits(self) -> None:
        second = self.join()
        with second.watch("check_in") as live:
            rows = iter(live)
            self.assertEqual(next(rows), [])
            record = self.put(self.first)
            self.first.sync()
            self.assertEqual([row["rec"] for row in next(rows)], [record])
            # What is written between is sent by the same connection.
            own = self.put(second)
            self.assertEqual(len(next(rows)), 2)
            self.assertEqual(list(live.changes(timeout=1)), [])
        self.first.sync()
        self.assertEqual(self.first.get(own)["fields"]["method"], "phone")

    def test_much_comes_over(self) -> None:
        second = self.join()
        for _ in range(20):
            self.first.batch(
                {"op": "put", "space": self.space, "type": "check_in", "fields": {"method": "phone"}}
                for _ in range(100)
            )
        self.first.sync()
        second.sync()
        self.assertEqual(second.query("SELECT count(*) AS n FROM check_in"), [{"n": 2000}])

    def test_no_server_is_said_and_nothing_is_lost(self) -> None:
        self.server.stop()
        self.put(self.first)
        with self.assertRaises(trellis.TrellisError) as caught:
            self.first.sync()
        self.assertEqual(caught.exception.code, "offline")
        self.server.start()
        self.assertEqual(self.first.sync().sent, 1)

    def test_sheets_bring_the_organisation_back(self) -> None:
        fresh = self.open()
        recovered = fresh.recover(self.founded.sheets, "new", self.server.url)
        self.assertEqual(recovered.org, self.founded.org)
        self.assertEqual(len(recovered.sheets), 3)

    def test_a_used_invite_is_refused_in_a_sentence(self) -> None:
        grant: trellis.Grant = {"space": self.space, "rights": ["read"]}
        invite = self.first.invite("member", [grant])
        self.first.sync()
        self.open().join(invite, "second")
        with self.assertRaises(trellis.TrellisError) as caught:
            self.open().join(invite, "third")
        self.assertNotEqual(caught.exception.code, "internal")
        self.assertGreater(len(caught.exception.message), 20)


if __name__ == "__main__":
    unittest.main()
