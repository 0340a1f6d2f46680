// SPDX-License-Identifier: Apache-2.0
#include "crypto/public/receipt.hpp"

#include "crypto/primitive/hash.hpp"

namespace trellis::crypto {

Digest receipt_digest(const Receipt& receipt) {
    return Hasher(Label::receipt)
        .add(receipt.space.view())
        .add(receipt.cursor.incarnation.view())
        .add_u64(receipt.cursor.position)
        .add(receipt.cursor.head.view())
        .add_u64(receipt.log_length)
        .add(receipt.log_head.view())
        .add_u64(static_cast<std::uint64_t>(receipt.time))
        .finish();
}

void sign_receipt(const SignSecret& relay, const OrgId& org, Receipt& receipt) {
    receipt.signature = sign(relay, Label::receipt_sig, org, receipt_digest(receipt));
}

bool verify_receipt(const SignKey& relay, const OrgId& org, const Receipt& receipt) {
    return verify(relay, Label::receipt_sig, org, receipt_digest(receipt), receipt.signature);
}

bool contradicts(const Receipt& one, const Receipt& other) {
    const bool is_same_log = one.log_length == other.log_length;
    if (is_same_log && one.log_head != other.log_head) return true;
    const bool is_same_place = one.space == other.space &&
                               one.cursor.incarnation == other.cursor.incarnation &&
                               one.cursor.position == other.cursor.position;
    return is_same_place && one.cursor.head != other.cursor.head;
}

}  // namespace trellis::crypto
