// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <functional>

#include "crypto/public/membership_entry.hpp"
#include "sync/wire/frame.hpp"
#include "tests/adversary/insider.hpp"
#include "tests/adversary/real_town.hpp"
#include "tests/adversary/scripted_relay.hpp"
#include "tests/crypto/membership_attempt.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

// The organisation's log, its keys and its invites: what a server, a member or a stranger tries
// on real clients and on the real server.

namespace {

/// Ops as they stand, honestly signed by these, the first of whom is the author.
Bytes forged(const Membership& membership, std::vector<MembershipOp> ops,
             const std::vector<const Insider*>& signers, Env& env) {
    Forgery forgery;
    forgery.time = env.wall_time();
    for (const auto* each : signers) forgery.signers.push_back(each->signer());
    forgery.author = forgery.signers.front().id;
    forgery.ops = std::move(ops);
    const auto honest =
        make_entry(membership, forgery.ops, forgery.author, forgery.signers, forgery.time);
    if (honest) forgery.post_state = must(parse_entry(*honest)).post_state;
    return forge(membership, forgery);
}

Bytes signed_anew(const Insider& by, Entry entry) {
    auto bytes = write_unsigned_entry(entry);
    const auto signer = by.signer();
    append_signatures(bytes, {{signer.id, sign(signer.secret, Label::log_sig, entry.org,
                                               entry_hash(bytes))}});
    return bytes;
}

/// Says this as the next entry to the honest server.
bool is_accepted(RealTown& town, RealDevice& device, const Bytes& entry) {
    Speaker speaker(town.loop, device, town.relay.url());
    REQUIRE(speaker.is_welcome());
    speaker.say(sync::PutEntry{entry});
    const auto answer = speaker.await<sync::EntryAnswer>();
    return answer && answer->accepted;
}

}  // namespace

TEST_CASE("L-01 L-06 L-07 L-08 L-09 L-10 L-11 L-12 L-16 K-06 no forged entry is taken in by a "
          "server, nor by a client whose server shows it",
          "[adversary]") {
    RealTown town;
    const auto office =
        town.centre.replica().create_space("Counselling", SpaceClass::compartment);
    REQUIRE(office);
    REQUIRE(town.centre.replica().set_admin(town.third.replica().device(), true));
    town.meet();
    const Insider admin(town.centre);
    const Insider second(town.third);
    const Insider reader(town.reader);
    const auto& m = town.centre.replica().membership();
    auto& env = town.centre.env;
    const auto author = admin.author();
    const auto parsed = must(parse_entry(must(rotate(author, town.space))));
    const auto rotation = std::get<RotateOp>(parsed.ops.front());
    AddDeviceOp stranger;
    const auto key = DeviceKey::generate(env);
    stranger.sign = key.sign().key();
    stranger.box = key.box().key();
    auto missing = rotation;
    missing.wraps.pop_back();
    auto ghost = rotation;
    ghost.wraps.back().device.bytes[0] ^= 0x80;
    const auto with = [&](const std::function<void(Entry&)>& change) {
        auto altered = parsed;
        change(altered);
        return signed_anew(admin, altered);
    };
    const RecoveryRekeyOp rekey{key.sign().key(), key.box().key(), 2, 3};
    auto newer = write_unsigned_entry(parsed);
    newer[0] ^= 0x40;
    const std::vector<std::pair<const char*, Bytes>> entries{
        {"L-01", forged(m, {stranger}, {&reader}, env)},
        {"L-06", forged(m, {PolicySetOp{policy_admin_quorum, 9}}, {&admin}, env)},
        {"L-07 missing", forged(m, {missing}, {&admin}, env)},
        {"L-07 ghost", forged(m, {ghost}, {&admin}, env)},
        {"L-08", with([](Entry& entry) { entry.post_state.bytes[3] ^= 1; })},
        {"L-09", forged(m, {GrantOp{second.device(), *office, right_read, {}}}, {&second}, env)},
        {"L-10 index", with([](Entry& entry) { ++entry.index; })},
        {"L-10 previous", with([](Entry& entry) { entry.previous.bytes[7] ^= 1; })},
        {"L-10 organisation", with([](Entry& entry) { entry.org.bytes[7] ^= 1; })},
        {"L-11 ops", with([](Entry& entry) {
             entry.ops.assign(limits::entry_ops_max + 1, ServerKeyOp{});
         })},
        {"L-12", forged(m, {rekey}, {&admin, &second}, env)},
        {"L-16", newer},
        {"K-06", forged(m, {rotation}, {&reader}, env)},
    };
    const auto truth = town.view();
    const auto head = m.head();
    const auto before = town.reader.names();
    ScriptedRelay liar(town.loop, truth.secret(), env);
    for (const auto& [name, entry] : entries) {
        CAPTURE(name);
        CHECK_FALSE(is_accepted(town, town.centre, entry));
        auto shown = truth.entries;
        shown.push_back(entry);
        liar.show_entries(shown);
        const auto progress = town.reader.sync(liar.url());
        REQUIRE(progress.failure);
        CHECK_FALSE(progress.failure->message.empty());
        CHECK(town.reader.replica().membership().head() == head);
        town.require_part_of_truth(before);
        town.capture(town.reader);
    }
    town.meet();
    town.meet();
    town.require_equal();
    town.require_captured();
    CHECK(town.view().entries == truth.entries);
}

