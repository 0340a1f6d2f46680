// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite_store.hpp"

#include "server/store/sqlite_file.hpp"
#include "server/store/sqlite_reader.hpp"
#include "server/store/sqlite_writer.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace trellis::server {
namespace {

constexpr std::string_view sqlite_prefix = "sqlite:";

}  // namespace

Result<StoreLock> StoreLock::take(const std::string& store_path) {
    const std::string path = store_path + "-lock";
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return Error{errno == ENOSPC ? Code::no_space : Code::denied,
                     path + " cannot be created (" + std::strerror(errno) +
                         "): check that its folder is there and that this user may write to it"};
    }
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return StoreLock(descriptor);
    ::close(descriptor);
    return Error{Code::busy, store_path + " is in use by another trellisd: stop it first"};
}

StoreLock::~StoreLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::string> sqlite_path(const std::string& url) {
    if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
        return Error{Code::unsupported,
                     "this trellisd has no PostgreSQL store: use --store sqlite:PATH"};
    }
    if (!url.starts_with(sqlite_prefix) || url.size() == sqlite_prefix.size()) {
        return Error{Code::invalid, "the store '" + url + "' is not of the form sqlite:PATH"};
    }
    return url.substr(sqlite_prefix.size());
}

Result<std::unique_ptr<Store>> open_store(const std::string& url, const StoreOptions& options) {
    TRELLIS_TRY(const std::string path, sqlite_path(url));
    return SqliteStore::open(path, options);
}

Result<sqlite::Database> open_store_file(const std::string& path, bool create) {
    if (!create && !std::filesystem::exists(path)) {
        return Error{Code::not_found, "there is no store at " + path};
    }
    return open_store_database(path, create);
}

Result<std::unique_ptr<Store>> SqliteStore::open(const std::string& path,
                                                 const StoreOptions& options) {
    std::optional<StoreLock> lock;
    if (options.vfs.empty()) {
        TRELLIS_TRY(auto taken, StoreLock::take(path));
        lock.emplace(std::move(taken));
    }
    StorePlace place(path, options.vfs);
    TRELLIS_TRY(auto database, open_store_database(place, true));
    TRELLIS_DO(begin_new_life(database, place));
    return std::unique_ptr<Store>(new SqliteStore(std::move(place), options, std::move(lock)));
}

Result<std::unique_ptr<StoreWriter>> SqliteStore::open_writer() {
    return SqliteWriter::open(place_, options_);
}

Result<std::unique_ptr<StoreReader>> SqliteStore::open_reader() {
    return SqliteReader::open(place_);
}

Result<Bytes> SqliteStore::server_seed(ByteView fresh) {
    return keep_server_seed(place_, fresh);
}

Store::Room SqliteStore::room() const {
    Room room;
    if (!place_.vfs.empty()) return room;
    for (const char* const suffix : {"", "-wal"}) {
        std::error_code ignored;
        const auto size = std::filesystem::file_size(place_.path + suffix, ignored);
        if (!ignored) room.store_bytes += static_cast<std::int64_t>(size);
    }
    struct statvfs disk {};
    if (::statvfs(place_.path.c_str(), &disk) == 0) {
        const auto block = static_cast<std::int64_t>(disk.f_frsize);
        room.free_bytes = static_cast<std::int64_t>(disk.f_bavail) * block;
        room.disk_bytes = static_cast<std::int64_t>(disk.f_blocks) * block;
    }
    return room;
}

}  // namespace trellis::server
