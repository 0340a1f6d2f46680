// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/fleet.hpp"

#include <algorithm>

#include "tests/sim/checkers/checkers.hpp"
#include "tests/sim/schema.hpp"
#include "tests/sim/sqlite_random.hpp"

namespace trellis::sim {
namespace {

constexpr const char* url = "ws://relay.example/sync";
constexpr Time founding_ms = 20 * 60'000;
constexpr Time invite_again_ms = 30'000;
constexpr std::uint8_t read_write = crypto::right_read | crypto::right_write;

std::uint64_t seed_of(const Options& options) { return static_cast<std::uint64_t>(options.seed); }

}  // namespace

Fleet::Fleet(const Options& the_options, std::FILE* tell_to)
    : options(the_options),
      world({seed_of(options), options.shuffles != 0, tell_to}),
      canary(canary_of(seed_of(options))),
      network(world, 0, canary),
      server(world, network, mixed(seed_of(options), 0x5E)),
      people(world, truth, canary) {
    world.word = canary;
    pin_sqlite_random(seed_of(options));
    server.on_stored = [this](const sync::SpaceAppend& append) {
        for (const auto& placed : append.envelopes) {
            auto& last = relay_holds[placed.actor];
            last = std::max(last, placed.last);
        }
        if (!relay_log.add(append)) server.read_logs(relay_log);
        check_stored(*this, append);
    };
    server.on_recovered = [this] {
        check_relay(*this);
        if (!world.failure()) server.read_logs(relay_log);
    };
    add_device(Role::central);
    for (std::int64_t i = 1; i < options.centrals; ++i) add_device(Role::central);
    for (std::int64_t i = 0; i < options.browsers; ++i) add_device(Role::browser);
    for (std::int64_t i = 0; i < options.liaisons; ++i) add_device(Role::liaison);
}

void Fleet::add_device(Role role) {
    const auto index = devices_.size();
    network.add_road();
    copies.emplace_back();
    // Where versions are mixed, every third tablet has not been updated for long.
    const bool is_old = options.has(family_life) && index % 3 == 2;
    devices_.push_back(std::make_unique<Device>(
        world, network, truth,
        DeviceOrder{index, role, mixed(seed_of(options), 0xD0 + index),
                    sim_schema(is_old ? SchemaVersion::old : SchemaVersion::present)}));
    watch(*devices_.back());
}

void Fleet::watch(Device& device) {
    device.on_recovered = [this](Device& each) { check_recovered(*this, each); };
    device.on_news = [this](Device& each, const SpaceId& space, const VersionVector& before) {
        check_news(*this, each, space, before);
    };
    device.on_refused = [this](Device& each) {
        if (!each.is_lost() && !each.is_member()) enrol(each.index());
    };
    device.may_join = [this] { return may_change_members(); };
    device.on_cursor = [this](Device& each, const SpaceId& space, const Cursor& cursor) {
        check_cursor(*this, each, space, cursor);
    };
    device.on_confirmed = [this](Device&, const Dot& last) { check_confirmed(*this, last); };
}

// Founding -------------------------------------------------------------------------------------

void Fleet::found() {
    server.start();
    Device& first = admin();
    first.start();
    std::vector<SpaceId> spaces;
    const auto founded = first.replica().create_org(canary + " Partnership", first.person(), url);
    if (!founded) return world.fail("C18", "founding: " + founded.error().message);
    for (std::int64_t i = 0; i < options.spaces; ++i) {
        const auto made = first.replica().create_space(canary + " " + std::to_string(i),
                                                       crypto::SpaceClass::general);
        if (!made) return world.fail("C18", "a space: " + made.error().message);
        spaces.push_back(*made);
    }
    people.use(spaces);
    first.go_live(true);
    settle_founding(1);
    for (std::size_t i = 1; i < devices_.size(); ++i) {
        devices_[i]->start();
        enrol(i);
    }
    settle_founding(devices_.size());
    world.note("founded", {static_cast<std::int64_t>(devices_.size())});
}

void Fleet::settle_founding(std::size_t devices) {
    const Time latest = world.now() + founding_ms;
    while (!world.failure()) {
        world.run_until(world.now() + 500);
        const auto left = unfinished(devices);
        if (left.empty()) return;
        if (world.now() > latest) return world.fail("C17", "founding does not end: " + left);
    }
}

std::vector<crypto::InviteOrder::Grant> Fleet::grants_of(std::size_t device) const {
    std::vector<crypto::InviteOrder::Grant> grants;
    Random random(mixed(seed_of(options), 0x6A + device));
    for (std::size_t i = 0; i < people.spaces().size(); ++i) {
        const bool in_all = i == 0 || devices_[device]->role() != Role::liaison;
        if (in_all || random.chance(600)) grants.push_back({people.spaces()[i], read_write});
    }
    return grants;
}

void Fleet::enrol(std::size_t at) {
    if (!enrolling_.insert(at).second) return;
    Device& first = admin();
    if (!first.is_usable() || !devices_[at]->is_running() || !may_change_members()) {
        return enrol_later(at);
    }
    crypto::InviteOrder order;
    order.grants = grants_of(at);
    order.expiry = first.replica().clock().now().time + 3 * 24 * 3'600'000LL;
    order.url = url;
    auto text = first.replica().invite(order);
    first.touched();
    if (!text) {
        world.tell("  invite", text.error().message);
        return enrol_later(at);
    }
    enrolling_.erase(at);
    if (first.line() != nullptr) first.line()->outbox_changed();
    auto invite = crypto::parse_invite(*text);
    if (!invite) return world.fail("C18", "an invite: " + invite.error().message);
    devices_[at]->join(std::move(*invite));
}

void Fleet::enrol_later(std::size_t at) {
    enrolling_.erase(at);
    world.after(invite_again_ms, [this, at] {
        if (!devices_[at]->is_lost() && !devices_[at]->is_member()) enrol(at);
    });
}

bool Fleet::may_change_members() {
    if (!holds_changes_) return true;
    std::uint64_t longest = 0;
    for (const auto& device : devices_) {
        if (!device->is_lost()) longest = std::max(longest, device->confirmed_entries());
    }
    holds_changes_ = !server.is_up() || server.log_length() < longest;
    return !holds_changes_;
}

Device& Fleet::add_clone(const Device& of, const DiskCopy& copy, bool notices) {
    const auto index = devices_.size();
    network.add_road();
    copies.emplace_back();
    devices_.push_back(std::make_unique<Device>(
        world, network, truth,
        DeviceOrder{index, of.role(), mixed(seed_of(options), 0xD0 + index), of.schema(),
                    of.index()}));
    Device& clone = *devices_.back();
    watch(clone);
    if (!notices) clone.use_custody(of.custody());
    clone.put_back(copy, notices);
    return clone;
}

// What is held where ---------------------------------------------------------------------------

bool Fleet::is_held(const Deed& deed) const {
    const auto at_relay = relay_holds.find(deed.dot.actor);
    if (at_relay != relay_holds.end() && at_relay->second >= deed.last) return true;
    for (const auto& device : devices_) {
        if (device->is_lost()) continue;
        const auto known = device->known().find(deed.space);
        if (known != device->known().end() && known->second.counter(deed.dot.actor) >= deed.last) {
            return true;
        }
    }
    return false;
}

void Fleet::write_off(std::optional<std::size_t> lost) {
    for (auto& deed : truth.deeds()) {
        if (deed.is_gone) continue;
        // Who else holds one whose name has meant another as well, nobody can say.
        deed.is_gone = truth.is_named(deed) ? !is_held(deed) : lost == deed.device;
    }
}

void Fleet::end_work_of(const DeviceId& of) {
    revoked.emplace(of, world.now());
    for (auto& deed : truth.deeds()) {
        if (deed.is_gone || deed.author != of) continue;
        const auto known = admin().known().find(deed.space);
        deed.is_late = !truth.is_named(deed) || known == admin().known().end() ||
                       known->second.counter(deed.dot.actor) < deed.last;
    }
}

bool Fleet::is_late(const Deed& deed) const {
    const auto found = revoked.find(deed.author);
    return deed.is_late || (found != revoked.end() && deed.at >= found->second);
}

void Fleet::reread_relay() {
    relay_holds = server.chains();
    truth.forget_relay_promises();
}

std::vector<Device*> Fleet::readers(const SpaceId& space) {
    std::vector<Device*> list;
    for (const auto& device : devices_) {
        if (!device->is_member() || device->is_lost() || is_revoked(*device)) continue;
        auto& replica = device->replica();
        if (replica.membership().can(replica.device(), space, crypto::right_read)) {
            list.push_back(device.get());
        }
    }
    return list;
}

bool Fleet::may_rename(const ActorId& actor) {
    const auto found = truth.actors().find(actor);
    if (found == truth.actors().end() || found->second.empty()) return true;
    return may_fork.contains(truth.deeds()[found->second.front()].author);
}

bool Fleet::is_revoked(const Device& device) {
    return device.id() && revoked.contains(*device.id());
}

// Healing --------------------------------------------------------------------------------------

void Fleet::heal() {
    world.note("heal", {});
    server.lie(Lie::none);
    server.disk().heal();
    server.start();
    for (std::size_t i = 0; i < devices_.size(); ++i) {
        Device& device = *devices_[i];
        network.road(i) = Road{};
        device.disk().heal();
        device.env().set_right();
        if (device.is_lost()) continue;
        device.wake();
        if (!device.is_running()) device.start();
        if (options.has(family_life)) device.update(sim_schema(SchemaVersion::next));
        device.be_impatient();
        if (device.is_running() && !device.is_member() && !device.is_joining()) enrol(i);
        if (!device.wants_live()) device.go_live(true);
    }
}

bool Fleet::write_on() {
    std::map<ActorId, Counter> lost;
    for (const auto& device : devices_) {
        if (!device->is_running() || !device->is_member()) continue;
        const auto aside = device->replica().quarantine();
        if (!aside) continue;
        for (const auto& each : *aside) {
            if (each.reason != "fork") continue;
            auto& last = lost[each.dot.actor];
            last = std::max(last, each.dot.counter);
        }
    }
    bool written = false;
    for (const auto& device : devices_) {
        if (!device->is_running() || !device->is_member() || is_revoked(*device)) continue;
        auto& replica = device->replica();
        for (const auto& state : replica.sync_spaces()) {
            const auto own = crypto::actor_id(state.space, replica.device(), state.own);
            const auto found = lost.find(own);
            if (found == lost.end()) continue;
            for (std::uint64_t salt = 0; salt < 1'000; ++salt) {
                const auto version = replica.version(state.space);
                if (!version || version->counter(own) > found->second) break;
                written = people.do_it(*device, Work::create, mixed(salt, found->second)) || written;
            }
        }
    }
    return written;
}

std::string Fleet::unfinished(std::size_t devices) {
    for (const auto& device : devices_) {
        if (device->index() >= devices) break;
        if (device->is_lost() || is_revoked(*device)) continue;
        if (!device->is_running()) return device->name() + " is not running";
        if (!device->is_member()) return device->name() + " is no member";
        if (!device->settled()) return device->name() + " is not settled";
    }
    for (const auto& space : people.spaces()) {
        const auto all = readers(space);
        std::optional<VersionVector> first;
        for (auto* device : all) {
            auto version = device->replica().version(space);
            if (!version) return device->name() + ": " + version.error().message;
            if (!first) first = *version;
            if (!(*version == *first)) return device->name() + " does not hold what others do";
        }
    }
    return {};
}

}  // namespace trellis::sim
