// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/base/env.hpp"
#include "crypto/primitive/aead.hpp"
#include "crypto/primitive/box.hpp"
#include "crypto/public/membership_op.hpp"

namespace trellis::crypto {

using SubmissionId = Id<struct SubmissionTag, 16>;

/// Who sent it. New kinds are added at the end; unknown ones are refused.
enum class SubmissionKind : std::uint8_t { intake = 1, partner_reply = 2, audit = 3 };

/// What somebody drops in without being a member (docs/format.md, "Submission").
struct Submission {
    SubmissionKind kind = SubmissionKind::intake;
    SubmissionId id;               ///< random: the same one twice is a replay
    std::optional<BoxKey> reply;   ///< where an answer may be sealed to
    Bytes body;                    ///< hostile text until a person has read it
};

/// What a submission says in the clear, to the relay too.
struct SubmissionHeader {
    SubmissionKind kind = SubmissionKind::intake;
    InboxId inbox;
    std::uint32_t key_epoch = 0;
};

/// The parts of a submission; borrowed from its bytes.
struct SubmissionParts {
    SubmissionHeader header;
    ByteView header_bytes;
    ByteView sealed_key;
    Nonce nonce{};
    ByteView sealed;
};

/// The largest body that seal_submission() takes.
std::size_t submission_body_max(bool has_reply);

/// Seals to one inbox; anybody can. The result has one of three sizes only. `submission.id` is
/// drawn here. `too_large`, or `invalid` for a key that is none.
Result<Bytes> seal_submission(const OrgId& org, const SubmissionHeader& to, const BoxKey& inbox_key,
                              Submission submission, Env& env);

/// Checks all that needs no key: form, kind, and that the size is one of the three.
/// `corrupt`, `unsupported` or `too_large`.
Result<SubmissionParts> parse_submission(ByteView bytes);

/// The name of a sealed submission, from all of its bytes: the same one twice is one.
Digest submission_digest(ByteView bytes);

/// What a poster says of an inbox's key, for the page that offers the form to compare: binds the
/// key to the organisation, the inbox and the key epoch.
Digest inbox_print(const OrgId& org, const InboxId& inbox, std::uint32_t key_epoch,
                   const BoxKey& key);

/// How much has been spent on a post: the leading zero bits of a hash over the submission and
/// `proof`. A poster tries numbers until there are enough.
unsigned work_bits(const OrgId& org, const Digest& submission, std::uint64_t proof);

/// Binds the one-time key to the organisation and to what stands in the clear.
Digest submission_binding(const OrgId& org, ByteView header, const Key& key);

}  // namespace trellis::crypto
