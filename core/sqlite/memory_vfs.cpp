// SPDX-License-Identifier: Apache-2.0
#include "core/sqlite/memory_vfs.hpp"

#include "core/base/check.hpp"
#include "core/sqlite/io_methods.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <unistd.h>
#include <utility>

namespace trellis::sqlite {

struct MemoryDisk::File {
    Bytes bytes;
    int open_count = 0;
    int shared_count = 0;             ///< handles that hold at least SHARED
    const void* reserved = nullptr;   ///< the handle that may write soon
    const void* pending = nullptr;    ///< the handle that lets no new reader in
    const void* exclusive = nullptr;  ///< the handle that writes
};

/// What SQLite keeps per open file; it allocates the bytes itself.
struct MemoryHandle {
    sqlite3_file base;
    MemoryDisk* disk;
    MemoryDisk::File* file;
    int lock;
};

/// The functions SQLite calls. They are C, so nothing may be thrown through them.
struct MemoryVfs {
    using File = MemoryDisk::File;

    static MemoryHandle& handle_of(sqlite3_file* file) {
        return *reinterpret_cast<MemoryHandle*>(file);
    }
    static MemoryDisk& disk_of(sqlite3_vfs* vfs) {
        return *static_cast<MemoryDisk*>(vfs->pAppData);
    }

    static int close(sqlite3_file* base) noexcept {
        MemoryHandle& handle = handle_of(base);
        unlock(base, SQLITE_LOCK_NONE);
        handle.disk->close(handle.file);
        return SQLITE_OK;
    }

    static int read(sqlite3_file* base, void* to, int count, sqlite3_int64 offset) noexcept {
        const Bytes& bytes = handle_of(base).file->bytes;
        const auto wanted = static_cast<std::size_t>(count);
        const auto start = std::min(static_cast<std::size_t>(offset), bytes.size());
        const std::size_t there = std::min(wanted, bytes.size() - start);
        if (there > 0) std::memcpy(to, bytes.data() + start, there);
        if (there == wanted) return SQLITE_OK;
        // SQLite relies on the zeros.
        std::memset(static_cast<std::uint8_t*>(to) + there, 0, wanted - there);
        return SQLITE_IOERR_SHORT_READ;
    }

    static int write(sqlite3_file* base, const void* from, int count,
                     sqlite3_int64 offset) noexcept {
        MemoryHandle& handle = handle_of(base);
        Bytes& bytes = handle.file->bytes;
        const auto size = static_cast<std::size_t>(count);
        const auto start = static_cast<std::size_t>(offset);
        if (start + size > bytes.size()) {
            if (!handle.disk->grow(bytes.size(), start + size)) return SQLITE_FULL;
            bytes.resize(start + size);
        }
        if (size > 0) std::memcpy(bytes.data() + start, from, size);
        return SQLITE_OK;
    }

    static int truncate(sqlite3_file* base, sqlite3_int64 size) noexcept {
        MemoryHandle& handle = handle_of(base);
        Bytes& bytes = handle.file->bytes;
        const auto wanted = static_cast<std::size_t>(size);
        if (!handle.disk->grow(bytes.size(), wanted)) return SQLITE_FULL;
        bytes.resize(wanted);
        return SQLITE_OK;
    }

    static int sync(sqlite3_file*, int) noexcept { return SQLITE_OK; }

    static int file_size(sqlite3_file* base, sqlite3_int64* size) noexcept {
        *size = static_cast<sqlite3_int64>(handle_of(base).file->bytes.size());
        return SQLITE_OK;
    }

