// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite_care.hpp"

#include "server/store/sqlite_file.hpp"
#include "server/store/sqlite_store.hpp"

#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

namespace trellis::server {
namespace {

namespace fs = std::filesystem;

/// A new name is only as durable as its folder.
Result<void> sync_to_disk(const fs::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const bool done = descriptor >= 0 && ::fsync(descriptor) == 0;
    if (descriptor >= 0) ::close(descriptor);
    if (done) return {};
    return Error{Code::internal, path.string() + " could not be written to the disk"};
}

Result<void> sync_file_and_folder(const fs::path& file) {
    TRELLIS_DO(sync_to_disk(file));
    return sync_to_disk(fs::absolute(file).parent_path());
}

/// Marks the copy and makes it one single file, without a log beside it.
Result<void> finish_copy(const std::string& path) {
    TRELLIS_TRY(auto copy, open_store_file(path, false));
    TRELLIS_DO(mark_as_copy(copy));
    TRELLIS_DO(copy.checkpoint());
    return copy.run("PRAGMA journal_mode=DELETE");
}

Error cannot_copy(const std::string& from, const std::string& to, const std::error_code& error) {
    return {error == std::errc::no_space_on_device ? Code::no_space : Code::denied,
            from + " could not be copied to " + to + ": " + error.message()};
}

/// The store that is there, with its log, under another name; empty where there is none.
Result<std::string> move_aside(const std::string& store_path) {
    if (!fs::exists(store_path)) return std::string();
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    const std::string aside = store_path + ".replaced-" + std::to_string(seconds);
    for (const char* const suffix : {"-wal", "-shm", ""}) {
        std::error_code error;
        fs::rename(store_path + suffix, aside + suffix, error);
        if (error && error != std::errc::no_such_file_or_directory) {
            return cannot_copy(store_path, aside, error);
        }
    }
    return aside;
}

}  // namespace

Result<void> backup_store(const std::string& store_path, const std::string& backup_path) {
    if (fs::exists(backup_path)) {
        return Error{Code::conflict, backup_path + " is there already: name a new file"};
    }
    TRELLIS_TRY(auto store, open_store_file(store_path, false));
    // Under another name until it is whole: a file by the name asked for is always a backup.
    const std::string unfinished = backup_path + ".unfinished";
    std::error_code error;
    fs::remove(unfinished, error);
    auto copied = store.copy_to(unfinished);
    if (copied) copied = finish_copy(unfinished);
    if (copied) copied = sync_to_disk(unfinished);
    if (!copied) {
        fs::remove(unfinished, error);
        return Error{copied.error().code,
                     backup_path + " could not be written: " + copied.error().message};
    }
    fs::rename(unfinished, backup_path, error);
    if (error) return cannot_copy(unfinished, backup_path, error);
    return sync_file_and_folder(backup_path);
}

Result<std::string> restore_store(const std::string& store_path, const std::string& backup_path) {
    TRELLIS_TRY(const auto lock, StoreLock::take(store_path));
    if (!fs::exists(backup_path)) {
        return Error{Code::not_found, "there is no backup at " + backup_path};
    }
    const std::string fresh = store_path + ".restoring";
    std::error_code error;
    fs::copy_file(backup_path, fresh, fs::copy_options::overwrite_existing, error);
    if (error) return cannot_copy(backup_path, fresh, error);
    // Judged before anything that was there is touched.
    auto marked = finish_copy(fresh);
    if (!marked) {
        fs::remove(fresh, error);
        return Error{marked.error().code, backup_path + " is not a backup of trellisd's store"};
    }
    TRELLIS_DO(sync_to_disk(fresh));
    TRELLIS_TRY(std::string aside, move_aside(store_path));
    fs::rename(fresh, store_path, error);
    if (error) return cannot_copy(fresh, store_path, error);
    TRELLIS_DO(sync_file_and_folder(store_path));
    return aside;
}

Result<std::vector<std::string>> check_store(const std::string& store_path,
                                             const std::string& vfs) {
    TRELLIS_TRY(auto database, vfs.empty()
                                   ? open_store_file(store_path, false)
                                   : open_store_database(StorePlace(store_path, vfs), false));
    return check_store(database);
}

}  // namespace trellis::server
