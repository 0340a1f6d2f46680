// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public/membership_draft.hpp"

namespace trellis::crypto {

/// Judges an entry's ops as if all of its signers had signed, and applies them to the draft of
/// the state before. `denied` or `invalid` where a rule says no; the draft is then spent. The
/// caller has checked place and signatures. Where `lacking` is given, the entry may be one that
/// others must still sign: what it lacks is put there, in sentences.
Result<void> apply_rules(const Entry& entry,
                         MembershipDraft& draft,
                         std::vector<std::string>* lacking = nullptr);

/// The key that a signer of the entry must have signed with; nothing for a stranger. Those who
/// may sign: the root in a first entry and in one that recovers, active devices, the device that
/// the entry adds, and the invite by which it joins.
std::optional<SignKey> signing_key(const SignerId& signer,
                                   const Entry& entry,
                                   const MembershipState& state);

}  // namespace trellis::crypto
