// SPDX-License-Identifier: Apache-2.0
#include "tests/support/crash_disk.hpp"

#include <catch2/catch.hpp>
#include <sqlite3.h>

#include <set>

using namespace trellis;
using namespace trellis::test;

namespace {

/// A file as SQLite holds it open.
class RawFile {
public:
    RawFile(CrashDisk& disk, const char* name, int type = SQLITE_OPEN_MAIN_DB)
        : vfs_(sqlite3_vfs_find(disk.name().c_str()))
        , bytes_(static_cast<std::size_t>(vfs_->szOsFile)) {
        const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | type;
        code_ = vfs_->xOpen(vfs_, name, file(), flags, nullptr);
    }
    RawFile(const RawFile&) = delete;
    RawFile& operator=(const RawFile&) = delete;
    ~RawFile() {
        if (code_ == SQLITE_OK) file()->pMethods->xClose(file());
    }

    [[nodiscard]] int code() const { return code_; }
    int write(std::string_view text, std::int64_t offset = 0) {
        return file()->pMethods->xWrite(file(), text.data(), static_cast<int>(text.size()), offset);
    }
    int truncate(std::int64_t size) { return file()->pMethods->xTruncate(file(), size); }
    int sync() { return file()->pMethods->xSync(file(), SQLITE_SYNC_FULL); }
    int read(std::string& to) {
        return file()->pMethods->xRead(file(), to.data(), static_cast<int>(to.size()), 0);
    }

private:
    sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(bytes_.data()); }
    sqlite3_vfs* vfs_;
    Bytes bytes_;
    int code_;
};

void put(CrashDisk& disk, const std::string& file, std::string_view text) {
    disk.write(file, to_bytes(as_bytes(text)));
}

std::string text_of(const CrashDisk& disk, const std::string& file) {
    const auto bytes = disk.read(file);
    return bytes ? std::string(as_text(*bytes)) : "(none)";
}

}  // namespace

TEST_CASE("a kill leaves what was written, synced or not", "[crash-disk]") {
    CrashDisk disk("crash-kill");
    {
        RawFile file(disk, "a");
        REQUIRE(file.write("saved") == SQLITE_OK);
        disk.kill();
        CHECK(file.write("dead!") == SQLITE_IOERR_WRITE);
        CHECK(RawFile(disk, "b").code() == SQLITE_CANTOPEN);
    }
    disk.start();
    CHECK(disk.files() == std::vector<std::string>{"a"});
    CHECK(text_of(disk, "a") == "saved");
}

TEST_CASE("a power cut leaves what was synced, and of the rest anything", "[crash-disk]") {
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        CrashDisk disk("crash-cut", seed);
        put(disk, "a", "....");
        {
            RawFile file(disk, "a");
            REQUIRE(file.write("1") == SQLITE_OK);
            REQUIRE(file.sync() == SQLITE_OK);
            REQUIRE(file.write("2", 1) == SQLITE_OK);
            REQUIRE(file.write("3", 2) == SQLITE_OK);
            disk.cut_power();
        }
        disk.start();
        const auto text = text_of(disk, "a");
        REQUIRE(text.size() == 4);
        REQUIRE(text[0] == '1');
        REQUIRE(text[3] == '.');
        seen.insert(text);
    }
    for (const char* each : {"1...", "12..", "1.3.", "123."}) CHECK(seen.contains(each));
    CHECK(seen.size() > 4);  // and garbage
}

TEST_CASE("a power cut tears writes between sectors, never within one", "[crash-disk]") {
    std::size_t torn = 0;
    std::size_t shortened = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        CrashDisk disk("crash-tear", seed);
        {
            RawFile file(disk, "a");
            REQUIRE(file.write(std::string(2048, 'o')) == SQLITE_OK);
            REQUIRE(file.sync() == SQLITE_OK);
            disk.sync_folder();
            REQUIRE(file.write(std::string(2000, 'n'), 100) == SQLITE_OK);
            REQUIRE(file.truncate(1024) == SQLITE_OK);
            disk.cut_power();
        }
        disk.start();
        const auto text = text_of(disk, "a");
        if (text.size() == 1024) ++shortened;
        REQUIRE(text.substr(0, 100) == std::string(100, 'o'));
        std::set<char> states;
        for (std::size_t at = 0; at < text.size(); at += 512) {
            const auto begin = std::max<std::size_t>(at, 100);
            const auto sector = text.substr(begin, at + 512 - begin);
            const std::set<char> letters(sector.begin(), sector.end());
            states.insert(letters.size() == 1 ? *letters.begin() : '?');
        }
        if (states == std::set{'o', 'n'}) ++torn;
    }
    CHECK(torn > 10);
    CHECK(shortened > 50);
}

TEST_CASE("names are durable once their folder is synced", "[crash-disk]") {
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        CrashDisk disk("crash-names", seed);
        put(disk, "old", "old");
        put(disk, "moved", "m");
        {
            RawFile fresh(disk, "new");
            REQUIRE(fresh.write("x") == SQLITE_OK);
            REQUIRE(fresh.sync() == SQLITE_OK);
        }
        sqlite3_vfs* const vfs = sqlite3_vfs_find(disk.name().c_str());
        REQUIRE(vfs->xDelete(vfs, "old", 0) == SQLITE_OK);
        REQUIRE(disk.rename("moved", "target"));
        disk.cut_power();
        disk.start();
        std::string state;
        for (const auto& file : disk.files()) state += file + "=" + text_of(disk, file) + " ";
        seen.insert(state);
    }
    CHECK(seen.contains("moved=m old=old "));
    CHECK(seen.contains("new=x target=m "));

    CrashDisk disk("crash-names");
    { RawFile journal(disk, "j", SQLITE_OPEN_WAL); REQUIRE(journal.sync() == SQLITE_OK); }
    sqlite3_vfs* const vfs = sqlite3_vfs_find(disk.name().c_str());
    { RawFile gone(disk, "gone"); }
    constexpr int with_folder = 1;
    REQUIRE(vfs->xDelete(vfs, "gone", with_folder) == SQLITE_OK);
    disk.cut_power();
    disk.start();
    CHECK(disk.files() == std::vector<std::string>{"j"});
}

