// SPDX-License-Identifier: Apache-2.0
#include "tests/support/people.hpp"

#include "tests/support/fake_env.hpp"

namespace trellis::test {
namespace {

crypto::DeviceKey person(std::uint64_t seed) {
    FakeEnv env(seed);
    return crypto::DeviceKey::generate(env);
}

}  // namespace

crypto::DeviceKey alice() {
    return person(0xA11CE);
}
crypto::DeviceKey bob() {
    return person(0xB0B);
}
crypto::DeviceKey carol() {
    return person(0xCA201);
}
crypto::DeviceKey dave() {
    return person(0xDA7E);
}

crypto::SignSecret relay_key() {
    FakeEnv env(0x2E1A1);
    return crypto::SignSecret::generate(env);
}

}  // namespace trellis::test
