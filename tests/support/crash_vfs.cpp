// SPDX-License-Identifier: Apache-2.0
// The functions SQLite calls for a CrashDisk. What they do to bytes and locks a MemoryDisk does;
// here I/Os are counted and fail, and what is not durable yet is noted down.
#include <sqlite3.h>

#include <memory>

#include "core/base/check.hpp"
#include "core/sqlite/io_methods.hpp"
#include "tests/support/crash_file.hpp"

namespace trellis::test {

/// What SQLite keeps per open file. The handle of the MemoryDisk lies behind it.
struct CrashHandle {
    sqlite3_file base{};
    CrashDisk* disk = nullptr;
    std::shared_ptr<CrashDisk::File> file;  ///< none: temporary
    std::uint64_t life = 0;
    bool syncs_folder = false;   ///< with its first sync, as SQLite does for a new journal
    bool is_sharing = false;
    unsigned reads = 0;          ///< slots of shared memory locked so
    unsigned writes = 0;

    sqlite3_file* inner() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

struct CrashVfs {
    using File = CrashDisk::File;

    static CrashHandle& handle_of(sqlite3_file* base) {
        return *reinterpret_cast<CrashHandle*>(base);
    }
    static CrashDisk& disk_of(sqlite3_vfs* vfs) { return *static_cast<CrashDisk*>(vfs->pAppData); }
    static sqlite3_vfs* inner_of(sqlite3_vfs* vfs) {
        return sqlite3_vfs_find(disk_of(vfs).memory_.name().c_str());
    }
    static bool is_dead(const CrashHandle& handle) {
        return handle.disk->is_down_ || handle.life != handle.disk->life_;
    }

    static int close(sqlite3_file* base) {
        CrashHandle& handle = handle_of(base);
        if (handle.is_sharing) shm_unmap(base, 0);
        const int code = handle.inner()->pMethods->xClose(handle.inner());
        --handle.disk->open_files_;
        std::destroy_at(&handle);
        return code;
    }

    static int read(sqlite3_file* base, void* to, int count, sqlite3_int64 offset) {
        CrashHandle& handle = handle_of(base);
        if (is_dead(handle)) return SQLITE_IOERR_READ;
        const auto verdict = handle.disk->count(io_read);
        const auto read_inner = [&](int bytes) {
            return handle.inner()->pMethods->xRead(handle.inner(), to, bytes, offset);
        };
        if (verdict.passes) return read_inner(count);
        if (verdict.kind == Fault::Kind::partial) read_inner(count / 2);
        return SQLITE_IOERR_READ;
    }

    static int write_all(CrashHandle& handle, const void* from, int count, sqlite3_int64 offset) {
        const auto start = static_cast<std::uint64_t>(offset);
        const auto size = static_cast<std::size_t>(count);
        if (handle.file && !handle.disk->has_room(*handle.file, start + size)) return SQLITE_FULL;
        const int code = handle.inner()->pMethods->xWrite(handle.inner(), from, count, offset);
        if (code != SQLITE_OK || !handle.file) return code;
        const ByteView bytes(static_cast<const std::uint8_t*>(from), size);
        handle.disk->wrote(*handle.file, start, bytes);
        return SQLITE_OK;
    }

    static int write(sqlite3_file* base, const void* from, int count, sqlite3_int64 offset) {
        CrashHandle& handle = handle_of(base);
        if (is_dead(handle)) return SQLITE_IOERR_WRITE;
        const auto verdict = handle.disk->count(io_write);
        if (verdict.passes) return write_all(handle, from, count, offset);
        if (verdict.kind == Fault::Kind::partial) write_all(handle, from, count / 2, offset);
        return verdict.kind == Fault::Kind::full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    }

    static int truncate(sqlite3_file* base, sqlite3_int64 size) {
        CrashHandle& handle = handle_of(base);
        if (is_dead(handle) || !handle.disk->count(io_truncate).passes) {
            return SQLITE_IOERR_TRUNCATE;
        }
        const auto wanted = static_cast<std::uint64_t>(size);
        if (handle.file && !handle.disk->has_room(*handle.file, wanted)) return SQLITE_FULL;
        const int code = handle.inner()->pMethods->xTruncate(handle.inner(), size);
        if (code == SQLITE_OK && handle.file) handle.disk->truncated(*handle.file, wanted);
        return code;
    }

