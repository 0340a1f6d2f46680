// SPDX-License-Identifier: Apache-2.0
// A family's whole record, handed out by a custodian.
#include <catch2/catch.hpp>

#include <set>

#include "core/base/limits.hpp"
#include "core/query/family_export.hpp"
#include "core/query/query.hpp"
#include "core/store/edit_ops.hpp"
#include "tests/support/district.hpp"

using namespace trellis;
using trellis::test::District;
using trellis::test::refers;

namespace {

Json document_of(District& district, std::size_t at, const RecordId& root) {
    auto document = core::family_document(district.replicas[at], root);
    if (!document) FAIL(document.error().message);
    return std::move(*document);
}

std::set<std::string> ids_in(const Json& document) {
    std::set<std::string> ids;
    for (const auto& record : *document["records"].array()) {
        CHECK(ids.insert(*record["rec"].string()).second);
    }
    return ids;
}

const Json& record_in(const Json& document, const RecordId& wanted) {
    for (const auto& record : *document["records"].array()) {
        if (record["rec"] == Json(wanted.hex())) return record;
    }
    FAIL("not in the document");
    return document;
}

std::set<std::string> hex(std::initializer_list<RecordId> ids) {
    std::set<std::string> set;
    for (const auto& id : ids) set.insert(id.hex());
    return set;
}

std::size_t disclosures_at(District& district, std::size_t at) {
    core::ListRequest all;
    all.type = "disclosure";
    return core::list_records(district.replicas[at], all)->array()->size();
}

}  // namespace

TEST_CASE("a family's record is gathered from every space that the device reads", "[family]") {
    District district(2);
    const auto hidden = district.compartment("Safety");
    const auto& school = district.school();
    const auto family = district.put(0, school, "household", R"({"display_name":"Ruiz"})");
    const auto child = district.put(0, school, "student", R"({"households":[")" + family.hex() +
                                                              "\"]}");
    const auto parent = district.put(0, school, "contact", "{}");
    district.write(0, school, core::ChangeSet{family, "members", {Json(parent.hex())}, {}});
    const auto need = district.put(0, school, "request", refers("household", family));
    const auto visit = district.put(0, school, "check_in", refers("household", family));
    const auto about_child = district.put(0, school, "note", refers("about", child));
    const auto deep = district.put(0, school, "attachment", refers("about", about_child));
    const auto referral = district.put(0, school, "referral", refers("need", need));
    const auto twin = district.put(0, school, "household", "{}");
    district.write(0, school, core::LinkRecords{family, twin});
    const auto of_twin = district.put(0, school, "task", refers("about", twin));
    const auto concern = district.put(0, hidden, "safety_concern", refers("about", family));
    // What is another family's, although it shares a child, and what is nobody's.
    const auto other = district.put(0, school, "household", "{}");
    district.write(0, school, core::ChangeSet{child, "households", {Json(other.hex())}, {}});
    district.put(0, school, "check_in", R"({"household":")" + other.hex() + R"(","students":[")" +
                                            child.hex() + "\"]}");
    district.put(0, school, "partner", "{}");
    district.put(0, school, "event", R"({"sign_ups":[")" + parent.hex() + "\"]}");
    district.settle();
    const auto* type = district.replicas[0].store().schema.type("restricted_sign");
    const auto sign = core::keyed_record(school, *type, family.hex());

    const auto whole = document_of(district, 0, family);
    CHECK(ids_in(whole) == hex({family, child, parent, need, visit, about_child, deep, referral,
                                twin, of_twin, concern, sign}));
    CHECK(record_in(whole, child)["names_others"] == Json(true));
    CHECK_FALSE(record_in(whole, visit).has("names_others"));
    CHECK(whole["spaces"].array()->size() == 3);  // the directory, too

    const auto outside = document_of(district, 1, family);
    CHECK(ids_in(outside) == hex({family, child, parent, need, visit, about_child, deep, referral,
                                  twin, of_twin, sign}));
    REQUIRE(outside["restricted"].array()->size() == 1);
    CHECK(outside["restricted"].array()->front()["about"] == Json(family.hex()));
    CHECK(print_json(outside).find(hidden.hex()) == std::string::npos);
    CHECK(print_json(outside).find(concern.hex()) == std::string::npos);

    // A person's record is what is about that person.
    CHECK(ids_in(document_of(district, 0, parent)) == hex({parent}));
    CHECK(ids_in(document_of(district, 1, child)).size() == 4);
}

