# SPDX-License-Identifier: Apache-2.0
"""first.py [database]: founds a district on this device, writes, and counts. No network needed."""

import sys

import trellis

with trellis.open(*sys.argv[1:2]) as db:  # without a file: in memory
    if "org" not in db.call("hello"):
        # The sheets that bring the organisation back: print them, and lock them away.
        sheets = db.org_create("District", "wss://relay.example.org/sync").sheets
        print(len(sheets), "recovery sheets")
        db.space_create("School")
    space = db.spaces()[0]["space"]
    db.put(space, "check_in", {"method": "phone"})  # saved when it returns
    for row in db.query("SELECT method, count(*) AS n FROM check_in GROUP BY method"):
        print(row["method"], row["n"])
