// SPDX-License-Identifier: Apache-2.0
#include "core/record/value.hpp"

#include "core/codec/encode.hpp"
#include "core/record/op_context.hpp"

#include <catch2/catch.hpp>

#include <vector>

namespace trellis::core {

TEST_CASE("dates are days of the Gregorian calendar", "[core]") {
    CHECK(parse_date("1970-01-01").value().days == 0);
    CHECK(parse_date("2000-02-29").value().days == 11'016);
    CHECK(parse_date("0001-01-01").value().days == -719'162);
    CHECK(parse_date("9999-12-31").value().days == 2'932'896);
    for (const auto* text : {"1900-02-29",
                             "2026-02-29",
                             "2026-04-31",
                             "2026-13-01",
                             "2026-00-10",
                             "2026-01-00",
                             "0000-01-01",
                             "2026-1-01",
                             "+026-01-01",
                             "2026-01-01 ",
                             "2026/01/01",
                             "",
                             "2026-01-1a",
                             "-026-01-01"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_date(text).has_value());
    }
}

TEST_CASE("every day prints as it is read, and follows the day before", "[core]") {
    std::string before;
    for (std::int32_t days = -719'162; days <= 2'932'896; days += days % 97 == 0 ? 1 : 13) {
        const auto text = to_string(Date{days});
        const auto date = parse_date(text);
        if (!date || date->days != days) FAIL(text);
        if (!(before < text)) FAIL(text);
        before = text;
    }
}

TEST_CASE("values have one total order", "[core]") {
    const std::vector<Value> ascending{Value(),
                                       Value(false),
                                       Value(true),
                                       Value(INT64_MIN),
                                       Value(-1),
                                       Value(0),
                                       Value(5),
                                       Value(-1e300),
                                       Value(-1.5),
                                       Value(-5e-324),
                                       Value(0.0),
                                       Value(5e-324),
                                       Value(2.5),
                                       Value(""),
                                       Value("a"),
                                       Value("aa"),
                                       Value("b"),
                                       Value("é"),
                                       Value(Bytes{}),
                                       Value(Bytes{0}),
                                       Value(Bytes{0, 1}),
                                       Value(Bytes{200}),
                                       Value(Date{-3}),
                                       Value(Date{4}),
                                       Value(RecordId{}),
                                       Value(RecordId::keyed(Bytes(16, 3)))};
    for (std::size_t i = 0; i < ascending.size(); ++i) {
        for (std::size_t k = 0; k < ascending.size(); ++k) {
            CAPTURE(i, k);
            CHECK((ascending[i] < ascending[k]) == (i < k));
            CHECK((ascending[i] == ascending[k]) == (i == k));
        }
    }
}

}  // namespace trellis::core
