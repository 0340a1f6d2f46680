// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"
#include "core/base/stamp.hpp"
#include "core/store/store.hpp"
#include "crypto/public/envelope.hpp"

namespace trellis::core {

/// What an administrator must look at. Work goes on where it is safe. split_view, withheld and
/// log_fork may rest on what the relay itself has said, or on the word of one member: Alarm says.
enum class AlarmKind : std::uint8_t {
    split_view,   ///< the relay shows two devices two histories of a space
    rolled_back,  ///< the relay has gone back behind its own receipt
    withheld,     ///< the relay says that is all, and others have seen more
    log_fork,     ///< two histories of the membership log
    key_refused,  ///< a space's key that does not open what it promised
    forged,       ///< a signature that is not genuine
    fork,         ///< one device has signed two histories: its database was copied
};
std::string_view to_string(AlarmKind kind);

struct Alarm {
    AlarmKind kind = AlarmKind::forged;
    SpaceId space;    ///< zeros: the membership log
    DeviceId device;  ///< whose word started it; zeros: the relay's alone
    std::string subject;  ///< tells two alarms of a kind apart; of claims there is one
    Time at = 0;
    Json evidence;    ///< signed bytes in base64; docs/format.md, "Evidence"
    /// Only the word of `device`, which may be lying: a suspicion, not a proof. It names a place
    /// of a log in evidence.said, and ends when it is answered.
    bool is_claim = false;
};

/// The alarms of this database, each once. Of claims there is one for each kind, space and
/// member, so that nobody can fill the list.
class Alarms {
public:
    explicit Alarms(Store& store) : store_(store) {}
    /// In the caller's transaction. Beyond limits::alarms_max only the log says so.
    Result<void> raise(const Alarm& alarm);
    /// Oldest first.
    Result<std::vector<Alarm>> load();
    /// The claims among them; cheap where there are none.
    Result<std::vector<Alarm>> claims();
    /// A claim was answered, or taken back by who made it. In the caller's transaction.
    Result<void> end(const Alarm& claim);

private:
    Result<std::int64_t> count(bool claims);

    Store& store_;
};

/// An envelope with all that its signature is about.
Json envelope_evidence(const crypto::EnvelopePlace& place, const DeviceId& device,
                       const Incarnation& incarnation, ByteView envelope);

}  // namespace trellis::core
