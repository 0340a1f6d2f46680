// SPDX-License-Identifier: Apache-2.0
#include "core/sqlite/file_store.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "core/base/check.hpp"
#include "core/sqlite/io_methods.hpp"

namespace trellis::sqlite {
namespace {

/// What SQLite keeps per open file; it allocates the bytes itself.
struct StoreHandle {
    sqlite3_file base;
    StoreVfs* vfs;
    FileStore::File file;
    std::string* remove_after;  ///< the path of a file that ends with its handle
    int lock;
};

StoreHandle& handle_of(sqlite3_file* file) { return *reinterpret_cast<StoreHandle*>(file); }

/// SQLite's word for what went wrong while doing something, such as SQLITE_IOERR_WRITE.
int code_of(const Error& error, int doing) {
    return error.code == Code::no_space ? SQLITE_FULL : doing;
}
int code_of(const Result<void>& result, int doing) {
    return result ? SQLITE_OK : code_of(result.error(), doing);
}

}  // namespace

/// The functions SQLite calls. They are C, so nothing may be thrown through them.
struct StoreCalls {
    static StoreVfs& store_of(sqlite3_vfs* vfs) { return *static_cast<StoreVfs*>(vfs->pAppData); }
    static FileStore& files_of(const StoreHandle& handle) { return handle.vfs->files_; }

    static int close(sqlite3_file* base) noexcept {
        const StoreHandle& handle = handle_of(base);
        files_of(handle).close(handle.file);
        if (handle.remove_after != nullptr) {
            static_cast<void>(files_of(handle).remove(*handle.remove_after));
            delete handle.remove_after;
        }
        return SQLITE_OK;
    }

    static int read(sqlite3_file* base, void* to, int count, sqlite3_int64 offset) noexcept {
        const StoreHandle& handle = handle_of(base);
        const std::span<std::uint8_t> wanted(static_cast<std::uint8_t*>(to),
                                             static_cast<std::size_t>(count));
        const auto got = files_of(handle).read(handle.file, wanted, offset);
        if (!got) return SQLITE_IOERR_READ;
        if (*got >= wanted.size()) return SQLITE_OK;
        // SQLite relies on the zeros.
        std::memset(wanted.data() + *got, 0, wanted.size() - *got);
        return SQLITE_IOERR_SHORT_READ;
    }

    static int write(sqlite3_file* base, const void* from, int count,
                     sqlite3_int64 offset) noexcept {
        const StoreHandle& handle = handle_of(base);
        const ByteView bytes(static_cast<const std::uint8_t*>(from),
                             static_cast<std::size_t>(count));
        return code_of(files_of(handle).write(handle.file, bytes, offset), SQLITE_IOERR_WRITE);
    }

    static int truncate(sqlite3_file* base, sqlite3_int64 size) noexcept {
        const StoreHandle& handle = handle_of(base);
        return code_of(files_of(handle).truncate(handle.file, size), SQLITE_IOERR_TRUNCATE);
    }

    static int sync(sqlite3_file* base, int) noexcept {
        const StoreHandle& handle = handle_of(base);
        return code_of(files_of(handle).sync(handle.file), SQLITE_IOERR_FSYNC);
    }

    static int file_size(sqlite3_file* base, sqlite3_int64* size) noexcept {
        const StoreHandle& handle = handle_of(base);
        const auto there = files_of(handle).size(handle.file);
        if (!there) return SQLITE_IOERR_FSTAT;
        *size = *there;
        return SQLITE_OK;
    }

    // One connection has the file to itself: there is nobody to lock out.
    static int lock(sqlite3_file* base, int wanted) noexcept {
        handle_of(base).lock = std::max(handle_of(base).lock, wanted);
        return SQLITE_OK;
    }
    static int unlock(sqlite3_file* base, int wanted) noexcept {
        handle_of(base).lock = std::min(handle_of(base).lock, wanted);
        return SQLITE_OK;
    }
    static int check_reserved_lock(sqlite3_file* base, int* result) noexcept {
        *result = handle_of(base).lock >= SQLITE_LOCK_RESERVED;
        return SQLITE_OK;
    }

    static int file_control(sqlite3_file*, int, void*) noexcept { return SQLITE_NOTFOUND; }
    static int sector_size(sqlite3_file*) noexcept { return 0; }  // 0: SQLite's own default
    static int device_characteristics(sqlite3_file*) noexcept {
        return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
    }

    static const sqlite3_io_methods* methods() {
        static const sqlite3_io_methods table = io_methods_of<StoreCalls>();
        return &table;
    }

