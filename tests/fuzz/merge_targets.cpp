// SPDX-License-Identifier: Apache-2.0
// Merging, by lists of actions on three replicas: the fuzzer writes the history, and both
// oracles of tests/laws judge it after every arrival.
#include <array>

#include "tests/fuzz/script.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/laws/ops.hpp"
#include "tests/laws/walk.hpp"

namespace trellis::test {
namespace {

using namespace laws;

constexpr std::size_t replicas = 3;
constexpr std::size_t length_max = 16;

/// Six bytes an event: who, whom it has heard, what, where, of what, when.
struct Tale {
    History history;
    std::vector<Act> acts;
    std::vector<Stamp> stamps;

    explicit Tale(Tape& tape) {
        std::array<EventSet, replicas> known;
        std::array<std::size_t, replicas> numbers{};
        while (!tape.is_empty() && history.size() < length_max) {
            const auto who = tape.u8() % replicas;
            const auto heard = tape.u8();
            for (std::size_t other = 0; other < replicas; ++other) {
                if ((heard >> other) % 2 == 1) known[who] |= known[other];
            }
            acts.push_back(act(tape));
            const auto time = tape.u8();
            stamps.push_back({time / 4, static_cast<ClockQuality>(time % 4)});
            const auto event = history.size();
            history.push_back({who, ++numbers[who], known[who]});
            known[who].set(event);
        }
    }

private:
    static Act act(Tape& tape) {
        const auto verb = static_cast<Verb>(tape.u8() % 13);
        const auto place = tape.u8();
        const auto what = tape.u8();
        Deed deed{verb, static_cast<core::FieldId>(1 + place % 3), what % 5,
                  static_cast<Names>(place / 3 % 3)};
        if (verb >= Verb::erase) deed.field = 0;
        Act act{deed};
        // Another edit in the same write, of a later field.
        if (verb <= Verb::increment && what >= 128) {
            act.push_back({static_cast<Verb>(what % 4), static_cast<core::FieldId>(4 + what % 2),
                           what / 8 % 5, deed.names});
        }
        return act;
    }
};

void merge(ByteView bytes) {
    Tape tape(bytes);
    std::mt19937_64 random(tape.u8());
    const Tale tale(tape);
    Story story{&tale.history, {}, tale.stamps};
    for (const auto& act : tale.acts) story.acts.push_back(&act);
    Spec spec(story);
    std::vector<core::Op> ops;
    for (std::size_t e = 0; e < story.size(); ++e) {
        spec.note(e);
        ops.push_back(op_of(spec, e));
    }
    std::optional<Held> first;
    for (int orders = 0; orders < 2; ++orders) {
        Held held;
        EventSet seen;
        for (const auto e : random_order(random, tale.history)) {
            held.apply(story.dot(e), story.stamps[e], ops[e]);
            seen.set(e);
            TRELLIS_CHECK(!difference(spec, seen, held).has_value());
        }
        if (first) TRELLIS_CHECK(*first == held);
        first = held;
    }
}

std::vector<Bytes> merge_seeds() {
    std::vector<Bytes> seeds;
    for (std::uint8_t seed = 0; seed < 16; ++seed) {
        std::mt19937_64 random(seed);
        Bytes bytes{seed};
        for (int i = 0; i < (seed + 1) * 12; ++i) bytes.push_back(random() & 0xFF);
        seeds.push_back(std::move(bytes));
    }
    return seeds;
}

}  // namespace

std::vector<FuzzTarget> merge_targets() { return {{"merge", &merge, &merge_seeds}}; }

}  // namespace trellis::test
