// SPDX-License-Identifier: Apache-2.0
// C3, C4, C16 and the recovery half of C18.
#include <algorithm>
#include <set>

#include "core/store/tables.hpp"
#include "tests/sim/checkers/checkers.hpp"
#include "tests/sim/fleet.hpp"
#include "tests/sim/schema.hpp"

namespace trellis::sim {
namespace {

/// What check() costs grows with the database: mostly the file alone is looked at.
constexpr std::uint64_t whole_check_permille = 200;

std::string dot_text(const Deed& deed) {
    return to_string(deed.dot) + " (device-" + std::to_string(deed.device) + ", serial " +
           std::to_string(deed.serial) + ", of " + std::to_string(deed.at / 1000) + " s)";
}

void check_damage(Fleet& fleet, Device& device) {
    auto& replica = device.replica();
    const bool whole = fleet.world.random.checks.chance(whole_check_permille);
    const auto struck = device.disk().hits();
    const auto found = whole ? replica.check() : replica.store().database.integrity_problems();
    // Its disk fails again: what could not be read is not damaged.
    if (!found || device.disk().hits() != struck) return;
    if (!found->empty()) {
        fleet.world.fail("C18", device.name() + " is damaged after a restart: " + found->front());
    }
}

/// A chain of its own that it has learnt is a copy's: it says its work again under another name, and
/// takes this one as others hold it. That nothing of it is lost is seen at rest, by its marks.
bool is_said_again(Fleet& fleet, Device& device, const ActorId& actor) {
    const auto found = fleet.truth.actors().find(actor);
    if (found == fleet.truth.actors().end() || found->second.empty()) return false;
    const auto& author = fleet.truth.deeds()[found->second.front()].author;
    return author == device.replica().device() && fleet.may_fork.contains(author);
}

}  // namespace

void check_recovered(Fleet& fleet, Device& device) {
    fleet.world.sometimes("database_recovered");
    check_damage(fleet, device);
    if (device.was_put_back()) return;
    for (const auto& [space, known] : device.known()) {
        const auto version = device.replica().version(space);
        if (!version) continue;
        for (const auto& entry : known.entries()) {
            if (version->counter(entry.actor) >= entry.counter) continue;
            if (is_said_again(fleet, device, entry.actor)) continue;
            const auto* state = device.replica().store().spaces.find(space);
            const auto own = crypto::actor_id(space, device.replica().device(), state->own);
            return fleet.world.fail(
                entry.actor == own ? "C3" : "C6",
                device.name() + " had " + to_string(Dot{entry.actor, entry.counter}) +
                    " before the restart, and has only " +
                    std::to_string(version->counter(entry.actor)) + " now");
        }
    }
}

void check_relay(Fleet& fleet) {
    if (const auto wrong = fleet.server.problems(); !wrong.empty()) {
        return fleet.world.fail("C16", "the relay's store after a restart: " + wrong.front());
    }
    const auto chains = fleet.server.chains();
    // A commit whose answer was lost may have been made.
    fleet.relay_holds = chains;
    for (const auto& [actor, promised] : fleet.truth.relay_promises()) {
        const auto found = chains.find(actor);
        const Counter last = found == chains.end() ? 0 : found->second;
        if (last >= promised) continue;
        return fleet.world.fail("C4", "the relay had stored " + to_string(Dot{actor, promised}) +
                                          ", and after its restart has only " +
                                          std::to_string(last));
    }
}

void check_confirmed(Fleet& fleet, const Dot& last) {
    const auto held = fleet.relay_holds.find(last.actor);
    // A word that was under way when the relay was put back is about what it held before.
    if (fleet.server_restores > 0) {
        return fleet.truth.limit_relay_promise(
            last.actor, held == fleet.relay_holds.end() ? 0 : held->second);
    }
    if (held != fleet.relay_holds.end() && held->second >= last.counter) return;
    fleet.world.fail("C4", "a device was told that " + to_string(last) +
                               " is stored, and the relay has not stored it");
}

namespace {

/// The serials of all marked changes that a device has, also in records that are deleted, and in
/// records that have other names than their author was told, as work said again makes.
std::set<std::int64_t> serials_at(Device& device) {
    std::set<std::int64_t> serials;
    auto& store = device.replica().store();
    for (const auto& type : store.schema.types()) {
        auto select = store.database.prepare("SELECT " + core::column(journal_serial) + " FROM " +
                                             core::log_table(type.id, journal_field));
        if (!select) continue;
        for (auto more = select->step(); more && *more; more = select->step()) {
            serials.insert(select->integer(0));
        }
    }
    return serials;
}

/// Written beyond where the membership log says that its author's work ends.
bool is_beyond_the_end(Fleet& fleet, Device& reader, const Deed& deed) {
    if (fleet.may_rename(deed.dot.actor)) return false;
    const auto limit = reader.replica().membership().limit(deed.space, deed.dot.actor, deed.author);
    return limit && *limit < deed.last;
}

/// For people: where it is, as far as the fleet can tell.
std::string holders_of(Fleet& fleet, const Deed& deed) {
    std::string text;
    for (std::size_t i = 0; i < fleet.size(); ++i) {
        const auto& known = fleet.device(i).known();
        const auto found = known.find(deed.space);
        if (found == known.end() || found->second.counter(deed.dot.actor) < deed.last) continue;
        text += (text.empty() ? " held by " : ", ") + fleet.device(i).name();
    }
    return text;
}

/// Kept for an administrator to judge.
bool is_set_aside(Device& reader, const Deed& deed) {
    const auto list = reader.replica().quarantine(deed.space);
    if (!list) return false;
    for (const auto& each : *list) {
        if (each.dot.actor == deed.dot.actor && each.dot.counter <= deed.last) return true;
    }
    return false;
}

}  // namespace

void check_nothing_lost(Fleet& fleet) {
    for (const auto& space : fleet.people.spaces()) {
        const auto readers = fleet.readers(space);
        if (readers.empty()) continue;
        Device& reader = *readers.front();
        const auto serials = serials_at(reader);
        const auto version = reader.replica().version(space);
        if (!version) return fleet.world.fail("C18", version.error().message);
        for (const auto& deed : fleet.truth.deeds()) {
            if (deed.space != space || deed.is_gone) continue;
            const bool is_there = deed.is_marked
                                      ? serials.contains(static_cast<std::int64_t>(deed.serial))
                                      : version->covers(Dot{deed.dot.actor, deed.last}) ||
                                            fleet.may_rename(deed.dot.actor);
            if (is_there && deed.is_marked && is_beyond_the_end(fleet, reader, deed)) {
                return fleet.world.fail("C11", reader.name() + " shows what was written after its "
                                                   "author's rights had ended: " + dot_text(deed));
            }
            if (is_there) continue;
            // What its author has not handed in still lies with its author.
            const bool is_late = fleet.is_late(deed);
            if (is_late && deed.level == core::Ack::saved) continue;
            // Put back together with the server, a device does not know what it has lost; whoever
            // holds that branch keeps it for a person to look at.
            const bool is_kept = std::any_of(
                readers.begin(), readers.end(),
                [&](Device* device) { return is_set_aside(*device, deed); });
            if (!fleet.truth.is_named(deed) && is_kept) {
                fleet.world.sometimes("branch_set_aside");
                continue;
            }
            if (is_late && is_set_aside(reader, deed)) {
                fleet.world.sometimes("late_work_set_aside");
                continue;
            }
            return fleet.world.fail(deed.level == core::Ack::saved ? "C3" : "C4",
                                    "acknowledged, and nowhere to be found: " + dot_text(deed) +
                                        holders_of(fleet, deed));
        }
    }
}

}  // namespace trellis::sim
