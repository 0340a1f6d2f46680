// SPDX-License-Identifier: Apache-2.0
// An own entry that lost the race for its place, made anew by what it meant.
#include "crypto/secret/author_ops.hpp"

#include <algorithm>

namespace trellis::crypto {
namespace {

// Goes through the ops of the lost entry once. Each leaves what is still to be done in ops_, or
// nothing where somebody else has done it. New epochs come last, for the readers of then.
class Remaking {
public:
    Remaking(const Author& author, const std::vector<MembershipOp>& lost)
        : author_(author), membership_(author.membership), lost_(lost) {}

    [[nodiscard]] const std::vector<Error>& done() const { return done_; }
    Result<Bytes> make() {
        for (const auto& op : lost_) {
            TRELLIS_DO(std::visit([this](const auto& value) { return redo(value); }, op));
        }
        for (const auto& space : spaces_in(leaving_)) due_.insert(space);
        TRELLIS_DO(rotate());
        if (ops_.empty()) {
            if (!done_.empty()) return done_.front();
            return Error{Code::conflict, "the spaces got new keys from somebody else"};
        }
        return make_entry(author_, std::move(ops_));
    }

private:
    template <class Op>
    Result<void> keep(const Op& op) {
        ops_.emplace_back(op);
        return {};
    }
    Result<void> done(std::string_view sentence) {
        done_.push_back({Code::conflict, std::string(sentence)});
        return {};
    }
    [[nodiscard]] bool is_active(const DeviceId& id) const {
        const auto* device = membership_.device(id);
        return device != nullptr && device->is_active;
    }
    /// Made by this very entry, so that nobody else can know it yet.
    [[nodiscard]] bool is_created(const SpaceId& space) const { return created_.contains(space); }

    // Nothing in these depends on what others did meanwhile; the rules judge them again.
    Result<void> redo(const GenesisOp& op) { return keep(op); }
    Result<void> redo(const BreakGlassOp& op) { return keep(op); }
    Result<void> redo(const RecoverAdminsOp& op) { return keep(op); }
    Result<void> redo(const RecoveryRekeyOp& op) { return keep(op); }

    Result<void> redo(const NameOp& op) {
        const auto* name = membership_.name(op.name_kind, op.target);
        const bool is_so = name != nullptr && name->sealed == op.sealed;
        return is_so ? done("it has that name already") : keep(op);
    }
    Result<void> redo(const AddDeviceOp& op) {
        const auto id = device_id(membership_.org(), op.sign, op.box);
        return membership_.device(id) != nullptr ? done("that device was added already") : keep(op);
    }
    Result<void> redo(const RevokeDeviceOp& op) {
        if (!is_active(op.device)) {
            return done("that device was removed already, with the end of its work that is said "
                        "there; look whether that is right");
        }
        leave_all(membership_, op.device, leaving_);
        return keep(op);
    }
    Result<void> redo(const RevokeGrantOp& op);
    Result<void> redo(const CreateSpaceOp& op) {
        if (membership_.space(op.space) != nullptr) return done("that space is there already");
        created_.insert(op.space);
        return keep(op);
    }
    Result<void> redo(const GrantOp& op);
    Result<void> redo(const RotateOp& op);
    Result<void> redo(const InviteCreateOp& op);
    Result<void> redo(const InviteKeyOp& /*unused*/) { return {}; }  // comes with a new epoch
    Result<void> redo(const InviteRevokeOp& op) {
        const auto* invite = membership_.invite(op.invite);
        const bool is_over = invite != nullptr && !invite->is_open();
        return is_over ? done("that invite was used or taken back already; look at who joined")
                       : keep(op);
    }
    Result<void> redo(const PolicySetOp& op) {
        const auto& policies = membership_.state().policies;
        const auto found = policies.find(op.key);
        const bool is_so = found != policies.end() && found->second == op.value;
        return is_so ? done("that is decided already") : keep(op);
    }
    Result<void> redo(const AdminSetOp& op) {
        const auto* device = membership_.device(op.device);
        const bool is_so = device != nullptr && device->is_admin() == op.on;
        return is_so ? done(op.on ? "that device is an admin already"
                                  : "that device is no admin any more")
                     : keep(op);
    }
    Result<void> redo(const ServerKeyOp& op) {
        return op.server_key == membership_.server_key() ? done("that is the server's key already")
                                                         : keep(op);
    }
    Result<void> redo(const AdoptOp& op) {
        AdoptOp rest{op.space, {}};
        for (const auto& chain : op.chains) {
            if (!membership_.is_adopted(op.space, chain)) rest.chains.push_back(chain);
        }
        return rest.chains.empty() ? done("that work was adopted already") : keep(rest);
    }
    Result<void> redo(const InboxKeyOp& op);
    Result<void> redo(const InboxCloseOp& op) {
        const auto* inbox = membership_.inbox(op.inbox);
        const bool is_over = inbox != nullptr && inbox->is_closed;
        return is_over ? done("that inbox was closed already") : keep(op);
    }
    // Whoever said it had read the log as it was then. They look again; nobody says it for them.
    Result<void> redo(const ShredOp& op) {
        const bool is_over = membership_.shredded(op.space) != nullptr;
        if (is_over) return done("that space was shredded already");
        return Error{Code::conflict,
                     "the organisation has changed since you asked to shred a space; look at the "
                     "space again and shred it anew"};
    }
    Result<void> redo(const ComplaintOp& op) {
        const auto* space = membership_.space(op.space);
        const bool is_over =
            space != nullptr && (space->epoch != op.epoch || space->is_rotation_due);
        return is_over ? done("a newer key is there or due already") : keep(op);
    }

