// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/cursor.hpp"
#include "core/base/stamp.hpp"
#include "crypto/primitive/sign.hpp"

namespace trellis::crypto {

/// A relay's signed word of where a space's log and the membership log end: what it can be held
/// to later. The organisation is not inside: it is signed with it.
struct Receipt {
    SpaceId space;
    Cursor cursor;                 ///< the end of the space's log
    std::uint64_t log_length = 0;  ///< of the membership log
    Digest log_head;
    Time time = 0;                 ///< the relay's clock
    Signature signature;           ///< label receipt-sig over receipt_digest()

    bool operator==(const Receipt&) const = default;
};

/// hash(receipt, space, incarnation, u64 position, head, u64 log length, log head, u64 time).
Digest receipt_digest(const Receipt& receipt);
/// Fills in the signature.
void sign_receipt(const SignSecret& relay, const OrgId& org, Receipt& receipt);
bool verify_receipt(const SignKey& relay, const OrgId& org, const Receipt& receipt);

/// True where no honest relay can have signed both: two heads for one place of one life of a
/// space's log, or for one length of the membership log. With two genuine receipts of one relay
/// for one organisation, that is proof for anybody; verify both first. Places that differ prove
/// nothing alone: whoever holds the envelopes between them rolls from one head to the other.
bool contradicts(const Receipt& one, const Receipt& other);

}  // namespace trellis::crypto
