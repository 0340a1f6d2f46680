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

/// Moves its log into it: one file and nothing beside it.
Result<void> make_single_file(sqlite::Database& database) {
    TRELLIS_DO(database.checkpoint());
    return database.run("PRAGMA journal_mode=DELETE");
}

Result<void> finish_copy(const std::string& path) {
    TRELLIS_TRY(auto copy, open_store_file(path, false));
    TRELLIS_DO(mark_as_copy(copy));
    return make_single_file(copy);
}

Result<void> settle(const std::string& path) {
    TRELLIS_TRY(auto store, open_store_file(path, false));
    return make_single_file(store);
}

Error cannot_copy(const std::string& from, const std::string& to, const std::error_code& error) {
    return {error == std::errc::no_space_on_device ? Code::no_space : Code::denied,
            from + " could not be copied to " + to + ": " + error.message()};
}

/// A name that nothing has yet, for a store that is replaced now.
std::string name_aside(const std::string& store_path) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    const std::string aside = store_path + ".replaced-" + std::to_string(seconds);
    if (!fs::exists(aside)) return aside;
    int more = 2;
    while (fs::exists(aside + "-" + std::to_string(more))) ++more;
    return aside + "-" + std::to_string(more);
}

/// One more name for a file, or a copy where a disk has one name for each.
Result<void> name_again(const std::string& file, const std::string& name) {
    std::error_code error;
    fs::create_hard_link(file, name, error);
    if (!error) return {};
    fs::copy_file(file, name, error);
    if (error) return cannot_copy(file, name, error);
    return sync_to_disk(name);
}

/// The store that is there under another name, too; empty where there is none. It stays where
/// it is, whole by itself, until one rename puts the next in its place: who is killed in between
/// leaves one or the other. Only of a store that cannot be opened is the log put aside as it is.
Result<std::string> keep_aside(const std::string& store_path) {
    const bool is_there = fs::exists(store_path);
    if (is_there) {
        const auto settled = settle(store_path);
        if (!settled && settled.error().code == Code::busy) return settled.error();
    }
    const std::string aside = name_aside(store_path);
    for (const char* const suffix : {"", "-wal", "-shm"}) {
        if (!fs::exists(store_path + suffix)) continue;
        TRELLIS_DO(name_again(store_path + suffix, aside + suffix));
    }
    TRELLIS_DO(sync_to_disk(fs::absolute(store_path).parent_path()));
    for (const char* const suffix : {"-wal", "-shm"}) {
        std::error_code error;
        fs::remove(store_path + suffix, error);
        if (error) return cannot_copy(store_path + suffix, aside + suffix, error);
    }
    return is_there ? aside : std::string();
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
    TRELLIS_TRY(std::string aside, keep_aside(store_path));
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
