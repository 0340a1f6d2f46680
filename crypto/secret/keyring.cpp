// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret/keyring.hpp"

#include "core/codec/byte_writer.hpp"
#include "crypto/primitive/aead.hpp"
#include "crypto/primitive/hash.hpp"
#include "crypto/primitive/sodium.hpp"

namespace trellis::crypto {
namespace {

Key previous_wrap_key(const Key& key, const EpochName& name) {
    ByteWriter context;
    context.raw(name.first.view());
    context.u32(name.second);
    return derive(key, Label::prev_wrap, context.view());
}

Bytes previous_wrap_binding(const OrgId& org, const EpochName& name) {
    ByteWriter binding;
    binding.raw(org.view());
    binding.raw(name.first.view());
    binding.u32(name.second);
    return binding.take();
}

}  // namespace

PreviousWrap seal_previous(
    const OrgId& org, const EpochName& name, const Key& key, const Key& previous, Env& env) {
    Nonce nonce{};
    env.random(nonce);
    Bytes wrap(nonce.begin(), nonce.end());
    append(wrap,
           aead_seal(previous_wrap_key(key, name),
                     nonce,
                     previous_wrap_binding(org, name),
                     previous.view()));
    return PreviousWrap::from(wrap);
}

Result<Key> open_previous(const OrgId& org,
                          const EpochName& name,
                          const Key& key,
                          const PreviousWrap& wrap) {
    Nonce nonce{};
    std::copy_n(wrap.bytes.begin(), nonce.size(), nonce.begin());
    TRELLIS_TRY(auto plain,
                aead_open(previous_wrap_key(key, name),
                          nonce,
                          previous_wrap_binding(org, name),
                          wrap.view().subspan(nonce.size())));
    auto previous = Key::from(plain);
    wipe(plain);
    return previous;
}

bool Keyring::accept(const Membership& membership, const EpochName& name, Key key) {
    const auto* epoch = membership.epoch(name.first, name.second);
    if (epoch == nullptr) return false;
    const auto commitment = epoch_commitment(membership.org(), name.first, name.second, key);
    if (!equal_in_constant_time(commitment.view(), epoch->commitment.view())) return false;
    keys_.insert_or_assign(name, std::move(key));
    return true;
}

void Keyring::follow_previous(const Membership& membership, const EpochName& from) {
    for (EpochName name = from; name.second > 1; --name.second) {
        const EpochName older{name.first, name.second - 1};
        if (keys_.contains(older)) return;
        const auto& wrap = membership.epoch(name.first, name.second)->previous;
        if (!wrap) return;
        auto key = open_previous(membership.org(), name, keys_.at(name), *wrap);
        if (!key || !accept(membership, older, std::move(key).value())) {
            problems_.push_back({older.first, older.second});
            return;
        }
    }
}

std::size_t Keyring::update(const Membership& membership, const DeviceKey& device) {
    if (membership.length() == examined_) return 0;
    examined_ = membership.length();
    const auto before = keys_.size();
    const auto id = device.id(membership.org());
    const auto& wraps = membership.state().wraps;
    for (auto wrap = wraps.lower_bound(WrapName{id, SpaceId{}, 0});
         wrap != wraps.end() && std::get<DeviceId>(wrap->first) == id;
         ++wrap) {
        const EpochName name{std::get<SpaceId>(wrap->first), std::get<std::uint32_t>(wrap->first)};
        if (forgotten_.contains(name.first)) continue;
        if (!tried_.insert(name).second || keys_.contains(name)) continue;
        auto key = open_sealed_key(device.box(), wrap->second);
        if (!key || !accept(membership, name, std::move(key).value())) {
            problems_.push_back({name.first, name.second});
            continue;
        }
        follow_previous(membership, name);
    }
    return keys_.size() - before;
}

const Key* Keyring::key(const SpaceId& space, std::uint32_t epoch) const {
    const auto found = keys_.find(EpochName{space, epoch});
    return found == keys_.end() ? nullptr : &found->second;
}

std::uint32_t Keyring::newest(const SpaceId& space) const {
    const auto after = keys_.upper_bound(EpochName{space, UINT32_MAX});
    if (after == keys_.begin()) return 0;
    const auto& name = std::prev(after)->first;
    return name.first == space ? name.second : 0;
}

void Keyring::forget(const SpaceId& space) {
    forgotten_.insert(space);
    std::erase_if(keys_, [&space](const auto& key) { return key.first.first == space; });
    std::erase_if(problems_, [&space](const auto& problem) { return problem.space == space; });
}

Result<void> Keyring::add(const Membership& membership, const EpochName& name, Key key) {
    if (!accept(membership, name, std::move(key))) {
        return Error{Code::wrong_key, "the key is not the one that the log promises"};
    }
    follow_previous(membership, name);
    return {};
}

}  // namespace trellis::crypto
