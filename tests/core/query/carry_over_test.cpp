// SPDX-License-Identifier: Apache-2.0
// What is carried over into another space: each record once, with where it comes from.
#include <catch2/catch.hpp>

#include "core/query/carry_over.hpp"
#include "core/query/export.hpp"
#include "core/query/query.hpp"
#include "core/query/record_view.hpp"
#include "tests/support/district.hpp"

using namespace trellis;
using trellis::test::District;
using trellis::test::refers;

namespace {

struct TwoYears : District {
    TwoYears() : District(2) {
        const auto made = replicas[0].create_space("Next year", crypto::SpaceClass::general);
        REQUIRE(made.has_value());
        next = *made;
        REQUIRE(replicas[0].grant(replicas[1].device(), next,
                                  crypto::right_read | crypto::right_write));
        replicas.publish(0);
        replicas.tell_all();
    }
    Json carry(std::size_t at) {
        auto reply = core::carry_over(replicas[at], {school(), next, {}});
        if (!reply) FAIL(reply.error().message);
        return *reply;
    }
    Json rows(std::size_t at, const std::string& type) {
        core::ListRequest request;
        request.space = next;
        request.type = type;
        return *core::list_records(replicas[at], request);
    }
    SpaceId next;
};

}  // namespace

TEST_CASE("live records go along with their references and their past", "[carry]") {
    TwoYears years;
    const auto family = years.put(0, years.school(), "household", R"({"display_name":"Rivera"})");
    const auto note = years.put(0, years.school(), "note", refers("about", family));
    const auto gone = years.put(0, years.school(), "household", R"({"display_name":"Gone"})");
    years.write(0, years.school(), core::DeleteRecord{gone, "moved"});
    years.settle();
    // Two people contradict each other.
    const auto named = [&](std::size_t at, const char* json) {
        years.write(at, years.school(), core::SetFields{family, *parse_json(json)});
    };
    named(0, R"({"display_name":"Rivera A"})");
    named(1, R"({"display_name":"Rivera B"})");
    years.settle();
    REQUIRE(*core::count_left_behind(years.replicas[0], years.school()) == 2);

    const auto reply = years.carry(0);
    CHECK(reply["carried"] == Json(2));
    CHECK(reply["left"].array()->empty());
    CHECK(*core::count_left_behind(years.replicas[0], years.school()) == 0);
    const auto families = years.rows(0, "household");
    REQUIRE(families.array()->size() == 1);
    const auto& family_now = families.array()->front();
    CHECK(family_now["rec"] != Json(family.hex()));
    const auto notes = years.rows(0, "note");
    REQUIRE(notes.array()->size() == 1);
    CHECK(notes.array()->front()["fields"]["about"] == family_now["rec"]);
    const auto origins = years.rows(0, "carried");
    REQUIRE(origins.array()->size() == 2);
    bool is_said = false;
    for (const auto& origin : *origins.array()) {
        const auto& fields = origin["fields"];
        if (fields["old"] != Json(family.hex())) continue;
        is_said = true;
        CHECK(fields["record"] == family_now["rec"]);
        CHECK(fields["from"] == Json(years.school().hex()));
        for (const char* name : {"Rivera A", "Rivera B"}) {
            CHECK(fields["contradictions"].string()->find(name) != std::string::npos);
            CHECK(fields["said"].string()->find(name) != std::string::npos);
        }
    }
    CHECK(is_said);
    CHECK(note.hex().size() > 0);
}

TEST_CASE("carried over twice, or by two people, a record is one", "[carry]") {
    TwoYears years;
    years.put(0, years.school(), "household", R"({"display_name":"Rivera"})");
    years.settle();
    CHECK(years.carry(0)["carried"] == Json(1));
    const auto again = years.carry(0);
    CHECK(again["carried"] == Json(0));
    CHECK(again["already"] == Json(1));
    CHECK(years.carry(1)["carried"] == Json(1));
    // Both spaces of both devices.
    for (std::size_t from = 0; from < 2; ++from) {
        const auto runs = years.replicas[from].outbox(years.next, 0, SIZE_MAX);
        REQUIRE(runs.has_value());
        REQUIRE(years.replicas[1 - from].receive_repair(years.next, *runs));
    }
    for (std::size_t at = 0; at < 2; ++at) {
        REQUIRE(years.rows(at, "household").array()->size() == 1);
        CHECK(core::list_conflicts(years.replicas[at], years.next)->array()->size() <= 1);
    }
    CHECK(*core::digest_state(years.replicas[0], years.next) ==
          *core::digest_state(years.replicas[1], years.next));
}

TEST_CASE("what lies in a compartment is not carried into a general space", "[carry]") {
    TwoYears years;
    const auto hidden = years.compartment("Safety", {1});
    const auto other = years.compartment("Safety, next year", {1});
    years.put(0, hidden, "household", R"({"display_name":"Rivera"})");
    auto& replica = years.replicas[0];
    const auto refused = core::carry_over(replica, {hidden, years.next, {}});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Code::denied);
    CHECK(years.rows(0, "household").array()->empty());
    CHECK(years.rows(0, "carried").array()->empty());
    const auto reply = core::carry_over(replica, {hidden, other, {}});
    if (!reply) FAIL(reply.error().message);
    CHECK((*reply)["carried"] == Json(1));
    CHECK(*core::count_left_behind(replica, hidden) == 0);
}

TEST_CASE("who may not write in a space carries nothing into it", "[carry]") {
    TwoYears years;
    years.put(0, years.school(), "household", R"({"display_name":"Rivera"})");
    years.settle();
    REQUIRE(years.replicas[0].revoke(years.replicas[1].device(), years.next, crypto::right_read));
    years.replicas.publish(0);
    years.replicas.tell_all();
    const auto reply = core::carry_over(years.replicas[1], {years.school(), years.next, {}});
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().code == Code::denied);
}
