// SPDX-License-Identifier: Apache-2.0
#include "crypto/public/membership.hpp"

#include "core/base/limits.hpp"
#include "crypto/secret/names.hpp"
#include "tests/crypto/membership_attempt.hpp"
#include "tests/support/people.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

TEST_CASE("a log replays to the state that its authors saw", "[crypto]") {
    const Organisation organisation;
    auto replayed = must(Membership::found(organisation.log.front()));
    for (std::size_t i = 1; i < organisation.log.size(); ++i) {
        REQUIRE(replayed.head() == organisation.membership.entry_hash(i - 1));
        must(replayed.extend(organisation.log[i]));
    }
    REQUIRE(replayed.head() == organisation.membership.head());
    REQUIRE(replayed.length() == organisation.log.size());
    REQUIRE(replayed.state().digest == organisation.membership.state().digest);
    REQUIRE(replayed.server_key() == relay_key().key());
}

TEST_CASE("the log says who belongs and what they may do", "[crypto]") {
    const Organisation it;
    const auto& m = it.membership;
    REQUIRE(m.devices().size() == 3);
    REQUIRE(m.device(it.id(it.alice))->is_admin());
    REQUIRE_FALSE(m.device(it.id(it.bob))->is_admin());
    REQUIRE(m.device(dave().id(it.org())) == nullptr);
    REQUIRE(m.rights(it.id(it.alice), it.school) == 7);
    REQUIRE(m.rights(it.id(it.bob), it.school) == (right_read | right_write));
    REQUIRE(m.rights(it.id(it.bob), it.directory) == right_read);
    REQUIRE(m.rights(it.id(it.bob), it.counselling) == 0);
    REQUIRE(m.rights(it.id(it.bob), SpaceId{}) == 0);
    REQUIRE(m.can(it.id(it.bob), it.school, right_write));
    REQUIRE_FALSE(m.can(it.id(it.bob), it.directory, right_write));
    REQUIRE(m.spaces_of(it.id(it.bob)).size() == 2);
    REQUIRE(m.spaces_of(it.id(it.carol)).empty());
    REQUIRE(m.directory() == it.directory);
    REQUIRE_FALSE(m.is_rotation_due(it.school));
}

TEST_CASE("an entry comes once, and in its place", "[crypto]") {
    const Organisation organisation;
    auto membership = must(Membership::found(organisation.log[0]));
    REQUIRE(outcome(membership.extend(organisation.log[2])) == "conflict");
    REQUIRE(outcome(membership.extend(organisation.log[0])) == "conflict");
    must(membership.extend(organisation.log[1]));
    REQUIRE(outcome(membership.extend(organisation.log[1])) == "conflict");
    REQUIRE(membership.length() == 2);
    REQUIRE(membership.head() == organisation.membership.entry_hash(1));
    REQUIRE(outcome(Membership::found(organisation.log[1])) == "conflict");
}

TEST_CASE("of two entries for one place, the later loses and can be made again", "[crypto]") {
    Organisation it;
    const auto first = invite_revoke(it.as(it.alice), InviteId{});
    REQUIRE(outcome(first) == "invalid");
    const auto mine = must(set_server_key(it.as(it.alice), bob().sign().key()));
    const auto theirs = must(set_admin(it.as(it.alice), it.id(it.bob), true));
    it.append(mine);
    REQUIRE(outcome(it.membership.extend(theirs)) == "conflict");
    it.append(set_admin(it.as(it.alice), it.id(it.bob), true));
    REQUIRE(it.membership.device(it.id(it.bob))->is_admin());
}

TEST_CASE("an entry of another organisation is refused", "[crypto]") {
    Organisation one(1);
    Organisation other(2);
    REQUIRE(one.org() != other.org());
    const auto entry = must(set_server_key(other.as(other.alice), bob().sign().key()));
    REQUIRE(outcome(one.membership.extend(entry)) == "denied");
}

TEST_CASE("an entry whose author counts differently is refused", "[crypto]") {
    Organisation it;
    Forgery forgery;
    forgery.ops = {ServerKeyOp{bob().sign().key()}};
    forgery.author = it.signer(it.alice);
    forgery.signers = {{it.signer(it.alice), it.alice.key.sign()}};
    const auto honest =
        must(make_entry(it.membership, forgery.ops, forgery.author, forgery.signers, 0));
    forgery.post_state = must(parse_entry(honest)).post_state;
    REQUIRE(forge(it.membership, forgery) == honest);
    forgery.post_state.bytes[31] ^= 1;
    REQUIRE(outcome(it.membership.extend(forge(it.membership, forgery))) == "invalid");
}

