// SPDX-License-Identifier: Apache-2.0
// What CrashDisk and its VFS know of a file. Nobody else needs it.
#pragma once

#include <array>

#include "tests/support/crash_disk.hpp"

namespace trellis::test {

struct CrashDisk::File {
    /// A write or, without bytes, a truncation to `offset`.
    struct Unsynced {
        std::uint64_t offset = 0;
        std::optional<Bytes> bytes;
    };
    /// What connections of one process share, beside the file.
    struct Shared {
        static constexpr std::size_t slots = 8;
        std::vector<std::unique_ptr<Bytes>> regions;
        std::array<int, slots> readers{};
        std::array<const void*, slots> writer{};
        int users = 0;
    };

    Bytes durable;
    std::vector<Unsynced> unsynced;
    std::uint64_t size = 0;  ///< as a running program sees it
    Shared shared;
};

struct CrashDisk::Snapshot {
    struct Kept {
        Bytes current;
        Bytes durable;
        std::vector<File::Unsynced> unsynced;
    };
    /// Numbers of `files`; a file that lost its name may come back after a power cut.
    struct Change {
        std::string name;
        std::optional<std::size_t> file;
    };
    std::vector<Kept> files;
    std::map<std::string, std::size_t> names;
    std::map<std::string, std::size_t> durable_names;
    std::vector<Change> changes;
};

/// Does to `bytes` what one unsynced write or truncation says.
void perform(const CrashDisk::File::Unsynced& change, Bytes& bytes);

/// The functions SQLite calls.
std::unique_ptr<sqlite3_vfs> make_crash_vfs(CrashDisk* disk, const char* name);

}  // namespace trellis::test
