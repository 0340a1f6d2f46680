// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/base/stamp.hpp"
#include "core/record/op.hpp"

namespace trellis::core {

/// One value of a register that nobody who saw it has replaced.
struct Head {
    Dot dot;
    Stamp stamp;
    Value value;
    bool operator==(const Head&) const = default;
};

/// The live values of a register, ascending by dot. Empty: never written.
struct Register {
    std::vector<Head> heads;
    bool operator==(const Register&) const = default;

    /// Replaces exactly the heads that the write names by its own.
    void apply(const Dot& dot, const Stamp& stamp, const Assign& assign);
};

}  // namespace trellis::core
