// SPDX-License-Identifier: Apache-2.0
#include "crypto/public/membership_op.hpp"

#include "core/base/limits.hpp"

#include <type_traits>

namespace trellis::crypto {
namespace {

constexpr std::uint8_t suite = 1;
constexpr std::uint8_t space_kind_data = 1;

template <class Op, class T>
concept Is = std::is_same_v<std::remove_const_t<Op>, T>;

// Writes what Reading reads: each op has one layout() that both walk.
class Writing {
public:
    explicit Writing(ByteWriter& writer) : writer_(writer) {}

    void number(std::uint8_t value) { writer_.u8(value); }
    void number(std::uint16_t value) { writer_.u16(value); }
    void number(std::uint32_t value) { writer_.u32(value); }
    void number(std::uint64_t value) { writer_.u64(value); }
    void time(Time value) { writer_.u64(static_cast<std::uint64_t>(value)); }
    void flag(bool value) { writer_.u8(value ? 1 : 0); }
    void always(std::uint8_t value) { writer_.u8(value); }
    template <class Enum>
    void one_of(Enum value, Enum /*last*/) {
        writer_.u8(static_cast<std::uint8_t>(value));
    }
    template <class IdType>
    void id(const IdType& value) {
        writer_.raw(value.view());
    }
    void blob(const Bytes& value, std::size_t /*max*/) { writer_.blob(value); }
    template <class IdType>
    void maybe(const std::optional<IdType>& value) {
        flag(value.has_value());
        if (value) id(*value);
    }
    template <class T>
    void list(const std::vector<T>& values, std::size_t /*max*/, std::size_t /*least*/) {
        writer_.u32(static_cast<std::uint32_t>(values.size()));
        for (const auto& value : values)
            layout(*this, value);
    }

private:
    ByteWriter& writer_;
};

class Reading {
public:
    explicit Reading(ByteReader& reader) : reader_(reader) {}

