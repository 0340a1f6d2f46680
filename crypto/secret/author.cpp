// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret/author.hpp"

#include "core/base/limits.hpp"
#include "crypto/secret/author_ops.hpp"
#include "crypto/secret/names.hpp"

#include <algorithm>

namespace trellis::crypto {
namespace {

constexpr std::uint8_t every_right = right_read | right_write | right_steward;

Result<Bytes> sign_entry(Entry entry, const std::vector<EntrySigner>& signers) {
    auto bytes = write_unsigned_entry(entry);
    const auto digest = entry_hash(bytes);
    for (auto& [id, signature] : entry.signatures) {
        const auto found = std::find_if(
            signers.begin(), signers.end(), [&id](const auto& one) { return one.id == id; });
        TRELLIS_CHECK(found != signers.end());
        signature = sign(found->secret, Label::log_sig, entry.org, digest);
    }
    append_signatures(bytes, entry.signatures);
    if (bytes.size() > limits::entry_max) {
        return Error{Code::too_large, "that is too much for one entry; do it in smaller steps"};
    }
    return bytes;
}

std::vector<EntrySignature> in_order(const std::vector<EntrySigner>& signers) {
    std::vector<EntrySignature> signatures;
    for (const auto& one : signers)
        signatures.push_back({one.id, {}});
    std::sort(signatures.begin(), signatures.end(), [](const auto& a, const auto& b) {
        return a.signer < b.signer;
    });
    return signatures;
}

struct FirstSpace {
    SpaceId id;
    Key key;
};

// The ops that give a new organisation its directory, and the names in it.
Result<std::vector<MembershipOp>> first_ops(const FoundOrder& order,
                                            const GenesisOp& genesis,
                                            const FirstSpace& space,
                                            Env& env) {
    const auto org = org_of_genesis(genesis);
    const auto device = device_id(org, genesis.device_sign, genesis.device_box);
    RotateOp rotation;
    rotation.space = space.id;
    rotation.epoch = 1;
    rotation.commitment = epoch_commitment(org, space.id, 1, space.key);
    TRELLIS_TRY(const auto wrap, seal_key_to(genesis.device_box, space.key, env));
    rotation.wraps.push_back({device, wrap});
    TRELLIS_TRY(rotation.root_wrap, seal_key_to(genesis.root_box, space.key, env));
    std::vector<MembershipOp> ops{genesis,
                                  CreateSpaceOp{space.id, SpaceClass::general},
                                  GrantOp{device, space.id, every_right, {}},
                                  rotation};
    const auto add_name =
        [&](NameKind kind, const TargetId& target, std::string_view name) -> Result<void> {
        TRELLIS_TRY(auto op, seal_name({org, kind, target, space.id, 1}, space.key, name, env));
        ops.emplace_back(std::move(op));
        return {};
    };
    TRELLIS_DO(add_name(NameKind::org, name_target(org), order.org_name));
    TRELLIS_DO(add_name(NameKind::space, name_target(space.id), order.directory_name));
    TRELLIS_DO(add_name(NameKind::device, name_target(device), order.device_name));
    return ops;
}

}  // namespace

Result<Bytes> make_entry(const Membership& membership,
                         std::vector<MembershipOp> ops,
                         const SignerId& author,
                         const std::vector<EntrySigner>& signers,
                         Time time,
                         bool draft) {
    Entry entry;
    entry.org = membership.org();
    entry.index = membership.length();
    entry.previous = membership.head();
    entry.time = time;
    entry.author = author;
    entry.ops = std::move(ops);
    entry.signatures = in_order(signers);
    if (draft) {
        TRELLIS_TRY(const auto foresight, membership.foresee(entry));
        entry.post_state = foresight.post_state;
    } else {
        TRELLIS_TRY(entry.post_state, membership.predict(entry));
    }
    return sign_entry(std::move(entry), signers);
}

Result<Bytes> make_entry(const Author& author, std::vector<MembershipOp> ops) {
    const auto id = signer(author.device.id(author.membership.org()));
    return make_entry(author.membership,
                      std::move(ops),
                      id,
                      {{id, author.device.sign()}},
                      author.time,
                      author.draft);
}

Result<Founding> found_org(const FoundOrder& order, const DeviceKey& device, Time time, Env& env) {
    if (!is_possible(order.recovery)) {
        return Error{Code::invalid, "that many recovery sheets cannot be made; try 2 of 3"};
    }
    Key seed;
    env.random(seed.span());
    const auto root = root_keys(seed);
    GenesisOp genesis;
    genesis.server_key = order.server_key;
    genesis.root_sign = root.sign.key();
    genesis.root_box = root.box.key();
    genesis.recovery_needed = order.recovery.needed;
    genesis.recovery_sheets = order.recovery.sheets;
    genesis.device_sign = device.sign().key();
    genesis.device_box = device.box().key();
    genesis.device_kind = order.device_kind;
    env.random(genesis.user.bytes);
    FirstSpace space;
    env.random(space.id.bytes);
    env.random(space.key.span());

    Entry entry;
    entry.org = org_of_genesis(genesis);
    entry.time = time;
    TRELLIS_TRY(entry.ops, first_ops(order, genesis, space, env));
    const std::vector<EntrySigner> signers{{SignerId{}, root.sign},
                                           {signer(device.id(entry.org)), device.sign()}};
    entry.signatures = in_order(signers);
    TRELLIS_TRY(entry.post_state, Membership::predict_genesis(entry));
    Founding founding;
    founding.org = entry.org;
    founding.directory = space.id;
    founding.sheets = split_seed(entry.org, seed, order.recovery, env);
    TRELLIS_TRY(founding.entry, sign_entry(std::move(entry), signers));
    return founding;
}

Result<NewSpace> create_space(const Author& author, std::string_view name, SpaceClass space_class) {
    NewSpace made;
    author.env.random(made.space.bytes);
    Key key;
    author.env.random(key.span());
    const auto me = author.device.id(author.membership.org());
    TRELLIS_TRY(auto rotation, rotation_op(author, {made.space, 1}, {me}, key));
    TRELLIS_TRY(
        auto named,
        seal_name(
            {author.membership.org(), NameKind::space, name_target(made.space), made.space, 1},
            key,
            name,
            author.env));
    TRELLIS_TRY(made.entry,
                make_entry(author,
                           {CreateSpaceOp{made.space, space_class},
                            GrantOp{me, made.space, every_right, {}},
                            std::move(rotation),
                            std::move(named)}));
    return made;
}

Result<Bytes> invite_revoke(const Author& author, const InviteId& invite) {
    return make_entry(author, {InviteRevokeOp{invite}});
}

Result<Bytes> set_server_key(const Author& author, const SignKey& server_key) {
    return make_entry(author, {ServerKeyOp{server_key}});
}

Result<Bytes> set_admin_quorum(const Author& author, std::uint64_t admins) {
    return make_entry(author, {PolicySetOp{policy_admin_quorum, admins}});
}

Result<Bytes> set_admin(const Author& author, const DeviceId& device, bool on) {
    return make_entry(author, {AdminSetOp{device, on}});
}

Result<Bytes> rename(const Author& author,
                     NameKind kind,
                     const TargetId& target,
                     std::string_view name) {
    const auto space = kind == NameKind::space ? SpaceId::from(target.view().first(SpaceId::size))
                                               : author.membership.directory();
    const auto epoch = author.keyring.newest(space);
    const auto* key = author.keyring.key(space, epoch);
    if (key == nullptr) return Error{Code::wrong_key, "this device has no key to write that name"};
    TRELLIS_TRY(
        auto op,
        seal_name({author.membership.org(), kind, target, space, epoch}, *key, name, author.env));
    return make_entry(author, {std::move(op)});
}

}  // namespace trellis::crypto
