// SPDX-License-Identifier: Apache-2.0
#include "tests/laws/history.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <tuple>

namespace trellis::laws {
namespace {

/// How many events of each replica are known.
using Known = std::vector<std::size_t>;
/// For each replica, for each of its events, what was known before it: a history without an
/// order of writing it down, so that equal histories are equal values.
using Shape = std::vector<std::vector<Known>>;

bool is_closed(const Shape& shape, const Known& known) {
    for (std::size_t replica = 0; replica < shape.size(); ++replica) {
        if (known[replica] == 0) continue;
        const auto& needed = shape[replica][known[replica] - 1];
        for (std::size_t other = 0; other < needed.size(); ++other) {
            if (needed[other] > known[other]) return false;
        }
    }
    return true;
}

/// Calls `use` with every causally closed knowledge that holds all of `replica`'s events.
template <class Use>
void for_each_knowledge(const Shape& shape, std::size_t replica, const Use& use) {
    Known known(shape.size(), 0);
    known[replica] = shape[replica].size();
    while (true) {
        if (is_closed(shape, known)) use(known);
        std::size_t other = 0;
        for (; other < shape.size(); ++other) {
            if (other == replica) continue;
            if (known[other] < shape[other].size()) {
                ++known[other];
                break;
            }
            known[other] = 0;
        }
        if (other == shape.size()) return;
    }
}

std::set<Shape> all_shapes(std::size_t events, std::size_t replicas) {
    std::set<Shape> shapes{Shape(replicas)};
    for (std::size_t step = 0; step < events; ++step) {
        std::set<Shape> longer;
        for (const auto& shape : shapes) {
            for (std::size_t replica = 0; replica < replicas; ++replica) {
                for_each_knowledge(shape, replica, [&](const Known& known) {
                    auto next = shape;
                    next[replica].push_back(known);
                    longer.insert(std::move(next));
                });
            }
        }
        shapes = std::move(longer);
    }
    return shapes;
}

Shape renamed(const Shape& shape, const std::vector<std::size_t>& names) {
    Shape other(shape.size());
    for (std::size_t replica = 0; replica < shape.size(); ++replica) {
        for (const auto& known : shape[replica]) {
            Known moved(known.size());
            for (std::size_t i = 0; i < known.size(); ++i) moved[names[i]] = known[i];
            other[names[replica]].push_back(std::move(moved));
        }
    }
    return other;
}

bool is_smallest_of_its_names(const Shape& shape) {
    std::vector<std::size_t> names(shape.size());
    std::iota(names.begin(), names.end(), std::size_t{0});
    do {
        if (renamed(shape, names) < shape) return false;
    } while (std::next_permutation(names.begin(), names.end()));
    return true;
}

History written_down(const Shape& shape) {
    struct Line {
        std::size_t total = 0;  // grows along happens-before, so it orders the lines
        std::size_t replica = 0;
        std::size_t number = 0;
        Known known;
    };
    std::vector<Line> lines;
    for (std::size_t replica = 0; replica < shape.size(); ++replica) {
        for (std::size_t i = 0; i < shape[replica].size(); ++i) {
            const auto& known = shape[replica][i];
            const auto total = std::accumulate(known.begin(), known.end(), std::size_t{0});
            lines.push_back({total, replica, i + 1, known});
        }
    }
    std::sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
        return std::tie(a.total, a.replica, a.number) < std::tie(b.total, b.replica, b.number);
    });
    History history;
    for (const auto& line : lines) {
        Event event{line.replica, line.number, {}};
        for (std::size_t i = 0; i < history.size(); ++i) {
            if (history[i].number <= line.known[history[i].replica]) event.past.set(i);
        }
        history.push_back(event);
    }
    return history;
}

}  // namespace

std::vector<History> all_histories(std::size_t events, std::size_t replicas) {
    std::vector<History> histories;
    for (const auto& shape : all_shapes(events, replicas)) {
        histories.push_back(written_down(shape));
    }
    return histories;
}

std::vector<History> histories_up_to_renaming(std::size_t events, std::size_t replicas) {
    std::vector<History> histories;
    for (const auto& shape : all_shapes(events, replicas)) {
        if (is_smallest_of_its_names(shape)) histories.push_back(written_down(shape));
    }
    return histories;
}

std::vector<ClosedSet> closed_sets(const History& history) {
    std::vector<ClosedSet> sets;
    std::vector<std::size_t> place_of(std::size_t{1} << history.size());
    // A set comes after its subsets, for its number is greater.
    for (std::uint64_t number = 0; number < place_of.size(); ++number) {
        const EventSet events(number);
        ClosedSet set{events, {}};
        EventSet needed;
        for (std::size_t e = 0; e < history.size(); ++e) {
            if (events[e]) needed |= history[e].past;
        }
        if ((needed & ~events).any()) continue;
        for (std::size_t e = 0; e < history.size(); ++e) {
            if (!events[e] || needed[e]) continue;
            const auto without = number & ~(std::uint64_t{1} << e);
            set.edges.push_back({e, place_of[static_cast<std::size_t>(without)]});
        }
        place_of[static_cast<std::size_t>(number)] = sets.size();
        sets.push_back(std::move(set));
    }
    return sets;
}

std::uint64_t delivery_orders(const std::vector<ClosedSet>& sets) {
    std::vector<std::uint64_t> orders(sets.size(), 0);
    orders[0] = 1;
    for (std::size_t place = 1; place < sets.size(); ++place) {
        for (const auto& edge : sets[place].edges) orders[place] += orders[edge.without];
    }
    return orders.back();
}

History random_history(std::mt19937_64& random, std::size_t events, std::size_t replicas) {
    History history;
    std::vector<EventSet> known(replicas);
    std::vector<std::size_t> numbers(replicas, 0);
    // From nearly always connected to nearly never.
    const auto silence = 1 + random() % 8;
    const auto any_replica = [&] { return static_cast<std::size_t>(random() % replicas); };
    while (history.size() < events) {
        const auto replica = any_replica();
        if (random() % silence == 0) known[replica] |= known[any_replica()];
        const auto event = history.size();
        history.push_back({replica, ++numbers[replica], known[replica]});
        known[replica].set(event);
    }
    return history;
}

std::vector<std::size_t> random_order(std::mt19937_64& random, const History& history) {
    std::vector<std::size_t> order;
    EventSet taken;
    while (order.size() < history.size()) {
        std::vector<std::size_t> ready;
        for (std::size_t e = 0; e < history.size(); ++e) {
            if (!taken[e] && (history[e].past & ~taken).none()) ready.push_back(e);
        }
        const auto next = ready[random() % ready.size()];
        taken.set(next);
        order.push_back(next);
    }
    return order;
}

}  // namespace trellis::laws
