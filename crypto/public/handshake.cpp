// SPDX-License-Identifier: Apache-2.0
#include "crypto/public/handshake.hpp"

#include "core/codec/byte_reader.hpp"
#include "core/codec/byte_writer.hpp"
#include "crypto/primitive/aead.hpp"
#include "crypto/primitive/hash.hpp"

namespace trellis::crypto {
namespace {

// hello:  "TRH1" | version 2 | one-time key 32 | nonce 32 | org 32
// answer: one-time key 32 | nonce 32 | time 8 | server key 32 | signature 64
// proof:  kind 1 | id 16 | sign key 32 | log length 8 | log head 32 | [bind 64] | signature 64,
//         sealed; a bind where the kind is courier
constexpr std::string_view magic = "TRH1";
constexpr std::uint16_t version = 1;
constexpr std::size_t nonce_size = 32;
constexpr std::size_t claim_size = 1 + 16 + 32 + 8 + 32;
static_assert(handshake_hello_size == magic.size() + 2 + 32 + nonce_size + 32);
static_assert(handshake_answer_size == 32 + nonce_size + 8 + 32 + Signature::size);
static_assert(handshake_proof_size == claim_size + Signature::size + aead_tag_size);
static_assert(handshake_courier_size == handshake_proof_size + Signature::size);

ByteView unsigned_part(ByteView message) {
    return message.first(message.size() - Signature::size);
}

Signature signature_of(ByteView message) {
    return Signature::from(message.last(Signature::size));
}

Digest answer_digest(ByteView hello, ByteView unsigned_answer) {
    return hash(Label::handshake_answer, {hello, unsigned_answer});
}

Digest proof_digest(const Digest& transcript, ByteView claim) {
    return hash(Label::handshake_proof, {transcript.view(), claim});
}

struct SessionKeys {
    Key to_server;
    Key to_client;
};

SessionKeys session_keys(const Key& shared, const Digest& transcript) {
    return {derive(shared, Label::handshake_to_server, transcript.view()),
            derive(shared, Label::handshake_to_client, transcript.view())};
}

Bytes fresh_nonce(Env& env) {
    Bytes nonce(nonce_size);
    env.random(nonce);
    return nonce;
}

Bytes write_claim(const ProofClaim& claim) {
    ByteWriter writer;
    writer.u8(static_cast<std::uint8_t>(claim.kind));
    writer.raw(claim.id.view());
    writer.raw(claim.sign_key.view());
    writer.u64(claim.log_length);
    writer.raw(claim.log_head.view());
    if (claim.kind == ProofKind::courier) writer.raw(claim.bind.view());
    return writer.take();
}

Result<ProofClaim> read_claim(ByteView bytes) {
    ByteReader reader(bytes);
    ProofClaim claim;
    const auto kind = reader.u8();
    claim.kind = static_cast<ProofKind>(kind);
    claim.id = reader.id<SignerId>();
    claim.sign_key = reader.id<SignKey>();
    claim.log_length = reader.u64();
    claim.log_head = reader.id<Digest>();
    const bool is_courier = claim.kind == ProofKind::courier;
    if (is_courier) claim.bind = reader.id<Signature>();
    TRELLIS_DO(reader.finish("a device's proof"));
    const bool names_key = is_courier || claim.kind == ProofKind::founder;
    if (kind == 0 || kind > static_cast<std::uint8_t>(ProofKind::courier) ||
        claim.sign_key.is_zero() == names_key ||
        (claim.kind == ProofKind::root && !claim.id.is_zero())) {
        return Error{Code::corrupt, "a device's proof is malformed"};
    }
    return claim;
}

Digest bind_digest(const SignKey& installation) {
    return hash(Label::install_bind, {installation.view()});
}

}  // namespace

bool verify_proof(const Proof& proof, const SignKey& key) {
    return verify(key, Label::handshake_client, proof.org, proof.digest, proof.signature);
}

Signature bind_installation(const SignSecret& device, const OrgId& org, const SignKey& installation) {
    return sign(device, Label::install_bind, org, bind_digest(installation));
}

bool verify_binding(const SignKey& device,
                    const OrgId& org,
                    const SignKey& installation,
                    const Signature& bind) {
    return verify(device, Label::install_bind, org, bind_digest(installation), bind);
}

ClientHandshake::ClientHandshake(const OrgId& org, Env& env)
    : org_(org), ephemeral_(BoxSecret::generate(env)) {
    ByteWriter writer;
    writer.raw(as_bytes(magic));
    writer.u16(version);
    writer.raw(ephemeral_.key().view());
    writer.raw(fresh_nonce(env));
    writer.raw(org_.view());
    hello_ = writer.take();
}

Bytes ClientHandshake::hello() {
    return hello_;
}

Result<Bytes> ClientHandshake::receive_answer(ByteView answer,
                                              const std::optional<SignKey>& expected,
                                              const ProofClaim& claim,
                                              const SignSecret& secret) {
    if (answer.size() != handshake_answer_size) {
        return Error{Code::corrupt,
                     "that server does not answer as a relay does; check its address"};
    }
    ByteReader reader(unsigned_part(answer));
    const auto theirs = reader.id<BoxKey>();
    reader.raw(nonce_size);
    const auto time = reader.u64();
    const auto server_key = reader.id<SignKey>();
    if (expected && *expected != server_key) {
        return Error{Code::denied,
                     "the server is not the one this organisation trusts; check its address"};
    }
    if (!verify(server_key,
                Label::handshake_server,
                org_,
                answer_digest(hello_, unsigned_part(answer)),
                signature_of(answer))) {
        return Error{Code::denied, "the server could not prove who it is"};
    }
    if (time >> 63U != 0) return Error{Code::corrupt, "the server's clock makes no sense"};
    TRELLIS_TRY(const auto shared, agree(ephemeral_, theirs));
    server_key_ = server_key;
    server_time_ = static_cast<Time>(time);
    const auto transcript = hash(Label::handshake, {hello_, answer});
    auto keys = session_keys(shared, transcript);
    channel_.emplace(std::move(keys.to_server), std::move(keys.to_client));
    auto proof = write_claim(claim);
    const auto signature =
        sign(secret, Label::handshake_client, org_, proof_digest(transcript, proof));
    append(proof, signature.view());
    return channel_->seal(proof);
}

Channel ClientHandshake::take_channel() {
    TRELLIS_CHECK(channel_.has_value());
    auto channel = std::move(*channel_);
    channel_.reset();
    return channel;
}

Result<Bytes> ServerHandshake::receive_hello(ByteView hello) {
    TRELLIS_CHECK(!channel_.has_value());
    if (hello.size() != handshake_hello_size || as_text(hello.first(magic.size())) != magic) {
        return Error{Code::corrupt, "this is no Trellis client, or its hello was cut short"};
    }
    ByteReader reader(hello.subspan(magic.size()));
    if (reader.u16() != version) {
        return Error{Code::unsupported, "the client speaks another version of the protocol"};
    }
    const auto theirs = reader.id<BoxKey>();
    reader.raw(nonce_size);
    org_ = reader.id<OrgId>();
    const auto ephemeral = BoxSecret::generate(env_);
    // Before the signature: a key of small order costs us nothing dear.
    TRELLIS_TRY(const auto shared, agree(ephemeral, theirs));
    ByteWriter writer;
    writer.raw(ephemeral.key().view());
    writer.raw(fresh_nonce(env_));
    writer.u64(static_cast<std::uint64_t>(env_.wall_time()));
    writer.raw(secret_.key().view());
    auto answer = writer.take();
    const auto signature =
        sign(secret_, Label::handshake_server, org_, answer_digest(hello, answer));
    append(answer, signature.view());
    transcript_ = hash(Label::handshake, {hello, answer});
    auto keys = session_keys(shared, transcript_);
    channel_.emplace(std::move(keys.to_client), std::move(keys.to_server));
    return answer;
}

Result<Proof> ServerHandshake::receive_proof(ByteView sealed) {
    TRELLIS_CHECK(channel_.has_value());
    if (sealed.size() != handshake_proof_size && sealed.size() != handshake_courier_size) {
        return Error{Code::corrupt, "a device's proof has the wrong size"};
    }
    TRELLIS_TRY(const auto message, channel_->open(sealed));
    Proof proof;
    TRELLIS_TRY(proof.claim, read_claim(unsigned_part(message)));
    proof.org = org_;
    proof.digest = proof_digest(transcript_, unsigned_part(message));
    proof.signature = signature_of(message);
    return proof;
}

Channel ServerHandshake::take_channel() {
    TRELLIS_CHECK(channel_.has_value());
    auto channel = std::move(*channel_);
    channel_.reset();
    return channel;
}

}  // namespace trellis::crypto
