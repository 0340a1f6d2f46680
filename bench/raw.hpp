// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bench/district.hpp"
#include "core/sqlite/database.hpp"

namespace trellis::bench {

/// The baseline: the same rows in one plain table of the same encrypted engine, through the
/// same thin wrapper of the C API, all values bound, nothing merged, nothing signed.
class RawTable {
public:
    RawTable(const std::string& path, const core::ReplicaOptions& like);

    void insert(const CheckIn& row);
    /// UPDATE of one column by id.
    void update(const EditLine& edit);
    void begin() { must(database_.begin(), "raw begin"); }
    void commit() { must(database_.commit(), "raw commit"); }
    /// Open check-ins of a site, without an index.
    std::int64_t count_open(const std::string& site);
    std::string note_of(const std::string& id);
    void checkpoint() { must(database_.checkpoint(), "raw checkpoint"); }

private:
    sqlite::Database database_;
    sqlite::Statement insert_;
    std::map<std::string, sqlite::Statement> updates_;
};

}  // namespace trellis::bench
