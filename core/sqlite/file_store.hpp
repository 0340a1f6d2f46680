// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/env.hpp"
#include "core/base/result.hpp"

struct sqlite3_vfs;

namespace trellis::sqlite {

/// Files as a platform gives them, where SQLite has none of its own: a browser's, an app's. One
/// user at a time; nobody else touches the files meanwhile.
class FileStore {
public:
    using File = std::int64_t;

    FileStore() = default;
    FileStore(const FileStore&) = delete;
    FileStore& operator=(const FileStore&) = delete;
    virtual ~FileStore() = default;

    /// `not_found` where there is no such file and none is to be made.
    virtual Result<File> open(const std::string& path, bool create) = 0;
    virtual void close(File file) = 0;
    /// How many bytes were read: fewer than asked for only at the end of the file.
    virtual Result<std::size_t> read(File file, std::span<std::uint8_t> to,
                                     std::int64_t offset) = 0;
    virtual Result<void> write(File file, ByteView bytes, std::int64_t offset) = 0;
    virtual Result<void> truncate(File file, std::int64_t size) = 0;
    /// What was written before is durable when it returns.
    virtual Result<void> sync(File file) = 0;
    virtual Result<std::int64_t> size(File file) = 0;
    virtual Result<void> remove(const std::string& path) = 0;
    virtual Result<bool> exists(const std::string& path) = 0;
};

/// Lets SQLite open databases on a FileStore, by name() as VFS or, encrypted, by
/// encrypted_vfs(). There is no shared memory: a write-ahead log needs
/// `OpenOptions::shared_memory` off, which also means one connection to a file. For one thread.
class StoreVfs {
public:
    /// Registers it. Borrows the files and the world for its life. Requires: no other VFS has
    /// this name.
    StoreVfs(std::string name, FileStore& files, Env& env);
    /// Requires: every database on it is closed.
    ~StoreVfs();
    StoreVfs(const StoreVfs&) = delete;
    StoreVfs& operator=(const StoreVfs&) = delete;

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::string encrypted_vfs() const { return "multipleciphers-" + name_; }

private:
    friend struct StoreCalls;

    std::string name_;
    FileStore& files_;
    Env& env_;
    unsigned nameless_ = 0;  ///< temporary files so far
    std::unique_ptr<sqlite3_vfs> vfs_;
};

}  // namespace trellis::sqlite
