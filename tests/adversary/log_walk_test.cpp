// SPDX-License-Identifier: Apache-2.0
// Logs made by chance, every entry of them legal. Whoever folds one comes to the same state, and
// nothing that differs from an entry by a bit or a signature is taken for it.
#include "crypto/secret/co_sign.hpp"
#include "crypto/secret/recover.hpp"
#include "tests/crypto/expect.hpp"
#include "tests/support/fake_env.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

struct Member {
    DeviceKey key;
    Keyring ring;
};

class Walk {
public:
    explicit Walk(std::uint64_t seed) : env_(seed), membership_(found()) {}

    [[nodiscard]] const Membership& membership() const { return membership_; }
    [[nodiscard]] const std::vector<Bytes>& log() const { return log_; }
    [[nodiscard]] const std::set<std::uint16_t>& kinds() const { return kinds_; }

    /// One more entry, if chance wants what the rules allow.
    void step() {
        env_.advance(static_cast<std::int64_t>(pick(3)) * 1'200'000);
        const auto entry = propose();
        if (!entry) return;
        must(membership_.extend(*entry));
        log_.push_back(*entry);
        for (const auto& op : must(parse_entry(*entry)).ops) {
            std::visit([this](const auto& value) { kinds_.insert(value.kind); }, op);
        }
        for (auto& member : members_) member.ring.update(membership_, member.key);
    }

private:
    Membership found() {
        members_.push_back({DeviceKey::generate(env_), {}});
        FoundOrder order;
        order.org_name = "Valley";
        order.directory_name = "Directory";
        order.device_name = "First";
        auto founding = must(found_org(order, members_[0].key, env_.wall_time(), env_));
        sheets_ = founding.sheets;
        log_.push_back(founding.entry);
        auto membership = must(Membership::found(founding.entry));
        members_[0].ring.update(membership, members_[0].key);
        return membership;
    }
    std::size_t pick(std::size_t count) {
        ByteArray<4> bytes{};
        env_.random(bytes);
        return (bytes[0] | std::size_t{bytes[1]} << 8U | std::size_t{bytes[2]} << 16U) % count;
    }
    Author as(const Member& member, bool draft = false) {
        return {membership_, member.ring, member.key, env_.wall_time(), env_, draft};
    }
    const Member& someone() { return members_[pick(members_.size())]; }
    DeviceId some_device() { return someone().key.id(membership_.org()); }
    SpaceId some_space() {
        const auto& spaces = membership_.spaces();
        return std::next(spaces.begin(), static_cast<std::ptrdiff_t>(pick(spaces.size())))->first;
    }
    std::vector<Cutoff> cutoffs(const SpaceId& space) {
        Cutoff cutoff{space, {}, pick(50), {}};
        env_.random(cutoff.actor.bytes);
        return {cutoff};
    }
    /// With as many signatures as it takes, if there are so many who can give one.
    Result<Bytes> signed_by_all(Result<Bytes> entry) {
        if (!entry) return entry;
        for (const auto& member : members_) {
            auto more = co_sign(membership_, *entry, member.key);
            if (more) entry = std::move(more);
        }
        TRELLIS_TRY(const auto missing, missing_signatures(membership_, *entry));
        if (!missing.empty()) return Error{Code::denied, missing};
        return entry;
    }
    Result<Bytes> add_member() {
        if (members_.size() > 12) return Error{Code::too_large, "enough"};
        AddDeviceOp op;
        if (pick(3) != 0) env_.random(op.user.bytes);
        auto key = DeviceKey::generate(env_);
        op.sign = key.sign().key();
        op.box = key.box().key();
        auto entry = make_entry(as(members_[0]), {op});
        if (entry) members_.push_back({std::move(key), {}});
        return entry;
    }
    Result<Bytes> join_someone() {
        if (!open_) {
            InviteOrder order;
            order.grants = {{some_space(), right_read}};
            order.expiry = env_.wall_time() + 86'400'000;
            order.url = "https://relay.example";
            TRELLIS_TRY(auto made, invite_create(as(someone()), order));
            open_ = std::move(made.invite);
            return std::move(made.entry);
        }
        auto key = DeviceKey::generate(env_);
        const auto invite = std::move(*open_);
        open_.reset();
        auto entry = join(membership_, invite, key, {"Joiner"}, env_.wall_time(), env_);
        if (entry) members_.push_back({std::move(key), {}});
        return entry;
    }
    Result<Bytes> recover_all() {
        TRELLIS_TRY(const auto seed, combine_sheets({sheets_[0], sheets_[2]}));
        RecoverOrder order;
        order.device_name = "Recovered";
        order.removes_all_admins = pick(2) == 0;
        auto key = DeviceKey::generate(env_);
        TRELLIS_TRY(auto made, recover(membership_, root_keys(seed.seed), order, key,
                                       env_.wall_time(), env_));
        sheets_ = made.sheets;
        members_.insert(members_.begin(), {std::move(key), {}});
        return made.entries.front();
    }
    Result<Bytes> change_inboxes(const SpaceId& space) {
        const auto ids = membership_.inboxes_of(space);
        if (ids.empty() || pick(3) == 0) {
            TRELLIS_TRY(auto made, inbox_open(as(someone()), space));
            return std::move(made.entry);
        }
        const auto& inbox = ids[pick(ids.size())];
        switch (pick(3)) {
            case 0: return inbox_close(as(someone()), inbox);
            case 1: return inbox_renew(as(someone()), space);
            default: return inbox_rotate(as(someone()), inbox);
        }
    }
    /// Not the directory, and only where another is left to go on with.
    Result<Bytes> end_one() {
        if (membership_.spaces().size() < 3) return Error{Code::denied, "too few"};
        ShredOrder order;
        order.space = some_space();
        order.position = 1 + pick(50);
        order.head.bytes.fill(7);
        return signed_by_all(shred(as(someone(), true), order));
    }
    Result<Bytes> propose() {
        const auto space = some_space();
        const auto rights = static_cast<std::uint8_t>(1U | pick(4) << 1U);
        switch (pick(19)) {
            case 0: return add_member();
            case 1: return join_someone();
            case 2: return signed_by_all(grant(as(someone(), true), some_device(), space, rights));
            case 3: return grant(as(members_[0]), some_device(), space, rights);
            case 4: return revoke_grant(as(someone()), some_device(), space, cutoffs(space));
            case 5: return revoke_device(as(someone()), some_device(), cutoffs(space), 1);
            case 6: return rotate(as(someone()), space, pick(4) != 0);
            case 7: return signed_by_all(set_admin(as(someone(), true), some_device(), true));
            case 8: return signed_by_all(set_admin(as(someone(), true), some_device(), false));
            case 9: return signed_by_all(set_admin_quorum(as(someone(), true), 1 + pick(2)));
            case 10: return adopt(as(members_[0]), space, {Digest{}, cutoffs(space)[0].chain});
            case 11: return complain(as(someone()), space);
            case 12:
                return signed_by_all(break_glass(
                    as(someone(), true),
                    {some_device(), space, env_.wall_time() + 3'600'000, {}}));
            case 13: {
                const auto kind = pick(2) == 0 ? SpaceClass::general : SpaceClass::compartment;
                TRELLIS_TRY(auto made, create_space(as(someone()), "A space", kind));
                return std::move(made.entry);
            }
            case 14:
                return rename(as(someone()), NameKind::space, name_target(space), "Another");
            case 15:
            case 16: return change_inboxes(space);
            case 17: return pick(5) == 0 ? end_one() : complain(as(someone()), space);
            default: return pick(5) == 0 ? recover_all() : rotate(as(someone()), space);
        }
    }

