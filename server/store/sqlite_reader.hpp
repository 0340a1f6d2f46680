// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/store/sqlite_file.hpp"
#include "server/store/store.hpp"

#include <utility>

namespace trellis::server {

/// The part of reading that the writer needs too.
struct SpaceRow {
    std::int64_t number = 0;
    std::int64_t bytes = 0;
    Cursor end;
};

/// Statements of one connection. Requires: the database outlives this.
class SqliteSpaces {
public:
    static Result<SqliteSpaces> open(sqlite::Database& database);

    /// 0 where the organisation has never been seen.
    Result<std::int64_t> org_number(const OrgId& org);
    Result<std::optional<SpaceRow>> row(const OrgId& org, const SpaceId& space);
    Result<sync::LoadedSpace> load(const SpaceRow& row);

private:
    sqlite::Statement org_;
    sqlite::Statement space_;
    sqlite::Statement chains_;
    sqlite::Statement seen_;
};

/// Reads a SQLite store over a connection of its own.
class SqliteReader final : public StoreReader {
public:
    static Result<std::unique_ptr<StoreReader>> open(const StorePlace& place);

    Result<std::vector<Bytes>> entries(const OrgId& org) override;
    Result<std::optional<sync::LoadedSpace>> space(const OrgId& org, const SpaceId& space) override;
    Result<sync::LogPage> page(const sync::CatchUp& request) override;
    Result<sync::ChainPage> chain(const sync::FetchChain& request) override;
    Result<Digest> head_at(const sync::HeadAt& request) override;
    Result<std::vector<sync::SubmissionItem>> submissions(
        const sync::LoadSubmissions& request) override;
    Result<StoreStats> stats() override;

private:
    /// The envelopes of a chain after a counter, latest first, as found on the way back.
    struct Walk {
        std::int64_t chain = 0;
        std::int64_t tip = 0;
        Counter after = 0;
        std::vector<std::pair<Counter, std::int64_t>> found;  ///< counter, position
    };

    explicit SqliteReader(sqlite::Database database) : database_(std::move(database)) {}
    Result<void> prepare();
    Result<SpaceRow> known_space(const OrgId& org, const SpaceId& space);
    Result<void> walk_back(std::int64_t space, std::int64_t chain, std::int64_t tip, Counter after);
    Result<Digest> hash_of(std::int64_t key);

    sqlite::Database database_;
    SqliteSpaces spaces_;
    sqlite::Statement entries_;
    sqlite::Statement page_;
    sqlite::Statement chain_;
    sqlite::Statement step_back_;
    sqlite::Statement envelope_;
    sqlite::Statement hash_;
    sqlite::Statement head_;
    sqlite::Statement submissions_;
    Walk walk_;
};

}  // namespace trellis::server
