// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace trellis::laws {

/// A set of events of one history, by their places in it.
inline constexpr std::size_t events_max = 256;
using EventSet = std::bitset<events_max>;

/// One op as causality sees it: where it happened, and all that had happened before it.
struct Event {
    std::size_t replica = 0;
    std::size_t number = 0;  ///< among its replica's events, from 1
    EventSet past;
};

/// Events in an order that respects happens-before.
using History = std::vector<Event>;

/// Every history of so many events on so many replicas, each once.
std::vector<History> all_histories(std::size_t events, std::size_t replicas);

/// The same with one history for all that differ only in the names of the replicas.
std::vector<History> histories_up_to_renaming(std::size_t events, std::size_t replicas);

/// One causally closed set, and the ways into it: the event that arrives last, and the place
/// of the set without it.
struct ClosedSet {
    EventSet events;
    struct Edge {
        std::size_t last = 0;
        std::size_t without = 0;
    };
    std::vector<Edge> edges;
};

/// All causally closed sets, smaller ones first; the empty set at place 0, the whole last.
std::vector<ClosedSet> closed_sets(const History& history);

/// The number of orders in which one replica may receive the whole.
std::uint64_t delivery_orders(const std::vector<ClosedSet>& sets);

/// Replicas that edit and hear from each other at random.
History random_history(std::mt19937_64& random, std::size_t events, std::size_t replicas);

/// One delivery order of the whole, at random.
std::vector<std::size_t> random_order(std::mt19937_64& random, const History& history);

}  // namespace trellis::laws