    static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* base, int flags,
                    int* flags_out) noexcept {
        StoreVfs& store = store_of(vfs);
        base->pMethods = nullptr;  // until all went well: then SQLite calls no close
        const bool is_nameless = name == nullptr;
        const std::string path =
            is_nameless ? store.name_ + "-" + std::to_string(++store.nameless_) : name;
        const bool create = is_nameless || (flags & SQLITE_OPEN_CREATE) != 0;
        const auto file = store.files_.open(path, create);
        if (!file) {
            return file.error().code == Code::no_space ? SQLITE_FULL : SQLITE_CANTOPEN;
        }
        StoreHandle& handle = handle_of(base);
        handle.vfs = &store;
        handle.file = *file;
        handle.lock = SQLITE_LOCK_NONE;
        const bool ends = is_nameless || (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
        handle.remove_after = ends ? new std::string(path) : nullptr;
        handle.base.pMethods = methods();
        if (flags_out != nullptr) *flags_out = flags;
        return SQLITE_OK;
    }

    static int remove(sqlite3_vfs* vfs, const char* name, int) noexcept {
        const auto removed = store_of(vfs).files_.remove(name);
        if (removed) return SQLITE_OK;
        return removed.error().code == Code::not_found ? SQLITE_IOERR_DELETE_NOENT
                                                       : SQLITE_IOERR_DELETE;
    }

    static int access(sqlite3_vfs* vfs, const char* name, int, int* result) noexcept {
        const auto there = store_of(vfs).files_.exists(name);
        if (!there) return SQLITE_IOERR_ACCESS;
        *result = *there ? 1 : 0;
        return SQLITE_OK;
    }

    static int full_pathname(sqlite3_vfs*, const char* name, int size, char* to) noexcept {
        const std::size_t length = std::strlen(name);
        if (length >= static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
        std::memcpy(to, name, length + 1);
        return SQLITE_OK;
    }

    static int randomness(sqlite3_vfs* vfs, int size, char* to) noexcept {
        store_of(vfs).env_.random(
            {reinterpret_cast<std::uint8_t*>(to), static_cast<std::size_t>(size)});
        return size;
    }

    // There is nobody to wait for.
    static int sleep(sqlite3_vfs*, int microseconds) noexcept { return microseconds; }

    static int current_time_ms(sqlite3_vfs* vfs, sqlite3_int64* julian_ms) noexcept {
        constexpr sqlite3_int64 unix_epoch_as_julian_ms = 210'866'760'000'000;
        *julian_ms = unix_epoch_as_julian_ms + store_of(vfs).env_.wall_time();
        return SQLITE_OK;
    }

    static int current_time(sqlite3_vfs* vfs, double* julian_day) noexcept {
        constexpr double day_ms = 86'400'000.0;
        sqlite3_int64 julian_ms = 0;
        current_time_ms(vfs, &julian_ms);
        *julian_day = static_cast<double>(julian_ms) / day_ms;
        return SQLITE_OK;
    }

    static int last_error(sqlite3_vfs*, int, char*) noexcept { return 0; }
};

StoreVfs::StoreVfs(std::string name, FileStore& files, Env& env)
    : name_(std::move(name)), files_(files), env_(env), vfs_(std::make_unique<sqlite3_vfs>()) {
    constexpr int path_bytes_max = 512;
    vfs_->iVersion = 2;
    vfs_->szOsFile = static_cast<int>(sizeof(StoreHandle));
    vfs_->mxPathname = path_bytes_max;
    vfs_->zName = name_.c_str();
    vfs_->pAppData = this;
    vfs_->xOpen = StoreCalls::open;
    vfs_->xDelete = StoreCalls::remove;
    vfs_->xAccess = StoreCalls::access;
    vfs_->xFullPathname = StoreCalls::full_pathname;
    vfs_->xRandomness = StoreCalls::randomness;
    vfs_->xSleep = StoreCalls::sleep;
    vfs_->xCurrentTime = StoreCalls::current_time;
    vfs_->xCurrentTimeInt64 = StoreCalls::current_time_ms;
    vfs_->xGetLastError = StoreCalls::last_error;
    constexpr int not_the_default = 0;
    TRELLIS_CHECK(sqlite3_vfs_register(vfs_.get(), not_the_default) == SQLITE_OK);
}

StoreVfs::~StoreVfs() {
    // The wrapper that encrypts points at us; it exists once such a database was opened.
    sqlite3mc_vfs_destroy(encrypted_vfs().c_str());
    sqlite3_vfs_unregister(vfs_.get());
}

}  // namespace trellis::sqlite
