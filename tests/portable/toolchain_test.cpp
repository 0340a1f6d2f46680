// SPDX-License-Identifier: Apache-2.0
// Does what we build on work on this target at all? A plain program, because Catch2 needs
// exceptions: 0 when all is well, else 1 and a line for every thing that is not.
#include "core/base/bytes.hpp"
#include "core/sqlite/memory_vfs.hpp"

#include <cereal/archives/portable_binary.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>
#include <sodium.h>
#include <sqlite3.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <rapidjson/document.h>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using trellis::Bytes;

int failures = 0;

void expect(bool holds, const char* what) {
    if (holds) return;
    std::printf("failed: %s\n", what);
    ++failures;
}

Bytes test_key(std::uint8_t last) {
    Bytes key(32);
    for (std::size_t at = 0; at < key.size(); ++at)
        key[at] = static_cast<std::uint8_t>(at);
    key.back() = last;
    return key;
}

/// The number in the first row of a query, or -1.
int number(sqlite3* database, const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) != SQLITE_OK) return -1;
    const int result =
        sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int(statement, 0) : -1;
    sqlite3_finalize(statement);
    return result;
}

sqlite3* open_database(const std::string& vfs, const char* cipher, const Bytes& key) {
    sqlite3* database = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    if (sqlite3_open_v2("test.db", &database, flags, vfs.c_str()) != SQLITE_OK) return database;
    const std::string choose = std::string("PRAGMA cipher='") + cipher + "'";
    sqlite3_exec(database, choose.c_str(), nullptr, nullptr, nullptr);
    std::string raw = "raw:" + std::string(trellis::as_text(key));
    sqlite3_key(database, raw.data(), static_cast<int>(raw.size()));
    // Without shared memory, a write-ahead log can only be used alone.
    sqlite3_exec(database, "PRAGMA locking_mode=EXCLUSIVE", nullptr, nullptr, nullptr);
    return database;
}

constexpr const char* fill =
    "PRAGMA journal_mode=WAL;"
    "CREATE TABLE word(id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;"
    "CREATE VIRTUAL TABLE page USING fts5(text);"
    "BEGIN;"
    "WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 1000)"
    "  INSERT INTO word SELECT n, 'a plain word ' || n FROM up;"
    "INSERT INTO page VALUES ('a check-in at the kitchen table');"
    "COMMIT;";

void encrypted_database(const char* cipher) {
    trellis::sqlite::MemoryDisk disk(std::string("disk-") + cipher);
    sqlite3* database = open_database(disk.encrypted_vfs(), cipher, test_key(31));
    expect(sqlite3_exec(database, fill, nullptr, nullptr, nullptr) == SQLITE_OK, "fill a database");
    expect(sqlite3_close(database) == SQLITE_OK, "close a database");

    const Bytes file = disk.read("test.db").value_or(Bytes{});
    const std::string_view secret = "a plain word";
    expect(file.size() > 4096, "the database lies on the disk");
    expect(std::search(file.begin(), file.end(), secret.begin(), secret.end()) == file.end(),
           "no plain word lies on the disk");
    expect(disk.files().size() == 1, "the write-ahead log is gone after closing");

    database = open_database(disk.encrypted_vfs(), cipher, test_key(31));
    expect(number(database, "SELECT count(*) FROM word") == 1000, "read back with the right key");
    expect(number(database, "SELECT count(*) FROM page WHERE page MATCH 'kitchen'") == 1,
           "search in an encrypted database");
    sqlite3_close(database);

    database = open_database(disk.encrypted_vfs(), cipher, test_key(30));
    expect(number(database, "SELECT count(*) FROM word") == -1, "a wrong key reads nothing");
    sqlite3_close(database);

    Bytes damaged = file;
    damaged[4096 + 100] ^= 1;  // in the second page
    disk.write("test.db", damaged);
    database = open_database(disk.encrypted_vfs(), cipher, test_key(31));
    expect(number(database, "SELECT count(*) FROM word") == -1, "a flipped bit is noticed");
    sqlite3_close(database);
}