    FakeEnv env_;
    std::vector<Member> members_;
    std::vector<Bytes> log_;
    std::vector<std::string> sheets_;
    std::set<std::uint16_t> kinds_;
    std::optional<Invite> open_;
    Membership membership_;
};

Bytes without_signature(const Entry& entry, std::size_t left_out) {
    auto bytes = write_unsigned_entry(entry);
    auto signatures = entry.signatures;
    signatures.erase(signatures.begin() + static_cast<std::ptrdiff_t>(left_out));
    if (signatures.empty()) {
        bytes.push_back(0);
    } else {
        append_signatures(bytes, signatures);
    }
    return bytes;
}

}  // namespace

TEST_CASE("L-08 who folds a log made by chance comes to the same state", "[adversary]") {
    std::set<std::uint16_t> kinds;
    for (std::uint64_t seed = 1; seed <= 25; ++seed) {
        CAPTURE(seed);
        Walk walk(seed);
        for (int i = 0; i < 100; ++i) walk.step();
        auto again = must(Membership::found(walk.log().front()));
        for (std::size_t i = 1; i < walk.log().size(); ++i) must(again.extend(walk.log()[i]));
        const auto& one = walk.membership();
        REQUIRE(again.head() == one.head());
        REQUIRE(again.state().digest == one.state().digest);
        for (const auto& [id, space] : one.spaces()) {
            const auto* other = again.space(id);
            REQUIRE(other->former_writers == space.former_writers);
            for (const auto& [device, record] : one.devices()) {
                REQUIRE(other->rights(device) == space.rights(device));
                // Former members have nothing, and nobody reads who was not given a key.
                REQUIRE((record.is_active || space.rights(device) == 0));
                const bool has_key = one.wrap(id, space.epoch, device) != nullptr;
                REQUIRE((space.rights(device) == 0 || has_key || space.is_rotation_due));
            }
        }
        for (const auto& [id, inbox] : one.state().inboxes) {
            // Nobody who has left a space can open what is sealed to its newest key.
            const auto epoch = one.inbox_key(id, inbox.key_epoch)->epoch;
            const bool is_newest = epoch == one.space(inbox.space)->epoch;
            REQUIRE((is_newest || inbox.is_closed || one.is_key_due(id)));
        }
        kinds.insert(walk.kinds().begin(), walk.kinds().end());
    }
    // Chance has tried every op but two: nobody makes two first entries, or changes the relay.
    CHECK(kinds.size() >= std::variant_size_v<MembershipOp> - 3);
}

TEST_CASE("no bit of an entry made by chance can be another, and no signature missing",
          "[adversary]") {
    Walk walk(21);
    for (int i = 0; i < 90; ++i) walk.step();
    auto membership = must(Membership::found(walk.log().front()));
    for (std::size_t i = 1; i < walk.log().size(); ++i) {
        const auto& entry = walk.log()[i];
        const auto digest = membership.state().digest;
        // All bits of small entries, and one of each byte of the others.
        for (std::size_t at = 0; at < entry.size(); ++at) {
            auto altered = entry;
            for (unsigned bit = 0; bit < (entry.size() < 700 ? 8U : 1U); ++bit) {
                altered[at] = static_cast<std::uint8_t>(entry[at] ^ 1U << (bit + at) % 8);
                if (membership.extend(altered)) FAIL("entry " << i << ", byte " << at);
            }
        }
        const auto parsed = must(parse_entry(entry));
        for (std::size_t left_out = 0; left_out < parsed.signatures.size(); ++left_out) {
            if (membership.extend(without_signature(parsed, left_out))) {
                FAIL("entry " << i << " needs no signature " << left_out);
            }
        }
        REQUIRE(membership.state().digest == digest);
        REQUIRE(membership.length() == i);
        must(membership.extend(entry));
    }
    CHECK(membership.length() > 20);
}
