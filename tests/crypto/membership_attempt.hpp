// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/crypto/expect.hpp"
#include "tests/support/organisation.hpp"

namespace trellis::test {

using Signers = std::vector<const Person*>;

/// What becomes of an entry that a modified program writes: the ops as they stand, honestly
/// signed by `signers`, the first of whom is the author. Our own program must refuse to write
/// it, and every other must refuse to take it, for the same reason; "ok" where both accept it.
/// The organisation is left as it was.
std::string attempt(const Organisation& organisation,
                    std::vector<crypto::MembershipOp> ops,
                    const Signers& signers,
                    Time after_ms = 0);

/// The same with signers of any kind, and the bytes of the entry given back.
struct Forgery {
    std::vector<crypto::MembershipOp> ops;
    crypto::SignerId author;
    std::vector<crypto::EntrySigner> signers;
    Time time = 0;
    Digest post_state;
};
Bytes forge(const crypto::Membership& membership, const Forgery& forgery);

}  // namespace trellis::test
