// SPDX-License-Identifier: Apache-2.0
// A space that is lent in an emergency: who may, what it opens, who hears of it, and its end.
#include "tests/cli/district.hpp"

using namespace trellis;
using namespace trellis::clients::test;

namespace {

using Names = std::vector<std::string>;

/// A compartment that two admins keep, and a teacher who is no reader of it.
struct Counselling : District {
    std::unique_ptr<Repl> second = join("second");
    std::unique_ptr<Repl> teacher = join("teacher");
    std::string closed;

    Counselling() {
        const auto made = R"({"op":"space_create","name":"Counselling","class":"compartment"})";
        closed = text_of(centre->ask(made), "space");
        REQUIRE(centre->code(R"({"op":"grant","role":"admin","device":")" + id(*second) + "\"}")
                    .empty());
        write("Secret");
        meet();
    }
    void write(const std::string& name) {
        REQUIRE(centre->code(R"({"op":"put","space":")" + closed +
                             R"(","type":"household","fields":{"display_name":")" + name +
                             "\"}}") == "");
    }
    void meet() {
        for (int round = 0; round < 2; ++round) {
            for (auto* repl : {centre.get(), second.get(), teacher.get()}) sync(*repl);
        }
    }
    std::string lend(const std::string& device, const std::string& more = "") const {
        return R"({"op":"lend","reason":"a child is missing","device":")" + device +
               R"(","space":")" + closed + R"(","hours":)" + (more.empty() ? "24" : more) + "}";
    }
    std::string drafted(const std::string& device, const std::string& more = "") const {
        auto text = lend(device, more);
        text.insert(text.size() - 1, R"(,"draft":true)");
        return text;
    }
    /// Both admins sign.
    void lend_to_teacher() {
        const auto draft = centre->ask(drafted(id(*teacher)));
        REQUIRE(draft["ok"] == Json(true));
        REQUIRE(draft["missing"].string() != nullptr);
        REQUIRE(second->code(R"({"op":"cosign","draft":")" + text_of(draft, "draft") + "\"}") ==
                "");
        sync(*second);
        meet();
    }
    /// What the space's entry in `spaces` says; null where the device does not see the space.
    Json closed_at(Repl& repl) const {
        const auto reply = repl.ask(R"({"op":"spaces"})");
        for (const auto& each : *reply["spaces"].array()) {
            if (each["space"] == Json(closed)) return each;
        }
        return {};
    }
};

}  // namespace

TEST_CASE("two admins lend a space: it can be read, and its keepers see by whom", "[cli]") {
    Counselling it;
    CHECK(District::names(*it.teacher).empty());
    CHECK(it.closed_at(*it.teacher).is_null());
    it.lend_to_teacher();
    CHECK(District::names(*it.teacher) == Names{"Secret"});
    const Json read{Json::Array{Json("read")}};
    CHECK(it.closed_at(*it.teacher)["rights"] == read);
    CHECK(it.teacher->code(R"({"op":"put","space":")" + it.closed +
                           R"(","type":"household","fields":{"display_name":"No"}})") == "denied");
    // The steward is told without asking anybody.
    const auto lent = it.closed_at(*it.centre)["lent"];
    REQUIRE(lent.array() != nullptr);
    REQUIRE(lent.array()->size() == 1);
    CHECK(lent.array()->front()["device"] == Json(District::id(*it.teacher)));
    CHECK(lent.array()->front()["until"].integer() != nullptr);
    // It cannot be lent on, nor lent twice.
    CHECK(it.teacher->code(it.lend(District::id(*it.second))) == "denied");
    CHECK(it.centre->code(it.drafted(District::id(*it.teacher))) == "invalid");
}

TEST_CASE("who may not lend, and what cannot be lent", "[cli]") {
    Counselling it;
    const auto teacher = District::id(*it.teacher);
    CHECK(it.centre->code(it.lend(teacher)) == "denied");  // one admin alone
    CHECK(it.centre->code(it.drafted(teacher, "0")) == "invalid");
    CHECK(it.centre->code(it.drafted(teacher, "169")) == "invalid");
    CHECK(it.centre->code(it.drafted(District::id(*it.centre))) == "invalid");  // it reads it
    CHECK(it.centre->code(it.drafted(std::string(32, '3'))) == "not_found");
    const auto draft = it.centre->ask(it.drafted(teacher, "168"));
    REQUIRE(draft["ok"] == Json(true));
    const auto cosign = R"({"op":"cosign","draft":")" + text_of(draft, "draft") + "\"}";
    CHECK(it.teacher->code(cosign) == "denied");  // no admin
    CHECK(it.closed_at(*it.teacher).is_null());
    // A draft is bound to its place in the log.
    REQUIRE(it.centre->code(R"({"op":"rotate","space":")" + it.space + "\"}").empty());
    it.meet();
    CHECK(it.second->code(cosign) == "conflict");
    CHECK(District::names(*it.teacher).empty());
}

TEST_CASE("the first later entry ends what was lent, and what follows is sealed anew", "[cli]") {
    Counselling it;
    it.lend_to_teacher();
    REQUIRE(District::names(*it.teacher) == Names{"Secret"});
    // Somebody joins whose entry says that it is the day after tomorrow.
    Repl late(it.folder.file("late.db"));
    const auto invite = it.invite();
    REQUIRE(late.code(R"({"op":"clock","offset_ms":172800000})").empty());
    REQUIRE(late.code(R"({"op":"join","name":"late","invite":")" + invite + "\"}").empty());
    it.meet();
    CHECK(it.closed_at(*it.centre)["lent"].is_null());
    CHECK(it.closed_at(*it.teacher).is_null());
    it.write("Later");
    it.meet();
    const auto names = District::names(*it.teacher);
    CHECK(std::find(names.begin(), names.end(), "Later") == names.end());
    CHECK(District::names(*it.centre) == Names{"Later", "Secret"});
}

TEST_CASE("a space that is lent can be taken back, or given for good", "[cli]") {
    Counselling it;
    it.lend_to_teacher();
    const auto whom = R"("device":")" + District::id(*it.teacher) + R"(","space":")" + it.closed;
    SECTION("back") {
        REQUIRE(it.centre->code(R"({"op":"revoke",)" + whom + "\"}").empty());
        it.write("Later");
        it.meet();
        const auto names = District::names(*it.teacher);
        CHECK(std::find(names.begin(), names.end(), "Later") == names.end());
        CHECK(it.closed_at(*it.centre)["lent"].is_null());
    }
    SECTION("for good") {
        REQUIRE(it.centre->code(R"({"op":"grant","rights":"read",)" + whom + "\"}").empty());
        it.write("Later");
        it.meet();
        CHECK(District::names(*it.teacher) == Names{"Later", "Secret"});
        CHECK(it.closed_at(*it.centre)["lent"].is_null());
    }
}
