// SPDX-License-Identifier: Apache-2.0
// Entries that change who can open a space: grants, rotations, revocations.
#include "core/base/limits.hpp"
#include "crypto/secret/author.hpp"
#include "crypto/secret/author_ops.hpp"

namespace trellis::crypto {
namespace {

Error no_space() {
    return {Code::not_found, "there is no such space in this organisation"};
}

// A fresh key for those who can read the space now, but for one who leaves.
Result<RotateOp> next_epoch(const Author& author,
                            const SpaceRecord& space,
                            const DeviceId& leaving,
                            bool keep_history) {
    std::vector<DeviceId> readers;
    for (const auto& member : space.members) {
        if (member.device != leaving) readers.push_back(member.device);
    }
    Key key;
    author.env.random(key.span());
    const auto* previous = keep_history ? author.keyring.key(space.id, space.epoch) : nullptr;
    return rotation_op(author, {space.id, space.epoch + 1}, readers, key, previous);
}

}  // namespace

Result<RotateOp> rotation_op(const Author& author,
                             const EpochName& name,
                             const std::vector<DeviceId>& readers,
                             const Key& key,
                             const Key* previous) {
    const auto& membership = author.membership;
    RotateOp op;
    op.space = name.first;
    op.epoch = name.second;
    op.commitment = epoch_commitment(membership.org(), name.first, name.second, key);
    if (previous != nullptr) {
        op.previous = seal_previous(membership.org(), name, key, *previous, author.env);
    }
    for (const auto& reader : readers) {
        const auto* device = membership.device(reader);
        if (device == nullptr) return Error{Code::not_found, "a reader is not in the log"};
        TRELLIS_TRY(const auto sealed, seal_key_to(device->box, key, author.env));
        op.wraps.push_back({reader, sealed});
    }
    TRELLIS_TRY(op.root_wrap, seal_key_to(membership.state().root_box, key, author.env));
    return op;
}

Result<Bytes> grant(const Author& author,
                    const DeviceId& device,
                    const SpaceId& space,
                    std::uint8_t rights) {
    const auto* record = author.membership.space(space);
    const auto* to = author.membership.device(device);
    if (record == nullptr) return no_space();
    if (to == nullptr) return Error{Code::not_found, "there is no such device"};
    GrantOp op{device, space, static_cast<std::uint8_t>(rights | record->rights(device)), {}};
    const auto* key = author.keyring.key(space, record->epoch);
    const bool has_it = author.membership.wrap(space, record->epoch, device) != nullptr;
    if (key != nullptr && !has_it) {
        TRELLIS_TRY(const auto sealed, seal_key_to(to->box, *key, author.env));
        op.wraps.push_back({record->epoch, sealed});
    }
    return make_entry(author, {std::move(op)});
}

Result<Bytes> rotate(const Author& author, const SpaceId& space, bool keep_history) {
    const auto* record = author.membership.space(space);
    if (record == nullptr) return no_space();
    TRELLIS_TRY(auto op, next_epoch(author, *record, DeviceId{}, keep_history));
    return make_entry(author, {std::move(op)});
}

Result<Bytes> revoke_device(const Author& author,
                            const DeviceId& device,
                            const std::vector<Cutoff>& cutoffs) {
    std::vector<MembershipOp> ops{RevokeDeviceOp{device, 0, cutoffs}};
    std::size_t wraps = 0;
    const auto me = author.device.id(author.membership.org());
    for (const auto& [id, space] : author.membership.spaces()) {
        const bool is_ours = space.rights(device) != 0 && space.rights(me) != 0 && device != me;
        if (!is_ours || ops.size() == limits::entry_ops_max) continue;
        // What does not fit stays due: any of its readers hands out a new key then.
        wraps += space.members.size();
        if (wraps > limits::wraps_max * 4) break;
        TRELLIS_TRY(auto op, next_epoch(author, space, device, true));
        ops.emplace_back(std::move(op));
    }
    return make_entry(author, std::move(ops));
}

Result<Bytes> revoke_grant(const Author& author,
                           const DeviceId& device,
                           const SpaceId& space,
                           const std::vector<Cutoff>& cutoffs) {
    const auto* record = author.membership.space(space);
    if (record == nullptr) return no_space();
    std::vector<MembershipOp> ops{RevokeGrantOp{device, space, cutoffs}};
    const auto me = author.device.id(author.membership.org());
    if (record->rights(me) != 0 && device != me) {
        TRELLIS_TRY(auto op, next_epoch(author, *record, device, true));
        ops.emplace_back(std::move(op));
    }
    return make_entry(author, std::move(ops));
}

}  // namespace trellis::crypto