    Result<void> remake_first_epoch(const RotateOp& op);
    Result<void> rotate();
    /// The right that the lost entry gives back to whom it takes all from; null: none.
    [[nodiscard]] const GrantOp* given_back(const DeviceId& device, const SpaceId& space) const;
    /// Whether the lost entry takes rights from the device there.
    [[nodiscard]] bool is_taken(const DeviceId& device, const SpaceId& space) const;

    const Author& author_;
    const Membership& membership_;
    const std::vector<MembershipOp>& lost_;
    std::vector<MembershipOp> ops_;
    std::set<SpaceId> created_;
    std::set<SpaceId> due_;
    std::set<SpaceId> without_history_;
    Leaving leaving_;
    std::vector<Error> done_;  ///< what somebody else has done
};

const GrantOp* Remaking::given_back(const DeviceId& device, const SpaceId& space) const {
    for (const auto& op : lost_) {
        const auto* grant = std::get_if<GrantOp>(&op);
        if (grant != nullptr && grant->device == device && grant->space == space) return grant;
    }
    return nullptr;
}

bool Remaking::is_taken(const DeviceId& device, const SpaceId& space) const {
    return std::any_of(lost_.begin(), lost_.end(), [&](const auto& op) {
        const auto* taken = std::get_if<RevokeGrantOp>(&op);
        return taken != nullptr && taken->device == device && taken->space == space;
    });
}

// Of a device that is to keep some of its rights, only those that it still has are given back:
// what somebody else took meanwhile stays taken.
Result<void> Remaking::redo(const RevokeGrantOp& op) {
    const auto held = membership_.rights(op.device, op.space);
    if (held == 0) return done("that device was taken out of the space already");
    const auto* back = given_back(op.device, op.space);
    const auto kept = static_cast<std::uint8_t>(back == nullptr ? 0 : back->rights & held);
    if (kept == held) return done("that device does not have those rights any more");
    ops_.emplace_back(op);
    if (kept == 0) {
        leaving_.insert({op.space, op.device});
    } else {
        ops_.emplace_back(GrantOp{op.device, op.space, kept, {}});
        due_.insert(op.space);
    }
    return {};
}

Result<void> Remaking::redo(const GrantOp& op) {
    if (is_taken(op.device, op.space)) return {};  // with what is taken
    if (is_created(op.space)) return is_active(op.device) ? keep(op) : Result<void>();
    const auto* space = membership_.space(op.space);
    const auto* device = membership_.device(op.device);
    if (space == nullptr || device == nullptr) return keep(op);
    const auto held = space->rights(op.device);
    GrantOp again{op.device, op.space, static_cast<std::uint8_t>(op.rights | held), {}};
    const bool has_key = membership_.wrap(op.space, space->epoch, op.device) != nullptr;
    if (held == again.rights && (has_key || space->is_rotation_due)) {
        return done("that device has those rights already");
    }
    const auto* key = author_.keyring.key(op.space, space->epoch);
    if (key != nullptr && !has_key) {
        TRELLIS_TRY(const auto sealed, seal_key_to(device->box, *key, author_.env));
        again.wraps.push_back({space->epoch, sealed});
    }
    return keep(again);
}

Result<void> Remaking::redo(const RotateOp& op) {
    if (is_created(op.space)) return remake_first_epoch(op);
    const auto* space = membership_.space(op.space);
    if (space == nullptr) return keep(op);
    const bool ends_history = op.epoch > 1 && !op.previous;
    const auto* newest = membership_.epoch(op.space, space->epoch);
    const bool is_newer = space->epoch >= op.epoch && !space->is_rotation_due &&
                          !(ends_history && newest->previous);
    if (is_newer) return {};
    if (ends_history) without_history_.insert(op.space);
    due_.insert(op.space);
    return {};
}

// What was sealed in the new space already is under this key, so the key stays; its readers and
// the root may be others by now.
Result<void> Remaking::remake_first_epoch(const RotateOp& op) {
    const auto me = author_.device.id(membership_.org());
    const auto mine = std::find_if(
        op.wraps.begin(), op.wraps.end(), [&me](const auto& wrap) { return wrap.device == me; });
    if (mine == op.wraps.end()) return Error{Code::wrong_key, "the new space has no key of ours"};
    TRELLIS_TRY(const auto key, open_sealed_key(author_.device.box(), mine->sealed));
    std::vector<DeviceId> readers;
    for (const auto& wrap : op.wraps) {
        if (is_active(wrap.device)) readers.push_back(wrap.device);
    }
    TRELLIS_TRY(auto again, rotation_op(author_, {op.space, op.epoch}, readers, key));
    return keep(again);
}

Result<void> Remaking::redo(const InviteCreateOp& op) {
    if (membership_.invite(op.invite) != nullptr) return done("that invite is there already");
    auto again = op;
    for (auto& grant : again.grants) {
        const auto* space = membership_.space(grant.space);
        const auto* key = space == nullptr ? nullptr
                                           : author_.keyring.key(grant.space, space->epoch);
        grant.epoch = 0;
        grant.sealed = {};
        if (key == nullptr) continue;
        grant.epoch = space->epoch;
        TRELLIS_TRY(grant.sealed, seal_key_to(op.box, *key, author_.env));
    }
    return keep(again);
}

// A later key comes with a new epoch; a first one from the newest that there is now.
Result<void> Remaking::redo(const InboxKeyOp& op) {
    const auto* inbox = membership_.inbox(op.inbox);
    if (op.key_epoch != 1) {
        const bool is_due = inbox != nullptr && membership_.is_key_due(op.inbox);
        const bool is_coming = std::any_of(lost_.begin(), lost_.end(), [&](const auto& other) {
            const auto* rotation = std::get_if<RotateOp>(&other);
            return rotation != nullptr && rotation->space == op.space;
        });
        if (!is_due || is_coming) return {};
    } else if (inbox != nullptr) {
        return done("that inbox is there already");
    }
    const auto* space = membership_.space(op.space);
    const auto epoch = space == nullptr ? 0 : space->epoch;
    const auto* key = author_.keyring.key(op.space, epoch);
    if (key == nullptr) return Error{Code::wrong_key, "this device has no key for that inbox now"};
    return keep(inbox_key_op(membership_, op.inbox, {op.space, epoch}, *key));
}

Result<void> Remaking::rotate() {
    for (const auto& id : without_history_) {
        due_.erase(id);
        TRELLIS_DO(add_next_epoch(author_, *membership_.space(id), leaving_, false, ops_));
    }
    return add_rotations(author_, due_, leaving_, ops_);
}

}  // namespace

Result<Bytes> remake(const Author& author,
                     const std::vector<MembershipOp>& ops,
                     std::vector<Error>* left_out) {
    Remaking remaking(author, ops);
    auto made = remaking.make();
    if (left_out != nullptr) *left_out = remaking.done();
    return made;
}

}  // namespace trellis::crypto
