// SPDX-License-Identifier: Apache-2.0
#include "core/merge/presence.hpp"

#include <catch2/catch.hpp>

#include "tests/core/merge/people.hpp"

namespace trellis::core {
namespace {

TEST_CASE("a record is deleted when the delete saw every write", "[core]") {
    const auto state = told({{alice(1), at(1), put(1, {}, text("x"))},
                             {bob(1), at(2), op_of(Delete{seen({alice(1)}), "twice"})}});
    CHECK(state.presence() == Presence::deleted);
    CHECK(state.tombstones[0].reason == "twice");
}

TEST_CASE("two deletes may have seen every write between them", "[core]") {
    const auto state = told({{alice(1), at(1), put(1, {}, text("x"))},
                             {bob(1), at(1), put(2, {}, text("y"))},
                             {carol(1), at(2), op_of(Delete{seen({alice(1)}), ""})},
                             {bob(2), at(2), op_of(Delete{seen({bob(1)}), ""})}});
    CHECK(state.presence() == Presence::deleted);
}

TEST_CASE("a restore lifts only the deletes that it names", "[core]") {
    auto state = told({{alice(1), at(1), put(1, {}, text("x"))},
                       {bob(1), at(2), op_of(Delete{seen({alice(1)}), ""})},
                       {carol(1), at(2), op_of(Delete{seen({alice(1)}), ""})},
                       {alice(2), at(3), op_of(Restore{{bob(1)}})}});
    CHECK(state.presence() == Presence::deleted);
    state.apply(alice(3), at(4), op_of(Restore{{carol(1)}}));
    CHECK(state.presence() == Presence::live);
}

TEST_CASE("to delete, restore and link are no edits that a delete must have seen", "[core]") {
    const auto state = told({{alice(1), at(1), put(1, {}, text("x"))},
                             {bob(1), at(2), op_of(Delete{seen({alice(1)}), ""})},
                             {alice(2), at(2), op_of(Link{})},
                             {alice(3), at(2), op_of(Unlink{{}, {alice(2)}})},
                             {alice(4), at(2), op_of(Restore{{}})},
                             {alice(5), at(2), op_of(Delete{seen({alice(1)}), ""})}});
    CHECK(state.presence() == Presence::deleted);
}

TEST_CASE("everything else is an edit that brings a deleted record back, marked", "[core]") {
    const std::vector<Op> edits{put(1, {}, text("y")),       edit(2, {text("y")}, {}),
                                op_of(Append{3, {}}),        op_of(Raise{4, 1}),
                                op_of(Advance{4, {}, 1}),    op_of(CloseTokens{4, {}, ""}),
                                op_of(UnknownOp{99, {1}})};
    for (const auto& op : edits) {
        const auto state = told({{alice(1), at(1), put(1, {}, text("x"))},
                                 {bob(1), at(2), op_of(Delete{seen({alice(1)}), ""})},
                                 {carol(1), at(2), op}});
        CAPTURE(op.action.index());
        CHECK(state.presence() == Presence::deleted_with_edits);
    }
}

}  // namespace
}  // namespace trellis::core