TEST_CASE("a failed sync is told once, and its pages are clean, written or not", "[crash-disk]") {
    for (const bool reverts : {false, true}) {
        std::set<std::string> seen;
        for (std::uint64_t seed = 0; seed < 40; ++seed) {
            CrashDisk disk("crash-sync", seed);
            put(disk, "a", "old");
            RawFile file(disk, "a");
            disk.inject({.of = io_sync, .reverts = reverts});
            REQUIRE(file.write("new") == SQLITE_OK);
            CHECK(file.sync() == SQLITE_IOERR_FSYNC);
            CHECK(file.sync() == SQLITE_OK);
            const auto shown = text_of(disk, "a");
            disk.cut_power();
            const auto kept = text_of(disk, "a");
            CHECK(shown == (reverts ? kept : "new"));
            seen.insert(kept);
        }
        CHECK(seen == std::set<std::string>{"new", "old"});
    }
}

TEST_CASE("faults strike at the n-th I/O of their kind, once or from then on", "[crash-disk]") {
    CrashDisk disk("crash-faults");
    RawFile file(disk, "a");
    const auto before = disk.ios();
    disk.inject({.kind = Fault::Kind::full, .at = 2, .of = io_write});
    CHECK(file.write("1") == SQLITE_OK);
    CHECK(file.sync() == SQLITE_OK);
    CHECK(file.write("2") == SQLITE_FULL);
    CHECK(file.write("3") == SQLITE_OK);
    CHECK(disk.hits() == 1);
    CHECK(disk.ios() == before + 4);
    CHECK(disk.ios(io_sync) == 1);

    disk.inject({.at = 2, .of = io_write, .is_sticky = true});
    CHECK(file.write("1") == SQLITE_OK);
    CHECK(file.write("2") == SQLITE_IOERR_WRITE);
    CHECK(file.write("3") == SQLITE_IOERR_WRITE);
    CHECK(file.sync() == SQLITE_OK);
    disk.heal();
    CHECK(file.write("4") == SQLITE_OK);

    disk.inject({.kind = Fault::Kind::partial, .of = io_write});
    CHECK(file.write("abcd") == SQLITE_IOERR_WRITE);
    CHECK(text_of(disk, "a") == "ab");
    disk.inject({.kind = Fault::Kind::partial, .of = io_read});
    std::string read(2, '.');
    CHECK(file.read(read) == SQLITE_IOERR_READ);
    CHECK(read == "a.");

    disk.inject({.of = io_truncate});
    CHECK(file.truncate(0) == SQLITE_IOERR_TRUNCATE);
    disk.inject({.of = io_open});
    CHECK(RawFile(disk, "b").code() == SQLITE_CANTOPEN);
    disk.inject({.of = io_remove});
    sqlite3_vfs* const vfs = sqlite3_vfs_find(disk.name().c_str());
    CHECK(vfs->xDelete(vfs, "a", 0) == SQLITE_IOERR_DELETE);
    CHECK(text_of(disk, "a") == "ab");
    disk.heal();

    disk.set_quota(3);
    CHECK(file.write("123") == SQLITE_OK);
    CHECK(file.write("1234") == SQLITE_FULL);
    CHECK(file.truncate(4) == SQLITE_FULL);
    disk.heal();
    CHECK(file.write("1234") == SQLITE_OK);
}

TEST_CASE("a lying disk loses what it said it had", "[crash-disk]") {
    std::size_t lost = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        CrashDisk disk("crash-lies", seed);
        put(disk, "a", "old");
        {
            RawFile file(disk, "a");
            disk.lie_about_syncs(true);
            REQUIRE(file.write("new") == SQLITE_OK);
            REQUIRE(file.sync() == SQLITE_OK);
            disk.cut_power();
        }
        if (text_of(disk, "a") == "old") ++lost;
    }
    CHECK(lost > 0);
}

TEST_CASE("a snapshot keeps what is not synced, and a flipped bit stays", "[crash-disk]") {
    CrashDisk disk("crash-original");
    put(disk, "a", "old");
    {
        RawFile file(disk, "a");
        REQUIRE(file.write("new") == SQLITE_OK);
        RawFile fresh(disk, "b");
    }
    const auto snapshot = disk.snapshot();
    std::set<std::string> seen;
    std::set<std::size_t> file_counts;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        CrashDisk clone("crash-clone", seed);
        clone.restore(*snapshot);
        CHECK(text_of(clone, "a") == "new");
        CHECK(clone.files().size() == 2);
        clone.cut_power();
        clone.start();
        seen.insert(text_of(clone, "a"));
        file_counts.insert(clone.files().size());
    }
    CHECK(seen.contains("old"));
    CHECK(seen.contains("new"));
    CHECK(file_counts == std::set<std::size_t>{1, 2});
    CHECK(text_of(disk, "a") == "new");

    put(disk, "c", std::string(100, '\0'));
    REQUIRE(disk.flip_bit("c"));
    disk.cut_power();
    disk.start();
    const auto bytes = *disk.read("c");
    int ones = 0;
    for (const auto byte : bytes) ones += __builtin_popcount(byte);
    CHECK(ones == 1);
    CHECK_FALSE(disk.flip_bit("nothing"));
}