    void number(std::uint8_t& value) { value = reader_.u8(); }
    void number(std::uint16_t& value) { value = reader_.u16(); }
    void number(std::uint32_t& value) { value = reader_.u32(); }
    void number(std::uint64_t& value) { value = reader_.u64(); }
    void time(Time& value) {
        const auto bits = reader_.u64();
        if (bits >> 63U != 0) reader_.fail();
        value = static_cast<Time>(bits);
    }
    void flag(bool& value) {
        const auto byte = reader_.u8();
        if (byte > 1) reader_.fail();
        value = byte == 1;
    }
    void always(std::uint8_t value) {
        if (reader_.u8() != value) reader_.fail();
    }
    /// Enumerations count from 1 to their last.
    template <class Enum>
    void one_of(Enum& value, Enum last) {
        const auto byte = reader_.u8();
        if (byte == 0 || byte > static_cast<std::uint8_t>(last)) reader_.fail();
        value = static_cast<Enum>(byte);
    }
    template <class IdType>
    void id(IdType& value) {
        value = reader_.id<IdType>();
    }
    void blob(Bytes& value, std::size_t max) { value = to_bytes(reader_.blob(max)); }
    template <class IdType>
    void maybe(std::optional<IdType>& value) {
        bool is_there = false;
        flag(is_there);
        if (is_there) value = reader_.id<IdType>();
    }
    /// Each element takes at least `least` bytes, so a count is checked before it allocates.
    template <class T>
    void list(std::vector<T>& values, std::size_t max, std::size_t least) {
        const std::size_t count = reader_.u32();
        if (count > max || count > reader_.left() / least) return reader_.fail();
        values.resize(count);
        for (auto& value : values)
            layout(*this, value);
    }

private:
    ByteReader& reader_;
};

void layout(auto& bytes, Is<GenesisOp> auto& op) {
    bytes.always(suite);
    bytes.id(op.server_key);
    bytes.id(op.root_sign);
    bytes.id(op.root_box);
    bytes.number(op.recovery_needed);
    bytes.number(op.recovery_sheets);
    bytes.id(op.device_sign);
    bytes.id(op.device_box);
    bytes.one_of(op.device_kind, DeviceKind::browser);
    bytes.id(op.user);
}

void layout(auto& bytes, Is<SpaceWrap> auto& wrap) {
    bytes.id(wrap.space);
    bytes.number(wrap.epoch);
    bytes.id(wrap.sealed);
}

void layout(auto& bytes, Is<AddDeviceOp> auto& op) {
    bytes.id(op.user);
    bytes.id(op.sign);
    bytes.id(op.box);
    bytes.one_of(op.device_kind, DeviceKind::browser);
    bytes.number(op.role);
    bytes.id(op.invite);
    bytes.list(op.wraps, limits::invite_spaces_max, 100);
}

void layout(auto& bytes, Is<Cutoff> auto& cutoff) {
    bytes.id(cutoff.space);
    bytes.id(cutoff.actor);
    bytes.number(cutoff.counter);
    bytes.id(cutoff.chain);
}

void layout(auto& bytes, Is<RevokeDeviceOp> auto& op) {
    bytes.id(op.device);
    bytes.number(op.reason);
    bytes.list(op.cutoffs, limits::wraps_max, 72);
}

void layout(auto& bytes, Is<CreateSpaceOp> auto& op) {
    bytes.id(op.space);
    bytes.always(space_kind_data);
    bytes.one_of(op.space_class, SpaceClass::compartment);
    bytes.always(0);  // flags, two bytes, none defined
    bytes.always(0);
}

void layout(auto& bytes, Is<EpochWrap> auto& wrap) {
    bytes.number(wrap.epoch);
    bytes.id(wrap.sealed);
}

void layout(auto& bytes, Is<GrantOp> auto& op) {
    bytes.id(op.device);
    bytes.id(op.space);
    bytes.number(op.rights);
    bytes.list(op.wraps, limits::wraps_max, 84);
}

void layout(auto& bytes, Is<RevokeGrantOp> auto& op) {
    bytes.id(op.device);
    bytes.id(op.space);
    bytes.list(op.cutoffs, limits::wraps_max, 72);
}

void layout(auto& bytes, Is<DeviceWrap> auto& wrap) {
    bytes.id(wrap.device);
    bytes.id(wrap.sealed);
}

void layout(auto& bytes, Is<RotateOp> auto& op) {
    bytes.id(op.space);
    bytes.number(op.epoch);
    bytes.id(op.commitment);
    bytes.maybe(op.previous);
    bytes.list(op.wraps, limits::wraps_max, 96);
    bytes.maybe(op.root_wrap);
    bytes.number(op.reason);
}

void layout(auto& bytes, Is<InviteGrant> auto& grant) {
    bytes.id(grant.space);
    bytes.number(grant.rights);
    bytes.number(grant.epoch);
    bytes.id(grant.sealed);
}

void layout(auto& bytes, Is<InviteCreateOp> auto& op) {
    bytes.id(op.invite);
    bytes.id(op.sign);
    bytes.id(op.box);
    bytes.number(op.role);
    bytes.time(op.expiry);
    bytes.list(op.grants, limits::invite_spaces_max, 101);
}

void layout(auto& bytes, Is<InviteKeyOp> auto& op) {
    bytes.id(op.invite);
    bytes.id(op.space);
    bytes.number(op.epoch);
    bytes.id(op.sealed);
}

void layout(auto& bytes, Is<InviteRevokeOp> auto& op) {
    bytes.id(op.invite);
}

void layout(auto& bytes, Is<PolicySetOp> auto& op) {
    bytes.number(op.key);
    bytes.number(op.value);
}

void layout(auto& bytes, Is<AdminSetOp> auto& op) {
    bytes.id(op.device);
    bytes.flag(op.on);
}

void layout(auto& bytes, Is<RecoverAdminsOp> auto& op) {
    bytes.id(op.user);
    bytes.id(op.sign);
    bytes.id(op.box);
    bytes.one_of(op.device_kind, DeviceKind::browser);
    bytes.list(op.removals, limits::removals_max, 21);
    bytes.list(op.wraps, limits::wraps_max, 100);
}

void layout(auto& bytes, Is<RecoveryRekeyOp> auto& op) {
    bytes.id(op.root_sign);
    bytes.id(op.root_box);
    bytes.number(op.needed);
    bytes.number(op.sheets);
}

void layout(auto& bytes, Is<BreakGlassOp> auto& op) {
    bytes.id(op.device);
    bytes.id(op.space);
    bytes.time(op.until);
    bytes.id(op.reason);
    bytes.list(op.wraps, limits::wraps_max, 84);
}

void layout(auto& bytes, Is<ComplaintOp> auto& op) {
    bytes.id(op.space);
    bytes.number(op.epoch);
}

void layout(auto& bytes, Is<ServerKeyOp> auto& op) {
    bytes.id(op.server_key);
}

void layout(auto& bytes, Is<Digest> auto& digest) {
    bytes.id(digest);
}

void layout(auto& bytes, Is<AdoptOp> auto& op) {
    bytes.id(op.space);
    bytes.list(op.chains, limits::adopt_max, Digest::size);
}

void layout(auto& bytes, Is<NameOp> auto& op) {
    bytes.one_of(op.name_kind, NameKind::device);
    bytes.id(op.target);
    bytes.id(op.key_space);
    bytes.number(op.epoch);
    bytes.blob(op.sealed, name_sealed_max);
}

void layout(auto& bytes, Is<InboxKeyOp> auto& op) {
    bytes.id(op.inbox);
    bytes.id(op.space);
    bytes.number(op.key_epoch);
    bytes.number(op.epoch);
    bytes.id(op.key);
}

void layout(auto& bytes, Is<InboxCloseOp> auto& op) {
    bytes.id(op.inbox);
}

void layout(auto& bytes, Is<ShredOp> auto& op) {
    bytes.id(op.space);
    bytes.number(op.until_epoch);
    bytes.number(op.position);
    bytes.id(op.head);
    bytes.id(op.reason);
}

// Tries the alternatives of the variant one by one.
template <std::size_t I = 0>
Result<MembershipOp> read_kind(std::uint16_t kind, ByteView body) {
    if constexpr (I == std::variant_size_v<MembershipOp>) {
        return Error{Code::unsupported, "an op is of a newer version"};
    } else {
        using Op = std::variant_alternative_t<I, MembershipOp>;
        if (kind != Op::kind) return read_kind<I + 1>(kind, body);
        Op op;
        ByteReader reader(body);
        Reading reading(reader);
        layout(reading, op);
        TRELLIS_DO(reader.finish("an op"));
        return MembershipOp(std::move(op));
    }
}

}  // namespace

bool is_right(std::uint8_t rights) {
    const std::uint8_t known = right_read | right_write | right_steward;
    return (rights & right_read) != 0 && (rights & ~known) == 0;
}

void write_op(ByteWriter& writer, const MembershipOp& op) {
    std::visit(
        [&writer](const auto& value) {
            ByteWriter body;
            Writing writing(body);
            layout(writing, value);
            writer.u16(std::remove_cvref_t<decltype(value)>::kind);
            writer.blob(body.view());
        },
        op);
}

Result<MembershipOp> read_op(std::uint16_t kind, ByteView body) {
    return read_kind(kind, body);
}

}  // namespace trellis::crypto
