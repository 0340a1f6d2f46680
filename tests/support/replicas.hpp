// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/replica.hpp"
#include "core/sqlite/memory_vfs.hpp"
#include "tests/support/every_kind.hpp"
#include "tests/support/fake_env.hpp"

namespace trellis::test {

/// Several devices of one organisation, all members of one space, with real encrypted databases
/// on disks in memory. Envelopes are carried by hand. Fails the test where anything fails.
class Replicas {
public:
    explicit Replicas(std::size_t count, std::uint64_t seed = 1,
                      core::Schema schema = every_kind_schema());

    [[nodiscard]] core::Replica& operator[](std::size_t at) { return *devices_[at].replica; }
    [[nodiscard]] const SpaceId& space() const { return space_; }
    [[nodiscard]] FakeEnv& env() { return env_; }
    [[nodiscard]] std::size_t size() const { return devices_.size(); }

    std::size_t add() { return add(schema_); }
    std::size_t add(const core::Schema& schema);
    /// One more whose files are not encrypted, to look for what must not be in them.
    std::size_t add_in_the_clear();
    /// Everything on a device's disk, file after file.
    Bytes disk(std::size_t at);
    /// Closes a device's database and opens it again, under another schema if one is given.
    void reopen(std::size_t at);
    void reopen(std::size_t at, core::Schema schema);

    /// A second device that is a copy of this one, file by file; both live on. `custody` says
    /// where the copy lives, as the host would.
    std::size_t copy(std::size_t at, const std::string& custody = {});
    /// Opens a device's database again as one that lives there.
    void move_to(std::size_t at, const std::string& custody);

    /// The files of a device's database, as they are when it is closed.
    std::map<std::string, Bytes> files(std::size_t at);

    /// The membership log as the relay has it: `at` learns it, and adds what waits there.
    void publish(std::size_t at);
    /// `at` learns it; what waits there goes on waiting.
    void tell(std::size_t at);
    void tell_all();
    /// The relay takes an entry that a device has made by other means; tell() brings it to all.
    void append(const Bytes& entry) { entries_.push_back(entry); }
    [[nodiscard]] const std::vector<Bytes>& entries() const { return entries_; }

    /// What `from` has sealed of itself, to `to`.
    core::Received carry(std::size_t from, std::size_t to);
    /// Everything of everybody to everybody, until nothing new comes in.
    void settle();

    std::string digest(std::size_t at);
    /// What check() complains of, one line each.
    std::string problems(std::size_t at);

    // Short ways to write and read.
    RecordId put(std::size_t at, const std::string& fields_json, const std::string& key = {});
    Result<core::WriteResult> write(std::size_t at, core::Edit edit) {
        return (*this)[at].write(space_, {std::move(edit)});
    }
    Result<core::WriteResult> set(std::size_t at, const RecordId& record, const std::string& json);
    Json get(std::size_t at, const RecordId& record);

private:
    struct Device {
        std::unique_ptr<sqlite::MemoryDisk> disk;
        std::unique_ptr<core::Replica> replica;
        core::Schema schema;
        std::string custody = {};
        bool is_in_the_clear = false;
    };
    std::size_t add(Device device);
    std::unique_ptr<core::Replica> open(const Device& device);
    void take_entries();

    FakeEnv env_;
    core::Schema schema_;
    std::vector<Device> devices_;
    std::vector<Bytes> entries_;
    SpaceId space_;
};

}  // namespace trellis::test
