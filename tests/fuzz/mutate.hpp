// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "core/base/bytes.hpp"
#include "tests/fuzz/script.hpp"

namespace trellis::test {

/// Bytes that are nearly right, always the same ones.
class Mutator {
public:
    explicit Mutator(std::vector<Bytes> seeds) : seeds_(std::move(seeds)) {}

    Bytes next() {
        Bytes bytes = seeds_[draw(seeds_.size())];
        const auto times = 1 + draw(4);
        for (std::size_t i = 0; i < times; ++i) change(bytes);
        return bytes;
    }

    /// Of seeds that are scripts: other steps, in another order, and changes within a step.
    Bytes next_script() {
        auto steps = steps_of(seeds_[draw(seeds_.size())]);
        const auto times = 1 + draw(4);
        for (std::size_t i = 0; i < times && !steps.empty(); ++i) {
            if (draw(2) == 0) {
                shuffle_steps(steps, static_cast<unsigned>(draw(1U << 20U)));
            } else {
                change(steps[draw(steps.size())]);
            }
        }
        return script_of(steps);
    }

private:
    std::size_t draw(std::size_t below) {
        state_ ^= state_ << 13U;
        state_ ^= state_ >> 7U;
        state_ ^= state_ << 17U;
        return below == 0 ? 0 : static_cast<std::size_t>(state_ % below);
    }

    void change(Bytes& bytes) {
        const auto at = static_cast<std::ptrdiff_t>(draw(bytes.size() + 1));
        const auto size = static_cast<std::ptrdiff_t>(
            draw(std::min<std::size_t>(bytes.size() - static_cast<std::size_t>(at), 32) + 1));
        const bool is_inside = static_cast<std::size_t>(at) < bytes.size();
        switch (draw(8)) {
            case 0:
                if (is_inside) bytes[at] ^= static_cast<std::uint8_t>(1U << draw(8));
                break;
            case 1:
                if (is_inside) bytes[at] = edges[draw(edges.size())];
                break;
            case 2: bytes.resize(static_cast<std::size_t>(at)); break;
            case 3: bytes.erase(bytes.begin() + at, bytes.begin() + at + size); break;
            case 4: {
                const Bytes copy(bytes.begin() + at, bytes.begin() + at + size);
                bytes.insert(bytes.begin() + at, copy.begin(), copy.end());
                break;
            }
            case 5: bytes.insert(bytes.begin() + at, edges[draw(edges.size())]); break;
            case 6: {
                // The end of another seed.
                const auto& other = seeds_[draw(seeds_.size())];
                const auto from = std::min<std::size_t>(static_cast<std::size_t>(at), other.size());
                bytes.resize(static_cast<std::size_t>(at));
                append(bytes, ByteView(other).subspan(from));
                break;
            }
            default:
                for (std::ptrdiff_t i = at; i < at + std::min<std::ptrdiff_t>(size, 8); ++i) {
                    bytes[i] = edges[draw(2)];
                }
        }
    }

    static constexpr std::array<std::uint8_t, 12> edges = {0xFF, 0x00, 0x01, 0x7F, 0x80, 0x81,
                                                           0xFE, 0x20, '"',  '{',  '-',  '\n'};
    std::vector<Bytes> seeds_;
    std::uint64_t state_ = 0x9E3779B97F4A7C15;
};

}  // namespace trellis::test
