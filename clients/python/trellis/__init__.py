# SPDX-License-Identifier: Apache-2.0
"""A device's own copy of its organisation's records: works offline, syncs end-to-end encrypted.

    with trellis.open("family.db") as db:
        db.sync()
        for row in db.query("SELECT method, count(*) AS n FROM check_in GROUP BY method"):
            print(row)
"""

from trellis.errors import TrellisError
from trellis.live import Change, LiveQuery
from trellis.replica import Replica, open
from trellis.types import Bytes, Grant, Member, Organisation, Recovered, Row, Space, SyncReport
from trellis._library import version

__all__ = [
    "Bytes",
    "Change",
    "Grant",
    "LiveQuery",
    "Member",
    "Organisation",
    "Recovered",
    "Replica",
    "Row",
    "Space",
    "SyncReport",
    "TrellisError",
    "open",
    "version",
]
