// SPDX-License-Identifier: Apache-2.0
#include "core/store/ledger.hpp"

#include <algorithm>

#include "crypto/public/membership_entry.hpp"

namespace trellis::core {

Result<crypto::Membership> verify_log(const std::vector<Bytes>& entries) {
    if (entries.empty()) return Error{Code::not_found, "the relay showed no membership log at all"};
    TRELLIS_TRY(auto membership, crypto::Membership::found(entries.front()));
    for (std::size_t i = 1; i < entries.size(); ++i) TRELLIS_DO(membership.extend(entries[i]));
    return membership;
}

namespace {

/// As verify_log(), for a log that usually goes on from `known`, of which `membership` came: then
/// only what is new is verified. A long log would cost its square otherwise.
Result<crypto::Membership> verify_from(const crypto::Membership& membership,
                                       const std::vector<Bytes>& known,
                                       const std::vector<Bytes>& entries) {
    const bool goes_on = known.size() <= entries.size() &&
                         std::equal(known.begin(), known.end(), entries.begin());
    if (!goes_on) return verify_log(entries);
    auto extended = membership;
    for (std::size_t i = known.size(); i < entries.size(); ++i) {
        TRELLIS_DO(extended.extend(entries[i]));
    }
    return extended;
}

}  // namespace

Result<void> Ledger::load() {
    TRELLIS_TRY(const auto stored_key, store_.meta("device_key"));
    if (!stored_key) return {};
    TRELLIS_TRY(key_, crypto::DeviceKey::restore(*stored_key));
    TRELLIS_TRY(auto select,
                store_.database.prepare("SELECT body, confirmed FROM _entry ORDER BY idx"));
    for (;;) {
        TRELLIS_TRY(const bool more, select.step());
        if (!more) break;
        entries_.push_back(to_bytes(select.bytes(0)));
        if (select.integer(1) != 0) ++confirmed_;
    }
    if (entries_.empty()) return {};
    TRELLIS_TRY(membership_, verify_log(entries_));
    keyring_.update(*membership_, *key_);
    return {};
}

Result<void> Ledger::keep(std::uint64_t index, ByteView entry, bool confirmed) {
    TRELLIS_TRY(auto upsert, store_.database.prepare(
        "INSERT OR REPLACE INTO _entry(idx, body, confirmed) VALUES(?1,?2,?3)"));
    upsert.bind(1, static_cast<std::int64_t>(index)).bind_bytes(2, entry);
    upsert.bind(3, std::int64_t{confirmed});
    return upsert.run();
}

Result<void> Ledger::start(crypto::DeviceKey key, const std::vector<Bytes>& entries,
                           bool confirmed, const Also& also) {
    TRELLIS_TRY(auto membership, verify_log(entries));
    TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_.database));
    for (std::size_t i = 0; i < entries.size(); ++i) TRELLIS_DO(keep(i, entries[i], confirmed));
    TRELLIS_DO(store_.set_meta("device_key", key.store().view()));
    // Swapped in before `also` looks, and out again where it all comes to nothing.
    std::optional<crypto::DeviceKey> other_key(std::move(key));
    std::optional<crypto::Membership> other_membership(std::move(membership));
    std::vector<Bytes> other_entries = entries;
    std::size_t other_confirmed = confirmed ? entries.size() : 0;
    crypto::Keyring other_keyring;
    other_keyring.update(*other_membership, *other_key);
    const auto swap_all = [&] {
        std::swap(key_, other_key);
        std::swap(membership_, other_membership);
        std::swap(entries_, other_entries);
        std::swap(confirmed_, other_confirmed);
        std::swap(keyring_, other_keyring);
    };
    swap_all();
    auto done = also();
    if (done) done = transaction.commit();
    if (done) return {};
    swap_all();
    store_.roll_back();
    return done;
}

Result<void> Ledger::found(crypto::DeviceKey key, ByteView entry, const Also& also) {
    return start(std::move(key), {to_bytes(entry)}, false, also);
}

Result<void> Ledger::join(crypto::DeviceKey key, const std::vector<Bytes>& entries,
                          const Also& also) {
    return start(std::move(key), entries, true, also);
}

Result<void> Ledger::append_own(ByteView entry) {
    auto extended = *membership_;
    TRELLIS_DO(extended.extend(entry));
    TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_.database));
    TRELLIS_DO(keep(entries_.size(), entry, false));
    TRELLIS_DO(transaction.commit());
    membership_ = std::move(extended);
    entries_.push_back(to_bytes(entry));
    keyring_.update(*membership_, *key_);
    return {};
}

