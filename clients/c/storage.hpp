// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/c/trellis.h"
#include "core/sqlite/file_store.hpp"

namespace trellis::c {

/// The platform's table of file functions, as the database wants it.
class Storage final : public sqlite::FileStore {
public:
    explicit Storage(const trellis_storage& table) : table_(table) {}
    /// `invalid` where a function is missing.
    static Result<void> check(const trellis_storage& table);

    Result<File> open(const std::string& path, bool create) override;
    void close(File file) override;
    Result<std::size_t> read(File file, std::span<std::uint8_t> to, std::int64_t offset) override;
    Result<void> write(File file, ByteView bytes, std::int64_t offset) override;
    Result<void> truncate(File file, std::int64_t size) override;
    Result<void> sync(File file) override;
    Result<std::int64_t> size(File file) override;
    Result<void> remove(const std::string& path) override;
    Result<bool> exists(const std::string& path) override;

private:
    trellis_storage table_;
};

}  // namespace trellis::c
