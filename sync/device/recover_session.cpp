// SPDX-License-Identifier: Apache-2.0
#include "sync/device/recover_session.hpp"

#include <utility>

namespace trellis::sync {
namespace {

LogPhrases phrases() {
    return {.not_accepted = "the relay does not accept these recovery sheets: they are of another "
                            "organisation, or were replaced by newer ones",
            .wrong_relay = "the relay at this address is not the one that the organisation trusts: "
                           "the address is wrong, or somebody stands between",
            .unknown_org = "the relay at this address does not know the organisation of these "
                           "recovery sheets",
            .wrong_org = "the relay shows another organisation than the one of the recovery sheets",
            .too_old = "the relay's membership log has lost entries; try again when its operator "
                       "has restored it",
            .refused = "the relay did not accept the recovery",
            .too_large = "the recovery changes more than one membership entry can carry; recover "
                         "fewer spaces at a time"};
}

}  // namespace

RecoverSession::RecoverSession(const OrgId& org, const std::optional<crypto::SignKey>& relay_key,
                               crypto::SignSecret root, MakeEntries make_entries,
                               const SessionTimes& times, Env& env, Time now)
    : LogSession({.org = org,
                  .relay_key = relay_key,
                  .kind = crypto::ProofKind::root,
                  .id = {},
                  .secret = std::move(root),
                  .least_length = 0},
                 phrases(), std::move(make_entries), times, env, now) {}

}  // namespace trellis::sync