TEST_CASE("who said what and when, conflicts and deletions with their reasons are in it",
          "[family]") {
    District district(3);
    const auto& school = district.school();
    const auto family = district.put(0, school, "household", R"({"address":"1 Elm St"})");
    const auto note = district.put(0, school, "note", refers("about", family));
    district.settle();
    district.write(1, school, core::SetFields{family, *parse_json(R"({"address":"2 Oak St"})")});
    district.write(2, school, core::SetFields{family, *parse_json(R"({"address":"3 Ash St"})")});
    district.write(1, school, core::DeleteRecord{note, "entered in error"});
    district.settle();
    const auto document = document_of(district, 0, family);
    const auto& said = *record_in(document, family)["conflicts"]["address"].array();
    REQUIRE(said.size() == 2);
    std::set<std::string> devices;
    for (const auto& each : said) devices.insert(*each["device"].string());
    CHECK(devices == std::set<std::string>{district.replicas[1].device().hex(),
                                           district.replicas[2].device().hex()});
    for (const auto& device : devices) CHECK(document["devices"].has(device));
    const auto& gone = record_in(document, note);
    CHECK(gone["state"] == Json("deleted"));
    REQUIRE(gone["deletions"].array()->size() == 1);
    CHECK(gone["deletions"].array()->front()["reason"] == Json("entered in error"));
    CHECK(gone["history"].array()->size() == 2);
    CHECK(record_in(document, family)["history"].array()->size() == 3);
    // The same on every device, byte for byte.
    for (std::size_t at = 1; at < 3; ++at) CHECK(document_of(district, at, family) == document);
}

TEST_CASE("what leaves is written down first, by somebody who may", "[family]") {
    District district(2);
    const auto& school = district.school();
    const auto family = district.put(0, school, "household", "{}");
    const auto note = district.put(0, school, "note", refers("about", family));
    district.settle();
    const auto code = [&](std::size_t at, core::FamilyExport order) {
        const auto result = core::export_family(district.replicas[at], order);
        return result ? std::string() : std::string(to_string(result.error().code));
    };
    CHECK(code(0, {family, "", ""}) == "invalid");
    CHECK(code(0, {family, std::string(limits::reason_max + 1, 'x'), ""}) == "invalid");
    CHECK(code(0, {note, "asked", ""}) == "invalid");
    CHECK(code(0, {RecordId(), "asked", ""}) == "not_found");
    CHECK(code(1, {family, "asked", ""}) == "denied");
    CHECK(disclosures_at(district, 0) == 0);
    const auto document = core::export_family(
        district.replicas[0], {family, std::string(limits::reason_max, 'x'), "the parent"});
    REQUIRE(document.has_value());
    CHECK(disclosures_at(district, 0) == 1);
    std::size_t found = 0;
    for (const auto& record : *(*document)["records"].array()) {
        if (record["type"] != Json("disclosure")) continue;
        ++found;
        CHECK(record["space"] == Json(school.hex()));
        const auto& fields = record["fields"];
        CHECK(fields["subject"] == Json(family.hex()));
        CHECK(fields["to_whom"] == Json("the parent"));
        CHECK(fields["by"] == Json("device 0"));
        CHECK(fields["reason"] == Json(std::string(limits::reason_max, 'x')));
        CHECK(fields["when"].integer() != nullptr);
    }
    CHECK(found == 1);
    district.settle();
    CHECK(disclosures_at(district, 1) == 1);
}
