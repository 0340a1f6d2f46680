// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sys/mount.h>
#include <unistd.h>

#include "core/base/check.hpp"
#include "tests/faultlab/device.hpp"
#include "tests/faultlab/lab.hpp"

using namespace trellis;
using namespace trellis::faultlab;
using clients::test::Folder;

namespace {

/// A disk of its own that can be filled to the last byte. Only root may mount one.
class SmallDisk {
public:
    SmallDisk(std::string path, const std::string& size) : path_(std::move(path)) {
        std::filesystem::create_directory(path_);
        is_there_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    ~SmallDisk() {
        if (is_there_) ::umount2(path_.c_str(), MNT_DETACH);
    }
    bool is_there() const { return is_there_; }
    std::string file(const std::string& name) const { return path_ + "/" + name; }
    std::uintmax_t free_bytes() const { return std::filesystem::space(path_).available; }

    /// All but that many bytes are gone.
    void fill(std::uintmax_t leave) {
        std::ofstream filler(file("filler"), std::ios::binary | std::ios::app);
        const std::string block(4096, 'x');
        while (free_bytes() > leave && filler.write(block.data(), 4096).flush()) continue;
    }
    void clear() { std::filesystem::remove(file("filler")); }

private:
    std::string path_;
    bool is_there_ = false;
};

/// False, and a word about it, where this user may not mount.
bool has_disk(const SmallDisk& disk) {
    if (!disk.is_there()) WARN("not run: only root may mount the small disk this needs");
    return disk.is_there();
}

std::set<std::string> names_of(const Device& device) {
    std::set<std::string> names;
    for (const auto& [name, dot] : device.promised()) names.insert(name);
    return names;
}

/// Writes until it is refused. How many writes were taken.
std::size_t write_until_refused(Device& device, const std::string& space) {
    constexpr std::size_t most = 20'000;
    const auto before = device.promised().size();
    std::set<std::string> codes;
    for (std::size_t i = 0; i < most && codes.empty(); ++i) {
        device.ask_put(space);
        REQUIRE(device.take_answers());
        codes = device.take_codes();
    }
    CHECK(codes == std::set<std::string>{"no_space"});
    return device.promised().size() - before;
}

}  // namespace

TEST_CASE("a device on a full disk says no_space, loses nothing, and goes on", "[faultlab]") {
    const Folder folder;
    SmallDisk disk(folder.file("disk"), "24m");
    if (!has_disk(disk)) return;
    Relay relay(folder.file("relay.db"));
    District district(disk.file("."), relay.url(), 2);
    auto& device = district.founder();
    std::size_t taken = 0;
    const auto rounds = amount("FAULTLAB_ROUNDS", 3);
    for (std::size_t round = 0; round < rounds; ++round) {
        CAPTURE(round);
        disk.fill(round * 100'000);
        taken += write_until_refused(device, district.space);
        // It still reads.
        REQUIRE(missing(names_of(device), device.shown()).empty());
        if (round % 2 == 0) device.kill();
        disk.clear();
        if (round % 2 == 0) device.start();
        REQUIRE(device.problems() == 0);
        REQUIRE(missing(names_of(device), device.shown()).empty());
        device.ask_put(district.space);
        REQUIRE(device.take_answers());
        REQUIRE(device.take_codes().empty());
    }
    REQUIRE(district.converge() == "");
    CHECK(district.lost(district.devices.back()->shown()).empty());
    figure("full disk, device: " + std::to_string(rounds) + " times full, " +
           std::to_string(taken) + " writes before it was, 0 lost");
}

TEST_CASE("a server on a full disk says no_space, loses nothing, and goes on", "[faultlab]") {
    const Folder folder;
    SmallDisk disk(folder.file("disk"), "24m");
    if (!has_disk(disk)) return;
    // No watermark: the disk itself refuses.
    Relay relay(disk.file("relay.db"), {"--disk-free-percent-min", "0"});
    District district(folder.file("."), relay.url(), 3);
    auto& writer = district.founder();
    auto& witness = *district.devices.back();
    const auto rounds = amount("FAULTLAB_ROUNDS", 3);
    std::size_t stored_before = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
        CAPTURE(round);
        disk.fill(0);
        bool is_refused = false;
        for (int tries = 0; tries < 2'000 && !is_refused; ++tries) {
            writer.ask_put(district.space);
            writer.sync();
            is_refused = writer.take_codes().contains("no_space");
        }
        REQUIRE(is_refused);
        CHECK(relay.metric("trellis_store_accepts") == 0);
        const auto stored = writer.stored();
        CHECK(stored.size() < writer.promised().size());
        // Reading goes on, and what was acknowledged is there.
        witness.sync();
        CHECK(missing(stored, witness.shown()).empty());
        stored_before += stored.size();
        disk.clear();
        REQUIRE(eventually([&] { return relay.metric("trellis_store_accepts") == 1; }));
        REQUIRE(district.converge() == "");
        witness.take_codes();
        writer.take_codes();
    }
    CHECK(district.lost(witness.shown()).empty());
    relay.stop();
    CHECK(relay.problems() == "");
    figure("full disk, server: " + std::to_string(rounds) + " times full, " +
           std::to_string(stored_before) + " writes acknowledged by then, 0 lost");
}
