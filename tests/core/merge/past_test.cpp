// SPDX-License-Identifier: Apache-2.0
#include "core/merge/past.hpp"

#include <catch2/catch.hpp>

#include "tests/core/merge/people.hpp"

namespace trellis::core {
namespace {

/// Every kind of op that names something, naming `dot`.
std::vector<Op> naming(const Dot& dot) {
    return {put(1, {dot}, text("x")),
            edit(1, {}, {{text("x"), {dot}}}),
            op_of(Advance{1, dot, 2}),
            op_of(CloseTokens{1, {dot}, ""}),
            op_of(Delete{seen({dot}), ""}),
            op_of(Restore{{dot}}),
            op_of(Unlink{{}, {dot}})};
}

TEST_CASE("an op may name what its author had seen", "[core]") {
    const auto past = seen({alice(3), bob(2)});
    for (const auto& op : naming(bob(2))) CHECK(names_only_past(op, past));
    for (const auto& op : naming(alice(1))) CHECK(names_only_past(op, past));
}

TEST_CASE("an op that names what its author cannot have seen is found out", "[core]") {
    const auto past = seen({alice(3), bob(2)});
    for (const auto& op : naming(bob(3))) {
        CAPTURE(op.action.index());
        CHECK_FALSE(names_only_past(op, past));
    }
    for (const auto& op : naming(carol(1))) CHECK_FALSE(names_only_past(op, past));
}

TEST_CASE("an op that names nothing has no past to lie about", "[core]") {
    for (const auto& op : {put(1, {}, text("x")), edit(1, {text("x")}, {}), op_of(Append{1, {}}),
                           op_of(Raise{1, 1}), op_of(Link{}), op_of(UnknownOp{200, {}}),
                           op_of(Write{true, {{1, Increment{1}}}})}) {
        CHECK(names_only_past(op, {}));
    }
}

TEST_CASE("one bad edit among good ones spoils the write", "[core]") {
    const auto op = op_of(Write{false, {{1, Assign{{alice(1)}, text("x")}},
                                        {2, EditSet{{}, {{text("y"), {bob(1)}}}}}}});
    CHECK(names_only_past(op, seen({alice(1), bob(1)})));
    CHECK_FALSE(names_only_past(op, seen({alice(1)})));
}

}  // namespace
}  // namespace trellis::core
