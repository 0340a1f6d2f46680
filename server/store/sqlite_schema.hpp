// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

/// The tables of a relay in SQLite. An envelope costs one row in one B-tree: its key is its
/// place in the log, and it is found by chain over `back`, not over an index, which would touch
/// one more page for every device that writes.
namespace trellis::server {

inline constexpr std::int64_t application_id = 0x54524C53;  // "TRLS"

/// Keys are packed: the number of the space above, the position in its log below.
inline constexpr int position_bits = 40;
inline constexpr int entry_bits = 24;

inline constexpr std::int64_t envelope_key(std::int64_t space, std::uint64_t position) {
    return (space << position_bits) | static_cast<std::int64_t>(position);
}
inline constexpr std::int64_t entry_key(std::int64_t org, std::uint64_t index) {
    return (org << entry_bits) | static_cast<std::int64_t>(index);
}

inline constexpr std::string_view schema_1 = R"sql(
PRAGMA application_id = 0x54524C53;

-- 'server_seed': 32 bytes. 'copy': this file was made by a backup and not yet opened.
CREATE TABLE meta(
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE org(
    number  INTEGER PRIMARY KEY,
    id      BLOB NOT NULL UNIQUE,
    entries INTEGER NOT NULL
);

-- id = org number << 24 | index
CREATE TABLE entry(
    id    INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL
);

CREATE TABLE space(
    number      INTEGER PRIMARY KEY,
    org         INTEGER NOT NULL,
    id          BLOB NOT NULL,
    incarnation BLOB NOT NULL,
    position    INTEGER NOT NULL,
    head        BLOB NOT NULL,
    bytes       INTEGER NOT NULL,
    UNIQUE(org, id)
);

-- Where each chain of a space ends; position is that of its last envelope.
CREATE TABLE chain(
    number      INTEGER PRIMARY KEY,
    space       INTEGER NOT NULL,
    device      BLOB NOT NULL,
    incarnation BLOB NOT NULL,
    last        INTEGER NOT NULL,
    epoch       INTEGER NOT NULL,
    position    INTEGER NOT NULL,
    hash        BLOB NOT NULL,
    UNIQUE(space, device, incarnation)
);

-- id = space number << 40 | position; back is the position of the chain's envelope before.
CREATE TABLE envelope(
    id    INTEGER PRIMARY KEY,
    chain INTEGER NOT NULL,
    first INTEGER NOT NULL,
    back  INTEGER NOT NULL,
    hash  BLOB NOT NULL,
    head  BLOB NOT NULL,
    bytes BLOB NOT NULL
);

CREATE TABLE seen(
    space       INTEGER NOT NULL,
    device      BLOB NOT NULL,
    incarnation BLOB NOT NULL,
    position    INTEGER NOT NULL,
    head        BLOB NOT NULL,
    signature   BLOB NOT NULL,
    PRIMARY KEY(space, device)
) WITHOUT ROWID;
)sql";

inline constexpr std::string_view schema_2 = R"sql(
-- What lies in an inbox and waits to be fetched: how many, and their bytes.
CREATE TABLE inbox(
    number      INTEGER PRIMARY KEY,
    org         INTEGER NOT NULL,
    id          BLOB NOT NULL,
    submissions INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,
    UNIQUE(org, id)
);

-- Sealed, from nobody; hour: when it came, in milliseconds, to the hour. A number is not used
-- again: a device asks for what is after the last it has seen.
CREATE TABLE submission(
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    inbox  INTEGER NOT NULL,
    digest BLOB NOT NULL,
    hour   INTEGER NOT NULL,
    bytes  BLOB NOT NULL,
    UNIQUE(inbox, digest)
);
CREATE INDEX submission_order ON submission(inbox, number);
)sql";

inline const std::vector<std::string_view>& schema_steps() {
    static const std::vector<std::string_view> steps{schema_1, schema_2};
    return steps;
}

}  // namespace trellis::server
