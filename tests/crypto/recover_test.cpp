// SPDX-License-Identifier: Apache-2.0
// From sheets of paper to an organisation that works again.
#include "crypto/secret/recover.hpp"

#include "core/base/limits.hpp"
#include "crypto/secret/names.hpp"
#include "tests/crypto/membership_attempt.hpp"
#include "tests/support/people.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

RootKeys root_of(const std::vector<std::string>& sheets) {
    return root_keys(must(combine_sheets(sheets)).seed);
}

Result<Recovered> recover_with(Organisation& it, const RecoverOrder& order) {
    const auto root = root_of({it.sheets[0], it.sheets[2]});
    return recover(it.membership, root, order, dave(), it.env.wall_time(), it.env);
}

RecoverOrder order_named(std::string_view name) {
    RecoverOrder order;
    order.device_name = name;
    return order;
}

}  // namespace

TEST_CASE("a recovered device reads all that there ever was", "[crypto]") {
    Organisation it;
    it.append(rotate(it.as(it.alice), it.school, false));  // nothing leads to what is older
    it.append(rotate(it.as(it.alice), it.school));
    auto order = order_named("New desk");
    order.removes_all_admins = true;
    const auto made = must(recover_with(it, order));
    CHECK(made.unreadable.empty());
    for (const auto& entry : made.entries) it.append(entry);
    const auto id = dave().id(it.org());
    CHECK(it.membership.device(id)->is_admin());
    CHECK_FALSE(it.membership.device(it.id(it.alice))->is_active);
    Keyring ring;
    ring.update(it.membership, dave());
    CHECK(ring.problems().empty());
    for (const auto& [name, epoch] : it.membership.state().epochs) {
        CAPTURE(name.second);
        CHECK(ring.key(name.first, name.second) != nullptr);
        CHECK(made.keyring.key(name.first, name.second) != nullptr);
    }
    for (const auto& [space, record] : it.membership.spaces()) {
        CHECK(record.rights(id) == 7);
        CHECK_FALSE(record.is_rotation_due);
        CHECK(it.alice.ring.newest(space) < record.epoch);
    }
    CHECK(it.bob.ring.newest(it.school) == it.membership.space(it.school)->epoch);
    CHECK(must(name_of(it.membership, ring, NameKind::device, name_target(id))) == "New desk");
    const Author author{it.membership, ring, dave(), it.env.wall_time(), it.env};
    CHECK(outcome(set_admin(author, it.id(it.bob), true)) == "ok");
    CHECK(outcome(grant(author, it.id(it.bob), it.counselling, right_read)) == "ok");
}

TEST_CASE("after a recovery the old sheets are dead and the new ones work", "[crypto]") {
    Organisation it;
    const auto made = must(recover_with(it, order_named("New desk")));
    for (const auto& entry : made.entries) it.append(entry);
    CHECK(outcome(recover_with(it, order_named("Thief"))) == "denied");
    const auto root = root_of({made.sheets[1], made.sheets[2]});
    CHECK(root.sign.key() == it.membership.state().root_sign);
    const auto again = recover(it.membership,
                               root,
                               order_named("Third"),
                               it.carol.key.clone(),
                               it.env.wall_time(),
                               it.env);
    CHECK(outcome(again) == "invalid");  // carol belongs already
    const auto fresh = DeviceKey::generate(it.env);
    const auto third = must(recover(
        it.membership, root, order_named("Third"), fresh, it.env.wall_time(), it.env));
    for (const auto& entry : third.entries) it.append(entry);
    CHECK(third.keyring.key(it.school, 1) != nullptr);
    CHECK(it.membership.device(it.id(it.alice))->is_admin());
}

TEST_CASE("a recovery of many spaces takes several entries", "[crypto]") {
    Organisation it;
    for (int i = 0; i < 70; ++i) {
        it.append(must(create_space(it.as(it.alice), "A space", SpaceClass::general)).entry);
    }
    const auto made = must(recover_with(it, order_named("New desk")));
    CHECK(made.entries.size() == 2);
    for (const auto& entry : made.entries) it.append(entry);
    for (const auto& [id, space] : it.membership.spaces()) {
        CHECK_FALSE(space.is_rotation_due);
        CHECK(made.keyring.newest(id) == space.epoch);
    }
}

TEST_CASE("a key that was not kept for the root is named, and the rest recovered", "[crypto]") {
    Organisation it;
    auto op = must(parse_entry(must(rotate(it.as(it.alice), it.school)))).ops;
    std::get<RotateOp>(op.front()).root_wrap = SealedKey{};
    it.append(make_entry(it.as(it.alice), op));
    const auto made = must(recover_with(it, order_named("New desk")));
    CHECK(made.unreadable == std::vector<Keyring::Problem>{{it.school, 3}});
    for (const auto& entry : made.entries) it.append(entry);
    CHECK(made.keyring.key(it.school, 2) != nullptr);
    CHECK(made.keyring.key(it.school, 3) == nullptr);
    CHECK(made.keyring.key(it.school, 4) != nullptr);
}

