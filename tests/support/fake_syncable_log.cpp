// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "tests/support/fake_syncable.hpp"

// The membership log of a FakeSyncable.
namespace trellis::test {
namespace {

template <class T>
T must(Result<T> result) {
    if (!result) check_failed(result.error().message.c_str(), __FILE__, __LINE__);
    if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

}  // namespace

FakeSyncable::FakeSyncable(std::uint64_t seed)
    : env(seed), key_(crypto::DeviceKey::generate(env)) {}

void FakeSyncable::found() {
    const crypto::FoundOrder order{.org_name = "Garden District",
                                   .directory_name = "Directory",
                                   .device_name = "Centre",
                                   .server_key = {},
                                   .device_kind = crypto::DeviceKind::desktop,
                                   .recovery = {}};
    const auto founding = must(crypto::found_org(order, key_, env.wall_time(), env));
    state_.log = {founding.entry};
    state_.intents = {[entry = founding.entry](const crypto::Author&) { return entry; }};
    must(replay(1));
}

void FakeSyncable::adopt(const FakeSyncable& member) {
    adopt({member.state_.log.begin(),
           member.state_.log.begin() + static_cast<std::ptrdiff_t>(member.state_.confirmed)});
}

void FakeSyncable::adopt(const std::vector<Bytes>& entries) {
    state_.log = entries;
    state_.confirmed = entries.size();
    must(replay(entries.size()));
}

void FakeSyncable::confirm_log() {
    state_.confirmed = state_.log.size();
    state_.intents.clear();
}

crypto::Author FakeSyncable::author() {
    return {.membership = *membership_,
            .keyring = keyring_,
            .device = key_,
            .time = env.wall_time(),
            .env = env};
}

void FakeSyncable::intend(Intent intent) {
    auto entry = must(intent(author()));
    must(membership_->extend(entry));
    keyring_.update(*membership_, key_);
    state_.log.push_back(std::move(entry));
    state_.intents.push_back(std::move(intent));
}

SpaceId FakeSyncable::add_space(const std::string& name) {
    SpaceId made;
    intend([name, &made](const crypto::Author& author) -> Result<Bytes> {
        TRELLIS_TRY(auto space,
                    crypto::create_space(author, name, crypto::SpaceClass::general));
        made = space.space;
        return space.entry;
    });
    // Made again, it would be another space: the tests that let it race do not look at it.
    state_.intents.back() = [name](const crypto::Author& author) -> Result<Bytes> {
        TRELLIS_TRY(auto space,
                    crypto::create_space(author, name, crypto::SpaceClass::general));
        return space.entry;
    };
    return made;
}

void FakeSyncable::add_member(const FakeSyncable& member, bool is_admin) {
    const crypto::AddDeviceOp add{
        .user = {},
        .sign = member.key_.sign().key(),
        .box = member.key_.box().key(),
        .device_kind = crypto::DeviceKind::tablet,
        .role = is_admin ? crypto::role_admin : crypto::role_member,
        .invite = {},
        .wraps = {},
    };
    intend([add](const crypto::Author& author) { return crypto::make_entry(author, {add}); });
    std::vector<SpaceId> spaces;
    for (const auto& [space, record] : membership_->spaces()) spaces.push_back(space);
    for (const auto& space : spaces) let_in(member.id_in(org()), space);
}

void FakeSyncable::let_in(const DeviceId& device, const SpaceId& space) {
    intend([device, space](const crypto::Author& author) {
        return crypto::grant(author, device, space, crypto::right_read | crypto::right_write);
    });
}

void FakeSyncable::restore(State state) {
    state_ = std::move(state);
    must(replay(state_.log.size()));
}

Result<void> FakeSyncable::replay(std::size_t length) {
    TRELLIS_TRY(auto membership, crypto::Membership::found(state_.log.front()));
    for (std::size_t i = 1; i < length; ++i) TRELLIS_DO(membership.extend(state_.log[i]));
    membership_ = std::move(membership);
    state_.log.resize(length);
    keyring_ = crypto::Keyring();
    keyring_.update(*membership_, key_);
    return {};
}

void FakeSyncable::remake() {
    auto intents = std::exchange(state_.intents, {});
    for (auto& intent : intents) {
        auto entry = intent(author());
        if (!entry || !membership_->extend(*entry)) continue;  // somebody has done it already
        keyring_.update(*membership_, key_);
        state_.log.push_back(std::move(*entry));
        state_.intents.push_back(std::move(intent));
    }
}

Result<void> FakeSyncable::pin_relay_key(const crypto::SignKey& key) {
    state_.relay_key = key;
    return {};
}

void FakeSyncable::heard_time(Time relay_time, std::int64_t) { heard = relay_time; }

Result<void> FakeSyncable::receive_entries(std::uint64_t from, const std::vector<Bytes>& entries) {
    if (from != state_.confirmed) return Error{Code::conflict, "entries from elsewhere"};
    std::size_t same = 0;
    while (same < entries.size() && from + same < state_.log.size() &&
           state_.log[static_cast<std::size_t>(from) + same] == entries[same]) {
        ++same;
        state_.intents.pop_front();
    }
    state_.confirmed += same;
    if (same == entries.size()) return {};
    const auto log = state_.log;
    TRELLIS_DO(replay(static_cast<std::size_t>(state_.confirmed)));
    for (std::size_t i = same; i < entries.size(); ++i) {
        TRELLIS_DO(membership_->extend(entries[i]));
        state_.log.push_back(entries[i]);
        ++state_.confirmed;
    }
    keyring_.update(*membership_, key_);
    remake();
    return {};
}

std::optional<Bytes> FakeSyncable::next_entry() {
    if (state_.confirmed == state_.log.size()) return std::nullopt;
    return state_.log[static_cast<std::size_t>(state_.confirmed)];
}

Result<void> FakeSyncable::entry_accepted() {
    ++state_.confirmed;
    state_.intents.pop_front();
    return {};
}

Result<void> FakeSyncable::entry_refused(const Error& why) {
    refused_entries.push_back(why);
    state_.intents.pop_front();
    TRELLIS_DO(replay(static_cast<std::size_t>(state_.confirmed)));
    remake();
    return {};
}

}  // namespace trellis::test
