// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sync/device/log_session.hpp"

namespace trellis::sync {

/// Changes an organisation with the key of its recovery sheets, over one connection: for when no
/// administrator is left. `failure` is a sentence for the person who holds the sheets.
class RecoverSession : public LogSession {
public:
    /// `root`: what the sheets give. Borrows the world for its life.
    RecoverSession(const OrgId& org, const std::optional<crypto::SignKey>& relay_key,
                   crypto::SignSecret root, MakeEntries make_entries, const SessionTimes& times,
                   Env& env, Time now);
};

}  // namespace trellis::sync