TEST_CASE("a recovery says where the work of a removed admin ends", "[crypto]") {
    Organisation it;
    ActorId actor;
    actor.bytes.fill(4);
    auto order = order_named("New desk");
    order.removals = {{it.id(it.alice), removed_lost, {{it.school, actor, 12, {}}}}};
    const auto made = must(recover_with(it, order));
    for (const auto& entry : made.entries) it.append(entry);
    CHECK(it.membership.limit(it.school, actor, it.id(it.alice)) == Counter{12});
    CHECK(it.membership.device(it.id(it.alice))->removal_reason == removed_lost);
    CHECK(it.membership.is_or_was_writer(it.id(it.alice), it.school));
    order.removals = {{it.id(it.bob), removed_lost, {}}};
    Organisation other;
    CHECK(outcome(recover_with(other, order)) == "invalid");  // bob is no admin
}

TEST_CASE("a recovery lets those decide who are left", "[crypto]") {
    Organisation it;
    it.append(set_admin(it.as(it.alice), it.id(it.carol), true));
    it.append(set_admin(it.as(it.alice), it.id(it.bob), true));
    it.append(set_admin_quorum(it.as(it.alice), 3));
    auto order = order_named("New desk");
    order.removals = {{it.id(it.alice), 0, {}}, {it.id(it.bob), 0, {}}};
    const auto made = must(recover_with(it, order));
    for (const auto& entry : made.entries) it.append(entry);
    CHECK(it.membership.admin_quorum() == 2);
}

TEST_CASE("only the root recovers, and does nothing else", "[crypto]") {
    Organisation it;
    const auto root = root_of({it.sheets[0], it.sheets[1]});
    const auto device = dave();
    RecoverAdminsOp admin;
    admin.sign = device.sign().key();
    admin.box = device.box().key();
    RecoveryRekeyOp rekey{bob().sign().key(), bob().box().key(), 2, 3};
    const EntrySigner by_root{SignerId{}, root.sign};
    const EntrySigner by_device{signer(device.id(it.org())), device.sign()};
    const EntrySigner by_alice{it.signer(it.alice), it.alice.key.sign()};
    const auto attempt_by = [&](std::vector<MembershipOp> ops, std::vector<EntrySigner> signers) {
        return outcome(make_entry(it.membership, std::move(ops), signers.front().id, signers, 0));
    };
    CHECK(attempt_by({admin, rekey}, {by_root, by_device}) == "ok");
    CHECK(attempt_by({rekey}, {by_root}) == "ok");
    CHECK(attempt_by({admin}, {by_root}) == "denied");
    CHECK(attempt_by({admin}, {by_alice, by_device}) == "denied");
    CHECK(attempt_by({rekey}, {by_alice}) == "denied");
    CHECK(attempt_by({rekey, AdminSetOp{it.id(it.bob), true}}, {by_root}) == "denied");
    CHECK(attempt_by({rekey, GrantOp{it.id(it.carol), it.school, 1, {}}}, {by_root}) == "denied");
    CHECK(attempt_by({ServerKeyOp{bob().sign().key()}}, {by_root}) == "denied");
    auto browser = admin;
    browser.device_kind = DeviceKind::browser;
    CHECK(attempt_by({browser}, {by_root, by_device}) == "denied");
    for (auto bad : {RecoveryRekeyOp{SignKey{}, rekey.root_box, 2, 3},
                     RecoveryRekeyOp{rekey.root_sign, BoxKey{}, 2, 3},
                     RecoveryRekeyOp{it.membership.state().root_sign, rekey.root_box, 2, 3},
                     RecoveryRekeyOp{rekey.root_sign, it.membership.state().root_box, 2, 3},
                     RecoveryRekeyOp{rekey.root_sign, rekey.root_box, 0, 3},
                     RecoveryRekeyOp{rekey.root_sign, rekey.root_box, 4, 3}}) {
        CHECK(attempt_by({bad}, {by_root}) == "invalid");
    }
}

TEST_CASE("every way to make a space or a key keeps that key for the root", "[crypto]") {
    Organisation it;
    it.append(revoke_device(it.as(it.alice), it.id(it.bob), {}));
    const auto root = root_of({it.sheets[1], it.sheets[2]});
    for (const auto& [name, epoch] : it.membership.state().epochs) {
        REQUIRE(epoch.root_wrap.has_value());
        const auto key = must(open_sealed_key(root.box, *epoch.root_wrap));
        CHECK(epoch_commitment(it.org(), name.first, name.second, key) == epoch.commitment);
    }
    auto op = must(parse_entry(must(rotate(it.as(it.alice), it.school)))).ops;
    std::get<RotateOp>(op.front()).root_wrap.reset();
    CHECK(attempt(it, op, {&it.alice}) == "invalid");
}
