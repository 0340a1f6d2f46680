// SPDX-License-Identifier: Apache-2.0
// Entries that let somebody open a space, or make it a new key.
#include "core/base/limits.hpp"
#include "crypto/secret/author.hpp"
#include "crypto/secret/author_ops.hpp"

#include <algorithm>

namespace trellis::crypto {
namespace {

Error no_space() {
    return {Code::not_found, "there is no such space in this organisation"};
}

// The newest key of the space for a device that does not have it, if the author does.
Result<std::vector<EpochWrap>> newest_wrap(const Author& author,
                                           const SpaceRecord& space,
                                           const DeviceRecord& to) {
    const auto* key = author.keyring.key(space.id, space.epoch);
    const bool has_it = author.membership.wrap(space.id, space.epoch, to.id) != nullptr;
    if (key == nullptr || has_it) return std::vector<EpochWrap>{};
    TRELLIS_TRY(const auto sealed, seal_key_to(to.box, *key, author.env));
    return std::vector<EpochWrap>{{space.epoch, sealed}};
}

}  // namespace

Result<Bytes> grant(const Author& author,
                    const DeviceId& device,
                    const SpaceId& space,
                    std::uint8_t rights) {
    const auto* record = author.membership.space(space);
    const auto* to = author.membership.device(device);
    if (record == nullptr) return no_space();
    if (to == nullptr) return Error{Code::not_found, "there is no such device"};
    GrantOp op{device, space, static_cast<std::uint8_t>(rights | record->rights(device)), {}};
    TRELLIS_TRY(op.wraps, newest_wrap(author, *record, *to));
    return make_entry(author, {std::move(op)});
}

Result<Bytes> rotate(const Author& author, const SpaceId& space, bool keep_history) {
    const auto* record = author.membership.space(space);
    if (record == nullptr) return no_space();
    std::vector<MembershipOp> ops;
    TRELLIS_DO(add_next_epoch(author, *record, {}, keep_history, ops));
    return make_entry(author, std::move(ops));
}

Result<Bytes> adopt(const Author& author, const SpaceId& space, std::vector<Digest> chains) {
    std::erase_if(chains, [&](const auto& chain) {
        return author.membership.is_adopted(space, chain);
    });
    if (chains.empty()) return Error{Code::conflict, "all of that work counts already"};
    if (chains.size() > limits::adopt_max) {
        return Error{Code::too_large, "that is too much late work for one step; adopt less"};
    }
    std::sort(chains.begin(), chains.end());
    chains.erase(std::unique(chains.begin(), chains.end()), chains.end());
    return make_entry(author, {AdoptOp{space, std::move(chains)}});
}

Result<Bytes> break_glass(const Author& author, const EmergencyOrder& order) {
    const auto* record = author.membership.space(order.space);
    const auto* to = author.membership.device(order.device);
    if (record == nullptr) return no_space();
    if (to == nullptr) return Error{Code::not_found, "there is no such device"};
    BreakGlassOp op{order.device, order.space, order.until, order.reason, {}};
    TRELLIS_TRY(op.wraps, newest_wrap(author, *record, *to));
    return make_entry(author, {std::move(op)});
}

Result<Bytes> shred(const Author& author, const ShredOrder& order) {
    const auto* record = author.membership.space(order.space);
    if (record == nullptr) return no_space();
    const ShredOp op{order.space, record->epoch, order.position, order.head, order.reason};
    return make_entry(author, {op});
}

Result<Bytes> complain(const Author& author, const SpaceId& space) {
    const auto* record = author.membership.space(space);
    if (record == nullptr) return no_space();
    return make_entry(author, {ComplaintOp{space, record->epoch}});
}

}  // namespace trellis::crypto
