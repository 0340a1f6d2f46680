// SPDX-License-Identifier: Apache-2.0
#include "crypto/primitive/password.hpp"

#include "core/base/limits.hpp"
#include "tests/crypto/expect.hpp"

#include <vector>

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

TEST_CASE("a password is stretched with Argon2id and nothing else", "[crypto]") {
    // Computed with the argon2 program of the reference implementation (version 20190702):
    // echo -n password | argon2 saltsaltsaltsalt -id -t 3 -k 32768 -p 1 -l 32 -r
    const auto salt_text = as_bytes("saltsaltsaltsalt");
    PasswordSalt salt{};
    std::copy(salt_text.begin(), salt_text.end(), salt.begin());
    const auto key = must(stretch(as_bytes("password"), salt, password_cost_floor));
    REQUIRE(to_hex(key.view()) == "60a4e7667976ec3a331f4aae8ee8196c2d92751286aa2ef9e680870cc45adfa5");
    salt[0] ^= 1U;
    const auto other = must(stretch(as_bytes("password"), salt, password_cost_floor));
    REQUIRE_FALSE(equal(key.view(), other.view()));
}

TEST_CASE("a cost outside the limits is refused before anything is run", "[crypto]") {
    const std::vector<PasswordCost> refused = {
        {limits::password_ops_min - 1, 64 * 1024}, {limits::password_ops_max + 1, 64 * 1024},
        {3, limits::password_kib_min - 1},         {3, limits::password_kib_max + 1},
        {1, 8},                                    {3, 4U * 1024 * 1024},
        {0xFFFFFFFF, 0xFFFFFFFF},                  {0, 0}};
    for (const auto& cost : refused) {
        CAPTURE(cost.ops, cost.kib);
        CHECK_FALSE(is_allowed(cost));
        CHECK(outcome(stretch(as_bytes("x"), {}, cost)) == "unsupported");
    }
    CHECK(is_allowed({limits::password_ops_min, limits::password_kib_min}));
    CHECK(is_allowed({limits::password_ops_max, limits::password_kib_max}));
}

TEST_CASE("what a device can bear is measured, and never under the floor", "[crypto]") {
    // A device that takes so many milliseconds for the floor, and in proportion for more.
    const auto at = [](std::int64_t floor_ms) {
        return calibrate(500, [floor_ms](const PasswordCost& cost) {
            return floor_ms * cost.ops * cost.kib / (3 * 32 * 1024);
        });
    };
    CHECK(at(5000) == password_cost_floor);
    CHECK(at(500) == password_cost_floor);
    CHECK(at(250) == PasswordCost{3, 64 * 1024});
    CHECK(at(125) == PasswordCost{3, limits::password_kib_wanted_max});
    CHECK(at(50) == PasswordCost{7, limits::password_kib_wanted_max});
    // A clock that stands still makes it as dear as it may be, not more.
    CHECK(at(0) == PasswordCost{limits::password_ops_max, limits::password_kib_wanted_max});
    for (std::int64_t ms = 0; ms < 600; ms += 7) CHECK(is_allowed(at(ms)));
}
