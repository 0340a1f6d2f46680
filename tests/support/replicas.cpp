// SPDX-License-Identifier: Apache-2.0
#include "tests/support/replicas.hpp"

#include <catch2/catch.hpp>

#include "core/query/export.hpp"
#include "core/query/record_view.hpp"

namespace trellis::test {
namespace {

/// No two disks of one program have the same name.
std::unique_ptr<sqlite::MemoryDisk> new_disk() {
    static int made = 0;
    return std::make_unique<sqlite::MemoryDisk>("replicas-" + std::to_string(made++));
}

template <class T>
T must(Result<T> result) {
    if (!result) FAIL(result.error().message);
    return std::move(*result);
}
void must(const Result<void>& result) {
    if (!result) FAIL(result.error().message);
}

}  // namespace

Replicas::Replicas(std::size_t count, std::uint64_t seed, core::Schema schema)
    : env_(seed), schema_(std::move(schema)) {
    Device first;
    first.disk = new_disk();
    first.schema = schema_;
    first.replica = open(first);
    devices_.push_back(std::move(first));
    must((*this)[0].create_org("Test", "device 0", "ws://127.0.0.1:1/sync"));
    space_ = must((*this)[0].create_space("school", crypto::SpaceClass::general));
    take_entries();
    while (devices_.size() < count) add();
}

std::unique_ptr<core::Replica> Replicas::open(const Device& device) {
    core::ReplicaOptions options;
    options.schema = device.schema;
    options.database.path = "replica.db";
    options.database.key = Bytes(32, 9);
    options.database.cipher = sqlite::Cipher::chacha20;
    options.database.shared_memory = false;
    options.database.vfs = device.disk->encrypted_vfs();
    if (device.is_in_the_clear) {
        options.database.key.clear();
        options.database.vfs = device.disk->name();
    }
    options.custody = device.custody;
    return must(core::Replica::open(std::move(options), env_));
}

void Replicas::take_entries() {
    while (auto entry = (*this)[0].next_entry()) {
        entries_.push_back(*entry);
        must((*this)[0].entry_accepted());
    }
}

std::size_t Replicas::add(const core::Schema& schema) {
    Device device;
    device.schema = schema;
    return add(std::move(device));
}

std::size_t Replicas::add_in_the_clear() {
    Device device;
    device.schema = schema_;
    device.is_in_the_clear = true;
    return add(std::move(device));
}

Bytes Replicas::disk(std::size_t at) {
    Bytes all;
    for (const auto& file : devices_[at].disk->files()) {
        const auto bytes = devices_[at].disk->read(file);
        all.insert(all.end(), bytes->begin(), bytes->end());
    }
    return all;
}

std::size_t Replicas::add(Device device) {
    const std::size_t at = devices_.size();
    crypto::InviteOrder order;
    order.grants.push_back({space_, crypto::right_read | crypto::right_write});
    order.expiry = (*this)[0].clock().now().time + 3'600'000;
    order.url = "ws://127.0.0.1:1/sync";
    const auto invite = must(crypto::parse_invite(must((*this)[0].invite(order))));
    take_entries();
    device.disk = new_disk();
    device.replica = open(device);
    auto key = must(device.replica->joining_key());
    const auto entry = must(device.replica->join_entry(invite, key, "device", entries_));
    must((*this)[0].receive_entries(entries_.size(), {entry}));
    entries_.push_back(entry);
    // A join is followed by a new key, which the first device makes.
    take_entries();
    must(device.replica->joined(std::move(key), invite, entries_));
    devices_.push_back(std::move(device));
    tell_all();
    return at;
}

void Replicas::reopen(std::size_t at) { reopen(at, devices_[at].schema); }

void Replicas::reopen(std::size_t at, core::Schema schema) {
    devices_[at].replica.reset();
    devices_[at].schema = std::move(schema);
    devices_[at].replica = open(devices_[at]);
}

std::size_t Replicas::copy(std::size_t from, const std::string& custody) {
    const std::size_t at = devices_.size();
    devices_[from].replica.reset();
    Device device;
    device.disk = new_disk();
    device.schema = devices_[from].schema;
    device.custody = custody;
    for (const auto& file : devices_[from].disk->files()) {
        device.disk->write(file, *devices_[from].disk->read(file));
    }
    devices_[from].replica = open(devices_[from]);
    device.replica = open(device);
    devices_.push_back(std::move(device));
    return at;
}

std::map<std::string, Bytes> Replicas::files(std::size_t at) {
    devices_[at].replica.reset();
    std::map<std::string, Bytes> files;
    for (const auto& file : devices_[at].disk->files()) files[file] = *devices_[at].disk->read(file);
    devices_[at].replica = open(devices_[at]);
    return files;
}

void Replicas::move_to(std::size_t at, const std::string& custody) {
    devices_[at].custody = custody;
    reopen(at);
}

void Replicas::tell(std::size_t at) { must((*this)[at].receive_entries(0, entries_)); }

void Replicas::publish(std::size_t at) {
    tell(at);
    while (auto entry = (*this)[at].next_entry()) {
        entries_.push_back(*entry);
        must((*this)[at].entry_accepted());
    }
}

void Replicas::tell_all() {
    for (std::size_t i = 0; i < size(); ++i) tell(i);
}

core::Received Replicas::carry(std::size_t from, std::size_t to) {
    const auto runs = must((*this)[from].outbox(space_, 0, SIZE_MAX));
    return must((*this)[to].receive_repair(space_, runs));
}

void Replicas::settle() {
    for (std::size_t fresh = 1; fresh > 0;) {
        fresh = 0;
        for (std::size_t from = 0; from < size(); ++from) {
            for (std::size_t to = 0; to < size(); ++to) {
                if (from != to) fresh += carry(from, to).envelopes;
            }
        }
    }
}

std::string Replicas::digest(std::size_t at) {
    return must(core::digest_state((*this)[at], space_)).hex();
}

std::string Replicas::problems(std::size_t at) {
    std::string text;
    for (const auto& problem : must((*this)[at].check())) text += problem + "\n";
    return text;
}

RecordId Replicas::put(std::size_t at, const std::string& fields_json, const std::string& key) {
    core::PutRecord edit{space_, "thing", must(parse_json(fields_json)), {}};
    if (!key.empty()) edit.key = key;
    return must(write(at, std::move(edit))).written[0].record;
}

Result<core::WriteResult> Replicas::set(std::size_t at, const RecordId& record,
                                        const std::string& json) {
    return write(at, core::SetFields{record, must(parse_json(json))});
}

Json Replicas::get(std::size_t at, const RecordId& record) {
    return must(core::get_record((*this)[at], record));
}

}  // namespace trellis::test
