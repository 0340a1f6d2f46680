// SPDX-License-Identifier: Apache-2.0
// Entries of enrolment: the invite, and the join at the other end.
#include "crypto/secret/author.hpp"
#include "crypto/secret/names.hpp"

#include <map>

namespace trellis::crypto {
namespace {

Result<std::vector<InviteGrant>> invite_grants(const Author& author,
                                               const InviteOrder& order,
                                               const BoxKey& box) {
    std::map<SpaceId, std::uint8_t> rights{{author.membership.directory(), right_read}};
    for (const auto& grant : order.grants) {
        auto& all = rights[grant.space];
        all = static_cast<std::uint8_t>(all | grant.rights);
    }
    std::vector<InviteGrant> grants;
    for (const auto& [id, bits] : rights) {
        const auto* space = author.membership.space(id);
        if (space == nullptr) return Error{Code::not_found, "there is no such space to invite to"};
        if (author.membership.shredded(id) != nullptr) {
            return Error{Code::denied, "that space was shredded: it is over, invite to another"};
        }
        InviteGrant grant{id, bits, 0, {}};
        if (const auto* key = author.keyring.key(id, space->epoch); key != nullptr) {
            grant.epoch = space->epoch;
            TRELLIS_TRY(grant.sealed, seal_key_to(box, *key, author.env));
        }
        grants.push_back(grant);
    }
    return grants;
}

Result<void> check_log(const Membership& membership, const Invite& invite) {
    if (membership.org() != invite.org) {
        return Error{Code::denied, "the server shows another organisation than the invite's"};
    }
    if (invite.log_length == 0 || invite.log_length > membership.length() ||
        membership.entry_hash(invite.log_length - 1) != invite.log_head) {
        return Error{Code::rolled_back,
                     "the server shows an older or another history than the invite; tell an admin"};
    }
    return {};
}

struct JoinKeys {
    std::vector<SpaceWrap> wraps;
    Keyring keyring;
};

// Opens the invite's keys and seals them to the device, so that they stay its own when the
// invite's secret is gone.
Result<JoinKeys> pass_on(const Membership& membership,
                         const InviteRecord& record,
                         const InviteKeys& keys,
                         const DeviceKey& device,
                         Env& env) {
    JoinKeys passed;
    for (const auto& grant : record.grants) {
        if (grant.epoch == 0) continue;
        auto key = open_sealed_key(keys.box, grant.sealed);
        // A key that a reader sealed wrongly must not keep anybody out: it is passed on as it
        // is, found to be none, and complained of.
        if (!key) key = Key();
        TRELLIS_TRY(const auto sealed, seal_key_to(device.box().key(), *key, env));
        passed.wraps.push_back({grant.space, grant.epoch, sealed});
        const auto added = passed.keyring.add(membership, {grant.space, grant.epoch},
                                              *std::move(key));
        if (!added && added.error().code != Code::wrong_key) return added.error();
    }
    return passed;
}

}  // namespace

Result<NewInvite> invite_create(const Author& author, const InviteOrder& order) {
    NewInvite made;
    author.env.random(made.invite.secret.span());
    const auto keys = invite_keys(made.invite);
    InviteCreateOp op;
    op.invite = keys.id;
    op.sign = keys.sign.key();
    op.box = keys.box.key();
    op.role = order.role;
    op.expiry = order.expiry;
    TRELLIS_TRY(op.grants, invite_grants(author, order, op.box));
    TRELLIS_TRY(made.entry, make_entry(author, {std::move(op)}));
    made.invite.org = author.membership.org();
    made.invite.server_key = author.membership.server_key();
    made.invite.log_length = author.membership.length() + 1;
    TRELLIS_TRY(const auto entry, parse_entry(made.entry));
    made.invite.log_head = entry.hash;
    made.invite.url = order.url;
    return made;
}

Result<Bytes> join(const Membership& membership,
                   const Invite& invite,
                   const DeviceKey& device,
                   const JoinOrder& order,
                   Time time,
                   Env& env) {
    TRELLIS_DO(check_log(membership, invite));
    const auto keys = invite_keys(invite);
    const auto* record = membership.invite(keys.id);
    if (record == nullptr) {
        return Error{Code::not_found, "the organisation knows no such invite; ask for a new one"};
    }
    TRELLIS_TRY(auto passed, pass_on(membership, *record, keys, device, env));
    AddDeviceOp added;
    env.random(added.user.bytes);
    added.sign = device.sign().key();
    added.box = device.box().key();
    added.device_kind = order.device_kind;
    added.role = record->role;
    added.invite = keys.id;
    added.wraps = std::move(passed.wraps);
    const auto id = device.id(membership.org());
    std::vector<MembershipOp> ops{std::move(added)};
    const auto directory = membership.directory();
    const auto epoch = passed.keyring.newest(directory);
    if (const auto* key = passed.keyring.key(directory, epoch); key != nullptr) {
        TRELLIS_TRY(
            auto named,
            seal_name({membership.org(), NameKind::device, name_target(id), directory, epoch},
                      *key,
                      order.device_name,
                      env));
        ops.emplace_back(std::move(named));
    }
    return make_entry(membership,
                      std::move(ops),
                      signer(keys.id),
                      {{signer(keys.id), keys.sign}, {signer(id), device.sign()}},
                      time);
}

}  // namespace trellis::crypto
