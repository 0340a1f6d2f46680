// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/limits.hpp"
#include "sync/wire/frame.hpp"

#include <cstdint>

/// What the two halves of the codec share.
namespace trellis::sync::layout {

inline constexpr std::uint8_t who_named = 0;
inline constexpr std::uint8_t who_own = 1;

inline constexpr std::uint8_t deliver_repair = 1;
inline constexpr std::uint8_t deliver_last = 2;
inline constexpr std::uint8_t deliver_head = 4;  ///< a head follows
inline constexpr std::uint8_t deliver_to = 8;    ///< `to` follows: it is not from + envelopes
inline constexpr std::uint8_t deliver_flags = 15;

inline constexpr std::size_t envelope_max = crypto::envelope_overhead + limits::envelope_sealed_max;

inline constexpr std::size_t submission_max = limits::submission_max + limits::submission_overhead;
inline constexpr std::size_t submission_item_size = 8 + 8 + 4;  ///< before its bytes

inline std::size_t count_envelopes(const std::vector<crypto::EnvelopeRun>& runs) {
    std::size_t count = 0;
    for (const auto& run : runs)
        count += run.envelopes.size();
    return count;
}

}  // namespace trellis::sync::layout
