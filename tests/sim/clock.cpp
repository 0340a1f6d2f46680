// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/clock.hpp"

#include <algorithm>

namespace trellis::sim {

void SimEnv::random(std::span<std::uint8_t> out) {
    if (is_random_broken_) {
        std::fill(out.begin(), out.end(), std::uint8_t{0});
        return;
    }
    for (std::size_t at = 0; at < out.size();) {
        auto word = random_.next();
        for (unsigned i = 0; i < 8 && at < out.size(); ++i, ++at, word >>= 8U) {
            out[at] = static_cast<std::uint8_t>(word);
        }
    }
}

void SimEnv::log(std::string_view event, std::string_view detail) {
    ++logged_[std::string(event)];
    if (!world_.word.empty() && detail.find(world_.word) != std::string_view::npos) {
        world_.fail("C12", "a word of a record is logged with " + std::string(event));
    }
    world_.note("log", {}, as_bytes(event));
    world_.tell("  log", std::string(event) + " " + std::string(detail));
}

}  // namespace trellis::sim
