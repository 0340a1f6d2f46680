// SPDX-License-Identifier: Apache-2.0
#include "crypto/primitive/password.hpp"

#include "core/base/limits.hpp"
#include "crypto/primitive/sodium.hpp"

#include <sodium.h>

#include <algorithm>

namespace trellis::crypto {
namespace {

static_assert(PasswordSalt{}.size() == crypto_pwhash_argon2id_SALTBYTES);

constexpr std::uint32_t kib_step = 8 * 1024;

/// `amount` scaled by how much longer than `took` it may take.
std::uint32_t scaled(std::uint32_t amount, std::int64_t target_ms, std::int64_t took,
                     std::uint32_t least, std::uint32_t most) {
    const auto wanted = std::int64_t{amount} * std::max<std::int64_t>(target_ms, 1) /
                        std::max<std::int64_t>(took, 1);
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(wanted, least, most));
}

}  // namespace

bool is_allowed(const PasswordCost& cost) {
    return cost.ops >= limits::password_ops_min && cost.ops <= limits::password_ops_max &&
           cost.kib >= limits::password_kib_min && cost.kib <= limits::password_kib_max;
}

Result<Key> stretch(ByteView password, const PasswordSalt& salt, const PasswordCost& cost) {
    ensure_sodium();
    if (!is_allowed(cost)) {
        return Error{Code::unsupported,
                     "the file asks for a key derivation that this version does not accept"};
    }
    Key key;
    const auto done = crypto_pwhash_argon2id(key.span().data(),
                                             Key::size,
                                             reinterpret_cast<const char*>(password.data()),
                                             password.size(),
                                             salt.data(),
                                             cost.ops,
                                             std::size_t{cost.kib} * 1024,
                                             crypto_pwhash_argon2id_ALG_ARGON2ID13);
    if (done != 0) {
        return Error{Code::no_space, "there is not enough memory to check a PIN; close other apps"};
    }
    return key;
}

PasswordCost calibrate(std::int64_t target_ms,
                       const std::function<std::int64_t(const PasswordCost&)>& measure) {
    PasswordCost cost = password_cost_floor;
    const auto at_floor = measure(cost);
    if (at_floor >= target_ms) return cost;
    cost.kib = scaled(cost.kib, target_ms, at_floor, limits::password_kib_min,
                      limits::password_kib_wanted_max);
    cost.kib -= cost.kib % kib_step;
    const auto took = measure(cost);
    if (took >= target_ms || cost.kib < limits::password_kib_wanted_max) return cost;
    cost.ops = scaled(cost.ops, target_ms, took, limits::password_ops_min,
                      limits::password_ops_max);
    return cost;
}

PasswordCost calibrate(std::int64_t target_ms, Env& env) {
    return calibrate(target_ms, [&env](const PasswordCost& cost) {
        const auto start = env.monotonic_time();
        static_cast<void>(stretch(as_bytes("calibrate"), PasswordSalt{}, cost));
        return env.monotonic_time() - start;
    });
}

}  // namespace trellis::crypto
