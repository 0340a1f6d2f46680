// SPDX-License-Identifier: Apache-2.0
#include "crypto/public/handshake.hpp"

#include "tests/crypto/expect.hpp"
#include "tests/support/fake_env.hpp"
#include "tests/support/people.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

OrgId an_org() {
    OrgId org;
    org.bytes.fill(3);
    return org;
}

ProofClaim claim_of(const DeviceKey& device) {
    ProofClaim claim;
    claim.id = signer(device.id(an_org()));
    claim.log_length = 12;
    claim.log_head.bytes.fill(4);
    return claim;
}

// Both ends, and what they said.
struct Meeting {
    FakeEnv env;
    SignSecret relay = relay_key();
    DeviceKey device = alice();
    ClientHandshake client{an_org(), env};
    ServerHandshake server{relay, env};
    Bytes hello = client.hello();
    Bytes answer = must(server.receive_hello(hello));

    Result<Bytes> prove(ByteView heard) {
        return client.receive_answer(heard, relay.key(), claim_of(device), device.sign());
    }
};

Bytes flipped(const Bytes& bytes, std::size_t bit) {
    auto altered = bytes;
    altered[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    return altered;
}

}  // namespace

TEST_CASE("both ends prove themselves and then talk", "[crypto]") {
    Meeting it;
    REQUIRE(it.hello.size() == handshake_hello_size);
    REQUIRE(it.answer.size() == handshake_answer_size);
    const auto sealed = must(it.prove(it.answer));
    REQUIRE(sealed.size() == handshake_proof_size);
    REQUIRE(it.server.org() == an_org());
    REQUIRE(it.client.server_key() == it.relay.key());
    REQUIRE(it.client.server_time() == it.env.wall_time());
    const auto proof = must(it.server.receive_proof(sealed));
    REQUIRE(verify_proof(proof, it.device.sign().key()));
    REQUIRE_FALSE(verify_proof(proof, bob().sign().key()));
    REQUIRE(proof.claim.id == claim_of(it.device).id);
    REQUIRE(proof.claim.log_length == 12);
    auto device_end = it.client.take_channel();
    auto relay_end = it.server.take_channel();
    for (int i = 0; i < 3; ++i) {
        const auto up = device_end.seal(as_bytes("up"));
        REQUIRE(up.size() == 2 + channel_overhead);
        REQUIRE(as_text(must(relay_end.open(up))) == "up");
        REQUIRE(as_text(must(device_end.open(relay_end.seal(as_bytes("down"))))) == "down");
    }
    REQUIRE(must(relay_end.open(device_end.seal({}))).empty());
}

TEST_CASE("every flipped bit of a hello is noticed by the device", "[crypto]") {
    Meeting it;
    for (std::size_t bit = 0; bit < it.hello.size() * 8; ++bit) {
        CAPTURE(bit);
        ServerHandshake server(it.relay, it.env);
        const auto answer = server.receive_hello(flipped(it.hello, bit));
        if (answer) REQUIRE(outcome(it.prove(*answer)) == "denied");
    }
    REQUIRE(outcome(it.prove(it.answer)) == "ok");
}

TEST_CASE("every flipped bit of an answer is noticed by the device", "[crypto]") {
    Meeting it;
    for (std::size_t bit = 0; bit < it.answer.size() * 8; ++bit) {
        CAPTURE(bit);
        REQUIRE(outcome(it.prove(flipped(it.answer, bit))) == "denied");
    }
    REQUIRE(outcome(it.prove(it.answer)) == "ok");
}

TEST_CASE("every flipped bit of a proof is noticed by the relay", "[crypto]") {
    Meeting it;
    const auto sealed = must(it.prove(it.answer));
    for (std::size_t bit = 0; bit < sealed.size() * 8; bit += 7) {
        CAPTURE(bit);
        FakeEnv env;  // the same world again
        ClientHandshake client(an_org(), env);
        ServerHandshake server(it.relay, env);
        REQUIRE(must(server.receive_hello(client.hello())) == it.answer);
        REQUIRE(outcome(server.receive_proof(flipped(sealed, bit))) == "wrong_key");
    }
    REQUIRE(outcome(it.server.receive_proof(sealed)) == "ok");
}

TEST_CASE("messages of every other size are refused", "[crypto]") {
    Meeting it;
    for (std::size_t size = 0; size < it.hello.size() + 3; ++size) {
        auto message = it.hello;
        message.resize(size);
        ServerHandshake server(it.relay, it.env);
        if (size != it.hello.size()) REQUIRE(outcome(server.receive_hello(message)) == "corrupt");
    }
    for (std::size_t size = 0; size < it.answer.size() + 3; ++size) {
        auto message = it.answer;
        message.resize(size);
        if (size != it.answer.size()) REQUIRE(outcome(it.prove(message)) == "corrupt");
    }
    const auto sealed = must(it.prove(it.answer));
    for (std::size_t size = 0; size < sealed.size(); ++size) {
        REQUIRE(outcome(it.server.receive_proof(ByteView(sealed).first(size))) == "corrupt");
    }
}

