// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <initializer_list>
#include <string_view>

#include "core/base/stamp.hpp"
#include "crypto/primitive/hash.hpp"

namespace trellis::sim {

/// Everything that happens, as one hash: two runs are the same run exactly where these agree.
class Trace {
public:
    /// `to`: also one readable line an event, for people; null: none.
    explicit Trace(std::FILE* to = nullptr) : to_(to) {}

    /// `what` happened at `now`, with these numbers.
    void note(Time now, std::string_view what, std::initializer_list<std::int64_t> numbers,
              ByteView bytes = {});
    /// The same, with a remark for people that is not part of the hash.
    void tell(Time now, std::string_view what, std::string_view remark);

    [[nodiscard]] std::uint64_t events() const { return events_; }
    /// Once, at the end.
    Digest finish() { return hasher_.finish(); }

private:
    crypto::Hasher hasher_{crypto::Label::state};
    std::uint64_t events_ = 0;
    std::FILE* to_;
};

}  // namespace trellis::sim
