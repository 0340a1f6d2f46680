// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public/inbox.hpp"

namespace trellis::crypto {

/// What was dropped into an inbox: for readers of it. `expected` says which inbox and key epoch
/// it must be for. `wrong_key` where it was sealed for another organisation, inbox, key or
/// epoch, or altered. Whether its id was seen before is the caller's to say.
Result<Submission> open_submission(const OrgId& org, const SubmissionHeader& expected,
                                   const BoxSecret& inbox_key, ByteView bytes);

}  // namespace trellis::crypto