TEST_CASE("L-02 a log cut short is noticed and given back", "[adversary]") {
    RealTown town;
    REQUIRE(town.centre.replica().create_space("New", SpaceClass::general));
    town.meet();
    auto view = town.view();
    const auto entries = view.entries;
    view.entries.pop_back();
    town.relay.show(view);
    town.capture(town.reader);
    const auto progress = town.pass(town.reader);
    REQUIRE(progress.complete);
    REQUIRE_FALSE(progress.events.empty());
    CHECK(progress.events[0].what.code == Code::rolled_back);
    CHECK(town.view().entries == entries);
    town.meet();
    town.require_equal();
    town.require_captured();
}

TEST_CASE("L-03 a new device is not let into an old log", "[adversary]") {
    RealTown town;
    const auto old = town.view();
    const auto invite = town.invite();
    REQUIRE(town.pass(town.centre).complete);
    const auto url = town.relay.url();
    RealRelay liar(town.folder / "old", old);
    RealDevice late(town.loop, town.folder / "late", "Late");
    const auto refused = late.join(invite, liar.url());
    REQUIRE_FALSE(refused);
    CHECK_FALSE(late.replica().has_org());
    REQUIRE(late.join(invite, url));
    REQUIRE(town.pass(late).complete);
    town.meet();
    REQUIRE(town.pass(late).complete);
    CHECK(late.names() == town.centre.names());
}

TEST_CASE("L-04 two branches of the log shown to two clients are noticed when they hear of each "
          "other",
          "[adversary]") {
    RealTown town;
    const Insider admin(town.centre);
    const auto author = admin.author();
    auto one = town.view();
    auto other = one;
    one.entries.push_back(must(rotate(author, town.space)));
    other.entries.push_back(must(set_admin(author, town.reader.replica().device(), true)));
    RealRelay left(town.folder / "left", one);
    RealRelay right(town.folder / "right", other);
    REQUIRE(town.reader.sync(left.url()).complete);
    REQUIRE(town.third.sync(right.url()).complete);
    CHECK(town.reader.alarms().empty());
    town.third.put(town.space, "on the other branch");
    REQUIRE(town.third.sync(right.url()).complete);
    // What was written on one branch reaches the other.
    auto mixed = left.view(town.org());
    mixed.log(town.space).push_back(right.view(town.org()).log(town.space).back());
    mixed.reroll();
    left.show(mixed);
    town.capture(town.reader);
    const auto progress = town.reader.sync(left.url());
    INFO((progress.failure ? progress.failure->message : ""));
    CHECK(town.reader.alarmed_of("log_fork"));
    // Neither branch takes the other's client in any more.
    const auto crossed = town.third.sync(left.url());
    REQUIRE(crossed.failure);
    CHECK(crossed.failure->code == Code::fork);
    town.capture(town.third);
}

TEST_CASE("L-05 of two admins who append at once both get what they wanted", "[adversary]") {
    RealTown town;
    REQUIRE(town.centre.replica().set_admin(town.third.replica().device(), true));
    town.meet();
    REQUIRE(town.centre.replica().create_space("By the centre", SpaceClass::general));
    REQUIRE(town.third.replica().create_space("By the third", SpaceClass::general));
    town.meet();
    town.meet();
    CHECK(town.centre.replica().membership().head() == town.third.replica().membership().head());
    CHECK(town.centre.replica().membership().spaces().size() == 4);
    town.require_equal();
}

TEST_CASE("K-01 K-03 a key that is not what the log promised is not used, and work goes on",
          "[adversary]") {
    RealTown town;
    const Insider admin(town.centre);
    const auto author = admin.author();
    auto op = std::get<RotateOp>(
        must(parse_entry(must(rotate(author, town.space)))).ops.front());
    Key wrong;
    town.centre.env.random(wrong.span());
    for (auto& wrap : op.wraps) {
        if (wrap.device != town.reader.replica().device()) continue;
        wrap.sealed = must(seal_key_to(town.reader.replica().device_key().box().key(), wrong,
                                       town.centre.env));
    }
    const auto entry = must(make_entry(author, {op}));
    REQUIRE(is_accepted(town, town.centre, entry));
    const auto progress = town.pass(town.reader);
    CHECK_FALSE(progress.failure);
    CHECK(town.reader.alarmed_of("key_refused"));
    town.capture(town.reader);
    town.meet();
    town.meet();
    town.require_equal();
    town.require_captured();
    CHECK(town.centre.replica().membership().space(town.space)->epoch >= op.epoch + 1);
}

