// SPDX-License-Identifier: Apache-2.0
// What people and fate do to a fleet's network, clocks and programs.
#include "tests/sim/fate.hpp"

#include <algorithm>

#include "tests/sim/schema.hpp"

namespace trellis::sim {
namespace {

constexpr Time second_ms = 1'000;
constexpr Time minute_ms = 60 * second_ms;
constexpr Time hour_ms = 60 * minute_ms;
constexpr Time day_ms = 24 * hour_ms;

/// Fate keeps to the length of a run: a day away is long where everything takes an hour.
Time span(const Options& options, Random& random, Time least, Time most) {
    const Time end = std::clamp<Time>(options.length_ms / 3, least, most);
    return random.log_uniform(least, end);
}

}  // namespace

void Fate::carry_out(const Step& step) {
    // A tape that was cut down may name a device that is not there.
    Device& device = fleet_.device(step.who % fleet_.size());
    bool struck = false;
    switch (family_of(step.what)) {
        case family_network: struck = network(step, device); break;
        case family_time: struck = time(step, device); break;
        case family_storage: struck = disk(step, device) || server_disk(step); break;
        case family_topology: struck = topology(step, device) || server_topology(step); break;
        case family_trust: struck = trust(step, device); break;
        case family_life: struck = life(step, device); break;
        default: people(step, device); return;
    }
    if (!struck) return;
    fleet_.world.struck(name_of(step.what));
    fleet_.world.note(name_of(step.what), {static_cast<std::int64_t>(device.index())});
}

bool Fate::people(const Step& step, Device& device) {
    Random random(mixed(step.salt, 7));
    switch (step.what) {
        case What::work: fleet_.people.work(device, step.salt); break;
        case What::contradict: fleet_.people.contradict(device, step.salt); break;
        case What::differ: fleet_.people.differ(device, step.salt); break;
        case What::sync_now: device.sync_once(); break;
        case What::bundle: carry_bundle(device, random); break;
        case What::close_app:
            if (!device.is_usable()) break;
            device.stop();
            device.start_after(span(fleet_.options, random, 10 * second_ms, day_ms));
            break;
        default: {
            auto& until = fleet_.network.road(device.index()).down_until;
            until = std::max(until, fleet_.world.now() +
                                        span(fleet_.options, random, 10 * second_ms, 30 * day_ms));
        }
    }
    return true;
}

/// What the other lacks, or all there is, on a stick. Either device's disk may fail meanwhile.
void Fate::carry_bundle(Device& from, Random& random) {
    Device& to = fleet_.device(static_cast<std::size_t>(random.below(fleet_.size())));
    if (&to == &from || !from.is_usable() || fleet_.people.spaces().empty()) return;
    const auto& space = random.pick(fleet_.people.spaces());
    const auto readers = fleet_.readers(space);
    if (std::find(readers.begin(), readers.end(), &to) == readers.end() || !to.is_usable()) return;
    const auto known = to.known().find(space);
    VersionVector have;
    if (known != to.known().end() && random.chance(500)) have = known->second;
    Bytes bundle;
    const auto written = from.replica().write_bundle(space, have, bundle);
    from.touched();
    if (!written || !to.is_usable()) return;
    const auto taken = to.replica().apply_bundle(bundle);
    to.touched();
    if (!taken) return fleet_.world.tell("  bundle refused", taken.error().message);
    if (taken->changes > 0) fleet_.world.sometimes("bundle_brought_news");
}

bool Fate::network(const Step& step, Device& device) {
    Random random(mixed(step.salt, 7));
    const auto now = fleet_.world.now();
    const auto at = device.index();
    Road& road = fleet_.network.road(at);
    const auto hole = [&] { return now + span(fleet_.options, random, 5 * second_ms, 2 * hour_ms); };
    switch (step.what) {
        case What::reset: fleet_.network.reset_road(at); break;
        case What::hole_up: road.hole_until[0] = hole(); break;
        case What::hole_down: road.hole_until[1] = hole(); break;
        case What::slow:
            road.latency_ms = random.log_uniform(200, 5'000);
            road.bytes_per_second = random.log_uniform(500, 20'000);
            break;
        case What::corrupt_up: road.corrupts_next[0] = true; break;
        case What::corrupt_down: road.corrupts_next[1] = true; break;
        case What::cut_frame: road.cuts_next = true; break;
        case What::replay_up: road.replays_next = true; break;
        case What::half_open:
            // The road changes under the connection: the relay's end stays behind.
            if (device.line() == nullptr) return false;
            device.drop_line();
            break;
        case What::swizzle:
            for (std::size_t i = 0; i < fleet_.size(); ++i) {
                if (random.chance(500)) continue;
                auto& other = fleet_.network.road(i);
                other.hole_until[static_cast<std::size_t>(random.below(2))] = hole();
            }
            break;
        default: return false;
    }
    return true;
}

bool Fate::time(const Step& step, Device& device) {
    Random random(mixed(step.salt, 7));
    auto& env = device.env();
    constexpr Time year_2106 = 4'294'967'296'000;
    constexpr Time year_9999 = 253'402'300'799'000;
    switch (step.what) {
        case What::clock_jump: env.jump(random.between(-7 * day_ms, 7 * day_ms)); break;
        case What::clock_1970: env.freeze(random.between(0, 1000)); break;
        case What::clock_2106: env.freeze(year_2106 + random.between(-1000, 1000)); break;
        case What::clock_9999: env.freeze(year_9999); break;
        case What::clock_back: env.jump(-random.log_uniform(1, hour_ms)); break;
        case What::suspend:
            if (!device.is_running()) return false;
            device.suspend(span(fleet_.options, random, minute_ms, 90 * day_ms));
            break;
        default: return false;
    }
    return true;
}

bool Fate::life(const Step& step, Device& device) {
    if (!device.is_usable()) return false;
    const auto schema = sim_schema(step.salt % 2 == 0 ? SchemaVersion::next
                                                      : SchemaVersion::present);
    // A program is never put back to one that is older than its database.
    if (schema.types().size() <= device.replica().store().schema.types().size()) return false;
    device.update(schema);
    return true;
}

}  // namespace trellis::sim
