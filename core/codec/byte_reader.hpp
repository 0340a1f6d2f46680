// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace trellis {

/// Reads what ByteWriter wrote out of bytes it borrows. Sticky: the first failure empties the
/// reader, later reads return zeros, and finish() tells. No length is believed before it is
/// compared with what is left, so hostile input allocates nothing.
class ByteReader {
public:
    explicit ByteReader(ByteView bytes) : rest_(bytes) {}

    std::uint8_t u8() { return static_cast<std::uint8_t>(fixed(1)); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(fixed(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(fixed(4)); }
    std::uint64_t u64() { return fixed(8); }

    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (rest_.empty()) break;
            const std::uint8_t byte = rest_[0];
            rest_ = rest_.subspan(1);
            if (shift == 63 && byte > 1) break;
            value |= std::uint64_t{byte & 0x7FU} << shift;
            if (byte < 0x80) {
                if (byte == 0 && shift > 0) break;  // not the shortest form
                return value;
            }
        }
        fail();
        return 0;
    }
    /// A varint of at most `max`; fails over it.
    std::uint64_t varint_to(std::uint64_t max) {
        const auto value = varint();
        if (value <= max) return value;
        fail();
        return 0;
    }
    /// A count of things that take at least `least` bytes each, at most `max` of them.
    std::size_t count(std::size_t max, std::size_t least = 1) {
        const auto value = varint();
        if (value <= max && value <= rest_.size() / least) return static_cast<std::size_t>(value);
        fail();
        return 0;
    }
    std::int64_t zigzag() {
        const auto bits = varint();
        return static_cast<std::int64_t>(bits >> 1U ^ (~(bits & 1U) + 1));
    }
    /// `size` bytes, borrowed; empty on failure.
    ByteView raw(std::size_t size) {
        if (size > rest_.size()) {
            fail();
            return {};
        }
        const auto view = rest_.first(size);
        rest_ = rest_.subspan(size);
        return view;
    }
    template <class IdType>
    IdType id() {
        const auto view = raw(IdType::size);
        return view.empty() ? IdType{} : IdType::from(view);
    }
    /// u32 length of at most `max`, then the bytes.
    ByteView blob(std::size_t max) {
        const std::size_t size = u32();
        if (size <= max) return raw(size);
        fail();
        return {};
    }
    /// Varint length of at most `max`, then the bytes.
    ByteView run(std::size_t max) { return raw(count(max)); }

    void fail() {
        failed_ = true;
        rest_ = {};
    }
    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] std::size_t left() const { return rest_.size(); }
    [[nodiscard]] ByteView rest() const { return rest_; }

    /// `corrupt`, naming `what`, unless every read succeeded and every byte was used.
    [[nodiscard]] Result<void> finish(std::string_view what) const {
        if (!failed_ && rest_.empty()) return {};
        return Error{Code::corrupt, std::string(what) + (failed_ ? " is cut short or malformed"
                                                                 : " has bytes after its end")};
    }

private:
    std::uint64_t fixed(unsigned width) {
        const auto view = raw(width);
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < view.size(); ++i) value |= std::uint64_t{view[i]} << (8U * i);
        return value;
    }

    ByteView rest_;
    bool failed_ = false;
};

}  // namespace trellis