    /// NONE → SHARED → RESERVED → EXCLUSIVE, as SQLite's own file locking describes it.
    static int lock(sqlite3_file* base, int wanted) noexcept {
        MemoryHandle& handle = handle_of(base);
        File& file = *handle.file;
        if (handle.lock >= wanted) return SQLITE_OK;
        const auto others_hold = [&](const void* holder) {
            return holder != nullptr && holder != &handle;
        };
        if (others_hold(file.exclusive)) return SQLITE_BUSY;
        if (handle.lock == SQLITE_LOCK_NONE) {
            if (others_hold(file.pending)) return SQLITE_BUSY;
            ++file.shared_count;
            handle.lock = SQLITE_LOCK_SHARED;
            if (wanted == SQLITE_LOCK_SHARED) return SQLITE_OK;
        }
        if (others_hold(file.reserved) || others_hold(file.pending)) return SQLITE_BUSY;
        if (wanted == SQLITE_LOCK_RESERVED) {
            file.reserved = &handle;
            handle.lock = SQLITE_LOCK_RESERVED;
            return SQLITE_OK;
        }
        file.pending = &handle;
        handle.lock = SQLITE_LOCK_PENDING;
        if (wanted == SQLITE_LOCK_PENDING) return SQLITE_OK;
        if (file.shared_count > 1) return SQLITE_BUSY;
        file.exclusive = &handle;
        handle.lock = SQLITE_LOCK_EXCLUSIVE;
        return SQLITE_OK;
    }

    static int unlock(sqlite3_file* base, int wanted) noexcept {
        MemoryHandle& handle = handle_of(base);
        File& file = *handle.file;
        if (handle.lock <= wanted) return SQLITE_OK;
        for (const void** holder : {&file.reserved, &file.pending, &file.exclusive}) {
            if (*holder == &handle) *holder = nullptr;
        }
        if (wanted == SQLITE_LOCK_NONE) --file.shared_count;
        handle.lock = wanted;
        return SQLITE_OK;
    }

    static int check_reserved_lock(sqlite3_file* base, int* result) noexcept {
        const File& file = *handle_of(base).file;
        *result = file.reserved != nullptr || file.pending != nullptr || file.exclusive != nullptr;
        return SQLITE_OK;
    }

    static int file_control(sqlite3_file*, int, void*) noexcept { return SQLITE_NOTFOUND; }
    static int sector_size(sqlite3_file*) noexcept { return 0; }  // 0: SQLite's own default
    static int device_characteristics(sqlite3_file*) noexcept {
        return SQLITE_IOCAP_POWERSAFE_OVERWRITE | SQLITE_IOCAP_SAFE_APPEND;
    }

    static const sqlite3_io_methods* methods() {
        static const sqlite3_io_methods table = io_methods_of<MemoryVfs>();
        return &table;
    }

    static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* base, int flags,
                    int* flags_out) noexcept {
        MemoryDisk& disk = disk_of(vfs);
        base->pMethods = nullptr;  // until all went well: then SQLite calls no close
        File* file = name == nullptr ? nullptr : disk.find(name);
        if (name == nullptr) {
            file = disk.nameless_.emplace_back(std::make_unique<File>()).get();
        } else if (file == nullptr) {
            if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
            file = disk.create(name);
        }
        ++file->open_count;
        MemoryHandle& handle = handle_of(base);
        handle.disk = &disk;
        handle.file = file;
        handle.lock = SQLITE_LOCK_NONE;
        handle.base.pMethods = methods();
        if (name != nullptr && (flags & SQLITE_OPEN_DELETEONCLOSE) != 0) disk.remove(name);
        if (flags_out != nullptr) *flags_out = flags;
        return SQLITE_OK;
    }

    static int remove(sqlite3_vfs* vfs, const char* name, int) noexcept {
        MemoryDisk& disk = disk_of(vfs);
        if (disk.find(name) == nullptr) return SQLITE_IOERR_DELETE_NOENT;
        disk.remove(name);
        return SQLITE_OK;
    }

    static int access(sqlite3_vfs* vfs, const char* name, int, int* result) noexcept {
        *result = disk_of(vfs).find(name) != nullptr;
        return SQLITE_OK;
    }

