// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/forger.hpp"

#include "core/record/change.hpp"
#include "crypto/secret/keyring.hpp"
#include "crypto/secret/seal.hpp"
#include "tests/sim/schema.hpp"

namespace trellis::sim {
namespace {

/// No honest change has a serial like this.
constexpr std::int64_t forged_serial = 1'000'000'000;

/// A member of the organisation that never could write in the space.
Device* outsider(Fleet& fleet, Device& victim, const SpaceId& space) {
    for (std::size_t i = 1; i < fleet.size(); ++i) {
        Device& device = fleet.device(i);
        if (!device.is_member() || device.is_lost() || fleet.is_revoked(device)) continue;
        const auto id = device.replica().device();
        const auto& membership = victim.replica().membership();
        if (membership.device(id) == nullptr || membership.is_or_was_writer(id, space)) continue;
        // Nor has it been let in meanwhile, and the victim has not heard of it.
        if (!fleet.admin().is_member()) continue;
        if (fleet.admin().replica().membership().is_or_was_writer(id, space)) continue;
        return &device;
    }
    return nullptr;
}

/// One entry of a record's journal.
core::Body entry_of(const RecordId& record, core::TypeId type, Stamp stamp) {
    const core::Append append{journal_field, {{journal_serial, core::Value(forged_serial)}}};
    core::Body body;
    body.changes.push_back({1, stamp, {{type, record, append}}});
    return body;
}

Result<Bytes> sealed(Device& author, Device& victim, const crypto::EnvelopePlace& place,
                     core::Body body) {
    auto& replica = victim.replica();
    const auto* state = replica.store().spaces.find(place.space);
    crypto::Keyring keyring;
    keyring.update(replica.membership(), replica.device_key());
    const auto epoch = keyring.newest(place.space);
    if (state == nullptr || epoch == 0) return Error{Code::not_found, "no key of the space"};
    const core::ActorTable table{place.actor, {}};
    introduce_actors(table, core::SpaceActors(replica.store().actors, state->index), body);
    const Bytes packed = replica.store().compressor.compress(encode_body(table, body));
    const auto key = crypto::batch_key(*keyring.key(place.space, epoch), place.space, epoch,
                                       place.actor);
    return crypto::seal({place, epoch, 1, packed}, key, author.replica().device_key(),
                        author.env());
}

bool shows_it(Device& device, const core::Place& place) {
    const auto entries = device.replica().store().records.entries(place, journal_field);
    if (!entries) return false;
    for (const auto& entry : *entries) {
        for (const auto& [field, value] : entry.values) {
            const auto* serial = value.get<std::int64_t>();
            if (serial != nullptr && *serial == forged_serial) return true;
        }
    }
    return false;
}

}  // namespace

bool forge(Fleet& fleet, Device& victim, Random& random) {
    const auto& records = fleet.truth.records();
    if (!victim.is_usable() || records.empty()) return false;
    const auto& known = records[random.recent(records.size())];
    auto& replica = victim.replica();
    const auto place = replica.place_of(known.record);
    Device* const author = outsider(fleet, victim, known.space);
    if (!place || author == nullptr) return false;
    const auto id = author->replica().device();
    Incarnation incarnation;
    for (auto& byte : incarnation.bytes) byte = static_cast<std::uint8_t>(random.below(256));
    const crypto::EnvelopePlace at{replica.org(), known.space,
                                   crypto::actor_id(known.space, id, incarnation), 1, Digest()};
    auto envelope = sealed(*author, victim, at,
                           entry_of(known.record, place->type, author->replica().clock().now()));
    if (!envelope) return false;
    fleet.forgers.emplace(id, known.space);
    const auto taken =
        replica.receive_repair(known.space, {{id, incarnation, 1, {std::move(*envelope)}}});
    if (!taken) fleet.world.tell("  forged", taken.error().message);
    if (shows_it(victim, *place)) {
        fleet.world.fail("C11", victim.name() + " shows what " + author->name() +
                                    " wrote in a space in which it never might write");
    }
    fleet.world.sometimes("forgery_kept_out");
    victim.touched();
    return true;
}

}  // namespace trellis::sim
