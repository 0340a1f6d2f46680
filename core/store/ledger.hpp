// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <set>

#include "core/store/store.hpp"
#include "crypto/public/membership.hpp"
#include "crypto/secret/author.hpp"
#include "crypto/secret/device_key.hpp"
#include "crypto/secret/keyring.hpp"

namespace trellis::core {

/// A log verified from its first entry; `not_found` where there is none.
Result<crypto::Membership> verify_log(const std::vector<Bytes>& entries);

/// This device's copy of the membership log: what the relay has confirmed, then our own entries
/// that wait for it; and the keys that follow from it. An entry of ours that loses the race for
/// its place is made anew by what it meant on top of the winner, or dropped where that is done
/// already or cannot be done any more.
class Ledger {
public:
    explicit Ledger(Store& store) : store_(store) {}
    Result<void> load();

    [[nodiscard]] bool has_org() const { return membership_.has_value(); }
    /// With our own waiting entries. Requires: has_org().
    [[nodiscard]] const crypto::Membership& membership() const { return *membership_; }
    [[nodiscard]] const crypto::DeviceKey& key() const { return *key_; }
    [[nodiscard]] const crypto::Keyring& keyring() const { return keyring_; }
    /// The keys of a space that is over, once its rows are gone (crypto::Keyring::forget).
    void forget_keys(const SpaceId& space);
    [[nodiscard]] DeviceId device() const { return key_->id(membership_->org()); }
    [[nodiscard]] std::uint64_t confirmed() const { return confirmed_; }
    /// Both require: index < membership().length().
    [[nodiscard]] const Bytes& bytes(std::uint64_t index) const {
        return entries_[static_cast<std::size_t>(index)];
    }
    [[nodiscard]] Result<crypto::Entry> entry(std::uint64_t index) const {
        return crypto::parse_entry(bytes(index));
    }
    [[nodiscard]] crypto::Author author(Time time) const {
        return {*membership_, keyring_, *key_, time, store_.env};
    }

    // Each is a transaction of its own.
    /// What else belongs into the same commit as a new log.
    using Also = std::function<Result<void>()>;
    /// Starts a log of our own. `entry` is a genesis entry signed by `key`.
    Result<void> found(crypto::DeviceKey key, ByteView entry, const Also& also);
    /// Takes over the log that a join has completed.
    Result<void> join(crypto::DeviceKey key, const std::vector<Bytes>& entries, const Also& also);
    /// One more entry of our own; extend() must accept it.
    Result<void> append_own(ByteView entry);
    Result<void> receive(std::uint64_t from, const std::vector<Bytes>& entries);
    [[nodiscard]] std::optional<Bytes> next_unconfirmed() const;
    Result<void> confirm_next();
    /// Drops our oldest waiting entry, which the relay refused, and makes the later ones anew.
    Result<void> drop_next(const Error& why);
    /// Why entries of ours were dropped since the last call, a sentence for each: somebody
    /// wanted those, so show them. Forgotten when the program ends.
    std::vector<Error> take_dropped() { return std::exchange(dropped_, {}); }

private:
    Result<void> keep(std::uint64_t index, ByteView entry, bool confirmed);
    Result<void> start(crypto::DeviceKey key, const std::vector<Bytes>& entries, bool confirmed,
                       const Also& also);
    Result<void> rebuild(std::vector<Bytes> confirmed, const std::vector<Bytes>& waiting);

    Store& store_;
    std::optional<crypto::DeviceKey> key_;
    std::optional<crypto::Membership> membership_;
    crypto::Keyring keyring_;
    std::set<SpaceId> forgotten_;
    std::vector<Bytes> entries_;
    std::size_t confirmed_ = 0;
    std::vector<Error> dropped_;
};

}  // namespace trellis::core
