// SPDX-License-Identifier: Apache-2.0
// c_interchange <fixture> <name>: the replay of fixtures/interchange/README.md, in the folder it is
// started in.
#include <dirent.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "clients/c/trellis.h"
#include "tests/c/posix_files.hpp"

namespace {

const std::string bundle_name = "out.bundle";  // as the story calls it

void expect(bool condition, const std::string& what) {
    if (condition) return;
    std::fprintf(stderr, "failed: %s\n", what.c_str());
    std::exit(1);
}

/// The told clock and the random stream.
struct World {
    std::int64_t passed = 0;
    std::uint64_t state = 1;

    void fill(std::uint8_t* data, std::size_t size) {
        for (std::size_t at = 0; at < size; at += 8) {
            state += 0x9E3779B97F4A7C15U;
            std::uint64_t word = (state ^ (state >> 30U)) * 0xBF58476D1CE4E5B9U;
            word = (word ^ (word >> 27U)) * 0x94D049BB133111EBU;
            word ^= word >> 31U;
            for (std::size_t i = 0; i < std::min<std::size_t>(8, size - at); ++i) {
                data[at + i] = static_cast<std::uint8_t>(word >> (8U * i));
            }
        }
    }
    trellis_host host() {
        trellis_host host{};
        host.struct_size = sizeof host;
        host.context = this;
        host.wall_ms = [](void* at) { return 1'780'000'000'000 + static_cast<World*>(at)->passed; };
        host.monotonic_ms = [](void* at) { return 1000 + static_cast<World*>(at)->passed; };
        host.boot_id = [](void*) { return std::uint64_t{1}; };
        host.random = [](void* at, std::uint8_t* data, std::size_t size) {
            static_cast<World*>(at)->fill(data, size);
        };
        return host;
    }
};

trellis_replica* open(const std::string& path, const trellis_host* host) {
    const std::vector<std::uint8_t> key(32, 5);
    const auto files = trellis::test::posix_files();
    trellis_options options{};
    options.struct_size = sizeof options;
    options.path = path.c_str();
    options.key = {key.data(), key.size()};
    options.host = host;
#ifdef __wasi__  // where the library has no files of its own
    options.storage = &files;
#else
    static_cast<void>(files);
#endif
    trellis_replica* replica = nullptr;
    trellis_error error{};
    expect(trellis_open(&options, &replica, &error) == TRELLIS_OK, path + ": " + error.message);
    return replica;
}

std::string call(trellis_replica* replica, const std::string& request) {
    trellis_buffer reply{};
    trellis_call(replica, {reinterpret_cast<const std::uint8_t*>(request.data()), request.size()},
                 &reply, nullptr);
    std::string text(reinterpret_cast<const char*>(reply.data), reply.size);
    trellis_buffer_free(&reply);
    return text;
}

std::string read(const std::string& path) {
    std::FILE* const file = std::fopen(path.c_str(), "rb");
    expect(file != nullptr, path + " is there");
    std::string text;
    char part[4096];
    for (std::size_t got = 0; (got = std::fread(part, 1, sizeof part, file)) > 0;) {
        text.append(part, got);
    }
    std::fclose(file);
    return text;
}

std::vector<std::string> lines_of(const std::string& path) {
    std::istringstream in(read(path));
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

std::string hex_of(const std::string& bytes) {
    std::string text;
    for (const char c : bytes) {
        char two[3];
        std::snprintf(two, sizeof two, "%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
        text += two;
    }
    return text;
}

void replay(const std::string& fixture, const std::string& database) {
    for (const auto& left : {database, database + "-wal", database + "-shm", bundle_name}) {
        std::remove(left.c_str());
    }
    const auto requests = lines_of(fixture + "/requests.jsonl");
    const auto replies = lines_of(fixture + "/replies.jsonl");
    expect(!requests.empty() && requests.size() == replies.size(), "a reply for each request");
    World world;
    const auto host = world.host();
    auto* const replica = open(database, &host);
    for (std::size_t i = 0; i < requests.size(); ++i) {
        world.passed += 1000;
        const auto got = call(replica, requests[i]);
        expect(got == replies[i], requests[i] + "\n wanted " + replies[i] + "\n got    " + got);
    }
    trellis_close(replica);
    std::string bundle = read(fixture + "/bundle.hex");
    bundle.erase(std::remove(bundle.begin(), bundle.end(), '\n'), bundle.end());
    expect(hex_of(read(bundle_name)) == bundle, "the bundle has the recorded bytes");
}

std::vector<std::string> databases() {
    std::vector<std::string> names;
    DIR* const folder = opendir(".");
    expect(folder != nullptr, "the folder can be read");
    while (const dirent* entry = readdir(folder)) {
        const std::string name = entry->d_name;
        if (name.ends_with(".db")) names.push_back(name);
    }
    closedir(folder);
    return names;
}

void open_those_of_others(const std::string& fixture, const std::string& own) {
    const auto digest = lines_of(fixture + "/replies.jsonl").back();
    const auto names = databases();
    expect(std::count(names.begin(), names.end(), own) == 1, "our own is there");
    for (const auto& name : names) {
        auto* const replica = open(name, nullptr);
        const auto got = call(replica, R"({"op":"digest"})");
        expect(got == digest, name + " says " + got);
        trellis_close(replica);
        std::printf("opened %s\n", name.c_str());
    }
}

}  // namespace

int main(int count, char** arguments) {
    expect(count == 3, "usage: c_interchange <fixture> <name>");
    const std::string fixture = arguments[1];
    const std::string database = std::string(arguments[2]) + ".db";
    replay(fixture, database);
    open_those_of_others(fixture, database);
    return 0;
}
