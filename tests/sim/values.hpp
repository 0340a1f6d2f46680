// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/base/json.hpp"
#include "core/record/schema.hpp"
#include "tests/sim/streams.hpp"

namespace trellis::sim {

/// The word that every text of a seed carries: where it is found in the clear outside of a
/// device, somebody read what was sealed.
std::string canary_of(std::uint64_t seed);

/// Values as people and machines give them, never narrowed to what is easy: empty and long
/// texts, every script, NUL, subnormal and huge numbers, both ends of the integers.
class Values {
public:
    Values(std::string canary, std::uint64_t salt) : canary_(std::move(canary)), random_(salt) {}

    Json text();
    Json of(const core::Field& field, const core::Schema& schema);
    Random& random() { return random_; }

private:
    std::string canary_;
    Random random_;
};

}  // namespace trellis::sim
