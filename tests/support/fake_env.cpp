// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_env.hpp"

#include <algorithm>

namespace trellis::test {

void FakeEnv::random(std::span<std::uint8_t> out) {
    if (is_random_broken_) {
        std::fill(out.begin(), out.end(), std::uint8_t{0});
        return;
    }
    // SplitMix64: the same bytes for the same seed on every machine.
    std::size_t at = 0;
    while (at < out.size()) {
        random_state_ += 0x9E3779B97F4A7C15U;
        auto word = random_state_;
        word = (word ^ (word >> 30U)) * 0xBF58476D1CE4E5B9U;
        word = (word ^ (word >> 27U)) * 0x94D049BB133111EBU;
        word ^= word >> 31U;
        for (unsigned i = 0; i < 8 && at < out.size(); ++i, ++at) {
            out[at] = static_cast<std::uint8_t>(word >> (8U * i));
        }
    }
}

void FakeEnv::log(std::string_view event, std::string_view detail) {
    events_.push_back({std::string(event), std::string(detail)});
}

}  // namespace trellis::test
