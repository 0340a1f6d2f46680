// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret/vault.hpp"

#include "core/base/limits.hpp"
#include "tests/crypto/expect.hpp"
#include "tests/crypto/known_seats.hpp"
#include "tests/crypto/vault_sample.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

TEST_CASE("a vault opens with its PIN, and gives back what was put in", "[crypto]") {
    FakeEnv env;
    const auto vault = must(Vault::parse(sample_vault(env).bytes()));
    REQUIRE(vault.seat() == sample_order().seat);
    REQUIRE(vault.installation() == sample_order().installation);
    const auto opened = must(vault.open(sample_pin(), nullptr));
    REQUIRE(equal(opened.secrets.database.view(), sample_secrets().database.view()));
    REQUIRE(opened.secrets.org == sample_secrets().org);
    REQUIRE(opened.secrets.device == sample_secrets().device);
    REQUIRE(opened.secrets.log_length == 41);
    REQUIRE(opened.secrets.may_be_rescued);
    REQUIRE(outcome(vault.open(must(Pin::parse(as_bytes("830518"))), nullptr)) == "wrong_key");
}

TEST_CASE("nothing of what is inside stands in a vault's bytes", "[crypto]") {
    FakeEnv env;
    const auto bytes = sample_vault(env).bytes();
    const auto secrets = sample_secrets();
    for (const auto part : {secrets.database.view(), secrets.org.view(), secrets.device.view()}) {
        const auto found = std::search(bytes.begin(), bytes.end(), part.begin(), part.end());
        REQUIRE(found == bytes.end());
    }
}

TEST_CASE("a vault is sealed again without its PIN", "[crypto]") {
    FakeEnv env;
    auto vault = sample_vault(env);
    const auto before = vault.bytes();
    auto opened = must(vault.open(sample_pin(), nullptr));
    opened.secrets.log_length = 42;
    vault.reseal(opened.key, opened.secrets, env);
    REQUIRE(vault.bytes() != before);
    REQUIRE(must(vault.open(sample_pin(), nullptr)).secrets.log_length == 42);
}

TEST_CASE("attempts are free four times, then wait longer and longer", "[crypto]") {
    FakeEnv env;
    auto vault = sample_vault(env);
    const std::int64_t waits[] = {0, 0, 0, 0, 30, 60, 300, 900, 3600, 3600};
    unsigned left = limits::pin_attempts_max;
    for (const auto wait : waits) {
        REQUIRE(vault.wait_ms(env) == wait * 1000);
        if (wait > 0) {
            env.advance(wait * 1000 - 1);
            REQUIRE(vault.wait_ms(env) == 1);
            env.advance(1);
            REQUIRE(vault.wait_ms(env) == 0);
        }
        REQUIRE(vault.attempts_left() == left--);
        vault.count_attempt(env);
        vault = must(Vault::parse(vault.bytes()));  // the count is in the file
    }
    REQUIRE(vault.attempts_left() == 0);
    vault.count_attempt(env);
    REQUIRE(vault.attempts_left() == 0);
    vault.forgive();
    REQUIRE(vault.attempts_left() == limits::pin_attempts_max);
    REQUIRE(vault.wait_ms(env) == 0);
}

TEST_CASE("neither a set clock nor a restart shortens a wait", "[crypto]") {
    FakeEnv env;
    auto vault = sample_vault(env);
    for (int i = 0; i < 5; ++i) vault.count_attempt(env);
    env.set_wall_time(env.wall_time() + 1000LL * 3600 * 24 * 365);
    REQUIRE(vault.wait_ms(env) == 60'000);
    env.advance(59'000);
    REQUIRE(vault.wait_ms(env) == 1'000);
    env.reboot();
    REQUIRE(vault.wait_ms(env) == 60'000);
    vault = must(Vault::parse(vault.bytes()));
    env.advance(60'000);
    REQUIRE(vault.wait_ms(env) == 0);
}

TEST_CASE("a counted attempt still lets the right PIN in", "[crypto]") {
    FakeEnv env;
    auto vault = sample_vault(env);
    for (int i = 0; i < 9; ++i) vault.count_attempt(env);
    const auto kept = must(Vault::parse(vault.bytes()));
    REQUIRE(kept.open(sample_pin(), nullptr).has_value());
}

TEST_CASE("this version writes the vaults, rescues and submissions of the first one", "[crypto]") {
    for (const auto& [path, content] : known_seats()) {
        std::ifstream stream(path);
        CAPTURE(path);
        REQUIRE(std::string{std::istreambuf_iterator<char>(stream), {}} == content);
    }
}

TEST_CASE("a vault of the first version opens", "[crypto]") {
    std::ifstream stream("fixtures/vault/v1/pin.hex");
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    REQUIRE_FALSE(text.empty());
    text.pop_back();
    const auto vault = must(Vault::parse(*from_hex(text)));
    const auto opened = must(vault.open(sample_pin(), nullptr));
    REQUIRE(equal(opened.secrets.database.view(), sample_secrets().database.view()));
    REQUIRE(opened.secrets.log_length == 41);
}
