// SPDX-License-Identifier: Apache-2.0
// Our entries of the membership log, and those that several must sign.
#include "core/replica.hpp"
#include "crypto/primitive/hash.hpp"
#include "crypto/secret/co_sign.hpp"

namespace trellis::core {
namespace {

const Error no_org{Code::invalid, "this device belongs to no organisation yet: create or join one"};

}  // namespace

crypto::Author Replica::author() {
    auto author = ledger_.author(clock_.now().time);
    author.draft = allows_drafts_;
    return author;
}

/// One more entry of ours, and everything that follows from it; or a draft that waits for others.
Result<void> Replica::append_entry(const Bytes& entry) {
    if (allows_drafts_) {
        TRELLIS_TRY(auto missing, crypto::missing_signatures(membership(), entry));
        if (!missing.empty()) {
            draft_ = Draft{entry, std::move(missing)};
            return {};
        }
    }
    TRELLIS_DO(ledger_.append_own(entry));
    return follow_ledger();
}

Result<std::optional<Replica::Draft>> Replica::co_sign(ByteView entry) {
    if (!has_org()) return no_org;
    TRELLIS_TRY(auto signed_too, crypto::co_sign(membership(), entry, device_key()));
    TRELLIS_TRY(auto missing, crypto::missing_signatures(membership(), signed_too));
    if (!missing.empty()) return std::optional(Draft{std::move(signed_too), std::move(missing)});
    TRELLIS_DO(append_entry(signed_too));
    return std::optional<Draft>();
}

Result<void> Replica::set_admin_quorum(std::uint64_t admins) {
    if (!has_org()) return no_org;
    TRELLIS_TRY(const auto entry, crypto::set_admin_quorum(author(), admins));
    return append_entry(entry);
}

Result<void> Replica::lend(const DeviceId& to, const SpaceId& space, Time until,
                           std::string_view reason) {
    if (!has_org()) return no_org;
    const auto hash = crypto::hash(crypto::Label::emergency, {as_bytes(reason)});
    TRELLIS_TRY(const auto entry, crypto::break_glass(author(), {to, space, until, hash}));
    return append_entry(entry);
}

/// A newest key that did not open here as promised: some other reader is to make a new one.
Result<void> Replica::complain_of_keys() {
    // Our own entry makes the keyring look again, and its list change.
    const auto problems = ledger_.keyring().problems();
    for (const auto& problem : problems) {
        const auto* space = membership().space(problem.space);
        const bool is_newest = space != nullptr && space->epoch == problem.epoch;
        if (!is_newest || space->is_rotation_due) continue;
        if (ledger_.keyring().newest(problem.space) == problem.epoch) continue;
        const auto entry = crypto::complain(ledger_.author(clock_.now().time), problem.space);
        const auto done = entry ? ledger_.append_own(*entry) : Result<void>(entry.error());
        if (!done) env_.log("complaint.put_off", to_string(done.error().code));
    }
    return {};
}

}  // namespace trellis::core
