// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/limits.hpp"
#include "core/base/result.hpp"
#include "sync/relay/action.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Where a relay's logs rest. A second engine implements these three classes and nothing else.
/// Everything in a store is sealed, signed or public: none of it needs a key to be kept.
namespace trellis::server {

/// The outer error means: the store failed, roll back. The inner one means: this request alone
/// is refused, nothing has changed, the transaction goes on.
template <class T>
using Verdict = Result<Result<T>>;

/// The one writer, for one thread. All of it happens between begin() and commit().
class StoreWriter {
public:
    virtual ~StoreWriter() = default;

    virtual Result<void> begin() = 0;
    /// Durable when it returns.
    virtual Result<void> commit() = 0;
    /// Safe outside a transaction.
    virtual void rollback() = 0;
    /// A commit that keeps nothing: an error where a real one would fail.
    virtual Result<void> probe() = 0;
    /// After a failed sync: what the disk holds is unknown, a new writer must be opened.
    [[nodiscard]] virtual bool is_broken() const = 0;

    /// Refused with `conflict` where the log is not exactly `index` entries long.
    virtual Verdict<void> append_entry(const OrgId& org, std::uint64_t index, ByteView entry) = 0;
    /// The space as it is, or, met for the first time, empty. Refused with `not_found` where the
    /// organisation is not known.
    virtual Verdict<sync::LoadedSpace> create_space(const sync::LoadSpace& request) = 0;
    /// Refused with `conflict` where the log is not at (incarnation, after), with `no_space`
    /// where its quota is full.
    virtual Verdict<void> append(const sync::SpaceAppend& space) = 0;
    virtual Result<void> save_seen(const sync::SaveSeen& seen) = 0;
    /// Nothing is done where it is there already. Refused with `no_space` where the inbox holds
    /// its share, with `not_found` where the organisation is not known.
    virtual Verdict<void> store_submission(const sync::StoreSubmission& request) = 0;
    virtual Result<void> drop_submissions(const sync::DropSubmissions& request) = 0;
    /// Overwrites what it deletes; after the commit no file of the store has any of it.
    virtual Result<void> shred(const sync::ShredSpace& request) = 0;
};

struct StoreStats {
    std::int64_t orgs = 0;
    std::int64_t entries = 0;
    std::int64_t spaces = 0;
    std::int64_t chains = 0;
    std::int64_t envelopes = 0;
    std::int64_t envelope_bytes = 0;
    std::int64_t store_bytes = 0;
};

/// One of any number of readers, each for one thread. Sees what is committed.
class StoreReader {
public:
    virtual ~StoreReader() = default;

    virtual Result<std::vector<Bytes>> entries(const OrgId& org) = 0;
    /// Nothing where the space has never been created.
    virtual Result<std::optional<sync::LoadedSpace>> space(const OrgId& org,
                                                           const SpaceId& space) = 0;
    virtual Result<sync::LogPage> page(const sync::CatchUp& request) = 0;
    virtual Result<sync::ChainPage> chain(const sync::FetchChain& request) = 0;
    virtual Result<Digest> head_at(const sync::HeadAt& request) = 0;
    virtual Result<std::vector<sync::SubmissionItem>> submissions(
        const sync::LoadSubmissions& request) = 0;
    virtual Result<StoreStats> stats() = 0;
};

class Store {
public:
    virtual ~Store() = default;

    virtual Result<std::unique_ptr<StoreWriter>> open_writer() = 0;
    virtual Result<std::unique_ptr<StoreReader>> open_reader() = 0;
    /// The seed of the server's key: `fresh` is kept and returned where there is none yet.
    virtual Result<Bytes> server_seed(ByteView fresh) = 0;
    /// The size of the store, and how full the disk under it is; zeros where unknown.
    struct Room {
        std::int64_t store_bytes = 0;
        std::int64_t free_bytes = 0;
        std::int64_t disk_bytes = 0;
    };
    [[nodiscard]] virtual Room room() const = 0;
};

struct StoreOptions {
    std::int64_t space_bytes_max = std::int64_t{20} * 1024 * 1024 * 1024;
    std::int64_t inbox_pending_max = limits::inbox_pending_max;
    std::int64_t inbox_bytes_max = limits::inbox_bytes_max;
    /// SQLite's disk to be on; empty: the platform's own. Another one is this process's alone.
    std::string vfs = {};
};

/// Opens "sqlite:PATH" for serving, creating it where it is not there. `busy` where another
/// server has it, `unsupported` for other engines and newer files.
Result<std::unique_ptr<Store>> open_store(const std::string& url, const StoreOptions& options);

/// The path of "sqlite:PATH"; `unsupported` or `invalid` with a sentence for everything else.
Result<std::string> sqlite_path(const std::string& url);

}  // namespace trellis::server
