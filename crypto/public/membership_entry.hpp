// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public/membership_op.hpp"

namespace trellis::crypto {

struct EntrySignature {
    SignerId signer;
    Signature signature;
};

/// One entry of an organisation's log: a transaction of ops, all or none.
struct Entry {
    OrgId org;  ///< of a genesis entry: derived from its bytes, which hold zeros
    std::uint64_t index = 0;
    Digest previous;  ///< entry hash of the one before
    Time time = 0;    ///< claimed
    SignerId author;
    std::vector<MembershipOp> ops;
    Digest post_state;                       ///< catches builds that disagree about the rules
    std::vector<EntrySignature> signatures;  ///< signer ids rising
    Digest hash;                             ///< of everything but the signatures
    /// Number of an op of a newer version; the ops are then not all here.
    std::optional<std::uint16_t> unknown_op;
};

/// Parses strictly, limits first; no signature and no rule is checked. `corrupt`, `too_large`,
/// or `unsupported` where the entry itself is of a newer version.
Result<Entry> parse_entry(ByteView bytes);

/// The name of the organisation that this op founds: a hash of its bytes. The rest of the
/// first entry is left out, because ids made from this name stand there; the root signs it all.
OrgId org_of_genesis(const GenesisOp& op);

/// Writes head, ops and post_state; the signatures follow with append_signatures().
Bytes write_unsigned_entry(const Entry& entry);
Digest entry_hash(ByteView unsigned_entry);
/// Requires: 1 to limits::entry_signers_max signatures, signer ids rising.
void append_signatures(Bytes& entry, const std::vector<EntrySignature>& signatures);

}  // namespace trellis::crypto
