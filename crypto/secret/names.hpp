// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public/membership.hpp"
#include "crypto/secret/keyring.hpp"

namespace trellis::crypto {

/// What a sealed name is bound to.
struct NamePlace {
    OrgId org;
    NameKind kind = NameKind::space;
    TargetId target;
    SpaceId key_space;
    std::uint32_t epoch = 0;
};

/// The op that gives `place` a name. `invalid` unless the name is UTF-8 of 1 to
/// limits::name_max bytes.
Result<NameOp> seal_name(const NamePlace& place,
                         const Key& epoch_key,
                         std::string_view name,
                         Env& env);
Result<std::string> open_name(const NamePlace& place, const Key& epoch_key, ByteView sealed);

/// The name that the log gives, for people. `not_found` where there is none, `wrong_key` where
/// this device cannot read it.
Result<std::string> name_of(const Membership& membership,
                            const Keyring& keyring,
                            NameKind kind,
                            const TargetId& target);

}  // namespace trellis::crypto
