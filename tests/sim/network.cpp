// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/network.hpp"

#include <algorithm>
#include <utility>

namespace trellis::sim {
namespace {

std::size_t index_of(End end) { return static_cast<std::size_t>(end); }

/// A kernel gives a connection up that has not moved for so long.
constexpr Time patience_ms = 15 * 60'000;
constexpr std::size_t recorded_max = 16;
constexpr Time dial_timeout_ms = 10'000;

}  // namespace

Network::Network(World& world, std::size_t roads, std::string canary)
    : world_(world), roads_(roads), canary_(std::move(canary)) {}

// Opening and closing --------------------------------------------------------------------------

WireId Network::dial(std::size_t road, Ends ends) {
    const WireId id = ++last_;
    Wire wire;
    wire.road = road;
    wire.ends = std::move(ends);
    wires_.emplace(id, std::move(wire));
    const Road& way = roads_[road].road;
    const bool is_cut = way.down_until > world_.now() || way.hole_until[0] > world_.now() ||
                        way.hole_until[1] > world_.now();
    world_.after(is_cut ? dial_timeout_ms : 3 * way.latency_ms, [this, id, is_cut] {
        const auto found = wires_.find(id);
        if (found == wires_.end()) return;
        if (is_cut || !server_.listens()) {
            auto gone = std::move(found->second.ends.device_lost);
            wires_.erase(found);
            if (gone) gone();
            return;
        }
        found->second.is_open = {true, true};
        world_.note("open", {static_cast<std::int64_t>(id),
                             static_cast<std::int64_t>(found->second.road)});
        server_.accepted(id);
        const auto still = wires_.find(id);
        if (still != wires_.end() && still->second.ends.opened) still->second.ends.opened();
    });
    return id;
}

void Network::close(WireId id, End from) {
    const auto found = wires_.find(id);
    if (found == wires_.end()) return;
    Wire& wire = found->second;
    if (!wire.is_open[0] && !wire.is_open[1]) {  // was still being dialled
        wires_.erase(found);
        return;
    }
    if (!std::exchange(wire.is_open[index_of(from)], false)) return;
    const Time when = arrival(wire, from, 0);
    world_.at(when, [this, id, from] { lost(id, other(from)); });
}

void Network::vanish(WireId id, End from) {
    const auto found = wires_.find(id);
    if (found == wires_.end()) return;
    found->second.is_open[index_of(from)] = false;
    if (!found->second.is_open[index_of(other(from))]) wires_.erase(found);
}

void Network::reset(WireId id) {
    lost(id, End::device);
    lost(id, End::server);
}

void Network::reset_road(std::size_t road) {
    std::vector<WireId> ids;
    for (const auto& [id, wire] : wires_) {
        if (wire.road == road && (wire.is_open[0] || wire.is_open[1])) ids.push_back(id);
    }
    for (const auto id : ids) reset(id);
}

void Network::drop_server(bool says_so) {
    std::vector<WireId> ids;
    for (const auto& [id, wire] : wires_) {
        if (wire.is_open[index_of(End::server)]) ids.push_back(id);
    }
    for (const auto id : ids) {
        if (says_so) {
            close(id, End::server);
        } else {
            vanish(id, End::server);
        }
    }
}

/// One end learns that it is over.
void Network::lost(WireId id, End at) {
    const auto found = wires_.find(id);
    if (found == wires_.end()) return;
    Wire& wire = found->second;
    if (!std::exchange(wire.is_open[index_of(at)], false)) {
        if (!wire.is_open[index_of(other(at))]) wires_.erase(found);
        return;
    }
    world_.note("lost", {static_cast<std::int64_t>(id), static_cast<std::int64_t>(at)});
    auto gone = at == End::device ? std::move(wire.ends.device_lost) : nullptr;
    if (!wire.is_open[0] && !wire.is_open[1]) wires_.erase(found);
    if (gone) gone();
    if (at == End::server) server_.lost(id);
}

// Frames ---------------------------------------------------------------------------------------

/// When something sent now is there: after what was sent before, and not through a hole.
Time Network::arrival(Wire& wire, End from, std::size_t size) {
    const Road& way = roads_[wire.road].road;
    const std::int64_t jitter = world_.random.network.between(0, way.latency_ms);
    const auto transfer =
        static_cast<std::int64_t>(size) * 1000 / std::max<std::int64_t>(way.bytes_per_second, 1);
    const Time free_at = std::max({world_.now(), way.down_until, way.hole_until[index_of(from)]});
    auto& last = wire.last_arrival[index_of(from)];
    last = std::max(last + transfer, free_at + way.latency_ms / 2 + jitter + transfer);
    return last;
}

void Network::send(WireId id, End from, Bytes frame) {
    const auto found = wires_.find(id);
    if (found == wires_.end() || !found->second.is_open[index_of(from)]) return;
    RoadState& state = roads_[found->second.road];
    if (from == End::device) ++state.sent;
    const auto text = as_text(frame);
    if (!canary_.empty() && text.find(canary_) != std::string_view::npos) {
        return world_.fail("C12", "a word of a record crosses the wire in the clear");
    }
    if (std::exchange(state.road.cuts_next, false)) {
        world_.struck("cut_mid_frame");
        return world_.after(0, [this, id] { reset(id); });
    }
    if (world_.random.network.below(1'000'000) <
        static_cast<std::uint64_t>(state.road.resets_per_million)) {
        world_.struck("reset_at_frame");
        return world_.after(0, [this, id] { reset(id); });
    }
    spoil(state, from, frame);
    const auto& old = state.recorded[index_of(from)];
    if (state.road.replays_next && !old.empty()) {
        state.road.replays_next = false;
        world_.struck("replay");
        carry(id, from, old.front());
    }
    record(state, from, frame);
    carry(id, from, std::move(frame));
}

void Network::spoil(RoadState& state, End from, Bytes& frame) {
    if (frame.empty() || !std::exchange(state.road.corrupts_next[index_of(from)], false)) return;
    const auto at = static_cast<std::size_t>(world_.random.network.below(frame.size()));
    frame[at] ^= static_cast<std::uint8_t>(1U << world_.random.network.below(8));
    world_.struck("corrupt_byte");
}

void Network::record(RoadState& state, End from, const Bytes& frame) {
    auto& list = state.recorded[index_of(from)];
    list.push_back(frame);
    if (list.size() > recorded_max) list.pop_front();
}

void Network::carry(WireId id, End from, Bytes frame) {
    Wire& wire = wires_.at(id);
    const Time when = arrival(wire, from, frame.size());
    if (when > world_.now() + patience_ms) {
        // The kernel's patience ends first.
        world_.at(world_.now() + patience_ms, [this, id] { reset(id); });
        return;
    }
    wire.under_way[index_of(from)].push_back(std::move(frame));
    world_.at(when, [this, id, from] { deliver(id, from); });
}

/// The oldest frame: two that arrive in the same moment arrive in order.
void Network::deliver(WireId id, End from) {
    const auto found = wires_.find(id);
    if (found == wires_.end()) return;
    Wire& wire = found->second;
    auto& queue = wire.under_way[index_of(from)];
    const Bytes frame = std::move(queue.front());
    queue.pop_front();
    if (!wire.is_open[index_of(other(from))]) {
        // Nobody is there any more: the kernel over there says so.
        const Time back = world_.now() + roads_[wire.road].road.latency_ms;
        world_.at(back, [this, id, from] { lost(id, from); });
        return;
    }
    ++frames_;
    bytes_ += frame.size();
    world_.note(from == End::device ? "up" : "down",
                {static_cast<std::int64_t>(id), static_cast<std::int64_t>(wire.road)}, frame);
    if (from == End::device) {
        server_.hears(id, frame);
        return;
    }
    const std::size_t size = frame.size();
    if (wire.ends.device_hears) wire.ends.device_hears(frame);
    server_.written(id, size);
}

}  // namespace trellis::sim
