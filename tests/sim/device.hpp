// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "tests/sim/live.hpp"
#include "tests/sim/truth.hpp"
#include "tests/support/crash_disk.hpp"

namespace trellis::sim {

enum class Role : std::uint8_t { liaison, central, browser };

struct DeviceOrder {
    std::size_t index = 0;
    Role role = Role::liaison;
    std::uint64_t seed = 1;
    core::Schema schema;
    std::optional<std::size_t> copy_of = {};  ///< its database is a copy of that device's
};

/// A copy of a device's disk that somebody made, and what was on it.
struct DiskCopy {
    std::shared_ptr<const test::CrashDisk::Snapshot> disk;
    std::map<SpaceId, VersionVector> known;
};

/// One tablet, desktop or browser: a disk, a clock, and a process that may be running. The
/// process is the product's replica with a line to the relay.
class Device {
public:
    Device(World& world, Network& network, Truth& truth, DeviceOrder order);
    ~Device();
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    // The process.
    /// Opens the database and, for a member, goes on with its work. Fails the run where what
    /// was promised is not there.
    void start();
    void stop();       ///< orderly
    void kill();
    void cut_power();
    /// Starts again after `ms`, unless something else has started it.
    void start_after(Time ms);
    void suspend(Time ms);
    void wake();
    /// The program is replaced by one that knows another version of the schema.
    void update(core::Schema schema);
    [[nodiscard]] bool is_running() const { return replica_ != nullptr; }
    [[nodiscard]] bool is_member() const { return is_running() && replica_->has_org(); }
    /// Running, awake and a member: its person can work.
    [[nodiscard]] bool is_usable() const { return is_member() && !is_asleep_ && !is_lost_; }

    // Its person.
    void join(crypto::Invite invite);
    /// From now on it asks for another invite soon after one did not work.
    void be_impatient();
    void go_live(bool on);
    [[nodiscard]] bool wants_live() const { return wants_live_; }
    /// The line is gone without a word, as when the network changes under it; another is made.
    void drop_line();
    /// One pass, where no line is up.
    void sync_once();
    Result<core::WriteResult> write(const SpaceId& space, const std::vector<core::Edit>& edits,
                                    Deed deed);
    /// The replica was called from outside: see what has become of it.
    void touched();

    // What fate does with its disk.
    void wipe();
    [[nodiscard]] DiskCopy copy() const { return {disk_->snapshot(), known_}; }
    /// Ends the process. `notices`: the program is told that this is another place to live.
    void put_back(const DiskCopy& copy, bool notices);
    /// The device is gone for good.
    void lose();
    [[nodiscard]] bool is_lost() const { return is_lost_; }

    [[nodiscard]] core::Replica& replica() { return *replica_; }
    [[nodiscard]] LiveLine* line() { return line_.get(); }
    [[nodiscard]] SimEnv& env() { return env_; }
    [[nodiscard]] test::CrashDisk& disk() { return *disk_; }
    [[nodiscard]] std::size_t index() const { return order_.index; }
    /// The device whose database this one's is a copy of.
    [[nodiscard]] std::optional<std::size_t> copy_of() const { return order_.copy_of; }
    [[nodiscard]] Role role() const { return order_.role; }
    [[nodiscard]] const std::string& name() const { return name_; }
    /// What its person calls it: nobody but members may learn that.
    [[nodiscard]] std::string person() const { return world_.word + " of " + name_; }
    [[nodiscard]] const core::Schema& schema() const { return order_.schema; }
    [[nodiscard]] const std::string& custody() const { return custody_; }
    void use_custody(std::string custody) { custody_ = std::move(custody); }
    [[nodiscard]] bool is_joining() const { return joining_ != nullptr; }
    /// The database was put back since it was last looked at: what was known need not be there.
    [[nodiscard]] bool was_put_back() const { return was_put_back_; }
    /// What was there when last looked at, by space: all of it is durable.
    [[nodiscard]] const std::map<SpaceId, VersionVector>& known() const { return known_; }
    /// Entries of the membership log that it had from the relay when last looked at.
    [[nodiscard]] std::uint64_t confirmed_entries() const { return confirmed_entries_; }
    [[nodiscard]] bool settled() const;
    [[nodiscard]] const std::optional<DeviceId>& id() const { return id_; }

    /// What is there has grown, or changed, since last looked at.
    std::function<void(Device&, const SpaceId&, const VersionVector& before)> on_news;
    /// What it has read of the relay's log of a space; told after every call.
    std::function<void(Device&, const SpaceId&, const Cursor&)> on_cursor;
    /// Its program was told that the relay has stored its own chain up to here.
    std::function<void(Device&, const Dot&)> on_confirmed;
    /// The invite that it has was refused again and again.
    std::function<void(Device&)> on_refused;
    /// Whether the organisation lets anybody join just now; where not set, it does.
    std::function<bool()> may_join;
    /// The database was opened again; before anything else is done with it.
    std::function<void(Device&)> on_recovered;

private:
    void end_process(bool orderly);
    void went_down();
    void after_call();
    void look();
    void look_at_acks();
    void look_at_cursors();
    void check_clock();
    void resume();
    void joined();
    void refused(const Error& why);
    void ended(const sync::SessionProgress& progress);

    World& world_;
    Network& network_;
    Truth& truth_;
    DeviceOrder order_;
    std::string name_;
    std::unique_ptr<test::CrashDisk> disk_;
    SimEnv env_;
    std::string custody_;
    std::unique_ptr<core::Replica> replica_;
    std::unique_ptr<LiveLine> line_;
    std::unique_ptr<Joining> joining_;
    std::optional<crypto::Invite> invite_;
    std::optional<DeviceId> id_;
    std::map<SpaceId, VersionVector> known_;
    std::uint64_t confirmed_entries_ = 0;
    bool wants_live_ = false;
    bool wants_pass_ = false;
    bool is_asleep_ = false;
    bool is_lost_ = false;
    bool is_going_down_ = false;
    bool was_put_back_ = false;
    unsigned refusals_ = 0;  ///< of the invite that it has
    unsigned invites_ = 0;   ///< that were refused
    std::optional<Time> asleep_since_;
    std::uint64_t life_ = 0;
    std::uint64_t moved_ = 0;  ///< what had been sent and received when last looked at
};

}  // namespace trellis::sim
