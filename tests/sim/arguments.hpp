// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "tests/sim/options.hpp"

namespace trellis::sim {

/// What trellis-sim was asked.
struct Arguments {
    std::uint64_t first = 1;
    std::uint64_t last = 1;
    std::uint32_t families = families_all;
    std::uint64_t fresh = 0;      ///< so many seeds from where the clock says
    std::int64_t minutes = 0;     ///< of processor time; 0: until the last seed
    std::string tape;             ///< a file with a plan
    std::string save;             ///< where the tape of a failure goes
    std::string ledger;           ///< a file to append a line to
    std::string page;             ///< a ledger to make a page of
    std::string command;          ///< all of them, as they were given
    std::string known;            ///< a file of seeds and their hashes to compare with
    bool canary = false;
    bool twice = false;           ///< every seed twice; the hashes must agree
    bool tell = false;            ///< every event, for people
    bool hashes = false;          ///< one line a seed: seed and hash
    bool shrinks = true;
    bool needs_all = false;       ///< fails where an interesting state was never reached
    bool help = false;
};

extern const char* const usage;

/// `invalid` with a sentence that names the argument.
Result<Arguments> parse_arguments(int count, char** values);

}  // namespace trellis::sim
