// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3_vfs;

namespace trellis::sqlite {

/// A disk in memory that SQLite can open databases on, by the disk's name as VFS (or, for an
/// encrypted database, by `encrypted_vfs()`). Files are locked as on a real disk, but there is
/// no shared memory: a write-ahead log needs `locking_mode=EXCLUSIVE`. For one thread. It is
/// the only disk a program in the browser's sandbox has, and an easy one for tests.
class MemoryDisk {
public:
    /// Registers the disk with SQLite. Files that together grow past `bytes_max` find it full.
    /// Requires: no other VFS has this name.
    explicit MemoryDisk(std::string name, std::size_t bytes_max = std::size_t{1} << 30);

    /// Requires: every database on it is closed.
    ~MemoryDisk();
    MemoryDisk(const MemoryDisk&) = delete;
    MemoryDisk& operator=(const MemoryDisk&) = delete;

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::string encrypted_vfs() const { return "multipleciphers-" + name_; }

    [[nodiscard]] std::vector<std::string> files() const;

    /// The bytes of a file as they lie on the disk; nothing where there is no such file.
    [[nodiscard]] std::optional<Bytes> read(const std::string& file) const;

    /// Puts a file there, or other bytes into one that is there.
    void write(const std::string& file, Bytes bytes);
    void remove(const std::string& file);

    /// What SQL's `now` says on this disk, in milliseconds since 1970; 0 until somebody says.
    void set_time(std::int64_t unix_ms) { unix_ms_ = unix_ms; }

    struct File;  ///< of the VFS itself

private:
    friend struct MemoryVfs;

    File* find(const std::string& file) const;
    File* create(const std::string& file);
    void close(File* file);
    bool grow(std::size_t from, std::size_t to);

    std::string name_;
    std::size_t bytes_max_;
    std::size_t bytes_used_ = 0;
    std::int64_t unix_ms_ = 0;
    std::map<std::string, std::unique_ptr<File>> files_;
    std::vector<std::unique_ptr<File>> nameless_;  ///< temporary, or removed while still open
    std::unique_ptr<sqlite3_vfs> vfs_;
};

/// The disk named "trellis-memory"; made at the first call and kept to the end.
MemoryDisk& memory_disk();

}  // namespace trellis::sqlite
