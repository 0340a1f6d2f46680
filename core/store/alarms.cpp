// SPDX-License-Identifier: Apache-2.0
#include "core/store/alarms.hpp"

#include <algorithm>
#include <array>

#include "core/base/limits.hpp"
#include "core/sqlite/id_cell.hpp"

namespace trellis::core {
namespace {

constexpr std::array<std::string_view, 7> kind_names = {
    "split_view", "rolled_back", "withheld", "log_fork", "key_refused", "forged", "fork"};

AlarmKind kind_of(std::string_view name) {
    for (std::size_t i = 0; i < kind_names.size(); ++i) {
        if (kind_names[i] == name) return static_cast<AlarmKind>(i);
    }
    return AlarmKind::forged;
}

constexpr std::string_view claim_prefix = "claim ";

std::string name_of(const Alarm& alarm) {
    if (alarm.is_claim) {
        return std::string(claim_prefix) + std::string(to_string(alarm.kind)) + " " +
               alarm.space.hex() + " " + alarm.device.hex();
    }
    return std::string(to_string(alarm.kind)) + " " + alarm.space.hex() + " " +
           alarm.device.hex() + " " + alarm.subject;
}

}  // namespace

std::string_view to_string(AlarmKind kind) { return kind_names[static_cast<std::size_t>(kind)]; }

Result<void> Alarms::raise(const Alarm& alarm) {
    store_.env.log("alarm", to_string(alarm.kind));
    TRELLIS_TRY(const auto known, count(alarm.is_claim));
    if (known >= static_cast<std::int64_t>(limits::alarms_max)) return {};
    TRELLIS_TRY(auto insert, store_.database.prepare(
        "INSERT OR IGNORE INTO _alarm(name, kind, space, device, at, evidence) "
        "VALUES(?1,?2,?3,?4,?5,?6)"));
    const std::string name = name_of(alarm);
    const std::string evidence = print_json(alarm.evidence);
    insert.bind_text(1, name).bind_text(2, to_string(alarm.kind));
    insert.bind_bytes(3, alarm.space.view()).bind_bytes(4, alarm.device.view());
    insert.bind(5, alarm.at != 0 ? alarm.at : store_.env.wall_time());
    insert.bind_bytes(6, as_bytes(evidence));
    return insert.run();
}

Result<std::vector<Alarm>> Alarms::load() {
    std::vector<Alarm> list;
    TRELLIS_TRY(auto select, store_.database.prepare(
        "SELECT kind, space, device, at, evidence, name FROM _alarm ORDER BY id"));
    for (;;) {
        TRELLIS_TRY(const bool more, select.step());
        if (!more) return list;
        Alarm alarm;
        alarm.kind = kind_of(select.text(0));
        TRELLIS_TRY(alarm.space, sqlite::id_in<SpaceId>(select, 1));
        TRELLIS_TRY(alarm.device, sqlite::id_in<DeviceId>(select, 2));
        alarm.at = select.integer(3);
        TRELLIS_TRY(alarm.evidence, parse_json(as_text(select.bytes(4))));
        const std::string name(select.text(5));
        alarm.is_claim = name.starts_with(claim_prefix);
        alarm.subject = name.substr(std::min(name_of(alarm).size(), name.size()));
        list.push_back(std::move(alarm));
    }
}

Result<std::int64_t> Alarms::count(bool claims) {
    return store_.database.integer("SELECT count(*) FROM _alarm WHERE (name LIKE 'claim %') = " +
                                   std::string(claims ? "1" : "0"));
}

Result<std::vector<Alarm>> Alarms::claims() {
    TRELLIS_TRY(const auto known, count(true));
    if (known == 0) return std::vector<Alarm>();
    TRELLIS_TRY(auto list, load());
    std::erase_if(list, [](const Alarm& alarm) { return !alarm.is_claim; });
    return list;
}

Result<void> Alarms::end(const Alarm& claim) {
    TRELLIS_TRY(auto remove, store_.database.prepare("DELETE FROM _alarm WHERE name=?1"));
    const std::string name = name_of(claim);
    remove.bind_text(1, name);
    return remove.run();
}

Json envelope_evidence(const crypto::EnvelopePlace& place, const DeviceId& device,
                       const Incarnation& incarnation, ByteView envelope) {
    Json json;
    json.set("org", place.org.hex());
    json.set("space", place.space.hex());
    json.set("device", device.hex());
    json.set("incarnation", incarnation.hex());
    json.set("first", place.first);
    json.set("previous", place.previous.hex());
    json.set("chain", crypto::chain_hash(place, envelope).hex());
    json.set("envelope", to_base64(envelope));
    return json;
}

}  // namespace trellis::core
