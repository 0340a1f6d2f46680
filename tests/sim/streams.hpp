// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace trellis::sim {

/// SplitMix64: spreads a seed, and makes an independent one out of two numbers.
constexpr std::uint64_t spread(std::uint64_t word) {
    word += 0x9E3779B97F4A7C15U;
    word = (word ^ (word >> 30U)) * 0xBF58476D1CE4E5B9U;
    word = (word ^ (word >> 27U)) * 0x94D049BB133111EBU;
    return word ^ (word >> 31U);
}
constexpr std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
    return spread(spread(a) ^ (b * 0xD1342543DE82EF95U));
}

/// xoshiro256**. Integers only, so that every machine draws the same.
class Random {
public:
    explicit Random(std::uint64_t seed) {
        for (auto& word : state_) word = seed = spread(seed);
    }

    std::uint64_t next() {
        const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
        const std::uint64_t shifted = state_[1] << 17U;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }

    /// 0 … n - 1. Requires: n > 0. The remainder favours small numbers by less than one in 2^32
    /// for the n of a simulation.
    std::uint64_t below(std::uint64_t n) { return next() % n; }
    /// Both ends included.
    std::int64_t between(std::int64_t least, std::int64_t most) {
        return least + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least) + 1));
    }
    bool chance(std::uint64_t permille) { return below(1000) < permille; }

    /// Every power of two between the two is as likely as the next. Requires: 1 <= least <= most.
    std::int64_t log_uniform(std::int64_t least, std::int64_t most) {
        const auto low_bits = std::bit_width(static_cast<std::uint64_t>(least));
        const auto high_bits = std::bit_width(static_cast<std::uint64_t>(most));
        const auto bits = static_cast<unsigned>(between(low_bits, high_bits));
        std::int64_t low = std::int64_t{1} << (bits - 1);
        std::int64_t high = 2 * low - 1;
        if (low < least) low = least;
        if (high > most) high = most;
        return between(low, high);
    }

    /// A place in a list of `size`, near its end more often than near its start: the place that
    /// is k-th from the end has the weight 1 / k. Requires: size > 0.
    std::size_t recent(std::size_t size) {
        // The harmonic law by halves: each half-open power of two weighs about the same.
        const auto back = log_uniform(1, static_cast<std::int64_t>(size));
        return size - static_cast<std::size_t>(back);
    }

    template <class List>
    const auto& pick(const List& list) {
        return list[static_cast<std::size_t>(below(list.size()))];
    }

private:
    std::uint64_t state_[4] = {};
};

/// One stream a concern, so that leaving out what one of them decides does not reshuffle what
/// the others do.
struct Streams {
    explicit Streams(std::uint64_t seed)
        : network(mixed(seed, 1)), clock(mixed(seed, 3)), server(mixed(seed, 4)),
          order(mixed(seed, 5)), checks(mixed(seed, 6)) {}

    Random network;
    Random clock;
    Random server;
    Random order;   ///< of events at the same time
    Random checks;  ///< when to look closer
};

}  // namespace trellis::sim
