// SPDX-License-Identifier: Apache-2.0
#include "tests/crypto/membership_attempt.hpp"

#include <algorithm>

namespace trellis::test {

using namespace trellis::crypto;

Bytes forge(const Membership& membership, const Forgery& forgery) {
    Entry entry;
    entry.org = membership.org();
    entry.index = membership.length();
    entry.previous = membership.head();
    entry.time = forgery.time;
    entry.author = forgery.author;
    entry.ops = forgery.ops;
    entry.post_state = forgery.post_state;
    auto bytes = write_unsigned_entry(entry);
    const auto digest = entry_hash(bytes);
    std::vector<EntrySignature> signatures;
    for (const auto& one : forgery.signers) {
        signatures.push_back({one.id, sign(one.secret, Label::log_sig, entry.org, digest)});
    }
    std::sort(signatures.begin(), signatures.end(), [](const auto& a, const auto& b) {
        return a.signer < b.signer;
    });
    append_signatures(bytes, signatures);
    return bytes;
}

std::string attempt(const Organisation& organisation,
                    std::vector<MembershipOp> ops,
                    const Signers& signers,
                    Time after_ms) {
    Forgery forgery;
    forgery.time = Time{1'780'000'000'000} + after_ms;
    for (const auto* person : signers) {
        forgery.signers.push_back({organisation.signer(*person), person->key.sign()});
    }
    forgery.author = forgery.signers.front().id;
    forgery.ops = std::move(ops);
    const auto honest = make_entry(
        organisation.membership, forgery.ops, forgery.author, forgery.signers, forgery.time);
    if (honest) forgery.post_state = must(parse_entry(*honest)).post_state;
    auto copy = organisation.membership;
    const auto taken = copy.extend(forge(organisation.membership, forgery));
    CHECK(outcome(taken) == outcome(honest));
    CHECK(copy.length() == organisation.membership.length() + (taken ? 1 : 0));
    if (!taken) CHECK(taken.error().message == honest.error().message);
    return outcome(taken);
}

}  // namespace trellis::test
