// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public/inbox.hpp"

namespace trellis::crypto {

/// The secret of an inbox's key, from the epoch key of its space that the log names beside it.
BoxSecret inbox_secret(const Key& space_key, const InboxId& inbox, std::uint32_t key_epoch);

/// Tries numbers from `from` on until work_bits() reaches `bits`, at most `tries` of them;
/// nothing where none was found. 2^bits tries are needed on average.
std::optional<std::uint64_t> find_work(const OrgId& org, const Digest& submission, unsigned bits,
                                       std::uint64_t from, std::uint64_t tries);

/// What was dropped into an inbox: for readers of it. `expected` says which inbox and key epoch
/// it must be for. `wrong_key` where it was sealed for another organisation, inbox, key or
/// epoch, or altered. Whether its id was seen before is the caller's to say.
Result<Submission> open_submission(const OrgId& org, const SubmissionHeader& expected,
                                   const BoxSecret& inbox_key, ByteView bytes);

}  // namespace trellis::crypto
