// SPDX-License-Identifier: Apache-2.0
// What a district must never lose when two people work apart, as far as merging decides it.
#include <catch2/catch.hpp>

#include "core/merge/links.hpp"
#include "tests/core/merge/people.hpp"

namespace trellis::core {
namespace {

constexpr FieldId escalation = 7;

Field in_order(const std::vector<const char*>& codes) {
    auto field = field_with(Resolver::protect);
    for (const auto* code : codes) field.protect_order.push_back(text(code));
    return field;
}

TEST_CASE("M1: a close cannot hide an escalation raised meanwhile", "[core]") {
    auto state = told({{alice(1), at(1), op_of(Raise{escalation, 1})},
                       {bob(1), at(5), op_of(Raise{escalation, 2})},
                       {carol(1), at(9), op_of(CloseTokens{escalation, {alice(1)}, "resolved"})}});
    CHECK(state.find<Tokens>(escalation)->level() == 2);
    state.apply(carol(2), at(10), op_of(CloseTokens{escalation, {bob(1)}, "resolved"}));
    CHECK(state.find<Tokens>(escalation)->level() == std::nullopt);
}

TEST_CASE("M1: a deleted case with an escalation raised meanwhile is not gone", "[core]") {
    const auto state = told({{alice(1), at(1), put(1, {}, text("x"))},
                             {bob(1), at(2), op_of(Delete{seen({alice(1)}), "duplicate"})},
                             {alice(2), at(2), op_of(Raise{escalation, 1})}});
    CHECK(state.presence() == Presence::deleted_with_edits);
    CHECK(state.find<Tokens>(escalation)->level() == 1);
}

TEST_CASE("M2: a safety concern is cleared only by somebody who saw it", "[core]") {
    const auto state = told({{alice(1), at(1), op_of(Raise{escalation, 3})},
                             {bob(1), at(2), op_of(CloseTokens{escalation, {}, "reported"})}});
    CHECK(state.find<Tokens>(escalation)->level() == 3);
}

TEST_CASE("M3: consent revoked wins over a grant made meanwhile, until seen", "[core]") {
    const auto consent = in_order({"granted", "limited", "revoked"});
    auto state = told({{alice(1), at(1), put(1, {}, text("granted"))},
                       {bob(1), at(2), put(1, {alice(1)}, text("revoked"))},
                       {carol(1), at(9), put(1, {alice(1)}, text("granted"))}});
    CHECK(shown(state, consent) == text("revoked"));
    CHECK(is_conflict(state.find<Register>(1)->heads));
    state.apply(alice(2), at(10), put(1, {bob(1), carol(1)}, text("granted")));
    CHECK(shown(state, consent) == text("granted"));
    CHECK_FALSE(is_conflict(state.find<Register>(1)->heads));
}

TEST_CASE("M4, M5: a restriction on contact wins over any edit that had not seen it", "[core]") {
    const auto rule = in_order({"any", "office_only", "no_contact"});
    const Said restricted{alice(1), at(1), put(1, {}, text("no_contact"))};
    for (const auto& other : {text("any"), text("office_only"), Value()}) {
        const auto state = told({restricted, {bob(1), at(9), put(1, {}, other)}});
        CHECK(shown(state, rule) == text("no_contact"));
    }
}

TEST_CASE("M9: closing a case hides nothing that others did meanwhile", "[core]") {
    const auto status = in_order({"open", "closed_goals_met"});
    const auto state = told({{alice(1), at(1), put(1, {}, text("open"))},
                             {bob(1), at(2), put(1, {alice(1)}, text("closed_goals_met"))},
                             {carol(1), at(3), put(2, {}, text("a new need"))},
                             {carol(2), at(3), op_of(Append{9, {{1, text("called")}}})}});
    CHECK(shown(state, status) == text("closed_goals_met"));
    CHECK(state.presence() == Presence::live);
    CHECK(state.find<Register>(2)->heads[0].value == text("a new need"));
    CHECK(state.writes.counter(carol(2).actor) == 2);
}

TEST_CASE("M10: done wins over a reassignment made meanwhile, and both are kept", "[core]") {
    const auto status = in_order({"open", "started", "done"});
    const auto state = told({{alice(1), at(1), put(1, {}, text("open"))},
                             {bob(1), at(2), put(1, {alice(1)}, text("done"))},
                             {carol(1), at(9), put(1, {alice(1)}, text("started"))},
                             {carol(2), at(9), put(2, {}, text("dana"))}});
    CHECK(shown(state, status) == text("done"));
    CHECK(state.find<Register>(2)->heads[0].value == text("dana"));
}

TEST_CASE("M13: two phone numbers are both there until a person picks one", "[core]") {
    const auto phone = field_with(Resolver::manual);
    auto state = told({{alice(1), at(1), put(1, {}, text("111"))},
                       {bob(1), at(2), put(1, {alice(1)}, text("222"))},
                       {carol(1), at(3), put(1, {alice(1)}, text("333"))}});
    CHECK(shown(state, phone) == text("333"));
    CHECK(state.find<Register>(1)->heads.size() == 2);
    state.apply(alice(2), at(4), put(1, {bob(1), carol(1)}, text("222")));
    CHECK(state.find<Register>(1)->heads.size() == 1);
    CHECK(shown(state, phone) == text("222"));
}

TEST_CASE("M14: a link made meanwhile survives an unlink, and no record is changed", "[core]") {
    RecordId a;
    RecordId b;
    b.bytes[0] = 1;
    Links links;
    links.apply(alice(1), a, {b});
    links.apply(bob(1), a, {b});
    links.apply(a, {b, {alice(1)}});
    CHECK(links.same_as(a) == std::vector<RecordId>{a, b});
    const auto state = told({{alice(1), at(1), op_of(Link{b})}});
    CHECK(state == RecordState{});
}

TEST_CASE("M16: the need of an interpreter wins over a 'no' imported meanwhile", "[core]") {
    const auto need = in_order({"unknown", "not_needed", "prefers", "needs"});
    const auto state = told({{alice(1), at(1), put(1, {}, text("needs"))},
                             {bob(1), at(9), put(1, {}, text("not_needed"))}});
    CHECK(shown(state, need) == text("needs"));
    CHECK(state.find<Register>(1)->heads.size() == 2);
}

TEST_CASE("M17: an edit of a record deleted meanwhile comes back marked, with the reason",
          "[core]") {
    auto state = told({{alice(1), at(1), put(1, {}, text("x"))},
                       {bob(1), at(2), op_of(Delete{seen({alice(1)}), "entered in error"})}});
    CHECK(state.presence() == Presence::deleted);
    state.apply(carol(1), at(2), put(1, {alice(1)}, text("y")));
    CHECK(state.presence() == Presence::deleted_with_edits);
    CHECK(state.tombstones[0].reason == "entered in error");
    state.apply(alice(2), at(3), op_of(Restore{{bob(1)}}));
    CHECK(state.presence() == Presence::live);
    CHECK(state.find<Register>(1)->heads[0].value == text("y"));
}

}  // namespace
}  // namespace trellis::core