    static int full_pathname(sqlite3_vfs*, const char* name, int size, char* to) noexcept {
        const std::size_t length = std::strlen(name);
        if (length >= static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
        std::memcpy(to, name, length + 1);
        return SQLITE_OK;
    }

    static int randomness(sqlite3_vfs*, int size, char* to) noexcept {
        constexpr int most_at_once = 256;
        for (int done = 0; done < size; done += most_at_once) {
            const auto count = static_cast<std::size_t>(std::min(most_at_once, size - done));
            TRELLIS_CHECK(getentropy(to + done, count) == 0);
        }
        return size;
    }

    // There is nobody to wait for: whoever holds a lock is this very thread.
    static int sleep(sqlite3_vfs*, int microseconds) noexcept { return microseconds; }

    static int current_time_ms(sqlite3_vfs* vfs, sqlite3_int64* julian_ms) noexcept {
        constexpr sqlite3_int64 unix_epoch_as_julian_ms = 210'866'760'000'000;
        *julian_ms = unix_epoch_as_julian_ms + disk_of(vfs).unix_ms_;
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

    static std::unique_ptr<sqlite3_vfs> make(MemoryDisk* disk, const char* name) {
        constexpr int path_bytes_max = 512;
        auto vfs = std::make_unique<sqlite3_vfs>();
        vfs->iVersion = 2;
        vfs->szOsFile = static_cast<int>(sizeof(MemoryHandle));
        vfs->mxPathname = path_bytes_max;
        vfs->zName = name;
        vfs->pAppData = disk;
        vfs->xOpen = open;
        vfs->xDelete = remove;
        vfs->xAccess = access;
        vfs->xFullPathname = full_pathname;
        vfs->xRandomness = randomness;
        vfs->xSleep = sleep;
        vfs->xCurrentTime = current_time;
        vfs->xCurrentTimeInt64 = current_time_ms;
        vfs->xGetLastError = last_error;
        return vfs;
    }
};

MemoryDisk::MemoryDisk(std::string name, std::size_t bytes_max)
    : name_(std::move(name)), bytes_max_(bytes_max), vfs_(MemoryVfs::make(this, name_.c_str())) {
    constexpr int not_the_default = 0;
    TRELLIS_CHECK(sqlite3_vfs_register(vfs_.get(), not_the_default) == SQLITE_OK);
}

MemoryDisk::~MemoryDisk() {
    // The wrapper that encrypts points at us; it exists once such a database was opened.
    sqlite3mc_vfs_destroy(encrypted_vfs().c_str());
    sqlite3_vfs_unregister(vfs_.get());
}

std::vector<std::string> MemoryDisk::files() const {
    std::vector<std::string> names;
    names.reserve(files_.size());
    for (const auto& [file, unused] : files_)
        names.push_back(file);
    return names;
}

std::optional<Bytes> MemoryDisk::read(const std::string& file) const {
    const File* found = find(file);
    if (found == nullptr) return std::nullopt;
    return found->bytes;
}

void MemoryDisk::write(const std::string& file, Bytes bytes) {
    File* found = find(file);
    if (found == nullptr) found = create(file);
    bytes_used_ += bytes.size();
    bytes_used_ -= found->bytes.size();
    found->bytes = std::move(bytes);
}

void MemoryDisk::remove(const std::string& file) {
    const auto at = files_.find(file);
    if (at == files_.end()) return;
    if (at->second->open_count > 0) {
        nameless_.push_back(std::move(at->second));  // whoever has it open keeps it
    } else {
        bytes_used_ -= at->second->bytes.size();
    }
    files_.erase(at);
}

MemoryDisk::File* MemoryDisk::find(const std::string& file) const {
    const auto at = files_.find(file);
    return at == files_.end() ? nullptr : at->second.get();
}

MemoryDisk::File* MemoryDisk::create(const std::string& file) {
    return files_.emplace(file, std::make_unique<File>()).first->second.get();
}

void MemoryDisk::close(File* file) {
    if (--file->open_count > 0) return;
    std::erase_if(nameless_, [&](const std::unique_ptr<File>& candidate) {
        if (candidate.get() != file) return false;
        bytes_used_ -= file->bytes.size();
        return true;
    });
}

bool MemoryDisk::grow(std::size_t from, std::size_t to) {
    if (to > from && to - from > bytes_max_ - std::min(bytes_used_, bytes_max_)) return false;
    bytes_used_ = bytes_used_ + to - from;
    return true;
}

MemoryDisk& memory_disk() {
    // Never destroyed: SQLite may be used until the very end of the program.
    static MemoryDisk& disk = *new MemoryDisk("trellis-memory");
    return disk;
}

}  // namespace trellis::sqlite

#ifdef __wasi__
/// SQLite is built without an operating system there (SQLITE_OS_OTHER): this disk is its
/// default. SQLite wraps the default in its encrypting VFS by itself.
extern "C" int sqlite3_os_init() {
    trellis::sqlite::memory_disk();
    return SQLITE_OK;
}

extern "C" int sqlite3_os_end() {
    return SQLITE_OK;
}
#endif
