// SPDX-License-Identifier: Apache-2.0
// Work of devices whose rights have ended, with every relay that colludes with them.
#include <catch2/catch.hpp>

#include <set>

#include "core/query/query.hpp"
#include "tests/support/paper_relay.hpp"

using namespace trellis;
using trellis::test::PaperRelay;
using trellis::test::Replicas;

namespace {

constexpr std::size_t admin = 0;
constexpr std::size_t leaver = 1;
constexpr std::size_t third = 2;
constexpr std::int64_t day = 24LL * 3600 * 1000;

std::string named(const std::string& name) { return R"({"name":")" + name + R"("})"; }

std::set<std::string> names_at(Replicas& replicas, std::size_t at) {
    std::set<std::string> names;
    const auto rows = core::run_query(replicas[at], "SELECT name FROM thing", {});
    REQUIRE(rows.has_value());
    for (const auto& row : *rows->array()) {
        if (const auto* name = row["name"].string()) names.insert(*name);
    }
    return names;
}

using Names = std::set<std::string>;

void check_all(Replicas& replicas, const Names& names) {
    for (std::size_t at = 0; at < replicas.size(); ++at) {
        CAPTURE(at);
        CHECK(names_at(replicas, at) == names);
        CHECK(replicas.digest(at) == replicas.digest(0));
        CHECK(replicas.problems(at) == "");
    }
}

/// Everybody holds "early" of the leaver; the admin has then removed it, and it has not heard.
struct Left {
    Replicas replicas{3};
    PaperRelay relay{replicas};

    Left() {
        replicas.put(leaver, named("early"));
        relay.settle();
        REQUIRE(replicas[admin].revoke(replicas[leaver].device()).has_value());
        replicas.publish(admin);
        replicas.tell(third);
    }
};

}  // namespace

TEST_CASE("R-01 late work that claims to be old is set aside by everybody", "[adversary]") {
    Left left;
    auto& replicas = left.replicas;
    replicas.env().set_wall_time(replicas.env().wall_time() - 90 * day);
    replicas.put(leaver, named("late"));
    left.relay.settle();
    replicas.tell_all();
    check_all(replicas, {"early"});
    for (std::size_t at = 0; at < replicas.size(); ++at) {
        const auto aside = replicas[at].quarantine();
        REQUIRE(aside->size() == 1);
        CHECK(aside->front().reason == "revoked");
        CHECK(aside->front().device == replicas[leaver].device());
        CHECK(aside->front().changes == 1);
        CHECK(print_json(aside->front().summary).find("late") != std::string::npos);
    }
}

TEST_CASE("R-02 a relay that hands late work around changes nothing on any client", "[adversary]") {
    Left left;
    auto& replicas = left.replicas;
    replicas.put(leaver, named("late"));
    for (const auto at : {admin, third}) {
        const auto runs = replicas[leaver].outbox(replicas.space(), 0, SIZE_MAX);
        REQUIRE(replicas[at].receive_repair(replicas.space(), *runs).has_value());
        CHECK(names_at(replicas, at) == Names{"early"});
    }
    replicas.tell(leaver);
    check_all(replicas, {"early"});
}

TEST_CASE("R-03 another history below the cutoff is refused by those who hold the true one",
          "[adversary]") {
    Replicas replicas(3);
    PaperRelay relay(replicas);
    const auto copy = replicas.copy(leaver);
    replicas.put(leaver, named("true"));
    relay.sync(leaver);
    relay.pull(admin);
    REQUIRE(replicas[admin].revoke(replicas[leaver].device()).has_value());
    replicas.publish(admin);
    replicas.put(copy, named("false"));
    const auto runs = *replicas[copy].outbox(replicas.space(), 0, SIZE_MAX);
    REQUIRE(runs.size() == 1);
    replicas.tell(third);
    for (const auto at : {admin, third}) {
        REQUIRE(replicas[at].receive_repair(replicas.space(), runs).has_value());
        CHECK(names_at(replicas, at).count("false") == 0);
        REQUIRE(replicas[at].alarms()->size() == 1);
        CHECK(replicas[at].alarms()->front().kind == core::AlarmKind::fork);
    }
    CHECK(names_at(replicas, admin) == Names{"true"});
}

TEST_CASE("R-04 a cutoff before work that others have applied takes it out everywhere",
          "[adversary]") {
    Replicas replicas(3);
    PaperRelay relay(replicas);
    replicas.put(leaver, named("early"));
    relay.settle();
    const auto record = replicas.put(leaver, named("unknown to the admin"));
    relay.sync(leaver);
    relay.sync(third);
    REQUIRE(replicas.set(third, record, R"({"phone":"built on it"})").has_value());
    REQUIRE(names_at(replicas, third).size() == 2);
    REQUIRE(replicas[admin].revoke(replicas[leaver].device()).has_value());
    replicas.publish(admin);
    relay.settle();
    replicas.tell_all();
    for (std::size_t at = 0; at < replicas.size(); ++at) {
        CAPTURE(at);
        CHECK(replicas.digest(at) == replicas.digest(admin));
        CHECK(names_at(replicas, at).count("unknown to the admin") == 0);
        CHECK(replicas.problems(at) == "");
        replicas.reopen(at);
        CHECK(replicas.digest(at) == replicas.digest(admin));
    }
}

TEST_CASE("R-05 late work that depends on nothing late is set aside all the same", "[adversary]") {
    Left left;
    auto& replicas = left.replicas;
    replicas.put(leaver, named("late one"));
    REQUIRE(replicas[leaver].seal().has_value());
    replicas.put(leaver, named("late two"));
    left.relay.settle();
    replicas.tell_all();
    check_all(replicas, {"early"});
    CHECK(replicas[third].quarantine()->size() == 2);
}

