// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/store/sqlite_file.hpp"
#include "server/store/store.hpp"

#include <optional>
#include <utility>

namespace trellis::server {

/// A file that one process at a time may write: held until this goes.
class StoreLock {
public:
    /// `busy` where another process holds it; says which folder cannot be written.
    static Result<StoreLock> take(const std::string& store_path);
    StoreLock(StoreLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    StoreLock& operator=(StoreLock&&) = delete;
    ~StoreLock();

private:
    explicit StoreLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

/// One SQLite file, in the clear: all that is in it is sealed or public already.
class SqliteStore final : public Store {
public:
    static Result<std::unique_ptr<Store>> open(const std::string& path,
                                               const StoreOptions& options);

    Result<std::unique_ptr<StoreWriter>> open_writer() override;
    Result<std::unique_ptr<StoreReader>> open_reader() override;
    Result<Bytes> server_seed(ByteView fresh) override;
    [[nodiscard]] Room room() const override;

private:
    SqliteStore(StorePlace place, const StoreOptions& options, std::optional<StoreLock> lock)
        : place_(std::move(place)), options_(options), lock_(std::move(lock)) {}

    StorePlace place_;
    StoreOptions options_;
    std::optional<StoreLock> lock_;  ///< none on a disk that no other process can reach
};

/// Opens the file without its lock; `invalid` where it is not a store of this program.
/// Requires: it is there, unless `create`.
Result<sqlite::Database> open_store_file(const std::string& path, bool create);

}  // namespace trellis::server
