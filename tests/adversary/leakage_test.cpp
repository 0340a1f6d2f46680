// SPDX-License-Identifier: Apache-2.0
// M: what the bytes themselves give away.
#include <set>

#include "clients/cli/seat_folder.hpp"
#include "clients/seats/installation.hpp"
#include "crypto/secret/seal.hpp"
#include "crypto/secret/vault.hpp"
#include "tests/crypto/expect.hpp"
#include "tests/crypto/vault_sample.hpp"
#include "tests/support/people.hpp"
#include "tests/support/shared_tablet.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

struct Chain {
    SealOrder order;
    Key key;
    DeviceKey device = bob();

    Chain() {
        order.place.org.bytes.fill(1);
        order.place.space.bytes.fill(2);
        order.place.actor.bytes.fill(3);
        order.place.first = 1;
        order.epoch = 1;
        order.ops = 1;
        key.span()[0] = 4;
    }
    /// Seals at the end of the chain; the chain goes on.
    Bytes next(ByteView body, Env& env) {
        order.packed = body;
        auto envelope = must(seal(order, key, device, env));
        order.place.previous = chain_hash(order.place, envelope);
        ++order.place.first;
        return envelope;
    }
};

/// What makes the nonce: the envelope's salt, and the counter it stands at.
std::string nonce_of(ByteView envelope, Counter first) {
    return to_hex(envelope.subspan(envelope_header_size, envelope_salt_size)) + ":" +
           std::to_string(first);
}

double share_of_equal_bytes(ByteView a, ByteView b) {
    std::size_t equal_bytes = 0;
    for (std::size_t i = 0; i < a.size(); ++i) equal_bytes += a[i] == b[i] ? 1 : 0;
    return static_cast<double>(equal_bytes) / static_cast<double>(a.size());
}

}  // namespace

TEST_CASE("M-02 the same words saved twice look nothing alike", "[adversary]") {
    FakeEnv env;
    Chain chain;
    const Bytes body(400, 'a');
    const auto one = chain.next(body, env);
    const auto other = chain.next(body, env);
    REQUIRE(one.size() == other.size());
    const auto after = envelope_header_size;
    CHECK(share_of_equal_bytes(ByteView(one).subspan(after), ByteView(other).subspan(after)) < 0.03);
    // By another person, or in another life of the database, too.
    Chain bens;
    bens.device = carol();
    CHECK(share_of_equal_bytes(ByteView(one).subspan(after),
                               ByteView(bens.next(body, env)).subspan(after)) < 0.03);
    Chain later;
    later.order.place.actor.bytes.fill(9);
    CHECK(share_of_equal_bytes(ByteView(one).subspan(after),
                               ByteView(later.next(body, env)).subspan(after)) < 0.03);
}

TEST_CASE("M-06 no nonce comes twice with a random source that says zeros", "[adversary]") {
    FakeEnv env;
    env.break_random();
    Chain chain;
    std::set<std::string> nonces;
    std::set<std::string> salts;
    constexpr int envelopes = 5000;
    const Bytes same(64, 'a');
    for (int i = 0; i < envelopes; ++i) {
        const auto first = chain.order.place.first;
        const auto envelope = chain.next(same, env);
        REQUIRE(nonces.insert(nonce_of(envelope, first)).second);
        REQUIRE(salts.insert(nonce_of(envelope, 0)).second);
    }
}

TEST_CASE("M-06 a restored database repeats a nonce for the identical envelope only",
          "[adversary]") {
    FakeEnv env;
    env.break_random();
    const Bytes one_body(64, 'a');
    const auto sealed = Chain().next(one_body, env);
    REQUIRE(Chain().next(one_body, env) == sealed);
    std::set<std::string> nonces = {nonce_of(sealed, 1)};
    for (int i = 0; i < 500; ++i) {
        auto other_body = one_body;
        other_body[static_cast<std::size_t>(i) % 64] = static_cast<std::uint8_t>('b' + i / 64);
        REQUIRE(nonces.insert(nonce_of(Chain().next(other_body, env), 1)).second);
    }
}

TEST_CASE("M-06 a vault and a bag sealed again have another nonce, without randomness",
          "[adversary]") {
    FakeEnv env;
    env.break_random();
    auto vault = sample_vault(env);
    auto opened = must(vault.open(sample_pin(), nullptr));
    std::set<std::string> nonces;
    for (int i = 0; i < 500; ++i) {
        opened.secrets.log_length = static_cast<std::uint64_t>(i);
        vault.reseal(opened.key, opened.secrets, env);
        REQUIRE(nonces.insert(to_hex(ByteView(vault.bytes()).subspan(96, 24))).second);
    }
    TabletFolder folder;
    clients::SeatFolder files(folder.path());
    FakeEnv good;
    const auto installation = must(clients::Installation::open(files, good));
    for (int i = 0; i < 500; ++i) {
        const auto text = std::to_string(i);
        const auto bag = installation.seal(Label::tablet_outbox, {}, as_bytes(text), env);
        REQUIRE(nonces.insert(to_hex(ByteView(bag).first(24))).second);
    }
}
