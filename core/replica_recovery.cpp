// SPDX-License-Identifier: Apache-2.0
// The way back from printed sheets, and the new sheets until somebody has them in hand.
#include "core/replica.hpp"
#include "core/store/kept_sheets.hpp"
#include "crypto/secret/recovery.hpp"

namespace trellis::core {
namespace {

/// Nothing where there are no sheets, or sheets of another organisation.
Result<std::optional<crypto::RootKeys>> root_of(const std::vector<std::string>& sheets,
                                                const OrgId& org) {
    if (sheets.empty()) return std::optional<crypto::RootKeys>();
    TRELLIS_TRY(const auto seed, crypto::combine_sheets(sheets));
    if (seed.org != org) return std::optional<crypto::RootKeys>();
    return std::optional(crypto::root_keys(seed.seed));
}

}  // namespace

Result<std::vector<Bytes>> Replica::recover_entries(const crypto::RootKeys& root,
                                                    const crypto::DeviceKey& key,
                                                    std::string_view device_name,
                                                    const std::vector<Bytes>& entries) {
    TRELLIS_TRY(const auto membership, verify_log(entries));
    if (membership.device(key.id(membership.org())) != nullptr) return std::vector<Bytes>();
    KeptSheets kept(*store_);
    crypto::RecoverOrder order;
    order.device_name = device_name;
    // An attempt before this one may still reach the relay: whichever does, the sheets are right.
    TRELLIS_TRY(auto before, kept.load());
    TRELLIS_TRY(const auto begun, root_of(before, membership.org()));
    if (begun) order.sheets = std::move(before);
    TRELLIS_TRY(auto made,
                crypto::recover(membership, root, order, key, clock_.now().time, env_));
    TRELLIS_DO(kept.keep(made.sheets));
    return std::move(made.entries);
}

Result<void> Replica::recovered(crypto::DeviceKey key, std::string_view url,
                                const std::vector<Bytes>& entries) {
    TRELLIS_DO(ledger_.join(std::move(key), entries, [&] { return settle_in(url, {}); }));
    url_ = url;
    return follow_ledger();
}

Result<std::optional<crypto::RootKeys>> Replica::begun_recovery(const OrgId& org) {
    if (has_org()) return std::optional<crypto::RootKeys>();
    TRELLIS_TRY(const auto sheets, KeptSheets(*store_).load());
    return root_of(sheets, org);
}

Result<std::vector<std::string>> Replica::recovery_sheets() {
    if (!has_org()) return std::vector<std::string>();
    KeptSheets kept(*store_);
    TRELLIS_TRY(auto sheets, kept.load());
    TRELLIS_TRY(const auto root, root_of(sheets, org()));
    if (root && root->sign.key() == membership().state().root_sign) return sheets;
    // Somebody has recovered since: these are good for nothing.
    if (!sheets.empty()) TRELLIS_DO(kept.wipe());
    return std::vector<std::string>();
}

Result<void> Replica::recovery_kept() {
    TRELLIS_TRY(const auto sheets, recovery_sheets());
    if (sheets.empty()) {
        return Error{Code::not_found, "there are no recovery sheets here that wait to be printed"};
    }
    return KeptSheets(*store_).wipe();
}

}  // namespace trellis::core
