// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public/identity.hpp"

namespace trellis::crypto {

/// What an invite carries: a secret to join with, and all that makes the relay unneeded for
/// trust. Whoever holds the string can join once.
struct Invite {
    SecretBytes<16> secret;
    OrgId org;
    SignKey server_key;            ///< zeros: not known
    std::uint64_t log_length = 0;  ///< the joiner's log must contain this point
    Digest log_head;
    std::string url;  ///< of the relay, at most invite_url_max bytes of printable ASCII
};
inline constexpr std::size_t invite_url_max = 255;

/// "TRL1:" and base 32 with a checksum.
Result<std::string> to_text(const Invite& invite);
/// `invalid` where the string was mistyped or is no invite, `unsupported` for a newer one.
Result<Invite> parse_invite(std::string_view text);

/// The keys that the secret gives.
struct InviteKeys {
    SignSecret sign;
    BoxSecret box;
    InviteId id;
};
InviteKeys invite_keys(const Invite& invite);

}  // namespace trellis::crypto
