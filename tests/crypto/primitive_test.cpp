// SPDX-License-Identifier: Apache-2.0
#include "core/base/limits.hpp"
#include "crypto/primitive/aead.hpp"
#include "crypto/primitive/box.hpp"
#include "crypto/primitive/hash.hpp"
#include "crypto/primitive/sign.hpp"
#include "crypto/primitive/sodium.hpp"
#include "tests/crypto/expect.hpp"
#include "tests/support/fake_env.hpp"
#include "tests/support/people.hpp"

#include <set>

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

TEST_CASE("no label equals another, nor begins like another once its length stands first",
          "[crypto]") {
    std::set<std::string> texts;
    for (const auto text : label_texts) {
        CAPTURE(text);
        REQUIRE(text.substr(0, 10) == "trellis/1/");
        REQUIRE(text.size() < 256);
        texts.insert(static_cast<char>(text.size()) + std::string(text));
    }
    REQUIRE(texts.size() == label_texts.size());
    for (const auto& a : texts) {
        for (const auto& b : texts) {
            if (a != b) REQUIRE(b.substr(0, a.size()) != a);
        }
    }
}

TEST_CASE("a hash is BLAKE2b over the label and then the parts", "[crypto]") {
    // Computed with Python: blake2b(b"\x13trellis/1/log-entry" + b"abc", digest_size=32)
    const auto digest = hash(Label::log_entry, {as_bytes("a"), as_bytes("bc")});
    REQUIRE(digest == hash(Label::log_entry, {as_bytes("abc")}));
    REQUIRE(digest.hex() == "9dc1bf52fda15a19ab916936ebca7c60eb1faa9a0ff82cc0d220c20476106fcd");
    REQUIRE(digest != hash(Label::log_state, {as_bytes("abc")}));
}

TEST_CASE("a derived key is BLAKE2b keyed with its parent", "[crypto]") {
    // blake2b(b"\x13trellis/1/batch-enc" + b"abc", key=bytes(range(32)), digest_size=32)
    Key parent;
    for (std::uint8_t i = 0; i < 32; ++i)
        parent.span()[i] = i;
    REQUIRE(to_hex(derive(parent, Label::batch_enc, as_bytes("abc")).view()) ==
            "fb1fdb51641adbc7bf166932d4f55cb4e62a6510d11d8a40bb58398f78cefabd");
    REQUIRE(to_hex(keyed_hash<16>(parent, Label::batch_salt, {as_bytes("abc")})) ==
            "26c15bb2315b76cb424580fd54b8356b");
}

TEST_CASE("a signature holds for its label, organisation, digest and key only", "[crypto]") {
    const auto secret = alice().sign().clone();
    OrgId org;
    org.bytes[0] = 1;
    const auto digest = hash(Label::ct, {as_bytes("x")});
    const auto signature = sign(secret, Label::log_sig, org, digest);
    REQUIRE(verify(secret.key(), Label::log_sig, org, digest, signature));
    REQUIRE_FALSE(verify(secret.key(), Label::batch_sig, org, digest, signature));
    REQUIRE_FALSE(verify(secret.key(), Label::log_sig, OrgId{}, digest, signature));
    REQUIRE_FALSE(verify(secret.key(), Label::log_sig, org, Digest{}, signature));
    REQUIRE_FALSE(verify(bob().sign().key(), Label::log_sig, org, digest, signature));
}

TEST_CASE("a signature cannot be turned into another valid one", "[crypto]") {
    const auto secret = alice().sign().clone();
    const auto digest = hash(Label::ct, {as_bytes("x")});
    auto signature = sign(secret, Label::log_sig, {}, digest);
    // S + L, where L is the order of the group: the same S to a careless verifier.
    const auto order =
        *from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    unsigned carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        carry += signature.bytes[32 + i] + order[i];
        signature.bytes[32 + i] = static_cast<std::uint8_t>(carry);
        carry >>= 8U;
    }
    REQUIRE_FALSE(verify(secret.key(), Label::log_sig, {}, digest, signature));
}

TEST_CASE("a key of small order signs nothing", "[crypto]") {
    SignKey small;  // the neutral element: y = 1
    small.bytes[0] = 1;
    Signature signature;  // R = the neutral element, S = 0: fits every message
    signature.bytes[0] = 1;
    REQUIRE_FALSE(verify(small, Label::log_sig, {}, {}, signature));
}

TEST_CASE("a sealed box opens for its receiver only", "[crypto]") {
    FakeEnv env;
    const auto sealed = must(seal_to(bob().box().key(), as_bytes("hello"), env));
    REQUIRE(sealed.size() == 5 + sealed_box_overhead);
    REQUIRE(must(open_box(bob().box(), sealed)) == to_bytes(as_bytes("hello")));
    REQUIRE(outcome(open_box(carol().box(), sealed)) == "wrong_key");
    REQUIRE(outcome(open_box(bob().box(), ByteView(sealed).first(47))) == "wrong_key");
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        // The top bit of an X25519 key is ignored by everybody, but our nonce covers it.
        auto altered = sealed;
        altered[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        CAPTURE(bit);
        REQUIRE(outcome(open_box(bob().box(), altered)) == "wrong_key");
    }
}

TEST_CASE("sealing to a key of small order is refused", "[crypto]") {
    FakeEnv env;
    REQUIRE(outcome(seal_to(BoxKey{}, as_bytes("hello"), env)) == "invalid");
    REQUIRE(outcome(agree(bob().box(), BoxKey{})) == "invalid");
}

TEST_CASE("both ends of an exchange agree", "[crypto]") {
    const auto one = must(agree(alice().box(), bob().box().key()));
    const auto other = must(agree(bob().box(), alice().box().key()));
    REQUIRE(equal_in_constant_time(one.view(), other.view()));
}

TEST_CASE("authenticated encryption gives the published vector", "[crypto]") {
    // draft-irtf-cfrg-xchacha-03, A.3.1
    Key key;
    for (std::uint8_t i = 0; i < 32; ++i)
        key.span()[i] = static_cast<std::uint8_t>(0x80 + i);
    Nonce nonce{};
    for (std::uint8_t i = 0; i < 24; ++i)
        nonce[i] = static_cast<std::uint8_t>(0x40 + i);
    const auto associated = *from_hex("50515253c0c1c2c3c4c5c6c7");
    const auto plain = as_bytes(
        "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
        "future, sunscreen would be it.");
    const auto sealed = aead_seal(key, nonce, associated, plain);
    REQUIRE(to_hex(ByteView(sealed).last(16)) == "c0875924c1c7987947deafd8780acf49");
    REQUIRE(to_hex(ByteView(sealed).first(16)) == "bd6d179d3e83d43b9576579493c0e939");
    REQUIRE(must(aead_open(key, nonce, associated, sealed)) == to_bytes(plain));
    REQUIRE(outcome(aead_open(key, nonce, {}, sealed)) == "wrong_key");
    REQUIRE(outcome(aead_open(key, nonce, associated, ByteView(sealed).first(15))) == "wrong_key");
}

TEST_CASE("secret bytes move, and are copied only when asked", "[crypto]") {
    auto secret = SecretBytes<4>::from(as_bytes("abcd"));
    auto copy = secret.clone();
    const auto moved = std::move(secret);
    REQUIRE(as_text(moved.view()) == "abcd");
    copy.span()[0] = 'x';
    REQUIRE(as_text(moved.view()) == "abcd");
    REQUIRE_FALSE(std::is_copy_constructible_v<SecretBytes<4>>);
}
