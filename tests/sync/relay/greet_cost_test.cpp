// SPDX-License-Identifier: Apache-2.0
// N-07: strangers of every kind cost the relay the same work, so that no clock tells them apart.
// Counted, not measured: the linker puts these functions in the place of libsodium's.
#include <sodium.h>

#include "tests/sync/relay/scene.hpp"

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

namespace {

struct Work {
    int signatures = 0;  ///< checked
    int hashes = 0;
    int exchanges = 0;
    bool operator==(const Work&) const = default;
};
Work done;

}  // namespace

extern "C" {
int __real_crypto_sign_verify_detached(const unsigned char* signature, const unsigned char* message,
                                       unsigned long long size, const unsigned char* key);
int __wrap_crypto_sign_verify_detached(const unsigned char* signature, const unsigned char* message,
                                       unsigned long long size, const unsigned char* key) {
    ++done.signatures;
    return __real_crypto_sign_verify_detached(signature, message, size, key);
}
int __real_crypto_generichash_init(crypto_generichash_state* state, const unsigned char* key,
                                   std::size_t key_size, std::size_t size);
int __wrap_crypto_generichash_init(crypto_generichash_state* state, const unsigned char* key,
                                   std::size_t key_size, std::size_t size) {
    ++done.hashes;
    return __real_crypto_generichash_init(state, key, key_size, size);
}
int __real_crypto_scalarmult(unsigned char* to, const unsigned char* secret,
                             const unsigned char* point);
int __wrap_crypto_scalarmult(unsigned char* to, const unsigned char* secret,
                             const unsigned char* point) {
    ++done.exchanges;
    return __real_crypto_scalarmult(to, secret, point);
}
}

namespace {

/// What the whole conversation of a stranger costs, its own end included, which is the same.
Work work_of(Scene& scene, const OrgId& org, const crypto::ProofClaim& claim,
             const crypto::SignSecret& secret) {
    const auto before = done;
    Line line(scene);
    line.prove(org, claim, secret);
    CHECK(line.expect<Bye>().code == Code::denied);
    return {done.signatures - before.signatures, done.hashes - before.hashes,
            done.exchanges - before.exchanges};
}

crypto::ProofClaim claim_of(crypto::ProofKind kind, const crypto::SignerId& id) {
    crypto::ProofClaim claim;
    claim.kind = kind;
    claim.id = id;
    return claim;
}

}  // namespace

TEST_CASE("N-07 strangers of every kind cost the same signatures and hashes", "[sync]") {
    Scene scene;
    const auto org = scene.membership->org();
    const auto stranger = crypto::DeviceKey::generate(scene.env);
    const auto nowhere = OrgId::from(Bytes(32, 9));
    const auto kind = GENERATE(crypto::ProofKind::device, crypto::ProofKind::invite,
                               crypto::ProofKind::courier);
    auto unknown = claim_of(kind, crypto::signer(stranger.id(org)));
    auto member = claim_of(kind, crypto::signer(scene.devices[1]));
    if (kind == crypto::ProofKind::courier) {
        unknown.sign_key = member.sign_key = stranger.sign().key();
    }
    // The organisation is in memory, as after any member's visit.
    work_of(scene, org, unknown, stranger.sign());
    const auto first = work_of(scene, org, unknown, stranger.sign());
    CHECK(first.signatures > 0);
    CHECK(first.hashes > 0);
    CHECK(first.exchanges > 0);
    CHECK(work_of(scene, org, member, stranger.sign()) == first);
    CHECK(work_of(scene, nowhere, unknown, stranger.sign()) == first);
    CHECK(work_of(scene, nowhere, member, stranger.sign()) == first);
}

TEST_CASE("N-07 a false root costs as much in an organisation as where there is none", "[sync]") {
    Scene scene;
    const auto stranger = crypto::DeviceKey::generate(scene.env);
    const auto claim = claim_of(crypto::ProofKind::root, {});
    const auto org = scene.membership->org();
    work_of(scene, org, claim, stranger.sign());
    const auto known = work_of(scene, org, claim, stranger.sign());
    CHECK(known.signatures > 0);
    CHECK(work_of(scene, OrgId::from(Bytes(32, 9)), claim, stranger.sign()) == known);
}
