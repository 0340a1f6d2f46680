// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/device.hpp"

#include <algorithm>
#include <utility>

#include "crypto/public/envelope.hpp"

namespace trellis::sim {
namespace {

constexpr Time restart_ms = 2'000;
/// Tries of an invite, five seconds apart, before somebody asks for another.
constexpr unsigned refusals_max = 6;
/// A clock that the relay set is off by half of what its word took: less than this.
constexpr Time clock_ahead_max_ms = 60'000;

std::string name_of(std::size_t index) { return "device-" + std::to_string(index); }

}  // namespace

Device::Device(World& world, Network& network, Truth& truth, DeviceOrder order)
    : world_(world), network_(network), truth_(truth), order_(std::move(order)),
      name_(name_of(order_.index)),
      disk_(std::make_unique<test::CrashDisk>("sim-" + name_, mixed(order_.seed, 1))),
      env_(world, mixed(order_.seed, 2)), custody_(name_) {}

Device::~Device() { end_process(false); }

// The process ----------------------------------------------------------------------------------

void Device::start() {
    if (is_running() || is_lost_) return;
    ++life_;
    is_going_down_ = false;
    disk_->start();
    disk_->set_time(env_.wall_time());
    core::ReplicaOptions options;
    options.schema = order_.schema;
    options.database.path = "replica.db";
    options.database.key = Bytes(32, static_cast<std::uint8_t>(7 + order_.copy_of.value_or(order_.index)));
    options.database.cipher = sqlite::Cipher::chacha20;
    options.database.shared_memory = order_.role != Role::browser;
    options.database.cache_kib = 2048;
    options.database.vfs = disk_->encrypted_vfs();
    options.custody = custody_;
    auto opened = core::Replica::open(std::move(options), env_);
    world_.note("device.start", {static_cast<std::int64_t>(index()), opened.has_value()});
    if (!opened) {
        world_.tell("  open", opened.error().message);
        if (opened.error().code == Code::corrupt || opened.error().code == Code::wrong_key) {
            return world_.fail("C18", name_ + " does not open: " + opened.error().message);
        }
        return start_after(30'000);
    }
    replica_ = std::move(*opened);
    if (replica_->has_org()) {
        if (on_recovered) on_recovered(*this);
        was_put_back_ = false;
        look();
        look_at_cursors();
    }
    resume();
}

/// What its person wanted goes on.
void Device::resume() {
    if (!is_running() || is_asleep_) return;
    if (!replica_->has_org()) {
        if (!invite_) return;
        crypto::Invite invite{invite_->secret.clone(), invite_->org, invite_->server_key,
                              invite_->log_length, invite_->log_head, invite_->url};
        joining_ = std::make_unique<Joining>(
            world_, network_, index(), *replica_, env_, std::move(invite), person(),
            Joining::Events{[this] { after_call(); }, [this] { joined(); },
                            [this](const Error& why) { refused(why); }, may_join});
        return;
    }
    if (!wants_live_ && !wants_pass_) return;
    line_ = std::make_unique<LiveLine>(
        world_, network_, index(), *replica_, env_,
        LiveLine::Events{[this] { after_call(); },
                         [this](const sync::SessionProgress& progress) { ended(progress); }});
    line_->start(wants_live_);
}

void Device::joined() {
    id_ = replica_->device();
    world_.after(1, [this, life = life_] {
        if (life != life_) return;
        joining_.reset();
        resume();
    });
}

void Device::end_process(bool orderly) {
    ++life_;
    if (line_ && !orderly) line_->vanish();
    line_.reset();
    joining_.reset();
    replica_.reset();
}

void Device::stop() {
    if (!is_running()) return;
    world_.note("device.stop", {static_cast<std::int64_t>(index())});
    end_process(true);
}

void Device::kill() {
    if (!is_running()) return;
    world_.note("device.kill", {static_cast<std::int64_t>(index())});
    disk_->kill();
    end_process(true);  // the kernel closes its sockets
    is_asleep_ = false;
}

void Device::cut_power() {
    if (!is_running()) return;
    world_.note("device.power", {static_cast<std::int64_t>(index())});
    disk_->cut_power();
    end_process(false);
    is_asleep_ = false;
    env_.boot();
}

void Device::start_after(Time ms) {
    world_.after(ms, [this, life = life_] {
        if (life == life_) start();
    });
}

void Device::suspend(Time ms) {
    if (!is_running() || is_asleep_) return;
    is_asleep_ = true;
    world_.note("device.sleep", {static_cast<std::int64_t>(index()), ms});
    if (line_) line_->vanish();
    line_.reset();
    joining_.reset();
    const Time since = world_.now();
    asleep_since_ = since;
    world_.after(ms, [this, since] {
        if (asleep_since_ == since) wake();
    });
}

void Device::wake() {
    if (!is_asleep_) return;
    is_asleep_ = false;
    env_.slept(world_.now() - *asleep_since_);
    asleep_since_.reset();
    resume();
}

void Device::update(core::Schema schema) {
    if (order_.schema.types().size() == schema.types().size()) return;
    order_.schema = std::move(schema);
    if (!is_running()) return;
    stop();
    start();
}

// Its person -----------------------------------------------------------------------------------

void Device::join(crypto::Invite invite) {
    invite_ = std::move(invite);
    refusals_ = 0;
    wants_live_ = true;
    resume();
}

void Device::be_impatient() {
    invites_ = 0;
    refusals_ = 0;
    if (is_joining()) resume();
}

/// More patient every second time: what is wrong may be this device's own clock, but also that
/// of whoever invited it, which is right again once that device has heard from the relay.
void Device::refused(const Error& why) {
    if (!Joining::is_refusal(why)) return;
    if (++refusals_ < refusals_max << std::min(invites_ / 2, 10U)) return;
    refusals_ = 0;
    ++invites_;
    world_.after(1, [this] {
        if (on_refused) on_refused(*this);
    });
}

void Device::go_live(bool on) {
    wants_live_ = on;
    wants_pass_ = false;
    if (!is_member() || is_asleep_) return;
    line_.reset();
    resume();
}

void Device::drop_line() {
    if (line_ == nullptr) return;
    line_->vanish();
    line_.reset();
    resume();
}

void Device::sync_once() {
    if (!is_usable() || line_ != nullptr) return;
    wants_pass_ = true;
    resume();
}

void Device::ended(const sync::SessionProgress& progress) {
    if (wants_live_ || progress.again) return;
    world_.after(0, [this, life = life_] {
        if (life != life_ || wants_live_) return;
        wants_pass_ = false;
        line_.reset();
    });
}

Result<core::WriteResult> Device::write(const SpaceId& space, const std::vector<core::Edit>& edits,
                                        Deed deed) {
    TRELLIS_TRY(deed.past, replica_->version(space));
    auto result = replica_->write(space, edits);
    if (disk_->is_down() || !result) {
        after_call();
        return result;
    }
    deed.device = index();
    deed.author = replica_->device();
    deed.space = space;
    deed.record = result->written.front().record;
    deed.dot = result->dot;
    deed.last = result->dot.counter;
    if (const auto after = replica_->version(space)) deed.last = after->counter(deed.dot.actor);
    deed.at = world_.now();
    check_clock();
    // What is not confirmed may still lose its place in the log.
    const auto& membership = replica_->membership();
    if (membership.length() == replica_->confirmed_entries()) {
        deed.epoch = membership.space(space)->epoch;
    }
    world_.note("write", {static_cast<std::int64_t>(index()),
                          static_cast<std::int64_t>(deed.last)}, deed.record.view());
    truth_.add(std::move(deed));
    touched();
    if (line_ != nullptr) line_->outbox_changed();
    return result;
}

/// C10: a clock that is trusted where values tie is not far ahead. (One that fell behind in a
/// long sleep loses ties that it should win, until the relay's next word.)
void Device::check_clock() {
    const auto stamp = replica_->clock().now();
    const Time ahead = stamp.time - env_.true_time();
    if (stamp.quality < ClockQuality::synced || ahead <= clock_ahead_max_ms) return;
    world_.fail("C10", name_ + " trusts a clock that is " + std::to_string(ahead / 1000) +
                           " s ahead");
}

void Device::touched() {
    moved_ = UINT64_MAX;
    after_call();
}

/// Called with the replica's methods on the stack: what ends the process must wait a moment.
void Device::after_call() {
    if (is_going_down_ || !is_running()) return;
    const bool is_broken = replica_->store().database.is_broken();
    if (disk_->is_down() || is_broken) {
        is_going_down_ = true;
        world_.after(0, [this, life = life_] {
            if (life == life_) went_down();
        });
        return;
    }
    look_at_cursors();
    std::uint64_t moved = 0;
    if (line_ != nullptr && line_->session() != nullptr) {
        const auto& progress = line_->session()->progress();
        moved = progress.sent + progress.received + (progress.complete ? 1 : 0) + 1;
    }
    if (moved == moved_) return;
    moved_ = moved;
    look();
}

void Device::went_down() {
    if (disk_->is_down()) {
        world_.sometimes("crash_in_the_middle_of_a_call");
        world_.struck("crash_at_io");
    } else {
        world_.sometimes("broken_database_reopened");
        disk_->kill();
    }
    end_process(true);
    start_after(restart_ms);
}

// What is there --------------------------------------------------------------------------------

void Device::look() {
    if (!replica_->has_org()) return;
    id_ = replica_->device();
    confirmed_entries_ = replica_->confirmed_entries();
    const auto& spaces = replica_->store().spaces.all();
    for (std::size_t i = 1; i < spaces.size(); ++i) {
        const SpaceId id = spaces[i].id;
        auto version = replica_->version(id);
        if (!version || *version == known_[id]) continue;
        const auto before = std::exchange(known_[id], std::move(*version));
        if (on_news) on_news(*this, id, before);
    }
    look_at_acks();
}

void Device::look_at_acks() {
    const auto& spaces = replica_->store().spaces.all();
    for (std::size_t i = 1; i < spaces.size(); ++i) {
        const auto& space = spaces[i];
        const auto own = crypto::actor_id(space.id, replica_->device(), space.own);
        if (space.stored > 0 && truth_.raise(own, space.stored, core::Ack::stored) > 0 &&
            on_confirmed) {
            on_confirmed(*this, Dot{own, space.stored});
        }
        if (space.seen > 0 && truth_.raise(own, space.seen, core::Ack::seen) > 0) {
            world_.sometimes("change_seen_by_another");
        }
    }
}

void Device::look_at_cursors() {
    if (!on_cursor) return;
    const auto& spaces = replica_->store().spaces.all();
    for (std::size_t i = 1; i < spaces.size(); ++i) on_cursor(*this, spaces[i].id, spaces[i].cursor);
}

bool Device::settled() const { return line_ != nullptr && line_->is_settled(); }

// Its disk -------------------------------------------------------------------------------------

void Device::wipe() {
    end_process(false);
    world_.note("device.wipe", {static_cast<std::int64_t>(index())});
    disk_->start();
    for (const auto& file : disk_->files()) disk_->remove(file);
    known_.clear();
    confirmed_entries_ = 0;
    invite_.reset();
    id_.reset();
    env_.boot();
}

void Device::put_back(const DiskCopy& copy, bool notices) {
    end_process(false);
    world_.note("device.restore", {static_cast<std::int64_t>(index()), notices});
    disk_->start();
    disk_->restore(*copy.disk);
    known_ = copy.known;
    confirmed_entries_ = 0;
    was_put_back_ = true;
    if (notices) custody_ += "'";
    env_.boot();
}

void Device::lose() {
    end_process(false);
    is_lost_ = true;
    world_.note("device.lost", {static_cast<std::int64_t>(index())});
}

}  // namespace trellis::sim
