// SPDX-License-Identifier: Apache-2.0
#include "crypto/public/channel.hpp"

#include "crypto/primitive/aead.hpp"

namespace trellis::crypto {
namespace {

// The keys are fresh for each session and each direction, so a counter never repeats.
Nonce nonce_of(std::uint64_t count) {
    Nonce nonce{};
    for (unsigned i = 0; i < 8; ++i)
        nonce[i] = static_cast<std::uint8_t>(count >> (8U * i));
    return nonce;
}

}  // namespace

Bytes Channel::seal(ByteView message) {
    return aead_seal(send_key_, nonce_of(sent_++), {}, message);
}

Result<Bytes> Channel::open(ByteView sealed) {
    if (is_broken_) {
        return Error{Code::wrong_key, "the connection was broken off by an earlier bad message"};
    }
    auto message = aead_open(receive_key_, nonce_of(received_), {}, sealed);
    if (!message) {
        is_broken_ = true;
        return Error{Code::wrong_key, "a message was altered, lost or repeated on its way"};
    }
    ++received_;
    return message;
}

}  // namespace trellis::crypto
