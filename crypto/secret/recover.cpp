// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret/recover.hpp"

#include "core/base/limits.hpp"
#include "crypto/secret/author_ops.hpp"
#include "crypto/secret/names.hpp"

#include <algorithm>

namespace trellis::crypto {
namespace {

class Recovering {
public:
    Recovering(const Membership& membership,
               const RootKeys& root,
               const RecoverOrder& order,
               const DeviceKey& device,
               Time time,
               Env& env)
        : membership_(membership)
        , root_(root)
        , order_(order)
        , device_(device)
        , time_(time)
        , env_(env)
        , me_(device.id(membership.org())) {}

    Result<Recovered> make() {
        TRELLIS_TRY(auto admin, new_admin());
        TRELLIS_DO(choose_root());
        RecoveryRekeyOp rekey{new_root_->sign.key(),
                              new_root_->box.key(),
                              order_.plan.needed,
                              order_.plan.sheets};
        TRELLIS_TRY(auto after, first_entry({std::move(admin), rekey}));
        TRELLIS_DO(rotate_rest(after));
        return std::move(made_);
    }

private:
    Result<RecoverAdminsOp> new_admin();
    Result<void> choose_root();
    Result<std::vector<SpaceWrap>> open_for_root();
    [[nodiscard]] Recipients recipients(const SpaceRecord& space) const;
    Result<void> add_rotation(const SpaceRecord& space, std::vector<MembershipOp>& ops);
    Result<Membership> first_entry(std::vector<MembershipOp> ops);
    Result<void> rotate_rest(Membership& after);