TEST_CASE("a device talks to the relay it expects, and to no other", "[crypto]") {
    Meeting it;
    const auto answer_to = [&](const std::optional<SignKey>& expected) {
        return outcome(
            it.client.receive_answer(it.answer, expected, claim_of(it.device), it.device.sign()));
    };
    REQUIRE(answer_to(it.relay.key()) == "ok");
    REQUIRE(answer_to(std::nullopt) == "ok");
    REQUIRE(answer_to(bob().sign().key()) == "denied");
    const auto impostor = bob().sign().clone();
    ServerHandshake other(impostor, it.env);
    REQUIRE(outcome(it.prove(must(other.receive_hello(it.hello)))) == "denied");
}

TEST_CASE("what was said in one session is worth nothing in another", "[crypto]") {
    Meeting it;
    const auto sealed = must(it.prove(it.answer));
    ServerHandshake server(it.relay, it.env);
    const auto second = must(server.receive_hello(it.hello));  // the hello, replayed
    REQUIRE(second != it.answer);
    REQUIRE(outcome(server.receive_proof(sealed)) == "wrong_key");
    Meeting other;
    other.env.random(other.hello);
    ClientHandshake client(an_org(), other.env);
    REQUIRE(outcome(client.receive_answer(
                it.answer, it.relay.key(), claim_of(it.device), it.device.sign())) == "denied");
}

TEST_CASE("a proof is for this session: another's digest does not verify", "[crypto]") {
    Meeting it;
    auto proof = must(it.server.receive_proof(must(it.prove(it.answer))));
    REQUIRE(verify_proof(proof, it.device.sign().key()));
    proof.digest.bytes[0] ^= 1;
    REQUIRE_FALSE(verify_proof(proof, it.device.sign().key()));
    proof.digest.bytes[0] ^= 1;
    proof.org.bytes[0] ^= 1;
    REQUIRE_FALSE(verify_proof(proof, it.device.sign().key()));
}

TEST_CASE("keys of small order are refused before anything is signed", "[crypto]") {
    Meeting it;
    auto hello = it.hello;
    std::fill(hello.begin() + 6, hello.begin() + 38, std::uint8_t{0});
    ServerHandshake server(it.relay, it.env);
    REQUIRE(outcome(server.receive_hello(hello)) == "invalid");
}

TEST_CASE("a newer client is told so", "[crypto]") {
    Meeting it;
    auto hello = it.hello;
    hello[4] = 2;
    ServerHandshake server(it.relay, it.env);
    REQUIRE(outcome(server.receive_hello(hello)) == "unsupported");
}

TEST_CASE("a founder names its key, and nobody else does", "[crypto]") {
    for (const auto kind : {ProofKind::device, ProofKind::invite, ProofKind::founder}) {
        for (const bool is_named : {false, true}) {
            Meeting it;
            auto claim = claim_of(it.device);
            claim.kind = kind;
            if (is_named) claim.sign_key = it.device.sign().key();
            const auto sealed =
                must(it.client.receive_answer(it.answer, std::nullopt, claim, it.device.sign()));
            const bool is_right = is_named == (kind == ProofKind::founder);
            REQUIRE(outcome(it.server.receive_proof(sealed)) == (is_right ? "ok" : "corrupt"));
        }
    }
}

TEST_CASE("a channel opens the next message of the other end and nothing else", "[crypto]") {
    const auto channel = [] {
        return Channel(Key(), [] {
            Key k;
            k.span()[0] = 1;
            return k;
        }());
    };
    const auto other = [] {
        return Channel(
            [] {
                Key k;
                k.span()[0] = 1;
                return k;
            }(),
            Key());
    };
    auto sender = channel();
    const auto first = sender.seal(as_bytes("first"));
    const auto second = sender.seal(as_bytes("second"));
    const auto receive = [&](std::vector<Bytes> messages) {
        auto receiver = other();
        std::string outcomes;
        for (const auto& message : messages)
            outcomes += outcome(receiver.open(message)) + " ";
        return outcomes;
    };
    CHECK(receive({first, second}) == "ok ok ");
    CHECK(receive({second, first}) == "wrong_key wrong_key ");
    CHECK(receive({first, first}) == "ok wrong_key ");
    CHECK(receive({second}) == "wrong_key ");
    CHECK(receive({Bytes(first.begin(), first.end() - 1), first}) == "wrong_key wrong_key ");
    CHECK(receive({Bytes{}}) == "wrong_key ");
    auto reflected = channel();
    CHECK(outcome(reflected.open(first)) == "wrong_key");
    for (std::size_t bit = 0; bit < first.size() * 8; ++bit) {
        REQUIRE(receive({flipped(first, bit)}) == "wrong_key ");
    }
}
