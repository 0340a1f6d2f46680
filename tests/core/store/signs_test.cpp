// SPDX-License-Identifier: Apache-2.0
// Outside a compartment only a sign stands: that there is something, and whom to ask.
#include <catch2/catch.hpp>

#include <algorithm>

#include "core/query/record_view.hpp"
#include "core/store/edit_ops.hpp"
#include "tests/support/district.hpp"

using namespace trellis;
using trellis::test::District;
using trellis::test::refers;

namespace {

bool holds(const Bytes& bytes, ByteView wanted) {
    return std::search(bytes.begin(), bytes.end(), wanted.begin(), wanted.end()) != bytes.end();
}

std::string concern(const RecordId& about, const std::string& facts) {
    return R"({"about":")" + about.hex() + R"(","facts":")" + facts + R"("})";
}

/// {about: ["device 0"]}
Json one_sign(const RecordId& about) {
    Json ask{Json::Array{}};
    ask.push("device 0");
    Json signs;
    signs.set(about.hex(), std::move(ask));
    return signs;
}

const Json none{Json::Object{}};

}  // namespace

TEST_CASE("a record in a compartment raises a sign where the family lives", "[signs]") {
    District district(3);
    const auto hidden = district.compartment("Safety", {1});
    const auto family = district.put(2, district.school(), "household", "{}");
    const auto other = district.put(2, district.school(), "household", "{}");
    district.settle();
    CHECK(district.signs(2) == none);
    const auto first = district.put(1, hidden, "safety_concern", concern(family, "one"));
    CHECK(district.signs(1) == one_sign(family));  // with the write itself
    district.settle();
    const auto second = district.put(0, hidden, "note", refers("about", family));
    district.settle();
    for (std::size_t at = 0; at < 3; ++at) CHECK(district.signs(at) == one_sign(family));
    CHECK_FALSE(district.signs(0).has(other.hex()));
    const auto shown = core::get_record(district.replicas[2], family);
    REQUIRE(shown.has_value());
    CHECK(print_json((*shown)["restricted"]) == R"(["device 0"])");
    CHECK_FALSE(core::get_record(district.replicas[2], other)->has("restricted"));

    SECTION("it comes down with the last reason, whoever ends that") {
        district.write(0, hidden, core::DeleteRecord{first, "not so"});
        district.settle();
        CHECK(district.signs(2) == one_sign(family));
        district.write(1, hidden, core::DeleteRecord{second, "not so"});
        district.settle();
        for (std::size_t at = 0; at < 3; ++at) CHECK(district.signs(at) == none);
        district.write(0, hidden, core::RestoreRecord{first});
        district.settle();
        for (std::size_t at = 0; at < 3; ++at) CHECK(district.signs(at) == one_sign(family));
    }
    SECTION("who takes it down without knowing better is put right") {
        const auto* type = district.replicas[2].store().schema.type("restricted_sign");
        const auto record = core::keyed_record(district.school(), *type, family.hex());
        district.write(2, district.school(), core::DeleteRecord{record, "what is this"});
        CHECK(district.signs(2) == none);
        district.settle();
        for (std::size_t at = 0; at < 3; ++at) CHECK(district.signs(at) == one_sign(family));
    }
    SECTION("it outlives the device that raised it") {
        REQUIRE(district.replicas[0].revoke(district.replicas[1].device()).has_value());
        district.replicas.publish(0);
        district.replicas.tell_all();
        district.settle();
        CHECK(district.signs(2) == one_sign(family));
        district.write(0, hidden, core::DeleteRecord{first, ""});
        district.write(0, hidden, core::DeleteRecord{second, ""});
        district.settle();
        CHECK(district.signs(2) == none);
    }
}

TEST_CASE("two who raise the same sign without a network raise one", "[signs]") {
    District district(3);
    const auto safety = district.compartment("Safety", {1});
    const auto shelter = district.compartment("Shelter", {1});
    const auto family = district.put(0, district.school(), "household", "{}");
    district.settle();
    const auto first = district.put(0, safety, "note", refers("about", family));
    const auto second = district.put(1, shelter, "note", refers("about", family));
    district.settle();
    for (std::size_t at = 0; at < 3; ++at) CHECK(district.signs(at) == one_sign(family));
    for (std::size_t at = 1; at < 3; ++at) {
        CHECK(district.replicas.digest(at) == district.replicas.digest(0));
    }
    // Each takes back its own word only.
    district.write(0, safety, core::DeleteRecord{first, ""});
    district.settle();
    CHECK(district.signs(2) == one_sign(family));
    district.write(1, shelter, core::DeleteRecord{second, ""});
    district.settle();
    for (std::size_t at = 0; at < 3; ++at) CHECK(district.signs(at) == none);
}