TEST_CASE("K-05 who joins after an end of history opens nothing older", "[adversary]") {
    RealTown town;
    const Insider admin(town.centre);
    REQUIRE(is_accepted(town, town.centre, must(rotate(admin.author(), town.space, false))));
    town.meet();
    const auto invite = town.invite();
    REQUIRE(town.pass(town.centre).complete);
    RealDevice late(town.loop, town.folder / "late", "Late");
    REQUIRE(late.join(invite));
    town.centre.put(town.space, "of the new time");
    town.meet();
    const auto progress = town.pass(late);
    CHECK_FALSE(progress.failure);
    CHECK(late.names().count("the beginning") == 0);
    town.capture(late);
    const Insider newcomer(late);
    CHECK(newcomer.keyring().key(town.space, 1) == nullptr);
}

TEST_CASE("K-07 an offline writer under the key before is taken in by everybody", "[adversary]") {
    RealTown town;
    town.capture(town.third);
    REQUIRE(town.third.replica().seal());
    REQUIRE(town.centre.replica().rotate(town.space));
    REQUIRE(town.pass(town.centre).complete);
    town.meet();
    town.meet();
    town.require_equal();
    town.require_captured();
}

TEST_CASE("E-01 E-05 an invite serves once, and who comes second hears it", "[adversary]") {
    RealTown town;
    const auto invite = town.invite();
    REQUIRE(town.pass(town.centre).complete);
    RealDevice first(town.loop, town.folder / "first", "First");
    RealDevice second(town.loop, town.folder / "second", "Second");
    REQUIRE(first.join(invite));
    const auto refused = second.join(invite);
    REQUIRE_FALSE(refused);
    INFO(refused.error().message);
    CHECK(refused.error().message.find("used already") != std::string::npos);
    CHECK_FALSE(second.replica().has_org());
}

TEST_CASE("E-02 an invite serves until it expires, by the joiner's clock or by the server's",
          "[adversary]") {
    RealTown town;
    constexpr std::int64_t hour = 3'600'000;
    town.centre.env.shift(-3 * hour);
    const Insider admin(town.centre);
    const auto author = admin.author();
    InviteOrder order;
    order.grants.push_back({town.space, right_read});
    order.expiry = author.time + hour;
    order.url = town.relay.url();
    const auto made = must(invite_create(author, order));
    REQUIRE(is_accepted(town, town.centre, made.entry));
    const auto invite = must(to_text(made.invite));
    RealDevice late(town.loop, town.folder / "late", "Late");
    for (const auto shift : {std::int64_t{0}, -3 * hour}) {
        CAPTURE(shift);
        late.env.shift(shift);
        const auto refused = late.join(invite);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == Code::denied);
        CHECK_FALSE(late.replica().has_org());
    }
}

TEST_CASE("E-03 E-06 a join whose keys or rights were changed on the way is refused",
          "[adversary]") {
    RealTown town;
    const auto invite = town.invite();
    REQUIRE(town.pass(town.centre).complete);
    const auto parsed = must(parse_invite(invite));
    const auto view = town.view();
    auto membership = must(Membership::found(view.entries[0]));
    for (std::size_t i = 1; i < view.entries.size(); ++i) must(membership.extend(view.entries[i]));
    auto& env = town.centre.env;
    const auto device = DeviceKey::generate(env);
    const auto honest = must(parse_entry(
        must(join(membership, parsed, device, {"Late"}, env.wall_time(), env))));
    const auto intruder = DeviceKey::generate(env);
    const auto keys = invite_keys(parsed);
    const auto with = [&](const std::function<void(AddDeviceOp&)>& change,
                          const SignSecret& secret, const DeviceKey& joiner) {
        auto op = std::get<AddDeviceOp>(honest.ops.front());
        change(op);
        Forgery forgery;
        forgery.ops = {op};
        forgery.author = signer(keys.id);
        forgery.signers = {{signer(keys.id), secret},
                           {signer(joiner.id(town.org())), joiner.sign()}};
        forgery.time = env.wall_time();
        forgery.post_state = honest.post_state;
        return forge(membership, forgery);
    };
    const auto swap_keys = [&](AddDeviceOp& op) {
        op.sign = intruder.sign().key();
        op.box = intruder.box().key();
    };
    ScriptedRelay liar(town.loop, view.secret(), env);
    for (const auto& entry :
         {with(swap_keys, intruder.sign(), intruder), with(swap_keys, keys.sign, device),
          with([](AddDeviceOp& op) { op.role = role_admin; }, keys.sign, device)}) {
        CHECK_FALSE(is_accepted(town, town.centre, entry));
        auto shown = view.entries;
        shown.push_back(entry);
        liar.show_entries(shown);
        const auto progress = town.reader.sync(liar.url());
        REQUIRE(progress.failure);
        CHECK(town.reader.replica().membership().device(intruder.id(town.org())) == nullptr);
        town.capture(town.reader);
    }
    town.meet();
    town.require_equal();
    town.require_captured();
}
