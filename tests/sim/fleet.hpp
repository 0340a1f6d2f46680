// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <set>

#include "tests/sim/device.hpp"
#include "tests/sim/people.hpp"
#include "tests/sim/plan.hpp"
#include "tests/sim/server.hpp"

namespace trellis::sim {

/// One organisation with all its devices, its people and its server, in one world.
class Fleet {
public:
    Fleet(const Options& options, std::FILE* tell_to);
    Fleet(const Fleet&) = delete;
    Fleet& operator=(const Fleet&) = delete;

    /// Founds the organisation and lets everybody join, in a world without faults.
    void found();

    /// One more device, as a file-by-file copy of another; both live on.
    Device& add_clone(const Device& of, const DiskCopy& copy, bool notices);
    /// Invites a device that is no member (any more), as soon as somebody can.
    void enrol(std::size_t device);
    /// The relay has been put back: until it has the membership log again that devices had from
    /// it, nobody is let in and nothing is changed (docs/operating.md).
    void hold_changes() { holds_changes_ = true; }
    [[nodiscard]] bool may_change_members();
    /// Stops all faults and brings back whoever can come back.
    void heal();
    /// Whoever's name has meant other words as well, which are lost to it, writes on until it has
    /// said as much again: others may have built on them (docs/decisions/0012, "Limit"). False
    /// where there is nobody.
    bool write_on();
    /// What remains to be done until everybody (of the first `devices`) has everything; empty:
    /// nothing.
    [[nodiscard]] std::string unfinished(std::size_t devices = SIZE_MAX);

    /// Devices that hold this deed, on their disks as far as the fleet can tell; and the relay.
    [[nodiscard]] bool is_held(const Deed& deed) const;
    /// What nobody holds any more after a loss that the fault model allows, of this device's disk
    /// or of the relay's, is gone.
    void write_off(std::optional<std::size_t> lost = {});
    /// The administrator ends a device's work with what the administrator's device holds of it.
    void end_work_of(const DeviceId& device);
    /// The relay has been put back: what it holds is what is in its store.
    void reread_relay();

    [[nodiscard]] Device& device(std::size_t at) { return *devices_[at]; }
    [[nodiscard]] std::size_t size() const { return devices_.size(); }
    /// Devices that are members with the right to read a space and take part.
    [[nodiscard]] std::vector<Device*> readers(const SpaceId& space);
    [[nodiscard]] bool is_revoked(const Device& device);
    /// Beyond where its author's work was ended: kept aside until an administrator judges.
    [[nodiscard]] bool is_late(const Deed& deed) const;
    /// What this actor wrote may be found under another name, or was never known to us.
    [[nodiscard]] bool may_rename(const ActorId& actor);
    /// The administrators' main device.
    [[nodiscard]] Device& admin() { return *devices_.front(); }

    Options options;
    World world;
    std::string canary;
    Network network;
    Truth truth;
    Server server;
    People people;
    std::vector<std::optional<DiskCopy>> copies;  ///< by device
    /// Devices whose database was copied or put back: their chains may fork and be renamed.
    std::set<DeviceId> may_fork;
    std::map<DeviceId, Time> revoked;  ///< and since when
    /// Who wrote where it never might: nobody lets it in there any more.
    std::set<std::pair<DeviceId, SpaceId>> forgers;
    std::map<ActorId, Counter> relay_holds;
    RelayLog relay_log;
    std::map<std::pair<std::size_t, SpaceId>, Cursor> checked_cursors;  ///< by device
    std::map<Bytes, Digest> salts;           ///< of stored envelopes, with actor and epoch
    std::map<Dot, Digest> stored_names;      ///< of stored envelopes
    std::uint64_t restores = 0;  ///< of devices and of the server, and clones
    std::uint64_t server_restores = 0;

private:
    void add_device(Role role);
    void watch(Device& device);
    void enrol_later(std::size_t device);
    void settle_founding(std::size_t devices);
    [[nodiscard]] std::vector<crypto::InviteOrder::Grant> grants_of(std::size_t device) const;

    std::vector<std::unique_ptr<Device>> devices_;
    std::set<std::size_t> enrolling_;
    bool holds_changes_ = false;
};

}  // namespace trellis::sim
