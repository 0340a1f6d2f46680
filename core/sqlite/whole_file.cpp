// SPDX-License-Identifier: Apache-2.0
#include "core/sqlite/whole_file.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <vector>

namespace trellis::sqlite {
namespace {

constexpr std::size_t file_max = std::size_t{1} << 30U;
constexpr std::size_t block = std::size_t{1} << 20U;

Error failed(const char* doing, const std::string& path, int code) {
    const int kind = code & 0xFF;
    const Code why = kind == SQLITE_CANTOPEN ? Code::not_found
                     : kind == SQLITE_FULL   ? Code::no_space
                                             : Code::internal;
    return {why, std::string(doing) + " " + path + ": " + sqlite3_errstr(code)};
}

/// Below the VFS that encrypts, which has no use for files that are no databases.
Result<sqlite3_vfs*> find(const std::string& name) {
    sqlite3_initialize();
    sqlite3_vfs* vfs = sqlite3_vfs_find(name.empty() ? "unix" : name.c_str());
    if (vfs == nullptr && name.empty()) vfs = sqlite3_vfs_find("win32");
    if (vfs == nullptr) {
        return Error{Code::unsupported, "this platform has no files of its own here"};
    }
    return vfs;
}

/// An open file of SQLite's, closed at the end.
class OpenFile {
public:
    static Result<OpenFile> open(sqlite3_vfs* vfs, const std::string& path, int flags,
                                 const char* doing) {
        OpenFile file;
        const auto size = static_cast<std::size_t>(vfs->szOsFile);
        file.memory_.resize(size / sizeof(std::max_align_t) + 1);
        file.full_.resize(static_cast<std::size_t>(vfs->mxPathname) + 1);
        int code = vfs->xFullPathname(vfs, path.c_str(), static_cast<int>(file.full_.size()),
                                      file.full_.data());
        // A super-journal is the kind of file that is no database and belongs to none; its
        // folder is synced with it.
        if ((code & 0xFF) == SQLITE_OK) {
            code = vfs->xOpen(vfs, file.full_.data(), file.get(), flags | SQLITE_OPEN_SUPER_JOURNAL,
                              nullptr);
        }
        if (code != SQLITE_OK) return failed(doing, path, code);
        file.is_open_ = true;
        return file;
    }
    OpenFile(OpenFile&& other) noexcept
        : memory_(std::move(other.memory_)),
          full_(std::move(other.full_)),
          is_open_(std::exchange(other.is_open_, false)) {}
    OpenFile& operator=(OpenFile&&) = delete;
    ~OpenFile() {
        if (is_open_ && get()->pMethods != nullptr) get()->pMethods->xClose(get());
    }

    sqlite3_file* get() { return reinterpret_cast<sqlite3_file*>(memory_.data()); }
    const sqlite3_io_methods& calls() { return *get()->pMethods; }

private:
    OpenFile() = default;
    std::vector<std::max_align_t> memory_;
    std::vector<char> full_;  ///< the VFS keeps a pointer to it
    bool is_open_ = false;
};

Result<void> write_through(sqlite3_vfs* vfs, const std::string& path, ByteView bytes) {
    constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    TRELLIS_TRY(auto file, OpenFile::open(vfs, path, flags, "writing"));
    int code = file.calls().xTruncate(file.get(), 0);
    for (std::size_t at = 0; code == SQLITE_OK && at < bytes.size(); at += block) {
        const auto count = std::min(block, bytes.size() - at);
        code = file.calls().xWrite(file.get(), bytes.data() + at, static_cast<int>(count),
                                   static_cast<sqlite3_int64>(at));
    }
    if (code == SQLITE_OK) code = file.calls().xSync(file.get(), SQLITE_SYNC_FULL);
    if (code != SQLITE_OK) return failed("writing", path, code);
    return {};
}

}  // namespace

Result<Bytes> read_file(const std::string& vfs, const std::string& path) {
    TRELLIS_TRY(auto* const system, find(vfs));
    TRELLIS_TRY(auto file, OpenFile::open(system, path, SQLITE_OPEN_READONLY, "reading"));
    sqlite3_int64 size = 0;
    int code = file.calls().xFileSize(file.get(), &size);
    if (code != SQLITE_OK) return failed("reading", path, code);
    if (static_cast<std::uint64_t>(size) > file_max) {
        return Error{Code::too_large, path + " is over 1 GiB"};
    }
    Bytes bytes(static_cast<std::size_t>(size));
    for (std::size_t at = 0; at < bytes.size(); at += block) {
        const auto count = std::min(block, bytes.size() - at);
        code = file.calls().xRead(file.get(), bytes.data() + at, static_cast<int>(count),
                                  static_cast<sqlite3_int64>(at));
        if (code != SQLITE_OK) return failed("reading", path, code);
    }
    return bytes;
}

Result<void> write_file(const std::string& vfs, const std::string& path, ByteView bytes) {
    TRELLIS_TRY(auto* const system, find(vfs));
    if (!vfs.empty()) return write_through(system, path, bytes);
    const std::string fresh = path + ".tmp";
    TRELLIS_DO(write_through(system, fresh, bytes));
    if (std::rename(fresh.c_str(), path.c_str()) == 0) return {};
    static_cast<void>(remove_file(vfs, fresh));
    return Error{Code::denied, "writing " + path + ": cannot put the new file in its place"};
}

Result<void> remove_file(const std::string& vfs, const std::string& path) {
    TRELLIS_TRY(auto* const system, find(vfs));
    constexpr int and_its_folder = 1;
    const int code = system->xDelete(system, path.c_str(), and_its_folder);
    if (code == SQLITE_OK || code == SQLITE_IOERR_DELETE_NOENT) return {};
    return failed("deleting", path, code);
}

}  // namespace trellis::sqlite