TEST_CASE("an op of a newer version freezes the log, if a member signed it", "[crypto]") {
    Organisation it;
    const auto newer = [&](const Person& author) {
        Entry entry;
        entry.org = it.org();
        entry.index = it.membership.length();
        entry.previous = it.membership.head();
        entry.author = it.signer(author);
        entry.ops = {InviteRevokeOp{}};
        auto bytes = write_unsigned_entry(entry);
        bytes[112] = 0x99;  // the op's number
        append_signatures(
            bytes,
            {{entry.author, sign(author.key.sign(), Label::log_sig, it.org(), entry_hash(bytes))}});
        return bytes;
    };
    REQUIRE(outcome(it.membership.extend(newer(it.bob))) == "unsupported");
    REQUIRE(outcome(it.membership.extend(newer(Person(dave())))) == "denied");
    REQUIRE(it.membership.length() == it.log.size());
}

TEST_CASE("a removed device loses everything, and its spaces get new keys", "[crypto]") {
    Organisation it;
    const auto old_epoch = it.membership.space(it.school)->epoch;
    Cutoff cutoff{it.school, ActorId{}, 12, Digest{}};
    it.append(revoke_device(it.as(it.alice), it.id(it.bob), {cutoff}));
    const auto* bob = it.membership.device(it.id(it.bob));
    REQUIRE_FALSE(bob->is_active);
    REQUIRE(bob->removed_at == it.membership.length() - 1);
    REQUIRE(it.membership.spaces_of(it.id(it.bob)).empty());
    REQUIRE(it.membership.space(it.school)->epoch == old_epoch + 1);
    REQUIRE_FALSE(it.membership.is_rotation_due(it.school));
    REQUIRE(it.bob.ring.newest(it.school) == old_epoch);
    REQUIRE(it.alice.ring.newest(it.school) == old_epoch + 1);
    REQUIRE(it.membership.cutoff(it.school, ActorId{}, it.id(it.bob))->counter == 12);
    REQUIRE(it.membership.cutoff(it.directory, ActorId{}, it.id(it.bob)) == nullptr);
    REQUIRE(attempt(it, {NameOp{}}, {&it.bob}) != "ok");
    REQUIRE(outcome(set_server_key(it.as(it.bob), relay_key().key())) == "denied");
    REQUIRE(outcome(revoke_device(it.as(it.alice), it.id(it.bob), {})) == "invalid");
}

TEST_CASE("a device taken out of one space keeps the others", "[crypto]") {
    Organisation it;
    it.append(revoke_grant(it.as(it.alice), it.id(it.bob), it.school, {}));
    REQUIRE(it.membership.rights(it.id(it.bob), it.school) == 0);
    REQUIRE(it.membership.rights(it.id(it.bob), it.directory) == right_read);
    REQUIRE(it.membership.device(it.id(it.bob))->is_active);
    REQUIRE(it.bob.ring.newest(it.school) < it.membership.space(it.school)->epoch);
}

TEST_CASE("names are what their author gave, for those with the key", "[crypto]") {
    Organisation it;
    const auto& m = it.membership;
    const auto name = [&](const Person& person, NameKind kind, const TargetId& target) {
        const auto result = name_of(m, person.ring, kind, target);
        return result ? *result : outcome(result);
    };
    REQUIRE(name(it.bob, NameKind::org, name_target(m.org())) == "Valley Family Partnership");
    REQUIRE(name(it.bob, NameKind::space, name_target(it.school)) == "Mission High");
    REQUIRE(name(it.bob, NameKind::space, name_target(it.counselling)) == "wrong_key");
    REQUIRE(name(it.alice, NameKind::device, name_target(it.id(it.bob))) == "Bob's tablet");
    REQUIRE(name(it.alice, NameKind::device, name_target(it.id(it.carol))) == "not_found");
    it.append(rename(it.as(it.alice), NameKind::space, name_target(it.school), "Escuela Misión"));
    REQUIRE(name(it.bob, NameKind::space, name_target(it.school)) == "Escuela Misión");
    it.append(rename(it.as(it.bob), NameKind::device, name_target(it.id(it.bob)), "Bob"));
    REQUIRE(name(it.alice, NameKind::device, name_target(it.id(it.bob))) == "Bob");
    REQUIRE(outcome(rename(it.as(it.alice),
                           NameKind::space,
                           name_target(it.school),
                           std::string(limits::name_max, 'x'))) == "ok");
    for (const auto& bad : {std::string(),
                            std::string(limits::name_max + 1, 'x'),
                            std::string("a\0b", 3),
                            std::string("\xC0\xAF")}) {
        REQUIRE(outcome(rename(it.as(it.alice), NameKind::space, name_target(it.school), bad)) ==
                "invalid");
    }
}
