// SPDX-License-Identifier: Apache-2.0
// V-09: somebody reads the memory of a program whose database was closed.
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/replica.hpp"
#include "core/sqlite/database.hpp"
#include "tests/support/fake_env.hpp"

using namespace trellis;

namespace {

constexpr std::size_t secret_size = 32;

/// A secret that this program can compare with and that does not lie in it: its bytes are
/// computed one by one.
struct Secret {
    std::uint64_t seed = 1;
    bool is_text = false;

    [[nodiscard]] std::uint8_t at(std::size_t i) const {
        std::uint64_t x = seed * 0x9E3779B97F4A7C15U + i * 0xBF58476D1CE4E5B9U;
        x ^= x >> 29;
        x *= 0x94D049BB133111EBU;
        const auto byte = static_cast<std::uint8_t>(x >> 40);
        return is_text ? static_cast<std::uint8_t>('a' + byte % 26) : byte;
    }
    [[nodiscard]] bool is_at(const std::uint8_t* bytes) const {
        for (std::size_t i = 0; i < secret_size; ++i) {
            if (bytes[i] != at(i)) return false;
        }
        return true;
    }
    void write_to(std::uint8_t* bytes) const {
        for (std::size_t i = 0; i < secret_size; ++i) bytes[i] = at(i);
    }
};

void wipe(std::uint8_t* bytes, std::size_t size) {
    volatile std::uint8_t* at = bytes;
    for (std::size_t i = 0; i < size; ++i) at[i] = 0;
}

/// How often the secret lies in the memory that this process can write.
std::size_t copies_of(const Secret& secret) {
    std::size_t found = 0;
    std::ifstream maps("/proc/self/maps");
    const int memory = ::open("/proc/self/mem", O_RDONLY);
    REQUIRE(memory >= 0);
    // Not on the heap: a buffer that is scanned must not grow what is scanned.
    static std::uint8_t block[1 << 16];
    const std::uint8_t first = secret.at(0);
    for (std::string line; std::getline(maps, line);) {
        unsigned long long begin = 0;
        unsigned long long end = 0;
        char rights[5] = {};
        if (std::sscanf(line.c_str(), "%llx-%llx %4s", &begin, &end, rights) != 3) continue;
        if (rights[0] != 'r' || rights[1] != 'w') continue;
        const auto own = reinterpret_cast<unsigned long long>(&block[0]);
        for (auto at = begin; at < end; at += sizeof block - secret_size) {
            const auto size = std::min<unsigned long long>(sizeof block, end - at);
            const auto got = ::pread(memory, block, size, static_cast<off_t>(at));
            for (std::size_t i = 0; got > 0 && i + secret_size <= static_cast<std::size_t>(got);
                 ++i) {
                const bool is_ours = at + i + secret_size > own && at + i < own + sizeof block;
                if (block[i] == first && !is_ours && secret.is_at(block + i)) ++found;
            }
            wipe(block, sizeof block);
        }
    }
    ::close(memory);
    return found;
}

struct Folder {
    std::string path = (std::filesystem::temp_directory_path() / "trellis-v09-XXXXXX").string();
    Folder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path); }
};

sqlite::OpenOptions options_with(const Secret& key, const std::string& path,
                                 sqlite::Cipher cipher) {
    sqlite::OpenOptions options;
    options.path = path;
    options.cipher = cipher;
    options.shared_memory = false;
    options.key.resize(secret_size);
    key.write_to(options.key.data());
    return options;
}

}  // namespace

TEST_CASE("V-09 of a database that was closed neither its key nor its rows are left in memory",
          "[adversary]") {
    const Folder folder;
    const Secret key{GENERATE(101U, 102U), false};
    const auto cipher = key.seed == 101 ? sqlite::Cipher::aegis : sqlite::Cipher::chacha20;
    const Secret canary{key.seed + 1000, true};
    REQUIRE(copies_of(key) == 0);
    REQUIRE(copies_of(canary) == 0);
    {
        auto database =
            sqlite::Database::open(options_with(key, folder.path + "/records.db", cipher));
        REQUIRE(database);
        REQUIRE(database->run("CREATE TABLE note(id INTEGER PRIMARY KEY, text BLOB)"));
        for (int i = 0; i < 500; ++i) {
            auto insert = database->prepare("INSERT INTO note(text) VALUES(?1)");
            REQUIRE(insert);
            std::uint8_t bytes[secret_size];
            canary.write_to(bytes);
            insert->bind_bytes(1, ByteView(bytes, secret_size));
            REQUIRE(insert->run());
            wipe(bytes, secret_size);
        }
        REQUIRE(*database->integer("SELECT count(*) FROM note ORDER BY text") == 500);
        // While it is open both are there, or this test proves nothing.
        CHECK(copies_of(key) > 0);
        CHECK(copies_of(canary) > 0);
    }
    CHECK(copies_of(key) == 0);
    CHECK(copies_of(canary) == 0);
}

TEST_CASE("V-09 a replica that was closed leaves no key of its database", "[adversary]") {
    const Folder folder;
    const Secret key{103, false};
    trellis::test::FakeEnv env(5);
    REQUIRE(copies_of(key) == 0);
    {
        core::ReplicaOptions options;
        options.schema = *core::Schema::parse(*parse_json(
            R"({"types":[{"id":1,"name":"thing","fields":[{"id":1,"name":"name"}]}]})"));
        options.database =
            options_with(key, folder.path + "/replica.db", sqlite::Cipher::chacha20);
        auto replica = core::Replica::open(std::move(options), env);
        REQUIRE(replica);
        REQUIRE((*replica)->create_org("Test", "device", "ws://127.0.0.1:1/sync"));
        CHECK(copies_of(key) > 0);
    }
    CHECK(copies_of(key) == 0);
}
