// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/stamp.hpp"

namespace trellis {

/// The world as an argument. The portable rooms read no clock, draw no randomness and write
/// no log of their own.
class Env {
public:
    Env() = default;
    Env(const Env&) = delete;
    Env& operator=(const Env&) = delete;
    virtual ~Env() = default;

    /// The wall clock, right or wrong.
    virtual Time wall_time() = 0;
    /// Milliseconds that only grow within one boot of the machine.
    virtual std::int64_t monotonic_time() = 0;
    /// Names this boot; a different value means monotonic_time() started anew.
    virtual std::uint64_t boot_id() = 0;
    /// Fills `out` with bytes fit for keys.
    virtual void random(std::span<std::uint8_t> out) = 0;
    /// One event: a word, and identifiers or codes. Never a name, a value or a key.
    virtual void log(std::string_view event, std::string_view detail) = 0;
};

}  // namespace trellis
