// SPDX-License-Identifier: Apache-2.0
// The end of a space, with the real programs: carried over, shredded, and gone on both sides.
#include "tests/cli/district.hpp"

using namespace trellis;
using namespace trellis::clients::test;

namespace {

std::string next_year(District& district) {
    const auto made = district.centre->ask(R"({"op":"space_create","name":"Next year"})");
    return text_of(made, "space");
}

Json carry(District& district, const std::string& to) {
    return district.centre->ask(R"({"op":"carry_over","from":")" + district.space + R"(","to":")" +
                                to + "\"}");
}

std::string shred(District& district, bool discard = false) {
    return R"({"op":"shred","reason":"the year is over","space":")" + district.space + "\"" +
           (discard ? R"(,"discard":true})" : "}");
}

}  // namespace

TEST_CASE("a school year is carried over and forgotten", "[cli]") {
    District district;
    auto tablet = district.join("tablet");
    const auto next = next_year(district);
    district.put(*district.centre, "Rivera");
    District::sync(*district.centre);
    District::sync(*tablet);
    REQUIRE(District::names(*tablet) == std::vector<std::string>{"Rivera"});
    // The tablet writes on without a network.
    district.put(*tablet, "Late");

    CHECK(district.centre->code(shred(district)) == "conflict");  // it is in no other space
    REQUIRE(carry(district, next)["carried"] == Json(1));
    CHECK(district.centre->code(shred(district)) == "conflict");  // its end is not known here yet
    District::sync(*district.centre);
    CHECK(district.centre->code(shred(district)) == "");
    District::sync(*district.centre);
    CHECK(District::names(*district.centre) == std::vector<std::string>{"Rivera"});

    District::sync(*tablet);
    CHECK(District::names(*tablet).empty());
    const auto waiting = tablet->ask(R"({"op":"quarantine"})");
    REQUIRE(waiting["quarantine"].array()->size() == 1);
    const auto& late = waiting["quarantine"].array()->front();
    CHECK(late["reason"] == Json("shredded"));
    CHECK(late["content"]["fields"]["display_name"] == Json("Late"));

    // The tablet is let into the new space, and takes its own work along.
    REQUIRE(district.centre->code(R"({"op":"grant","device":")" + District::id(*tablet) +
                                  R"(","space":")" + next + R"(","rights":["read","write"]})") ==
            "");
    District::sync(*district.centre);
    District::sync(*tablet);
    REQUIRE(tablet->code(R"({"op":"adopt","ids":[")" + text_of(late, "id") + R"("],"to":")" +
                         next + "\"}") == "");
    District::sync(*tablet);
    District::sync(*district.centre);
    CHECK(District::names(*district.centre) == std::vector<std::string>{"Late", "Rivera"});
}

TEST_CASE("work that has arrived since keeps the space, and whoever shreds is told", "[cli]") {
    District district;
    auto tablet = district.join("tablet");
    district.put(*district.centre, "Rivera");
    District::sync(*district.centre);
    District::sync(*tablet);
    District::sync(*district.centre);
    district.put(*tablet, "Arrived");
    District::sync(*tablet);
    REQUIRE(district.centre->code(shred(district, true)) == "");
    const auto synced = district.centre->ask(R"({"op":"sync"})");
    INFO(print_json(synced));
    District::sync(*district.centre);
    CHECK(District::names(*district.centre) == std::vector<std::string>{"Arrived", "Rivera"});
    // Having seen it, they may.
    REQUIRE(district.centre->code(shred(district, true)) == "");
    District::sync(*district.centre);
    CHECK(District::names(*district.centre).empty());
    District::sync(*tablet);
    CHECK(District::names(*tablet).empty());
}

TEST_CASE("the command asks for the space's name before it destroys it", "[cli]") {
    District district;
    district.put(*district.centre, "Rivera");
    District::sync(*district.centre);
    district.centre.reset();
    const auto run = [&](std::vector<std::string> words) {
        words.insert(words.end(), {"--db", district.folder.file("centre.db")});
        return run_trellis(words);
    };
    CHECK(run({"shred", "School", "--reason", "over", "--discard", "--yes", "Other"}).status != 0);
    const auto kept = run({"shred", "School", "--reason", "over", "--yes", "School"});
    CHECK(kept.status == 1);
    CHECK(kept.err.find("carry over") != std::string::npos);
    CHECK(run({"shred", "School", "--reason", "over", "--discard", "--yes", "School"}).status == 0);
    CHECK(run({"spaces"}).out.find("School") == std::string::npos);
}
