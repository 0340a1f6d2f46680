// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/id.hpp"

namespace trellis {

/// Counts one actor's ops from 1, without gaps. At most limits::counter_max.
using Counter = std::uint64_t;

/// The name of one op. A change is named by the dot of its first op.
struct Dot {
    ActorId actor;
    Counter counter = 0;

    bool operator==(const Dot&) const = default;
    bool operator<(const Dot& other) const {
        if (actor != other.actor) return actor < other.actor;
        return counter < other.counter;
    }
};

/// "<actor in hex>:<counter>".
std::string to_string(const Dot& dot);
std::optional<Dot> parse_dot(std::string_view text);

}  // namespace trellis
