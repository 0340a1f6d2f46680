// SPDX-License-Identifier: Apache-2.0
// Vectors for the edges of each primitive (fixtures/vectors; each file names its source). What
// our own forms put around a primitive - labels, organisations - cannot be in a published
// vector, so Ed25519 and BLAKE2b are asked directly.
#include <fstream>
#include <iterator>

#include <sodium.h>

#include "core/base/json.hpp"
#include "crypto/primitive/aead.hpp"
#include "crypto/primitive/box.hpp"
#include "crypto/primitive/password.hpp"
#include "crypto/primitive/sign.hpp"
#include "tests/crypto/expect.hpp"
#include "tests/support/fake_env.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

Json vectors(const std::string& name) {
    std::ifstream stream("fixtures/vectors/" + name + ".json");
    const auto json = must(parse_json(std::string{std::istreambuf_iterator<char>(stream), {}}));
    REQUIRE(json["source"].string() != nullptr);
    REQUIRE(json["tests"].array() != nullptr);
    return json;
}

Bytes bytes_in(const Json& test, const char* name) {
    REQUIRE(test[name].string() != nullptr);
    return *from_hex(*test[name].string());
}

std::uint32_t number_in(const Json& test, const char* name) {
    return static_cast<std::uint32_t>(*test[name].integer());
}

template <std::size_t N>
ByteArray<N> array_in(const Json& test, const char* name) {
    const auto bytes = bytes_in(test, name);
    REQUIRE(bytes.size() == N);
    ByteArray<N> array{};
    std::copy(bytes.begin(), bytes.end(), array.begin());
    return array;
}

}  // namespace

TEST_CASE("B-03 Ed25519 takes the published signatures and none of their relatives",
          "[adversary]") {
    std::size_t valid = 0;
    const auto list = vectors("ed25519");
    for (const auto& test : *list["tests"].array()) {
        const auto key = array_in<32>(test, "key");
        const auto message = bytes_in(test, "message");
        const auto signature = bytes_in(test, "signature");
        const bool expected = *test["valid"].boolean();
        CAPTURE(*test["comment"].string());
        valid += expected ? 1 : 0;
        // Our signatures are 64 bytes by their type: a shorter one is not expressible.
        const bool taken = signature.size() == Signature::size &&
                           crypto_sign_verify_detached(signature.data(), message.data(),
                                                       message.size(), key.data()) == 0;
        CHECK(taken == expected);
        if (expected || signature.size() != Signature::size) continue;
        CHECK_FALSE(verify(SignKey{key}, Label::log_sig, {}, {}, Signature::from(signature)));
    }
    REQUIRE(valid >= 7);
}

TEST_CASE("N-04 X25519 gives the published secrets and refuses points of small order",
          "[adversary]") {
    const auto list = vectors("x25519");
    for (const auto& test : *list["tests"].array()) {
        const auto secret = BoxSecret::from_seed(bytes_in(test, "scalar"));
        const auto shared = agree(secret, BoxKey{array_in<32>(test, "point")});
        CAPTURE(*test["comment"].string());
        if (test["shared"].string()->empty()) {
            CHECK(outcome(shared) == "invalid");
        } else {
            REQUIRE(shared.has_value());
            CHECK(to_hex(shared->view()) == *test["shared"].string());
        }
    }
}

TEST_CASE("B-02 XChaCha20-Poly1305 opens the published text and nothing near it", "[adversary]") {
    const auto list = vectors("xchacha20poly1305");
    for (const auto& test : *list["tests"].array()) {
        const auto key = Key::from(bytes_in(test, "key"));
        const auto nonce = array_in<24>(test, "nonce");
        const auto associated = bytes_in(test, "associated");
        const auto sealed = bytes_in(test, "sealed");
        const auto opened = aead_open(key, nonce, associated, sealed);
        CAPTURE(*test["comment"].string());
        if (*test["valid"].boolean()) {
            const auto plain = bytes_in(test, "plain");
            REQUIRE(opened.has_value());
            CHECK(*opened == plain);
            CHECK(aead_seal(key, nonce, associated, plain) == sealed);
        } else {
            CHECK(outcome(opened) == "wrong_key");
        }
    }
}

TEST_CASE("X-03 a box gives the published bytes, and a sealed one is such a box", "[adversary]") {
    const auto list = vectors("box");
    const auto& test = list["tests"].array()->at(0);
    const auto scalar = bytes_in(test, "scalar");
    const auto point = array_in<32>(test, "point");
    const auto nonce = bytes_in(test, "nonce");
    const auto plain = bytes_in(test, "plain");
    Bytes sealed(plain.size() + crypto_box_MACBYTES);
    REQUIRE(crypto_box_easy(sealed.data(), plain.data(), plain.size(), nonce.data(), point.data(),
                            scalar.data()) == 0);
    CHECK(to_hex(sealed) == *test["sealed"].string());
    // What we seal, libsodium opens by its own name for it.
    FakeEnv env;
    Key key;
    env.random(key.span());
    const auto mine = BoxSecret::from_seed(scalar);
    const auto wrap = must(seal_key_to(mine.key(), key, env));
    Bytes opened(Key::size);
    REQUIRE(crypto_box_seal_open(opened.data(), wrap.bytes.data(), wrap.bytes.size(),
                                 mine.key().bytes.data(), scalar.data()) == 0);
    CHECK(to_hex(opened) == to_hex(key.view()));
}

TEST_CASE("X-03 BLAKE2b gives the published digests", "[adversary]") {
    const auto list = vectors("blake2b");
    for (const auto& test : *list["tests"].array()) {
        const auto key = bytes_in(test, "key");
        const auto message = bytes_in(test, "message");
        Bytes digest(number_in(test, "size"));
        REQUIRE(crypto_generichash(digest.data(), digest.size(), message.data(), message.size(),
                                   key.data(), key.size()) == 0);
        CAPTURE(key.size(), message.size());
        CHECK(to_hex(digest) == *test["digest"].string());
    }
}

TEST_CASE("X-03 Argon2id gives what the reference implementation gives", "[adversary]") {
    const auto list = vectors("argon2id");
    for (const auto& test : *list["tests"].array()) {
        const PasswordCost cost{number_in(test, "ops"), number_in(test, "kib")};
        const auto key =
            must(stretch(bytes_in(test, "password"), array_in<16>(test, "salt"), cost));
        CHECK(to_hex(key.view()) == *test["key"].string());
    }
}
