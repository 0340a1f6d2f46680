// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/secret/author.hpp"

namespace trellis::crypto {

/// What somebody with enough recovery sheets wants.
struct RecoverOrder {
    std::string_view device_name;
    DeviceKind device_kind = DeviceKind::desktop;
    UserId user;                           ///< zeros: a new person
    std::vector<RevokeDeviceOp> removals;  ///< of admin devices, with the ends of their work
    /// Removes every admin device that `removals` leaves out, too. Nothing that those wrote
    /// counts then until it is adopted; say where their work ends if it is known.
    bool removes_all_admins = false;
    RecoveryPlan plan;  ///< of the new sheets
    /// New sheets that an earlier attempt made, whose end nobody has heard; empty: make new ones.
    std::vector<std::string> sheets;
};

struct Recovered {
    std::vector<Bytes> entries;       ///< to append in this order, the first signed by the root
    std::vector<std::string> sheets;  ///< for print, once; the old ones are good for nothing
    Keyring keyring;                  ///< every epoch key that the new device has after them
    /// Newest keys that were not kept for the root as promised; a reader can grant those.
    std::vector<Keyring::Problem> unreadable;
};

/// Makes `device` an admin with every right in every space, by the root's authority: opens the
/// keys that were kept for the root, names a new root, and gives every space a new key. Nothing
/// counts before the relay has sequenced the entries. `denied` where the sheets are not those
/// of the root of now.
Result<Recovered> recover(const Membership& membership,
                          const RootKeys& root,
                          const RecoverOrder& order,
                          const DeviceKey& device,
                          Time time,
                          Env& env);

}  // namespace trellis::crypto
