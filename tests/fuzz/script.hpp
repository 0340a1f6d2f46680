// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"

namespace trellis::test {

/// Bytes taken one after the other; zeros after the end, so that every input means something.
class Tape {
public:
    explicit Tape(ByteView bytes) : left_(bytes) {}
    [[nodiscard]] bool is_empty() const { return left_.empty(); }
    std::uint8_t u8() {
        if (left_.empty()) return 0;
        const auto byte = left_.front();
        left_ = left_.subspan(1);
        return byte;
    }
    std::uint16_t u16() {
        const auto low = u8();
        return static_cast<std::uint16_t>(low | u8() << 8U);
    }
    std::uint32_t u32() {
        const auto low = u16();
        return low | static_cast<std::uint32_t>(u16()) << 16U;
    }
    ByteView take(std::size_t size) {
        const auto taken = left_.first(std::min(size, left_.size()));
        left_ = left_.subspan(taken.size());
        return taken;
    }
    ByteView rest() { return take(left_.size()); }

private:
    ByteView left_;
};

/// An input that is a list of steps: each u16 length and so many bytes, or as many as there
/// are. A fuzzer can then repeat, drop, swap and exchange whole steps.
std::vector<Bytes> steps_of(ByteView script);
Bytes script_of(const std::vector<Bytes>& steps);

/// Changes which steps there are, and in what order. Requires: there is one.
void shuffle_steps(std::vector<Bytes>& steps, unsigned random);

/// One step: what to do, numbers, and bytes.
Bytes step(std::uint8_t what, const std::vector<std::uint8_t>& numbers = {}, ByteView rest = {});

}  // namespace trellis::test