    const Membership& membership_;
    const RootKeys& root_;
    const RecoverOrder& order_;
    const DeviceKey& device_;
    Time time_;
    Env& env_;
    DeviceId me_;
    std::optional<RootKeys> new_root_;
    std::set<DeviceId> removed_;
    Keyring opened_;  ///< what the root can open
    Recovered made_;
};

Result<RecoverAdminsOp> Recovering::new_admin() {
    RecoverAdminsOp op;
    op.user = order_.user;
    if (op.user.is_zero()) env_.random(op.user.bytes);
    op.sign = device_.sign().key();
    op.box = device_.box().key();
    op.device_kind = order_.device_kind;
    op.removals = order_.removals;
    for (const auto& removal : op.removals) removed_.insert(removal.device);
    for (const auto& [id, device] : membership_.devices()) {
        if (!order_.removes_all_admins || !device.is_admin()) continue;
        if (removed_.insert(id).second) op.removals.push_back({id, removed_unsaid, {}});
    }
    TRELLIS_TRY(op.wraps, open_for_root());
    return op;
}

Result<void> Recovering::choose_root() {
    if (order_.sheets.empty()) {
        Key seed;
        env_.random(seed.span());
        new_root_.emplace(root_keys(seed));
        made_.sheets = split_seed(membership_.org(), seed, order_.plan, env_);
        return {};
    }
    TRELLIS_TRY(const auto before, combine_sheets(order_.sheets));
    if (before.org != membership_.org() || order_.sheets.size() != order_.plan.sheets) {
        return Error{Code::invalid, "the sheets made before are not for this recovery"};
    }
    new_root_.emplace(root_keys(before.seed));
    made_.sheets = order_.sheets;
    return {};
}

// From the newest epoch of each space down: a key that a newer one leads to needs no wrap.
Result<std::vector<SpaceWrap>> Recovering::open_for_root() {
    std::vector<SpaceWrap> wraps;
    const auto& epochs = membership_.state().epochs;
    for (auto at = epochs.rbegin(); at != epochs.rend(); ++at) {
        const auto& [name, record] = *at;
        if (opened_.key(name.first, name.second) != nullptr) continue;
        if (membership_.shredded(name.first) != nullptr) continue;
        auto key = record.root_wrap
                       ? open_sealed_key(root_.box, *record.root_wrap)
                       : Result<Key>(Error{Code::not_found, "the key was not kept for the root"});
        if (key) {
            const auto copy = key->clone();
            if (opened_.add(membership_, name, std::move(key).value())) {
                TRELLIS_TRY(const auto sealed, seal_key_to(device_.box().key(), copy, env_));
                wraps.push_back({name.first, name.second, sealed});
                continue;
            }
        }
        if (membership_.space(name.first)->epoch == name.second) {
            made_.unreadable.push_back({name.first, name.second});
        }
    }
    return wraps;
}

Recipients Recovering::recipients(const SpaceRecord& space) const {
    Recipients to{{}, new_root_->box.key()};
    for (const auto& reader : membership_.readers(space.id, time_)) {
        if (removed_.contains(reader)) continue;
        to.readers.emplace_back(reader, membership_.device(reader)->box);
    }
    const auto place = std::lower_bound(
        to.readers.begin(), to.readers.end(), me_, [](const auto& one, const auto& id) {
            return one.first < id;
        });
    to.readers.insert(place, {me_, device_.box().key()});
    return to;
}

Result<void> Recovering::add_rotation(const SpaceRecord& space, std::vector<MembershipOp>& ops) {
    Key key;
    env_.random(key.span());
    const EpochName name{space.id, space.epoch + 1};
    const auto& org = membership_.org();
    TRELLIS_TRY(auto rotation,
                rotation_op(org,
                            name,
                            recipients(space),
                            key,
                            opened_.key(space.id, space.epoch),
                            env_));
    ops.emplace_back(std::move(rotation));
    if (space.id != membership_.directory()) return {};
    TRELLIS_TRY(auto named,
                seal_name({org, NameKind::device, name_target(me_), space.id, name.second},
                          key,
                          order_.device_name,
                          env_));
    ops.emplace_back(std::move(named));
    return {};
}

// The directory first, then as many spaces as fit.
Result<Membership> Recovering::first_entry(std::vector<MembershipOp> ops) {
    const auto* directory = membership_.space(membership_.directory());
    TRELLIS_DO(add_rotation(*directory, ops));
    std::size_t wraps = directory->members.size();
    for (const auto& [id, space] : membership_.spaces()) {
        if (id == membership_.directory() || membership_.shredded(id) != nullptr) continue;
        if (!fits_entry(ops.size(), wraps + space.members.size() + 1)) continue;
        wraps += space.members.size() + 1;
        TRELLIS_DO(add_rotation(space, ops));
    }
    TRELLIS_TRY(auto entry,
                make_entry(membership_,
                           std::move(ops),
                           SignerId{},
                           {{SignerId{}, root_.sign}, {signer(me_), device_.sign()}},
                           time_));
    auto after = membership_;
    TRELLIS_DO(after.extend(entry));
    made_.entries.push_back(std::move(entry));
    return after;
}

// The others, by the new admin alone: as many entries as it takes.
Result<void> Recovering::rotate_rest(Membership& after) {
    for (;;) {
        made_.keyring.update(after, device_);
        std::set<SpaceId> due;
        for (const auto& [id, space] : after.spaces()) {
            if (space.is_rotation_due) due.insert(id);
        }
        const Author author{after, made_.keyring, device_, time_, env_};
        std::vector<MembershipOp> ops;
        TRELLIS_DO(add_rotations(author, due, {}, ops));
        if (ops.empty()) return {};
        TRELLIS_TRY(auto entry, make_entry(author, std::move(ops)));
        TRELLIS_DO(after.extend(entry));
        made_.entries.push_back(std::move(entry));
    }
}

}  // namespace

Result<Recovered> recover(const Membership& membership,
                          const RootKeys& root,
                          const RecoverOrder& order,
                          const DeviceKey& device,
                          Time time,
                          Env& env) {
    if (root.sign.key() != membership.state().root_sign) {
        return Error{Code::denied,
                     "these recovery sheets are not those of now; newer ones were printed since"};
    }
    if (!is_possible(order.plan)) {
        return Error{Code::invalid, "that many recovery sheets cannot be made; try 2 of 3"};
    }
    return Recovering(membership, root, order, device, time, env).make();
}

}  // namespace trellis::crypto
