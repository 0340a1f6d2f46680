// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "core/base/env.hpp"
#include "core/base/result.hpp"
#include "crypto/primitive/secret_bytes.hpp"

namespace trellis::crypto {

using PasswordSalt = ByteArray<16>;

/// What one guess costs: passes over so much memory.
struct PasswordCost {
    std::uint32_t ops = 3;
    std::uint32_t kib = 64 * 1024;
    bool operator==(const PasswordCost&) const = default;
};

/// The least that a vault may ask for. Never what a server says.
inline constexpr PasswordCost password_cost_floor{3, 32 * 1024};

/// Within the floors and ceilings of limits.hpp: under them somebody made guessing cheap, over
/// them opening would stop the device.
bool is_allowed(const PasswordCost& cost);

/// Argon2id, version 1.3. `unsupported` for a cost that is_allowed() refuses, before anything
/// is run; `no_space` where the memory is not to be had.
Result<Key> stretch(ByteView password, const PasswordSalt& salt, const PasswordCost& cost);

/// The dearest allowed cost that takes about `target_ms`, never under the floor: first more
/// memory (up to limits::password_kib_wanted_max), then more passes. `measure` gives the
/// milliseconds of one stretch() at a cost; it is called two or three times.
PasswordCost calibrate(std::int64_t target_ms,
                       const std::function<std::int64_t(const PasswordCost&)>& measure);
/// The same, measured on this device now.
PasswordCost calibrate(std::int64_t target_ms, Env& env);

}  // namespace trellis::crypto