TEST_CASE("R-09 exactly what is adopted appears, with what comes before it in its chain",
          "[adversary]") {
    Left left;
    auto& replicas = left.replicas;
    for (const auto* name : {"late one", "late two", "late three"}) {
        replicas.put(leaver, named(name));
        REQUIRE(replicas[leaver].seal().has_value());
    }
    left.relay.settle();
    const auto aside = *replicas[admin].quarantine();
    REQUIRE(aside.size() == 3);
    const auto nobody = replicas[admin].adopt({Digest::from(Bytes(32, 7))});
    REQUIRE_FALSE(nobody.has_value());
    CHECK(nobody.error().code == Code::not_found);
    REQUIRE(replicas[admin].adopt({aside[1].id}).has_value());
    replicas.publish(admin);
    replicas.tell_all();
    check_all(replicas, {"early", "late one", "late two"});
    REQUIRE(replicas[third].quarantine()->size() == 1);
    CHECK(replicas[third].quarantine()->front().id == aside[2].id);
    REQUIRE(replicas[admin].adopt({aside[2].id}).has_value());
    replicas.publish(admin);
    replicas.tell_all();
    check_all(replicas, {"early", "late one", "late two", "late three"});
    CHECK(replicas[leaver].quarantine()->empty());
}

TEST_CASE("R-11 an honest tablet that was away for 60 days is taken in by everybody",
          "[adversary]") {
    Replicas replicas(3);
    PaperRelay relay(replicas);
    replicas.put(1, named("before the journey"));
    relay.settle();
    REQUIRE(replicas[admin].rotate(replicas.space()).has_value());
    replicas.publish(admin);
    replicas.tell(third);
    replicas.put(third, named("under the new key"));
    relay.sync(third);
    replicas.put(1, named("on the journey"));
    REQUIRE(replicas[1].seal().has_value());
    replicas.env().advance(60 * day);
    replicas.tell_all();
    relay.settle();
    check_all(replicas, {"before the journey", "under the new key", "on the journey"});
    CHECK(replicas[admin].quarantine()->empty());
}

TEST_CASE("what a removed device had not sealed is handed in, and it writes no more",
          "[adversary]") {
    Left left;
    auto& replicas = left.replicas;
    replicas.put(leaver, named("not sealed yet"));
    replicas.tell(leaver);
    CHECK(names_at(replicas, leaver) == Names{"early"});
    CHECK_FALSE(replicas.write(leaver, core::PutRecord{replicas.space(), "thing", {}, {}}));
    left.relay.settle();
    check_all(replicas, {"early"});
    const auto aside = *replicas[admin].quarantine();
    REQUIRE(aside.size() == 1);
    REQUIRE(replicas[admin].adopt({aside[0].id}).has_value());
    replicas.publish(admin);
    replicas.tell_all();
    check_all(replicas, {"early", "not sealed yet"});
}

TEST_CASE("a device that is let in again writes under a new name, its waiting work included",
          "[adversary]") {
    Replicas replicas(3);
    PaperRelay relay(replicas);
    replicas.put(leaver, named("early"));
    relay.settle();
    const auto device = replicas[leaver].device();
    const auto space = replicas.space();
    REQUIRE(replicas[admin].revoke(device, space).has_value());
    replicas.publish(admin);
    replicas.put(leaver, named("while out"));
    replicas.tell(leaver);
    CHECK(names_at(replicas, leaver) == Names{"early"});
    const auto rights = static_cast<std::uint8_t>(crypto::right_read | crypto::right_write);
    REQUIRE(replicas[admin].grant(device, space, rights).has_value());
    replicas.publish(admin);
    replicas.tell_all();
    replicas.put(leaver, named("back"));
    relay.settle();
    check_all(replicas, {"early", "while out", "back"});
    CHECK(replicas[third].quarantine()->empty());
}

TEST_CASE("a lost device erases itself only when the relay holds all it wrote", "[adversary]") {
    Replicas replicas(3);
    PaperRelay relay(replicas);
    replicas.put(leaver, named("early"));
    relay.settle();
    replicas.put(leaver, named("on the lost tablet"));
    const auto device = replicas[leaver].device();
    REQUIRE(replicas[admin].revoke(device, crypto::removed_lost).has_value());
    replicas.publish(admin);
    CHECK_FALSE(*replicas[leaver].must_erase());
    replicas.tell(leaver);
    CHECK_FALSE(*replicas[leaver].must_erase());
    relay.sync(leaver);
    CHECK(*replicas[leaver].must_erase());
    CHECK_FALSE(*replicas[admin].must_erase());
    relay.settle();
    CHECK(replicas[admin].quarantine()->size() == 1);
}

TEST_CASE("a reader makes the key that is due when nobody who could has", "[adversary]") {
    Replicas replicas(3);
    REQUIRE(replicas[admin].set_admin(replicas[1].device(), true).has_value());
    replicas.publish(admin);
    replicas.tell_all();
    const auto own = replicas[1].create_space("counselling", crypto::SpaceClass::general);
    REQUIRE(own.has_value());
    REQUIRE(replicas[1].grant(replicas[third].device(), *own, crypto::right_read).has_value());
    replicas.publish(1);
    replicas.tell_all();
    // The admin does not read that space, so it cannot make its new key.
    REQUIRE(replicas[admin].revoke(replicas[third].device()).has_value());
    replicas.publish(admin);
    CHECK(replicas[admin].membership().is_rotation_due(*own));
    replicas.publish(1);
    replicas.tell_all();
    CHECK_FALSE(replicas[admin].membership().is_rotation_due(*own));
    CHECK(replicas[admin].membership().space(*own)->epoch == 2);
}