Result<void> Ledger::receive(std::uint64_t from, const std::vector<Bytes>& entries) {
    if (from > confirmed_) {
        return Error{Code::conflict, "the relay skipped entries of the membership log: sync again"};
    }
    std::vector<Bytes> confirmed(entries_.begin(),
                                 entries_.begin() + static_cast<std::ptrdiff_t>(confirmed_));
    bool ours = true;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const std::size_t index = static_cast<std::size_t>(from) + i;
        if (index < confirmed_) {
            if (entries[i] == entries_[index]) continue;
            return Error{Code::fork,
                         "the relay shows another history of the membership log than before: "
                         "do not trust it until an administrator has looked"};
        }
        ours = ours && index < entries_.size() && entries[i] == entries_[index];
        confirmed.push_back(entries[i]);
    }
    if (confirmed.size() == confirmed_) return {};
    const std::size_t kept = ours ? confirmed.size() : confirmed_;
    const std::vector<Bytes> waiting(entries_.begin() + static_cast<std::ptrdiff_t>(kept),
                                     entries_.end());
    return rebuild(std::move(confirmed), waiting);
}

/// Verifies the log and makes our waiting entries follow it.
Result<void> Ledger::rebuild(std::vector<Bytes> confirmed, const std::vector<Bytes>& waiting) {
    TRELLIS_TRY(auto membership, verify_from(*membership_, entries_, confirmed));
    crypto::Keyring keyring;
    for (const auto& space : forgotten_) keyring.forget(space);
    keyring.update(membership, *key_);
    const std::size_t known = confirmed.size();
    std::vector<Error> dropped;
    std::vector<Bytes> all = std::move(confirmed);
    for (const auto& entry : waiting) {
        // Still the next one where it stands; else made anew by what it meant.
        auto next = to_bytes(entry);
        if (!membership.extend(entry)) {
            TRELLIS_TRY(const auto parsed, crypto::parse_entry(entry));
            std::vector<Error> left_out;
            auto made = crypto::remake({membership, keyring, *key_, parsed.time, store_.env},
                                       parsed.ops, &left_out);
            const auto taken = made ? membership.extend(*made) : Result<void>(made.error());
            dropped.insert(dropped.end(), left_out.begin(), left_out.end());
            if (!taken) {
                store_.env.log("ledger.dropped", to_string(taken.error().code));
                const bool is_said = !left_out.empty() && taken.error() == left_out.front();
                if (!is_said) dropped.push_back(taken.error());
                continue;
            }
            next = std::move(*made);
        }
        keyring.update(membership, *key_);
        all.push_back(std::move(next));
    }
    TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_.database));
    TRELLIS_DO(store_.database.run("DELETE FROM _entry WHERE confirmed=0"));
    for (std::size_t i = confirmed_; i < all.size(); ++i) TRELLIS_DO(keep(i, all[i], i < known));
    TRELLIS_DO(transaction.commit());
    membership_ = std::move(membership);
    entries_ = std::move(all);
    confirmed_ = known;
    keyring_ = std::move(keyring);
    dropped_.insert(dropped_.end(), dropped.begin(), dropped.end());
    return {};
}

void Ledger::forget_keys(const SpaceId& space) {
    if (forgotten_.insert(space).second) keyring_.forget(space);
}

std::optional<Bytes> Ledger::next_unconfirmed() const {
    if (confirmed_ >= entries_.size()) return std::nullopt;
    return entries_[confirmed_];
}

Result<void> Ledger::confirm_next() {
    TRELLIS_CHECK(confirmed_ < entries_.size());
    TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_.database));
    TRELLIS_DO(keep(confirmed_, entries_[confirmed_], true));
    TRELLIS_DO(transaction.commit());
    ++confirmed_;
    return {};
}

Result<void> Ledger::drop_next(const Error& why) {
    TRELLIS_CHECK(confirmed_ < entries_.size());
    const auto at = entries_.begin() + static_cast<std::ptrdiff_t>(confirmed_);
    if (confirmed_ == 0) {
        return Error{Code::denied, "the relay refused to take in this organisation"};
    }
    TRELLIS_DO(rebuild({entries_.begin(), at}, {at + 1, entries_.end()}));
    dropped_.push_back(why);
    return {};
}

}  // namespace trellis::core
