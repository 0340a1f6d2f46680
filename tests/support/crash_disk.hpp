// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/sqlite/memory_vfs.hpp"

namespace trellis::test {

/// What a program asks of its disk, one bit each, so that a fault can wait for some of them.
enum Io : unsigned {
    io_read = 1,
    io_write = 2,
    io_truncate = 4,
    io_sync = 8,
    io_open = 16,
    io_remove = 32,
    io_change = io_write | io_truncate | io_sync | io_open | io_remove,
    io_any = io_read | io_change
};

/// What goes wrong at the n-th I/O.
struct Fault {
    enum class Kind : std::uint8_t {
        error,      ///< EIO; a failed sync leaves its pages "clean", written or not
        full,       ///< ENOSPC
        partial,    ///< EIO after the first half of a read or a write
        kill,       ///< the process ends before this I/O
        power_cut,  ///< the machine does
    };
    Kind kind = Kind::error;
    std::uint64_t at = 1;        ///< counted from inject(): 1 is the next one
    unsigned of = io_change;     ///< these are counted, and these fail
    bool is_sticky = false;      ///< and all of these that follow
    bool reverts = false;        ///< after a failed sync one reads what was there before it
};

/// A disk in memory for SQLite that fails as disks, kernels and power supplies do. What was
/// written is safe from a kill at once, and from a power cut once it is synced; names of new,
/// removed and renamed files likewise, once their folder (there is one) is. Shared memory is
/// there and volatile. Every choice follows from the seed. For one thread.
class CrashDisk {
public:
    /// Registers the disk with SQLite. Requires: no other VFS has this name.
    explicit CrashDisk(std::string name, std::uint64_t seed = 1);
    /// Requires: every database on it is closed.
    ~CrashDisk();
    CrashDisk(const CrashDisk&) = delete;
    CrashDisk& operator=(const CrashDisk&) = delete;

    [[nodiscard]] const std::string& name() const { return name_; }
    /// For OpenOptions::vfs of encrypted databases: the disk is below the page cipher.
    [[nodiscard]] std::string encrypted_vfs() const { return "multipleciphers-" + name_; }
    /// What SQL's `now` says here, in milliseconds since 1970.
    void set_time(std::int64_t unix_ms) { memory_.set_time(unix_ms); }

    /// The process ends: every open file is dead and nothing more reaches the disk.
    void kill();
    /// The machine stops: of each write not yet synced all, nothing, some sectors or garbage is
    /// there afterwards, and each change of a name not yet synced is made or not.
    void cut_power();
    [[nodiscard]] bool is_down() const { return is_down_; }
    /// The machine is up again. Requires: whoever had files open has closed them.
    void start();

    /// One fault at a time; the last one given.
    void inject(const Fault& fault);
    /// No fault, no quota, no lies any more.
    void heal();
    /// While spared, no fault strikes: for who looks in from outside of the world.
    void spare(bool is_spared) { is_spared_ = is_spared; }
    /// How often the fault has struck.
    [[nodiscard]] std::uint64_t hits() const { return hits_; }
    /// I/Os of these kinds since the disk was made.
    [[nodiscard]] std::uint64_t ios(unsigned of = io_change) const;

    /// Syncs report success and do nothing, as cheap drives and browsers may.
    void lie_about_syncs(bool lies) { lies_ = lies; }
    /// The disk is full where its files together would grow past this.
    void set_quota(std::uint64_t bytes) { quota_ = bytes; }

    [[nodiscard]] std::vector<std::string> files() const { return memory_.files(); }
    [[nodiscard]] std::optional<Bytes> read(const std::string& file) const {
        return memory_.read(file);
    }
    // As an installer does before or after the program runs: durable when they return.
    // Requires: the file is not open.
    void write(const std::string& file, Bytes bytes);
    void remove(const std::string& file);
    /// Makes one bit of a file wrong, as age does. False: the file is empty or not there.
    bool flip_bit(const std::string& file);
    /// Not durable until sync_folder(). Replaces what is there. False: there is no `from`.
    bool rename(const std::string& from, const std::string& to);
    void sync_folder();

    /// The whole disk, with what is not synced. To clone one, restore it elsewhere.
    struct Snapshot;
    [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const;
    /// Requires: nothing is open.
    void restore(const Snapshot& snapshot);

    struct File;  ///< of the VFS itself

private:
    friend struct CrashVfs;
    using Names = std::map<std::string, std::shared_ptr<File>>;

    /// A name that a file got or lost.
    struct NameChange {
        std::string name;
        std::shared_ptr<File> file;  ///< none: the name is gone
    };
    struct Verdict {
        bool passes = true;
        Fault::Kind kind = Fault::Kind::error;
    };

    Verdict count(Io io);
    std::uint64_t draw(std::uint64_t below);
    [[nodiscard]] std::uint64_t used() const;
    [[nodiscard]] bool has_room(const File& file, std::uint64_t size) const;
    std::shared_ptr<File> find(const std::string& name) const;
    std::shared_ptr<File> create(const std::string& name);
    void drop_name(const std::string& name);
    void wrote(File& file, std::uint64_t offset, ByteView bytes);
    void truncated(File& file, std::uint64_t size);
    void synced(File& file);
    void lost_sync(File& file);
    void settle_writes(File& file);
    void put_back(const Names& names);

    std::string name_;
    sqlite::MemoryDisk memory_;  ///< what a running program reads, and the locks
    Names names_;
    Names durable_names_;
    std::vector<NameChange> name_changes_;
    std::uint64_t random_;
    std::uint64_t life_ = 1;     ///< files opened in another one are dead
    std::size_t open_files_ = 0;
    bool is_down_ = false;
    bool is_spared_ = false;
    bool lies_ = false;
    std::uint64_t quota_ = UINT64_MAX;
    std::optional<Fault> fault_;
    std::uint64_t until_fault_ = 0;
    std::uint64_t hits_ = 0;
    std::map<Io, std::uint64_t> ios_;
    std::unique_ptr<sqlite3_vfs> vfs_;
};

}  // namespace trellis::test