    static int sync(sqlite3_file* base, int) {
        CrashHandle& handle = handle_of(base);
        if (is_dead(handle)) return SQLITE_IOERR_FSYNC;
        const auto verdict = handle.disk->count(io_sync);
        if (!verdict.passes) {
            if (handle.file && !is_dead(handle)) handle.disk->lost_sync(*handle.file);
            return SQLITE_IOERR_FSYNC;
        }
        if (!handle.file) return SQLITE_OK;
        handle.disk->synced(*handle.file);
        if (handle.syncs_folder) handle.disk->sync_folder();
        handle.syncs_folder = false;
        return SQLITE_OK;
    }

    static int file_size(sqlite3_file* base, sqlite3_int64* size) {
        CrashHandle& handle = handle_of(base);
        if (is_dead(handle)) return SQLITE_IOERR_FSTAT;
        return handle.inner()->pMethods->xFileSize(handle.inner(), size);
    }

    static int lock(sqlite3_file* base, int wanted) {
        CrashHandle& handle = handle_of(base);
        if (is_dead(handle)) return SQLITE_IOERR_LOCK;
        return handle.inner()->pMethods->xLock(handle.inner(), wanted);
    }

    static int unlock(sqlite3_file* base, int wanted) {
        CrashHandle& handle = handle_of(base);
        return handle.inner()->pMethods->xUnlock(handle.inner(), wanted);
    }

    static int check_reserved_lock(sqlite3_file* base, int* result) {
        CrashHandle& handle = handle_of(base);
        if (is_dead(handle)) return SQLITE_IOERR_CHECKRESERVEDLOCK;
        return handle.inner()->pMethods->xCheckReservedLock(handle.inner(), result);
    }

    static int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
    static int sector_size(sqlite3_file*) { return 0; }  // 0: SQLite's own default
    /// What SQLite assumes of a disk under Linux: a write harms nothing beside it.
    static int device_characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

    static int shm_map(sqlite3_file* base, int region, int size, int extends, void volatile** to) {
        CrashHandle& handle = handle_of(base);
        *to = nullptr;
        if (is_dead(handle)) return SQLITE_IOERR_SHMMAP;
        File::Shared& shared = handle.file->shared;
        if (!handle.is_sharing) ++shared.users;
        handle.is_sharing = true;
        const auto at = static_cast<std::size_t>(region);
        while (shared.regions.size() <= at) {
            if (extends == 0) return SQLITE_OK;
            shared.regions.push_back(std::make_unique<Bytes>(static_cast<std::size_t>(size)));
        }
        *to = shared.regions[at]->data();
        return SQLITE_OK;
    }

    static bool is_locked_by_others(const CrashHandle& handle, std::size_t slot, bool is_write) {
        const File::Shared& shared = handle.file->shared;
        const bool own_read = ((handle.reads >> slot) & 1U) != 0;
        if (shared.writer[slot] != nullptr && shared.writer[slot] != &handle) return true;
        return is_write && shared.readers[slot] > (own_read ? 1 : 0);
    }

    static void release(CrashHandle& handle, std::size_t slot) {
        File::Shared& shared = handle.file->shared;
        const unsigned bit = 1U << slot;
        if ((handle.reads & bit) != 0) --shared.readers[slot];
        if ((handle.writes & bit) != 0) shared.writer[slot] = nullptr;
        handle.reads &= ~bit;
        handle.writes &= ~bit;
    }

    static int shm_lock(sqlite3_file* base, int first, int count, int flags) {
        CrashHandle& handle = handle_of(base);
        const auto begin = static_cast<std::size_t>(first);
        const auto end = begin + static_cast<std::size_t>(count);
        TRELLIS_CHECK(end <= File::Shared::slots);
        if ((flags & SQLITE_SHM_UNLOCK) != 0) {
            for (auto slot = begin; slot < end; ++slot) release(handle, slot);
            return SQLITE_OK;
        }
        if (is_dead(handle)) return SQLITE_IOERR_SHMLOCK;
        const bool is_write = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
        for (auto slot = begin; slot < end; ++slot) {
            if (is_locked_by_others(handle, slot, is_write)) return SQLITE_BUSY;
        }
        for (auto slot = begin; slot < end; ++slot) {
            const unsigned bit = 1U << slot;
            if (is_write) {
                handle.file->shared.writer[slot] = &handle;
                handle.writes |= bit;
            } else if ((handle.reads & bit) == 0) {
                ++handle.file->shared.readers[slot];
                handle.reads |= bit;
            }
        }
        return SQLITE_OK;
    }

    static void shm_barrier(sqlite3_file*) {}

