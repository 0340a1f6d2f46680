// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "crypto/secret/device_key.hpp"
#include "crypto/secret/vault.hpp"

namespace trellis::crypto {

/// How a supervisor gives a seat a new PIN, offline: the seat's database key is sealed to
/// supervisors beforehand. The locked tablet asks with a code, the supervisor's device answers
/// with one that only this request opens.

struct Rescuer {
    DeviceId device;
    BoxKey box;
};

/// What lies beside a vault (docs/format.md, "Rescue").
struct Rescue {
    using Sealed = Id<struct RescueSealedTag, 128>;
    struct ForOne {
        DeviceId device;
        Sealed sealed;
    };
    OrgId org;
    SeatId seat;
    std::vector<ForOne> rescuers;  ///< at most limits::rescuers_max
};

/// Seals the database key to every rescuer, bound to the seat and to the installation's key, by
/// which a request proves that it comes from there. `too_large` or `invalid`.
Result<Rescue> seal_rescue(const OrgId& org, const SeatId& seat, const SignKey& installation,
                           const Key& database, const std::vector<Rescuer>& rescuers, Env& env);
Bytes to_bytes(const Rescue& rescue);
Result<Rescue> parse_rescue(ByteView bytes);

/// A request as it is read out, scanned or typed.
struct RescueRequest {
    Rescue rescue;
    BoxKey answer_to;     ///< made for this request
    Signature signature;  ///< by the installation
    Digest digest;        ///< names the request
};

/// "TRQ1:" and base 32 with a checksum. Signed by the installation.
RescueRequest make_rescue_request(Rescue rescue, const BoxKey& answer_to,
                                  const SignSecret& installation);
std::string to_text(const RescueRequest& request);
Result<RescueRequest> parse_rescue_request(std::string_view text);

/// Eight digits that both screens show, to be compared by voice.
std::string spoken_code(const RescueRequest& request);

/// The answer's text, "TRA1:…", on the supervisor's device. `denied` where the seat never
/// named this device or the request does not come from the seat's own installation.
Result<std::string> answer_rescue(const RescueRequest& request, const OrgId& org,
                                  const DeviceId& self, const BoxSecret& own, Env& env);

/// The seat's database key, on the tablet that asked. `wrong_key` for an answer to another
/// request, `invalid` for a mistyped one.
Result<Key> open_rescue_answer(std::string_view text, const SeatId& seat, const Digest& request,
                               const BoxSecret& answer_key);

}  // namespace trellis::crypto
