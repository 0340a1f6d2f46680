// SPDX-License-Identifier: Apache-2.0
#include "sync/device/join_session.hpp"

#include <utility>

namespace trellis::sync {
namespace {

LogCredentials credentials_of(const crypto::Invite& invite) {
    auto keys = crypto::invite_keys(invite);
    LogCredentials credentials{.org = invite.org,
                               .relay_key = std::nullopt,
                               .kind = crypto::ProofKind::invite,
                               .id = crypto::signer(keys.id),
                               .secret = std::move(keys.sign),
                               .least_length = invite.log_length};
    if (!invite.server_key.is_zero()) credentials.relay_key = invite.server_key;
    return credentials;
}

LogPhrases phrases() {
    return {.not_accepted = "the relay does not accept this invite: it was used already, has "
                            "expired, was withdrawn, or belongs to another organisation; ask for a "
                            "new one",
            .wrong_relay = "the relay at this address is not the one that the invite names: the "
                           "address is wrong, or somebody stands between; ask the person who "
                           "invited you",
            .unknown_org = "the relay at this address does not know the organisation that the "
                           "invite is for",
            .wrong_org = "the relay shows another organisation than the one the invite is for; ask "
                         "the person who invited you",
            .too_old = "the relay's membership log is older than the invite: it has lost entries; "
                       "try again when its operator has restored it",
            .refused = "the relay did not let this device join; the invite may have been used "
                       "meanwhile: ask for a new one",
            .too_large = "the invite grants more than one membership entry can carry; ask for an "
                         "invite with fewer spaces"};
}

LogSession::MakeEntries one_by_one(JoinSession::MakeEntry make_entry) {
    return [make = std::move(make_entry)](
               const std::vector<Bytes>& entries) -> Result<std::vector<Bytes>> {
        TRELLIS_TRY(auto entry, make(entries));
        if (entry.empty()) return std::vector<Bytes>();
        return std::vector<Bytes>{std::move(entry)};
    };
}

}  // namespace

JoinSession::JoinSession(const crypto::Invite& invite, MakeEntry make_entry,
                         const SessionTimes& times, Env& env, Time now)
    : LogSession(credentials_of(invite), phrases(), one_by_one(std::move(make_entry)), times, env,
                 now) {}

}  // namespace trellis::sync
