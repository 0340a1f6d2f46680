// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/sqlite/database.hpp"
#include "server/store/sqlite_inbox.hpp"
#include "server/store/sqlite_reader.hpp"
#include "server/store/store.hpp"

#include <cstddef>
#include <map>
#include <utility>

namespace trellis::server {

/// Writes a SQLite store: one row an envelope, one for each chain and each space of a commit.
/// It remembers where spaces and chains end, which holds because the store's lock keeps every
/// other writer out.
class SqliteWriter final : public StoreWriter {
public:
    static Result<std::unique_ptr<StoreWriter>> open(const StorePlace& place,
                                                     const StoreOptions& options);

    Result<void> begin() override;
    Result<void> commit() override;
    void rollback() override;
    Result<void> probe() override;
    [[nodiscard]] bool is_broken() const override { return database_.is_broken(); }

    Verdict<void> append_entry(const OrgId& org, std::uint64_t index, ByteView entry) override;
    Verdict<sync::LoadedSpace> create_space(const sync::LoadSpace& request) override;
    Verdict<void> append(const sync::SpaceAppend& space) override;
    Result<void> save_seen(const sync::SaveSeen& seen) override;
    Verdict<void> store_submission(const sync::StoreSubmission& request) override;
    Result<void> drop_submissions(const sync::DropSubmissions& request) override;
    Result<void> shred(const sync::ShredSpace& request) override;

    /// For tests that count rows.
    [[nodiscard]] const sqlite::Database& database() const { return database_; }

private:
    using SpaceName = std::pair<OrgId, SpaceId>;
    using ChainName = std::pair<DeviceId, Incarnation>;
    struct Chain {
        std::int64_t number = 0;
        std::int64_t position = 0;                     ///< of its last envelope; 0: it has none
        bool is_new = false;                           ///< has no row yet
        const sync::PlacedEnvelope* newest = nullptr;  ///< of this append
    };
    struct Space {
        SpaceRow row;
        std::map<ChainName, Chain> chains;  ///< the ones met so far
    };

    SqliteWriter(sqlite::Database database, const StoreOptions& options)
        : database_(std::move(database)), options_(options) {}
    Result<void> prepare();
    void forget();
    Result<Space*> space(const OrgId& org, const SpaceId& id);
    Result<Chain*> chain(Space& space, const sync::PlacedEnvelope& envelope);
    Result<std::int64_t> check_room(const Space& space, const sync::SpaceAppend& append) const;
    Result<void> insert(Space& space, const sync::PlacedEnvelope& envelope);
    Result<void> move_ends(Space& space, const sync::SpaceAppend& append);

    sqlite::Database database_;
    StoreOptions options_;
    SqliteSpaces spaces_;
    SqliteInboxWriter inboxes_;
    std::map<SpaceName, Space> known_;
    std::size_t known_chains_ = 0;
    std::int64_t last_chain_ = 0;  ///< the highest number given
    bool is_log_full_of_old_ = false;  ///< the write-ahead log holds what was shredded

    sqlite::Statement begin_;
    sqlite::Statement org_end_;
    sqlite::Statement add_org_;
    sqlite::Statement grow_org_;
    sqlite::Statement add_entry_;
    sqlite::Statement add_space_;
    sqlite::Statement move_space_;
    sqlite::Statement find_chain_;
    sqlite::Statement add_chain_;
    sqlite::Statement move_chain_;
    sqlite::Statement add_envelope_;
    sqlite::Statement set_seen_;
    sqlite::Statement probe_;
};

}  // namespace trellis::server
