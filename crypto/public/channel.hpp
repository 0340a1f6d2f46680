// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "crypto/primitive/secret_bytes.hpp"

namespace trellis::crypto {

inline constexpr std::size_t channel_overhead = 16;

/// Two one-way streams of sealed messages between the ends of a handshake. Order is strict: a
/// message that is lost, repeated, swapped, cut short or reflected opens nothing, and after the
/// first failure nothing more opens. That the stream ended is for the messages to say.
class Channel {
public:
    Channel(Key send_key, Key receive_key)
        : send_key_(std::move(send_key)), receive_key_(std::move(receive_key)) {}

    Bytes seal(ByteView message);
    /// `wrong_key` for anything but the next message of the other end.
    Result<Bytes> open(ByteView sealed);

private:
    Key send_key_;
    Key receive_key_;
    std::uint64_t sent_ = 0;
    std::uint64_t received_ = 0;
    bool is_broken_ = false;
};

}  // namespace trellis::crypto