    static int shm_unmap(sqlite3_file* base, int) {
        CrashHandle& handle = handle_of(base);
        if (!handle.is_sharing) return SQLITE_OK;
        File::Shared& shared = handle.file->shared;
        for (std::size_t slot = 0; slot < File::Shared::slots; ++slot) release(handle, slot);
        handle.is_sharing = false;
        if (--shared.users == 0) shared.regions.clear();
        return SQLITE_OK;
    }

    static const sqlite3_io_methods* methods() {
        static const sqlite3_io_methods table = [] {
            auto made = sqlite::io_methods_of<CrashVfs>();
            made.iVersion = 2;  // shared memory, no memory mapping
            made.xShmMap = shm_map;
            made.xShmLock = shm_lock;
            made.xShmBarrier = shm_barrier;
            made.xShmUnmap = shm_unmap;
            return made;
        }();
        return &table;
    }

    static int open(
        sqlite3_vfs* vfs, const char* name, sqlite3_file* base, int flags, int* flags_out) {
        CrashDisk& disk = disk_of(vfs);
        base->pMethods = nullptr;  // until all went well: then SQLite calls no close
        if (!disk.count(io_open).passes) return SQLITE_CANTOPEN;
        const bool is_kept = name != nullptr && (flags & SQLITE_OPEN_DELETEONCLOSE) == 0;
        auto* const handle = std::construct_at(reinterpret_cast<CrashHandle*>(base));
        const int code = inner_of(vfs)->xOpen(inner_of(vfs), name, handle->inner(), flags, flags_out);
        if (code != SQLITE_OK) {
            std::destroy_at(handle);
            return code;
        }
        if (is_kept) handle->file = disk.find(name);
        if (is_kept && !handle->file) handle->file = disk.create(name);
        // As unixOpen() does, also where the file is there already: whoever made it may have been
        // killed before its first sync.
        constexpr int journals =
            SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
        handle->syncs_folder =
            is_kept && (flags & SQLITE_OPEN_CREATE) != 0 && (flags & journals) != 0;
        handle->disk = &disk;
        handle->life = disk.life_;
        handle->base.pMethods = methods();
        ++disk.open_files_;
        return SQLITE_OK;
    }

    static int remove(sqlite3_vfs* vfs, const char* name, int syncs_folder) {
        CrashDisk& disk = disk_of(vfs);
        if (disk.is_down_) return SQLITE_IOERR_DELETE;
        if (!disk.find(name)) return SQLITE_IOERR_DELETE_NOENT;
        if (!disk.count(io_remove).passes) return SQLITE_IOERR_DELETE;
        disk.memory_.remove(name);
        disk.drop_name(name);
        if (syncs_folder != 0) disk.sync_folder();
        return SQLITE_OK;
    }

    static int access(sqlite3_vfs* vfs, const char* name, int flags, int* result) {
        if (disk_of(vfs).is_down_) return SQLITE_IOERR_ACCESS;
        return inner_of(vfs)->xAccess(inner_of(vfs), name, flags, result);
    }

    static std::unique_ptr<sqlite3_vfs> make(CrashDisk* disk, const char* name) {
        sqlite3_vfs* const inner = sqlite3_vfs_find(disk->memory_.name().c_str());
        // The path's rules, randomness and time are the MemoryDisk's; it finds itself in
        // pAppData, so those that need it go through us.
        auto vfs = std::make_unique<sqlite3_vfs>(*inner);
        vfs->pNext = nullptr;
        vfs->szOsFile = static_cast<int>(sizeof(CrashHandle)) + inner->szOsFile;
        vfs->zName = name;
        vfs->pAppData = disk;
        vfs->xOpen = open;
        vfs->xDelete = remove;
        vfs->xAccess = access;
        vfs->xCurrentTime = current_time;
        vfs->xCurrentTimeInt64 = current_time_ms;
        return vfs;
    }

    static int current_time(sqlite3_vfs* vfs, double* julian_day) {
        return inner_of(vfs)->xCurrentTime(inner_of(vfs), julian_day);
    }
    static int current_time_ms(sqlite3_vfs* vfs, sqlite3_int64* julian_ms) {
        return inner_of(vfs)->xCurrentTimeInt64(inner_of(vfs), julian_ms);
    }
};

std::unique_ptr<sqlite3_vfs> make_crash_vfs(CrashDisk* disk, const char* name) {
    return CrashVfs::make(disk, name);
}

}  // namespace trellis::test
