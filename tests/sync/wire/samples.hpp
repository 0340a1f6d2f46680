// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sync/wire/message.hpp"

#include <string>
#include <vector>

namespace trellis::test {

/// An id whose bytes count up from `first`.
template <class IdType>
IdType counting(std::uint8_t first) {
    IdType id;
    for (auto& byte : id.bytes)
        byte = first++;
    return id;
}

/// `size` bytes that count up from `first`.
Bytes counting_bytes(std::size_t size, std::uint8_t first);

struct Sample {
    std::string name;  ///< of its file in fixtures/frame/v1
    std::string what;
    sync::Message message;
};

/// Every message, and every form that one has.
std::vector<Sample> frame_samples();

}  // namespace trellis::test
