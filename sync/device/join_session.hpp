// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/secret/invite.hpp"
#include "sync/device/log_session.hpp"

namespace trellis::sync {

/// Joins an organisation by an invite over one connection: reads the whole membership log,
/// has the joining entry made on top of it, and appends it. `failure` is a sentence for the
/// person who holds the invite.
class JoinSession : public LogSession {
public:
    /// Verifies the log and gives the entry that adds this device. Empty: the log holds it
    /// already, from an earlier connection that broke before the answer.
    using MakeEntry = std::function<Result<Bytes>(const std::vector<Bytes>& entries)>;

    /// Borrows the world for its life; of the invite it keeps copies.
    JoinSession(const crypto::Invite& invite, MakeEntry make_entry, const SessionTimes& times,
                Env& env, Time now);
};

}  // namespace trellis::sync