TEST_CASE("a sign stands for what another compartment holds, which its reader cannot see",
          "[signs]") {
    District district(4);
    const auto safety = district.compartment("Safety", {1});
    const auto shelter = district.compartment("Shelter", {2});
    const auto family = district.put(3, district.school(), "household", "{}");
    district.settle();
    const auto first = district.put(1, safety, "note", refers("about", family));
    district.settle();
    const auto second = district.put(2, shelter, "note", refers("about", family));
    district.settle();
    district.write(1, safety, core::DeleteRecord{first, ""});
    district.settle();
    CHECK(district.signs(3) == one_sign(family));
    district.write(2, shelter, core::DeleteRecord{second, ""});
    district.settle();
    for (std::size_t at = 0; at < 4; ++at) CHECK(district.signs(at) == none);
}

TEST_CASE("nothing of a compartment is in any file of a device outside", "[signs]") {
    District district(2);
    const auto outside = district.replicas.add_in_the_clear();
    const auto family = district.put(outside, district.school(), "household",
                                     R"({"display_name":"Quillonbrae"})");
    district.settle();
    const auto hidden = district.compartment("Thistlemere team", {1});
    const auto record = district.put(1, hidden, "safety_concern",
                                     concern(family, "Harrowfell"));
    const auto note = district.put(0, hidden, "note", refers("about", family));
    district.settle();
    CHECK(district.signs(outside) == one_sign(family));
    const auto disk = district.replicas.disk(outside);
    CHECK(holds(disk, as_bytes("Quillonbrae")));  // else the search finds nothing ever
    CHECK(holds(disk, as_bytes("device 0")));
    for (const auto* word : {"Thistlemere", "Harrowfell"}) CHECK_FALSE(holds(disk, as_bytes(word)));
    for (const auto& id : {record, note}) {
        CHECK_FALSE(holds(disk, id.view()));
        CHECK_FALSE(holds(disk, as_bytes(id.hex())));
        // The name of a record is its author there and a number: neither may be.
        CHECK_FALSE(holds(disk, id.view().first(RecordId::prefix_size)));
    }
    // Nor in what its envelopes say, which lie there compressed and sealed.
    const auto* type = district.replicas[outside].store().schema.type("restricted_sign");
    const auto sign = core::keyed_record(district.school(), *type, family.hex());
    const auto history = core::list_history(district.replicas[outside], sign);
    REQUIRE(history.has_value());
    const auto text = print_json(*history);
    CHECK(text.find("device 0") != std::string::npos);
    CHECK(text.find(record.hex()) == std::string::npos);
    CHECK(text.find(hidden.hex()) == std::string::npos);
    CHECK(text.find("safety") == std::string::npos);
}

TEST_CASE("what is for named people only is refused outside a compartment", "[signs]") {
    District district(1);
    const auto hidden = district.compartment("Safety");
    const auto family = district.put(0, district.school(), "household", "{}");
    const auto refused = district.try_put(0, district.school(), "safety_concern",
                                          concern(family, "x"));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Code::denied);
    CHECK(refused.error().message.find("compartment") != std::string::npos);
    const auto field = district.try_put(0, district.school(), "warning", R"({"reason":"x"})");
    REQUIRE_FALSE(field.has_value());
    CHECK(field.error().code == Code::denied);
    const auto set = district.replicas[0].write(
        district.school(), {core::SetFields{family, *parse_json(R"({"real_address":"x"})")}});
    REQUIRE_FALSE(set.has_value());
    CHECK(set.error().code == Code::denied);
    CHECK(district.try_put(0, district.school(), "warning", R"({"sign":"do_not_contact"})")
              .has_value());
    CHECK(district.try_put(0, hidden, "warning", R"({"reason":"x"})").has_value());
    CHECK(district.try_put(0, hidden, "safety_concern", concern(family, "x")).has_value());
}
