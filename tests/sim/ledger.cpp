// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/ledger.hpp"

#include <algorithm>

namespace trellis::sim {
namespace {

void add_up(Tally& to, const Tally& from) {
    for (const auto& [name, count] : from) to[name] += count;
}

std::string list(const Tally& tally) {
    std::string text;
    for (const auto& [name, count] : tally) {
        text += (text.empty() ? "" : ", ") + name + " " + std::to_string(count);
    }
    return text.empty() ? "none" : text;
}

Json object(const Tally& tally) {
    Json json{Json::Object{}};
    for (const auto& [name, count] : tally) json.set(name, count);
    return json;
}

}  // namespace

const std::vector<std::string>& all_sometimes() {
    static const std::vector<std::string> names = {
        "broken_database_reopened",
        "bundle_brought_news",
        "change_seen_by_another",
        "conflict_of_three_values",
        "conflict_resolved",
        "conflict_shown_as_the_oracle_says",
        "crash_in_the_middle_of_a_call",
        "database_recovered",
        "device_cloned",
        "device_lost",
        "device_restored",
        "device_revoked",
        "device_wiped",
        "equal_versions_compared",
        "forgery_kept_out",
        "former_device_shut_out",
        "record_compared_with_the_oracle",
        "record_restored",
        "server_restored",
        "several_alarms_closed_at_once",
    };
    return names;
}

void Ledger::add(std::uint64_t seed, const Outcome& outcome) {
    if (seeds_++ == 0) first_seed_ = seed;
    last_seed_ = seed;
    failures_ += outcome.failure ? 1 : 0;
    device_ms_ += outcome.device_ms;
    changes_ += outcome.changes;
    events_ += outcome.events;
    frames_ += outcome.frames;
    bytes_ += outcome.bytes;
    kills_ += outcome.kills;
    power_cuts_ += outcome.power_cuts;
    restores_ += outcome.restores;
    slowest_healing_ms_ = std::max(slowest_healing_ms_, outcome.healing_ms);
    add_up(works_, outcome.works);
    add_up(faults_, outcome.faults);
    add_up(reached_, outcome.reached);
}

std::vector<std::string> Ledger::never_reached() const {
    std::vector<std::string> missing;
    for (const auto& name : all_sometimes()) {
        if (!reached_.contains(name)) missing.push_back(name);
    }
    return missing;
}

std::string Ledger::report(double cpu_seconds) const {
    std::string text = "seeds            " + std::to_string(seeds_) + " (" +
                       std::to_string(first_seed_) + " to " + std::to_string(last_seed_) + ")\n";
    text += "failures         " + std::to_string(failures_) + "\n";
    text += "device-hours     " + std::to_string(device_hours()) + "\n";
    text += "changes          " + std::to_string(changes_) + " acknowledged\n";
    if (cpu_seconds > 0) {
        const auto per_minute = static_cast<double>(device_ms_) / 3'600'000.0 * 60.0 / cpu_seconds;
        // What the same changes would be worth at the density of a real fleet, 12 an hour.
        const auto dense = static_cast<double>(changes_) / 12.0 * 60.0 / cpu_seconds;
        text += "CPU seconds      " + std::to_string(static_cast<long long>(cpu_seconds)) + "\n";
        text += "per CPU minute   " + std::to_string(static_cast<long long>(per_minute)) +
                " device-hours; " + std::to_string(static_cast<long long>(dense)) +
                " at 12 changes an hour\n";
    }
    text += "kills            " + std::to_string(kills_) + "\n";
    text += "power cuts       " + std::to_string(power_cuts_) + "\n";
    text += "restores         " + std::to_string(restores_) + "\n";
    text += "slowest healing  " + std::to_string(slowest_healing_ms_ / 1000) + " virtual s\n";
    text += "frames           " + std::to_string(frames_) + ", " + std::to_string(bytes_ / 1024) +
            " KiB\n";
    text += "people did       " + list(works_) + "\n";
    text += "faults           " + list(faults_) + "\n";
    text += "sometimes        " + list(reached_) + "\n";
    std::string missing;
    for (const auto& name : never_reached()) missing += " " + name;
    text += "never            " + (missing.empty() ? std::string("nothing") : missing.substr(1)) + "\n";
    return text;
}

Json Ledger::to_json(double cpu_seconds) const {
    Json json;
    json.set("first_seed", first_seed_);
    json.set("last_seed", last_seed_);
    json.set("seeds", seeds_);
    json.set("failures", failures_);
    json.set("device_hours", device_hours());
    json.set("changes", changes_);
    json.set("events", events_);
    json.set("kills", kills_);
    json.set("power_cuts", power_cuts_);
    json.set("restores", restores_);
    json.set("cpu_seconds", static_cast<std::int64_t>(cpu_seconds));
    json.set("works", object(works_));
    json.set("faults", object(faults_));
    json.set("reached", object(reached_));
    return json;
}

}  // namespace trellis::sim
