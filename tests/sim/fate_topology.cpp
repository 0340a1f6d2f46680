// SPDX-License-Identifier: Apache-2.0
// Copies, backups, leaving and joining.
#include "tests/sim/fate.hpp"

#include "tests/sim/forger.hpp"

namespace trellis::sim {
namespace {

constexpr Time minute_ms = 60'000;

/// More copies of a device than this prove nothing more.
constexpr std::size_t clones_max = 3;
constexpr std::size_t revoked_max = 3;

}  // namespace

/// Out of the network for a while: it goes on where it was, before anybody can tell it otherwise.
void Fate::keep_away(Device& device, Random& random) {
    auto& until = fleet_.network.road(device.index()).down_until;
    const Time most = std::max(minute_ms, fleet_.options.length_ms / 3);
    until = std::max(until, fleet_.world.now() + random.log_uniform(1'000, most));
}

bool Fate::may_clone() const {
    return fleet_.size() < fleet_.options.devices() + clones_max;
}

Device& Fate::add_clone(const Device& device, const DiskCopy& copy, bool notices) {
    fleet_.may_fork.insert(*device.id());
    ++fleet_.restores;
    fleet_.world.sometimes("device_cloned");
    return fleet_.add_clone(device, copy, notices);
}

/// Neither has heard of the other when both go on under the name that they share.
bool Fate::make_twins(const Step& step, Device& device, Random& random) {
    if (!device.is_usable() || device.disk().is_down() || !may_clone()) return false;
    Device& twin = add_clone(device, device.copy(), false);
    twin.go_live(true);
    twin.start();
    fleet_.world.after(random.log_uniform(1'000, minute_ms), [this, &device, &twin, step] {
        fleet_.people.do_it(device, Work::create, step.salt);
        fleet_.people.do_it(twin, Work::create, step.salt ^ other_mind);
    });
    return true;
}

void Fate::work_at_copies(const Step& step, Device& device) {
    for (std::size_t i = 0; i < fleet_.size(); ++i) {
        Device& copy = fleet_.device(i);
        if (copy.copy_of() == device.index()) fleet_.people.work(copy, step.salt);
    }
}

bool Fate::topology(const Step& step, Device& device) {
    if (device.is_lost() || !device.id()) return false;
    Random random(mixed(step.salt, 7));
    auto& copy = fleet_.copies[device.index()];
    switch (step.what) {
        case What::copy_works: work_at_copies(step, device); return false;
        case What::copy_device:
            if (!device.is_running() || device.disk().is_down()) return false;
            copy = device.copy();
            break;
        case What::clone:
        case What::clone_away: {
            if (!copy || !may_clone()) return false;
            const DiskCopy of = *copy;  // the list of copies is about to grow
            Device& clone = add_clone(device, of, random.chance(500));
            if (step.what == What::clone_away) keep_away(clone, random);
            clone.go_live(true);
            clone.start();
            break;
        }
        case What::twins: return make_twins(step, device, random);
        case What::restore_device:
            if (!copy) return false;
            fleet_.may_fork.insert(*device.id());
            ++fleet_.restores;
            device.put_back(*copy, random.chance(500));
            fleet_.write_off(device.index());
            device.start_after(random.log_uniform(1'000, minute_ms));
            fleet_.world.sometimes("device_restored");
            break;
        case What::wipe:
            // The founder's machine is the only one that invites.
            if (device.index() == 0) return false;
            copy.reset();
            device.wipe();
            fleet_.write_off(device.index());
            device.start();
            fleet_.enrol(device.index());
            fleet_.world.sometimes("device_wiped");
            break;
        default: return false;
    }
    return true;
}

bool Fate::server_topology(const Step& step) {
    auto& server = fleet_.server;
    Random random(mixed(step.salt, 7));
    switch (step.what) {
        case What::server_backup:
            if (!server.is_up()) return false;
            server.take_backup();
            break;
        case What::server_restore:
        case What::server_image:
            if (!server.has_backup() || !server.is_up()) return false;
            server.kill();
            server.restore_backup(step.what == What::server_restore);
            ++fleet_.restores;
            ++fleet_.server_restores;
            fleet_.reread_relay();
            fleet_.hold_changes();
            fleet_.write_off();
            server.restart_after(random.log_uniform(1'000, 5 * minute_ms));
            fleet_.world.sometimes("server_restored");
            break;
        default: return false;
    }
    return true;
}

bool Fate::trust(const Step& step, Device& device) {
    Random random(mixed(step.salt, 7));
    if (step.what == What::forge) return forge(fleet_, device, random);
    Device& admin = fleet_.admin();
    if (!admin.is_usable() || fleet_.people.spaces().empty()) return false;
    if (!fleet_.may_change_members()) return false;
    auto& replica = admin.replica();
    const auto& space = random.pick(fleet_.people.spaces());
    Result<void> done;
    switch (step.what) {
        case What::rotate: done = replica.rotate(space); break;
        case What::grant:
            if (!device.id() || device.index() == 0 || fleet_.is_revoked(device) ||
                fleet_.forgers.contains({*device.id(), space})) {
                return false;
            }
            done = replica.grant(*device.id(), space, crypto::right_read | crypto::right_write);
            break;
        case What::revoke:
        case What::lose_device: {
            const bool is_lost = step.what == What::lose_device;
            if (!device.id() || device.index() == 0 || device.is_lost() ||
                fleet_.is_revoked(device) || fleet_.revoked.size() >= revoked_max) {
                return false;
            }
            done = replica.revoke(*device.id(),
                                  is_lost ? crypto::removed_lost : crypto::removed_left);
            if (!done) break;
            fleet_.end_work_of(*device.id());
            if (is_lost) {
                device.lose();
                fleet_.write_off(device.index());
            }
            fleet_.world.sometimes(is_lost ? "device_lost" : "device_revoked");
            break;
        }
        default: return false;
    }
    admin.touched();
    if (!done) {
        fleet_.world.tell("  refused", done.error().message);
        return false;
    }
    if (admin.line() != nullptr) admin.line()->outbox_changed();
    return true;
}

}  // namespace trellis::sim
