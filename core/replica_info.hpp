// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/edit.hpp"
#include "crypto/public/membership_op.hpp"

/// What a replica tells about itself.
namespace trellis::core {

/// How far a change has come: saved on this device; stored durably by the relay; seen by
/// another device.
enum class Ack : std::uint8_t { saved, stored, seen };

struct SpaceInfo {
    SpaceId space;
    std::string name;
    std::uint32_t epoch = 0;
    std::uint8_t rights = 0;
    bool is_directory = false;
    /// Who reads it for a while, in an emergency; until the log has ended that.
    struct Lent {
        DeviceId device;
        Time until = 0;
    };
    std::vector<Lent> lent = {};
};
struct MemberInfo {
    DeviceId device;
    crypto::UserId person;  ///< zeros: not known
    std::string name;
    std::uint16_t role = 0;        ///< bits of crypto::role_…
    bool is_active = false;
    std::vector<std::pair<SpaceId, std::uint8_t>> spaces;
};

/// An envelope that is kept and not merged, because the membership log says that its author's
/// work had ended, or because it cannot be judged yet.
struct Quarantined {
    DeviceId device;
    SpaceId space;
    Dot dot;             ///< of its first change
    Digest id;           ///< its chain hash; zeros where what comes before it is not here
    /// "revoked"; "fork"; or what it waits for: "key", "depends", "gap", "rights" (its author
    /// never had any), "unreadable" (a newer program, or its author wrote rubbish); or "shredded":
    /// work of this device that no relay had when its space ended
    std::string reason;
    Time at = 0;         ///< when its first change was written, by its author's clock
    std::size_t changes = 0;  ///< 0 where it cannot be opened
    /// What it would write, one line a record: {"type","rec","op"}.
    Json summary;
    /// Of "shredded": the record as it was shown when its space ended, {rec,type,space,fields,…},
    /// or the ops that would have written it.
    Json content = {};
};

struct WriteResult {
    Dot dot;                       ///< names the change
    std::vector<Written> written;  ///< one for each edit
};

}  // namespace trellis::core
