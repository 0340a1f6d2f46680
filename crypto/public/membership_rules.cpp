// SPDX-License-Identifier: Apache-2.0
#include "crypto/public/membership_rules.hpp"

#include "core/base/limits.hpp"
#include "crypto/public/identity.hpp"
#include "crypto/public/membership_judge.hpp"

#include <algorithm>

namespace trellis::crypto {
namespace {

template <class IdType>
IdType id_of(const SignerId& signer) {
    return IdType{signer.bytes};
}

// A first entry founds: it must give the organisation a root, an admin and a directory.
Result<void> check_first(const Entry& entry) {
    if (std::get_if<GenesisOp>(&entry.ops.front()) == nullptr) {
        return Error{Code::invalid, "it does not found an organisation"};
    }
    std::size_t spaces = 0;
    for (const auto& op : entry.ops)
        spaces += std::holds_alternative<CreateSpaceOp>(op) ? 1 : 0;
    if (spaces != 1) {
        return Error{Code::invalid, "an organisation starts with one space, its directory"};
    }
    if (!entry.author.is_zero() || entry.signatures.size() != 2 ||
        !entry.signatures[0].signer.is_zero()) {
        return Error{Code::denied, "the root and the first device must both sign, nobody else"};
    }
    return {};
}

Result<void> check_author(const Entry& entry) {
    for (const auto& signature : entry.signatures) {
        if (signature.signer == entry.author) return {};
    }
    return Error{Code::denied, "its author has not signed it"};
}

}  // namespace

std::optional<SignKey> signing_key(const SignerId& signer,
                                   const Entry& entry,
                                   const MembershipState& state) {
    if (const auto found = state.devices.find(id_of<DeviceId>(signer));
        found != state.devices.end()) {
        return found->second.is_active ? std::optional(found->second.sign) : std::nullopt;
    }
    for (const auto& op : entry.ops) {
        const auto* recovered = std::get_if<RecoverAdminsOp>(&op);
        const bool is_recovering =
            recovered != nullptr || std::holds_alternative<RecoveryRekeyOp>(op);
        if (is_recovering && signer.is_zero() && entry.index != 0) return state.root_sign;
        if (recovered != nullptr &&
            device_id(entry.org, recovered->sign, recovered->box) == id_of<DeviceId>(signer)) {
            return recovered->sign;
        }
        if (const auto* genesis = std::get_if<GenesisOp>(&op); genesis != nullptr) {
            if (entry.index != 0) return std::nullopt;
            if (signer.is_zero()) return genesis->root_sign;
            const auto id = device_id(entry.org, genesis->device_sign, genesis->device_box);
            if (id == id_of<DeviceId>(signer)) return genesis->device_sign;
        }
        const auto* added = std::get_if<AddDeviceOp>(&op);
        if (added == nullptr) continue;
        if (device_id(entry.org, added->sign, added->box) == id_of<DeviceId>(signer)) {
            return added->sign;
        }
        const auto invite = state.invites.find(added->invite);
        if (invite != state.invites.end() && added->invite == id_of<InviteId>(signer)) {
            return invite->second.is_open() ? std::optional(invite->second.sign) : std::nullopt;
        }
    }
    return std::nullopt;
}

Result<void> apply_rules(const Entry& entry,
                         MembershipDraft& draft,
                         std::vector<std::string>* lacking) {
    TRELLIS_CHECK(entry.index == draft.base.length);
    if (entry.ops.empty() || entry.ops.size() > limits::entry_ops_max) {
        return Error{Code::invalid, "it has no op, or too many"};
    }
    if (entry.signatures.size() > limits::entry_signers_max) {
        return Error{Code::invalid, "it has too many signers"};
    }
    TRELLIS_DO(check_author(entry));
    if (entry.index == 0) TRELLIS_DO(check_first(entry));
    MembershipJudge judge(entry, draft, lacking);
    judge.end_emergencies();
    for (const auto& op : entry.ops) {
        TRELLIS_DO(std::visit([&judge](const auto& value) { return judge.apply(value); }, op));
    }
    for (const auto& id : draft.created) {
        if (draft.spaces.find(id)->epoch == 0) {
            return Error{Code::invalid, "a new space must get its first key at once"};
        }
    }
    return {};
}

}  // namespace trellis::crypto