void plain_database() {
    trellis::sqlite::MemoryDisk& disk = trellis::sqlite::memory_disk();
    disk.set_time(1'700'000'000'000);
    sqlite3* writer = nullptr;
    sqlite3* other = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    expect(sqlite3_open_v2("two.db", &writer, flags, disk.name().c_str()) == SQLITE_OK, "open");
    expect(sqlite3_open_v2("two.db", &other, flags, disk.name().c_str()) == SQLITE_OK,
           "open again");
    expect(number(writer, "SELECT unixepoch('now')") == 1'700'000'000, "the disk's own time");
    sqlite3_exec(writer,
                 "CREATE TABLE t(a); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)",
                 nullptr,
                 nullptr,
                 nullptr);
    expect(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_BUSY,
           "two writers exclude each other");
    expect(number(other, "SELECT count(*) FROM t") == 0, "a reader sees what was committed");
    sqlite3_exec(writer, "COMMIT", nullptr, nullptr, nullptr);
    expect(number(other, "SELECT count(*) FROM t") == 1, "and then the rest");
    sqlite3_close(writer);
    sqlite3_close(other);

    trellis::sqlite::MemoryDisk small("disk-small", 64 * 1024);
    sqlite3_open_v2("full.db", &writer, flags, small.name().c_str());
    sqlite3_exec(writer, "CREATE TABLE t(a)", nullptr, nullptr, nullptr);
    expect(sqlite3_exec(
               writer, "INSERT INTO t VALUES (zeroblob(100000))", nullptr, nullptr, nullptr) ==
               SQLITE_FULL,
           "a full disk is said to be full");
    expect(number(writer, "SELECT count(*) FROM t") == 0, "and nothing is half written");
    sqlite3_close(writer);
}

void sealed_box() {
    expect(sodium_init() >= 0, "start libsodium");
    const std::string text = "who may know";
    const Bytes key = test_key(7);
    std::array<std::uint8_t, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES> nonce{};
    randombytes_buf(nonce.data(), nonce.size());
    Bytes sealed(text.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES);
    unsigned long long size = 0;
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data(),
                                               &size,
                                               trellis::as_bytes(text).data(),
                                               text.size(),
                                               nullptr,
                                               0,
                                               nullptr,
                                               nonce.data(),
                                               key.data());
    Bytes opened(text.size());
    const auto open = [&] {
        return crypto_aead_xchacha20poly1305_ietf_decrypt(opened.data(),
                                                          &size,
                                                          nullptr,
                                                          sealed.data(),
                                                          sealed.size(),
                                                          nullptr,
                                                          0,
                                                          nonce.data(),
                                                          key.data());
    };
    expect(open() == 0 && trellis::as_text(opened) == text, "open what was sealed");
    sealed.back() ^= 1;
    expect(open() != 0, "refuse what was tampered with");

    // A fixed answer, so that every target is known to agree: BLAKE2b-256 of "abc".
    Bytes hash(32);
    crypto_generichash(hash.data(), hash.size(), trellis::as_bytes("abc").data(), 3, nullptr, 0);
    expect(
        trellis::to_hex(hash) == "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319",
        "BLAKE2b gives the published answer");
}

/// With the level that envelopes are packed with; cmake/zstd leaves others out.
void dictionary() {
    std::string words;
    for (int at = 0; at < 100; ++at) {
        words += R"({"type":"check_in","household":)" + std::to_string(at * 7919) +
                 R"(,"mood":"fine","next":)" + std::to_string(at % 31) + "}";
    }
    const std::string text = R"({"type":"check_in","household":4711,"mood":"fine","next":7})";
    Bytes packed(ZSTD_compressBound(text.size()));
    ZSTD_CCtx* packer = ZSTD_createCCtx();
    packed.resize(ZSTD_compress_usingDict(packer, packed.data(), packed.size(), text.data(),
                                          text.size(), words.data(), words.size(), 16));
    ZSTD_freeCCtx(packer);
    std::string unpacked(text.size(), '\0');
    ZSTD_DCtx* unpacker = ZSTD_createDCtx();
    const std::size_t back =
        ZSTD_decompress_usingDict(unpacker, unpacked.data(), unpacked.size(), packed.data(),
                                  packed.size(), words.data(), words.size());
    ZSTD_freeDCtx(unpacker);
    expect(back == text.size() && unpacked == text, "unpack with the dictionary");
    expect(packed.size() * 2 < text.size(), "a dictionary halves a small text");
}

void headers_only() {
    std::ostringstream out;
    cereal::PortableBinaryOutputArchive{out}(std::vector<std::string>{"one", "two"});
    std::istringstream in{out.str()};
    std::vector<std::string> back;
    cereal::PortableBinaryInputArchive{in}(back);
    expect(back.size() == 2 && back.back() == "two", "cereal reads what it wrote");

    rapidjson::Document document;
    document.Parse(R"({"name":"Zoë","at":[1,2.5]})");
    expect(!document.HasParseError() && document["at"][1].GetDouble() == 2.5, "RapidJSON reads");
    expect(document.Parse("{").HasParseError(), "RapidJSON refuses");
}

}  // namespace

int main() {
    encrypted_database("chacha20");
    encrypted_database("aegis");
    plain_database();
    sealed_box();
    dictionary();
    headers_only();
    if (failures == 0)
        std::printf("SQLite %s, libsodium %s, zstd %s: all well\n",
                    sqlite3_libversion(),
                    sodium_version_string(),
                    ZSTD_versionString());
    return failures == 0 ? 0 : 1;
}
