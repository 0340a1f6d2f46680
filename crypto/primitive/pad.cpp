// SPDX-License-Identifier: Apache-2.0
#include "crypto/primitive/pad.hpp"

#include "core/base/limits.hpp"

#include <bit>

namespace trellis::crypto {
namespace {

constexpr std::uint8_t end_mark = 0x80;

}  // namespace

std::size_t padded_size(std::size_t size) {
    if (size <= limits::pad_floor) return limits::pad_floor;
    const auto exponent = static_cast<unsigned>(std::bit_width(size)) - 1;
    const auto kept_bits = static_cast<unsigned>(std::bit_width(exponent));
    const auto mask = (std::size_t{1} << (exponent - kept_bits)) - 1;
    return (size + mask) & ~mask;
}

Bytes pad(ByteView bytes) {
    Bytes padded;
    padded.reserve(padded_size(bytes.size() + 1));
    append(padded, bytes);
    padded.push_back(end_mark);
    padded.resize(padded_size(bytes.size() + 1), 0);
    return padded;
}

Result<ByteView> unpad(ByteView padded) {
    auto size = padded.size();
    while (size > 0 && padded[size - 1] == 0)
        --size;
    const bool is_marked = size > 0 && padded[size - 1] == end_mark;
    // One content has one padded form, so that nothing can hide in the rest.
    if (!is_marked || padded_size(size) != padded.size()) {
        return Error{Code::corrupt, "padding is malformed"};
    }
    return padded.first(size - 1);
}

}  // namespace trellis::crypto
