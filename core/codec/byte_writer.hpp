// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"

namespace trellis {

/// Appends numbers and bytes to a buffer it owns. Fixed widths are little-endian; varints are
/// LEB128, shortest form only; `zigzag` folds signed numbers into them.
class ByteWriter {
public:
    void u8(std::uint8_t value) { bytes_.push_back(value); }
    void u16(std::uint16_t value) { fixed(value, 2); }
    void u32(std::uint32_t value) { fixed(value, 4); }
    void u64(std::uint64_t value) { fixed(value, 8); }
    void varint(std::uint64_t value) {
        while (value >= 0x80) {
            bytes_.push_back(static_cast<std::uint8_t>(value | 0x80U));
            value >>= 7U;
        }
        bytes_.push_back(static_cast<std::uint8_t>(value));
    }
    void zigzag(std::int64_t value) {
        const auto bits = static_cast<std::uint64_t>(value);
        varint(bits << 1U ^ (value < 0 ? ~std::uint64_t{0} : 0));
    }
    void raw(ByteView view) { append(bytes_, view); }
    /// u32 length, then the bytes.
    void blob(ByteView view) {
        u32(static_cast<std::uint32_t>(view.size()));
        raw(view);
    }
    /// Varint length, then the bytes.
    void run(ByteView view) {
        varint(view.size());
        raw(view);
    }

    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] ByteView view() const { return bytes_; }
    Bytes take() { return std::move(bytes_); }
    void reserve(std::size_t size) { bytes_.reserve(size); }

private:
    void fixed(std::uint64_t value, unsigned width) {
        for (unsigned i = 0; i < width; ++i) {
            bytes_.push_back(static_cast<std::uint8_t>(value >> (8U * i)));
        }
    }
    Bytes bytes_;
};

}  // namespace trellis
