// SPDX-License-Identifier: Apache-2.0
#include "core/merge/links.hpp"

#include <catch2/catch.hpp>

#include "tests/core/merge/people.hpp"

namespace trellis::core {
namespace {

RecordId record(int number) {
    RecordId id;
    id.bytes[0] = static_cast<std::uint8_t>(number / 256);
    id.bytes[1] = static_cast<std::uint8_t>(number % 256);
    return id;
}

using Class = std::vector<RecordId>;

TEST_CASE("a record that nobody linked is the same as itself alone", "[core]") {
    const Links links;
    CHECK(links.same_as(record(1)) == Class{record(1)});
    CHECK(links.classes().empty());
}

TEST_CASE("links chain: a with b and b with c is one class", "[core]") {
    Links links;
    links.apply(alice(1), record(3), {record(2)});
    links.apply(bob(1), record(1), {record(2)});
    links.apply(bob(2), record(8), {record(9)});
    const Class all{record(1), record(2), record(3)};
    for (const auto& member : all) CHECK(links.same_as(member) == all);
    CHECK(links.classes() == std::vector<Class>{all, {record(8), record(9)}});
}

TEST_CASE("an unlink takes back the links it saw, from either side", "[core]") {
    Links links;
    links.apply(alice(1), record(1), {record(2)});
    links.apply(bob(1), record(2), {record(1)});
    links.apply(record(2), {record(1), {alice(1)}});
    CHECK(links.same_as(record(1)).size() == 2);
    links.apply(record(2), {record(1), {bob(1)}});
    CHECK(links.same_as(record(1)).size() == 1);
}

TEST_CASE("an unlink of one pair cannot take back the link of another", "[core]") {
    Links links;
    links.apply(alice(1), record(1), {record(2)});
    links.apply(record(3), {record(2), {alice(1)}});
    CHECK(links.facts.size() == 1);
}

TEST_CASE("a record linked to itself is no class", "[core]") {
    Links links;
    links.apply(alice(1), record(1), {record(1)});
    CHECK(links.classes().empty());
    CHECK(links.same_as(record(1)) == Class{record(1)});
}

TEST_CASE("a chain of five thousand links in the worst order is one class", "[core]") {
    Links links;
    for (int i = 5000; i > 0; --i) links.apply(alice(5001 - i), record(i - 1), {record(i)});
    CHECK(links.same_as(record(2500)).size() == 5001);
    CHECK(links.classes().size() == 1);
}

}  // namespace
}  // namespace trellis::core
