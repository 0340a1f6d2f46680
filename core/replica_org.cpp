// SPDX-License-Identifier: Apache-2.0
// Who belongs, with which rights: our entries of the membership log.
#include "core/replica.hpp"
#include "core/store/kept_sheets.hpp"
#include "crypto/secret/names.hpp"

namespace trellis::core {
namespace {

template <class IdType>
std::string name_or_id(const Ledger& ledger, crypto::NameKind kind, const IdType& id) {
    const auto name = crypto::name_of(ledger.membership(), ledger.keyring(), kind,
                                      crypto::name_target(id));
    return name ? *name : id.hex();
}

const Error no_org{Code::invalid, "this device belongs to no organisation yet: create or join one"};

}  // namespace

/// What a device needs to know besides the log, in the commit that gives it the log.
Result<void> Replica::settle_in(std::string_view url, const crypto::SignKey& relay) {
    TRELLIS_DO(store_->set_meta("url", as_bytes(url)));
    if (!relay.is_zero()) TRELLIS_DO(pin_relay_key(relay));
    return enter_spaces(new_spaces());
}

Result<Replica::Founded> Replica::create_org(std::string_view name, std::string_view device_name,
                                             std::string_view url) {
    if (has_org()) {
        return Error{Code::conflict, "this device belongs to an organisation already"};
    }
    auto key = crypto::DeviceKey::generate(env_);
    crypto::FoundOrder order;
    order.org_name = name;
    order.directory_name = "directory";
    order.device_name = device_name;
    TRELLIS_TRY(auto founding, crypto::found_org(order, key, clock_.now().time, env_));
    // Nobody is left with an organisation and without its sheets: both, or neither.
    const auto also = [&]() -> Result<void> {
        TRELLIS_DO(KeptSheets(*store_).keep(founding.sheets));
        return settle_in(url, {});
    };
    TRELLIS_DO(ledger_.found(std::move(key), founding.entry, also));
    url_ = url;
    return Founded{founding.org, device(), std::move(founding.sheets)};
}

Result<SpaceId> Replica::create_space(std::string_view name, crypto::SpaceClass space_class) {
    if (!has_org()) return no_org;
    TRELLIS_TRY(const auto made, crypto::create_space(author(), name, space_class));
    TRELLIS_DO(append_entry(made.entry));
    return made.space;
}

Result<std::string> Replica::invite(const crypto::InviteOrder& order) {
    if (!has_org()) return no_org;
    TRELLIS_TRY(auto made, crypto::invite_create(author(), order));
    TRELLIS_DO(append_entry(made.entry));
    // The point that the joiner's log must contain is one that no race can change any more:
    // the last entry that the relay has confirmed, or the genesis entry.
    made.invite.log_length = std::max<std::uint64_t>(ledger_.confirmed(), 1);
    made.invite.log_head = membership().entry_hash(made.invite.log_length - 1);
    if (const auto key = relay_key()) made.invite.server_key = *key;
    return crypto::to_text(made.invite);
}

Result<void> Replica::grant(const DeviceId& device, const SpaceId& space, std::uint8_t rights) {
    if (!has_org()) return no_org;
    TRELLIS_TRY(const auto entry, crypto::grant(author(), device, space, rights));
    return append_entry(entry);
}

Result<void> Replica::set_admin(const DeviceId& device, bool on) {
    if (!has_org()) return no_org;
    TRELLIS_TRY(const auto entry, crypto::set_admin(author(), device, on));
    return append_entry(entry);
}

Result<void> Replica::rotate(const SpaceId& space) {
    if (!has_org()) return no_org;
    // What is written already leaves under the key it was written for.
    TRELLIS_TRY(const auto sealed, seal());
    static_cast<void>(sealed);
    TRELLIS_TRY(const auto entry, crypto::rotate(author(), space));
    return append_entry(entry);
}

std::vector<SpaceInfo> Replica::spaces() {
    std::vector<SpaceInfo> list;
    if (!has_org()) return list;
    for (const auto& id : membership().spaces_of(device())) {
        SpaceInfo info;
        info.space = id;
        info.name = name_or_id(ledger_, crypto::NameKind::space, id);
        info.epoch = membership().space(id)->epoch;
        info.rights = membership().rights(device(), id);
        info.is_directory = id == membership().directory();
        for (const auto& [name, emergency] : membership().state().emergencies) {
            const auto& [lent_space, to] = name;
            if (lent_space != id || emergency.is_over) continue;
            if (membership().rights(to, id) == 0) continue;  // taken back before its time
            info.lent.push_back({to, emergency.until});
        }
        list.push_back(std::move(info));
    }
    return list;
}

std::vector<MemberInfo> Replica::members() {
    std::vector<MemberInfo> list;
    if (!has_org()) return list;
    for (const auto& [id, record] : membership().devices()) {
        MemberInfo info;
        info.device = id;
        info.person = record.user;
        info.name = name_or_id(ledger_, crypto::NameKind::device, id);
        info.role = record.role;
        info.is_active = record.is_active;
        for (const auto& space : membership().spaces_of(id)) {
            info.spaces.emplace_back(space, membership().rights(id, space));
        }
        list.push_back(std::move(info));
    }
    return list;
}

Result<crypto::DeviceKey> Replica::joining_key() {
    TRELLIS_TRY(const auto kept, store_->meta("joining_key"));
    if (kept) return crypto::DeviceKey::restore(*kept);
    auto key = crypto::DeviceKey::generate(env_);
    TRELLIS_DO(store_->set_meta("joining_key", key.store().view()));
    return key;
}

Result<Bytes> Replica::join_entry(const crypto::Invite& invite, const crypto::DeviceKey& key,
                                  std::string_view device_name,
                                  const std::vector<Bytes>& entries) {
    if (has_org()) {
        return Error{Code::conflict, "this device belongs to an organisation already"};
    }
    if (entries.empty()) {
        return Error{Code::not_found, "the relay does not know the organisation of this invite yet: "
                                      "the device that made the invite must sync first"};
    }
    TRELLIS_TRY(const auto membership, verify_log(entries));
    if (membership.org() != invite.org) {
        return Error{Code::denied, "the relay answered for another organisation than the invite's"};
    }
    if (membership.device(key.id(invite.org)) != nullptr) return Bytes{};
    return crypto::join(membership, invite, key, {device_name}, clock_.now().time, env_);
}

Result<void> Replica::joined(crypto::DeviceKey key, const crypto::Invite& invite,
                             const std::vector<Bytes>& entries) {
    TRELLIS_DO(ledger_.join(std::move(key), entries,
                            [&] { return settle_in(invite.url, invite.server_key); }));
    url_ = invite.url;
    return follow_ledger();
}

}  // namespace trellis::core
