// SPDX-License-Identifier: Apache-2.0
#include "bench/district.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>

namespace trellis::bench {

Time BenchEnv::wall_time() {
    if (time_ != 0) return time_;
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

void BenchEnv::random(std::span<std::uint8_t> out) {
    // splitmix64 (Steele, Lea, Flood 2014): fast, and not for keys that matter.
    for (auto& byte : out) {
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15U;
        z = (z ^ z >> 30U) * 0xBF58476D1CE4E5B9U;
        z = (z ^ z >> 27U) * 0x94D049BB133111EBU;
        byte = static_cast<std::uint8_t>(z ^ z >> 31U);
    }
}

District::District(std::string folder, std::size_t devices, Confirm confirm)
    : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    devices_.push_back(must(core::Replica::open(options(0), env_), "opening a database"));
    must(device(0).create_org("bench", "centre", "ws://127.0.0.1:1/sync"), "founding");
    space_ = must(device(0).create_space("school", crypto::SpaceClass::general), "a space");
    if (confirm == Confirm::by_relay) return;
    take_entries();
    while (devices_.size() < devices) add_device();
}

core::ReplicaOptions District::options(std::size_t at) const {
    core::ReplicaOptions options;
    options.schema = check_in_schema();
    options.database.path = path(at);
    options.database.key = Bytes(32, 7);
    options.database.cache_kib = 64 * 1024;
    return options;
}

std::string District::path(std::size_t at) const {
    return folder_ + "/device-" + std::to_string(at) + ".db";
}

/// Confirms what device 0 has written to the membership log, as the relay would.
void District::take_entries() {
    while (auto entry = device(0).next_entry()) {
        entries_.push_back(*entry);
        must(device(0).entry_accepted(), "confirming an entry");
    }
}

std::size_t District::add_device() {
    const std::size_t at = devices_.size();
    crypto::InviteOrder order;
    order.grants.push_back({space_, crypto::right_read | crypto::right_write});
    order.expiry = device(0).clock().now().time + 3'600'000;
    order.url = "ws://127.0.0.1:1/sync";
    const auto text = must(device(0).invite(order), "inviting");
    take_entries();
    const auto invite = must(crypto::parse_invite(text), "reading an invite");
    auto replica = must(core::Replica::open(options(at), env_), "opening a database");
    auto key = must(replica->joining_key(), "a key");
    auto entry = must(replica->join_entry(invite, key, "device", entries_), "joining");
    must(device(0).receive_entries(entries_.size(), {entry}), "an entry");
    entries_.push_back(entry);
    // A join is followed by a new key, which the first device makes.
    take_entries();
    must(replica->joined(std::move(key), invite, entries_), "joining");
    for (auto& other : devices_) {
        if (other != nullptr && other != devices_[0]) {
            must(other->receive_entries(0, entries_), "an entry");
        }
    }
    devices_.push_back(std::move(replica));
    return at;
}

void District::reopen(std::size_t at) {
    devices_[at].reset();
    devices_[at] = must(core::Replica::open(options(at), env_), "opening a database again");
}

void District::make_names(const std::vector<CheckIn>& rows) {
    std::set<std::string> all;
    for (const auto& row : rows) all.insert({row.site, row.household, row.student, row.liaison});
    std::vector<core::Edit> edits;
    std::vector<std::string> waiting;
    const auto flush = [&] {
        if (edits.empty()) return;
        const auto result = must(device(0).write(space_, edits), "writing names");
        for (std::size_t i = 0; i < waiting.size(); ++i) {
            names_.records[waiting[i]] = result.written[i].record.hex();
        }
        edits.clear();
        waiting.clear();
    };
    for (const auto& name : all) {
        Json fields;
        fields.set("name", name);
        edits.emplace_back(core::PutRecord{space_, "thing", std::move(fields), {}});
        waiting.push_back(name);
        if (edits.size() == 500) flush();
    }
    flush();
}

std::vector<crypto::EnvelopeRun> District::sealed(std::size_t at, Counter after) {
    return must(device(at).outbox(space_, after, SIZE_MAX), "sealing");
}

core::Received District::deliver(std::size_t at, const std::vector<crypto::EnvelopeRun>& runs) {
    return must(device(at).receive_repair(space_, runs), "receiving");
}

std::size_t bytes_of(const std::vector<crypto::EnvelopeRun>& runs) {
    std::size_t bytes = 0;
    for (const auto& run : runs) {
        for (const auto& envelope : run.envelopes) bytes += envelope.size();
    }
    return bytes;
}

}  // namespace trellis::bench
