// SPDX-License-Identifier: Apache-2.0
#include "core/base/limits.hpp"
#include "tests/exchange/files.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

namespace trellis::clients {
namespace {

using core::Edit;
using core::PutRecord;

Roster roster_of(const Files& files) {
    Problems problems;
    auto roster = read_oneroster(files, problems);
    REQUIRE(roster.has_value());
    return std::move(*roster);
}

SpaceId space() {
    SpaceId id;
    id.bytes[0] = 7;
    return id;
}

/// The records that the edits make: fields by type and key.
std::map<std::string, Json> records_of(const std::vector<Edit>& edits) {
    std::map<std::string, Json> records;
    for (const auto& edit : edits) {
        const auto& put = std::get<PutRecord>(edit);
        CHECK(put.space == space());
        REQUIRE(put.key.has_value());
        CHECK(records.emplace(put.type + " " + *put.key, put.fields).second);
    }
    return records;
}

std::map<std::string, Json> small_records() {
    return records_of(to_edits(roster_of(small_package()), space(), readable_ids()));
}

TEST_CASE("Grand Bend becomes one record for each of its people, schools and families",
          "[exchange]") {
    const auto edits = to_edits(roster_of(grand_bend()), space(), real_ids());
    std::map<std::string, std::size_t> count;
    for (const auto& edit : edits)
        ++count[std::get<PutRecord>(edit).type];
    CHECK(count == std::map<std::string, std::size_t>{{"site", 4},
                                                      {"staff_person", 68},
                                                      {"student", 960},
                                                      {"contact", 1872},
                                                      {"household", 960}});
    records_of(edits);
}

TEST_CASE("Grand Bend's households hold every student and every parent once", "[exchange]") {
    const auto records = records_of(to_edits(roster_of(grand_bend()), space(), readable_ids()));
    std::map<std::string, std::size_t> member_of;
    for (const auto& [name, fields] : records) {
        if (!name.starts_with("household ")) continue;
        for (const auto& member : *fields["members"].array())
            ++member_of[*member.string()];
    }
    CHECK(member_of.size() == 960 + 1872);
    CHECK(std::all_of(
        member_of.begin(), member_of.end(), [](const auto& each) { return each.second == 1; }));
}

TEST_CASE("Every field that an import writes is one of the shipped types", "[exchange]") {
    const auto schema = shipped_schema();
    for (const auto& files : {small_package(), grand_bend()}) {
        for (const auto& edit : to_edits(roster_of(files), space(), real_ids())) {
            const auto& put = std::get<PutRecord>(edit);
            const auto* type = schema.type(put.type);
            REQUIRE(type != nullptr);
            for (const auto& [name, value] : *put.fields.object()) {
                INFO(put.type << "." << name << " " << print_json(value));
                const auto* field = type->field(name);
                REQUIRE(field != nullptr);
                const bool is_log = field->kind == core::FieldKind::log;
                const bool is_many = is_log || field->kind == core::FieldKind::set;
                REQUIRE((value.array() != nullptr) == is_many);
                for (const auto& item : is_many ? *value.array() : Json::Array{value}) {
                    if (!is_log) {
                        CHECK(core::value_from_json(item, *field, schema).has_value());
                        continue;
                    }
                    for (const auto& [part, json] : *item.object()) {
                        const auto at = std::find_if(
                            field->entry.begin(), field->entry.end(), [&](const auto& each) {
                                return each.name == part;
                            });
                        REQUIRE(at != field->entry.end());
                        CHECK(core::value_from_json(json, *at, schema).has_value());
                    }
                }
            }
        }
    }
}

TEST_CASE("Sites stand in their tree", "[exchange]") {
    const auto records = small_records();
    CHECK(print_json(records.at("site oneroster:org:D1")) ==
          R"({"codes":["local=1000"],"external_ids":["oneroster=D1"],"kind":"central_office",)"
          R"("name":"Made-up District","status":"active"})");
    CHECK(print_json(records.at("site oneroster:org:S2")) ==
          R"({"external_ids":["oneroster=S2"],"name":"Hill School",)"
          R"("parent":"<site oneroster:org:D1>","status":"active"})");
}

TEST_CASE("Staff have their roles at their sites and no more", "[exchange]") {
    const auto records = small_records();
    CHECK(print_json(records.at("staff_person oneroster:user:T1")) ==
          R"({"display_name":"Tara Tee","external_ids":["oneroster=T1"],"family":"Tee",)"
          R"("given":"Tara","roles":["teacher|<site oneroster:org:S1>"],"roster_id":"T1",)"
          R"("status":"active","work_email":"tara@example.org","work_phone":"555-0100"})");
    CHECK(print_json(records.at("staff_person oneroster:user:A1")["roles"]) ==
          R"(["administrator|<site oneroster:org:D1>","administrator|<site oneroster:org:S1>"])");
}

TEST_CASE("A student is enrolled at the school, not at the district above it", "[exchange]") {
    const auto records = small_records();
    CHECK(print_json(records.at("student oneroster:user:K1")) ==
          R"({"birth_date":"2019-02-28","display_name":"Kim Reyes",)"
          R"("enrolments":[{"from":"2026-08-17","site":"<site oneroster:org:S1>",)"
          R"("source":"oneroster"}],"external_ids":["oneroster=K1"],"family":"Reyes",)"
          R"("given":"Kim","grade":"01","homeroom":"Room 12",)"
          R"("homeroom_teacher":"<staff_person oneroster:user:T1>",)"
          R"("households":["<household oneroster:household:P1,P2>"],"local_id":"0012345",)"
          R"("middle":"J"})");
    CHECK(print_json(records.at("student oneroster:user:K2")["enrolments"]) ==
          R"([{"site":"<site oneroster:org:S1>","source":"oneroster"}])");
}

TEST_CASE("Contacts say whose they are and how to reach them", "[exchange]") {
    const auto records = small_records();
    CHECK(print_json(records.at("contact oneroster:user:P1")) ==
          R"({"display_name":"Ana Reyes","emails":["ana@example.org"],)"
          R"("external_ids":["oneroster=P1"],"family":"Reyes","given":"Ana",)"
          R"("phones":["555-0101||mobile|yes","555-0102"],)"
          R"("relations":["<student oneroster:user:K1>|parent",)"
          R"("<student oneroster:user:K2>|parent"]})");
    CHECK(print_json(records.at("contact oneroster:user:P2")["relations"]) ==
          R"(["<student oneroster:user:K1>|guardian","<student oneroster:user:K2>|guardian"])");
    CHECK(print_json(records.at("contact oneroster:user:P3")["relations"]) ==
          R"(["<student oneroster:user:K3>|other_relative"])");
    const auto& lone = records.at("contact oneroster:user:P4");
    CHECK_FALSE(lone.has("relations"));
    CHECK(print_json(lone["phones"]) == R"(["555\\|0104"])");
}

TEST_CASE("Students with the same contacts share a household, whatever their order", "[exchange]") {
    const auto records = small_records();
    CHECK(print_json(records.at("household oneroster:household:P1,P2")) ==
          R"({"display_name":"Reyes","members":["<student oneroster:user:K1>",)"
          R"("<student oneroster:user:K2>","<contact oneroster:user:P1>",)"
          R"("<contact oneroster:user:P2>"]})");
    CHECK(records.count("household oneroster:household:P3") == 1);
    CHECK(std::count_if(records.begin(), records.end(), [](const auto& each) {
              return each.first.starts_with("household ");
          }) == 2);
}

TEST_CASE("Students without contacts are not thrown into one household", "[exchange]") {
    const auto files = small_package_with("users.csv", ",,,K3,,", ",,,,,");
    const auto records = records_of(to_edits(roster_of(files), space(), readable_ids()));
    CHECK_FALSE(records.at("student oneroster:user:K3").has("households"));
    CHECK(records.count("household oneroster:household:") == 0);
}

TEST_CASE("A household of long ids still has a key that fits", "[exchange]") {
    const std::string one(limits::roster_id_max, 'y');
    const std::string other(limits::roster_id_max, 'z');
    const auto replace = [](std::string text, std::string_view old, const std::string& with) {
        return text.replace(text.find(old), old.size(), with);
    };
    const auto household_keys = [](const std::string& users) {
        auto files = small_package();
        files["users.csv"] = bytes_of(users);
        std::set<std::string> keys;
        for (const auto& edit : to_edits(roster_of(files), space(), real_ids())) {
            const auto& put = std::get<PutRecord>(edit);
            CHECK(put.key->size() <= limits::key_max);
            if (put.type == "household") keys.insert(*put.key);
        }
        return keys;
    };
    const auto package = small_package();
    std::string users(as_text(package.at("users.csv")));
    users = replace(users, "\r\nP4,", "\r\n" + one + ",");
    users = replace(users, "\r\nP3,", "\r\n" + other + ",");
    const auto fits = household_keys(replace(users, "P1,P2", "P1,P2," + one));
    CHECK(fits.count("oneroster:household:P1,P2," + one) == 1);
    const auto cut = household_keys(replace(users, "P1,P2", one + "," + other));
    const auto hash = real_ids().id("household", "oneroster:household:P1," + one + "," + other);
    CHECK(cut.count("oneroster:household:#" + hash) == 1);  // P1 names K1 itself
}

TEST_CASE("The same files make the same edits on every device", "[exchange]") {
    const auto once = records_of(to_edits(roster_of(grand_bend()), space(), real_ids()));
    CHECK(once == records_of(to_edits(roster_of(grand_bend()), space(), real_ids())));
}

/// What a space shows after the edits were written into it.
RecordLookup lookup_in(std::map<std::string, Json> records) {
    auto lookup = real_ids();
    lookup.shown = [records = std::move(records)](std::string_view type, std::string_view key) {
        const auto at = records.find(std::string(type) + " " + std::string(key));
        return at == records.end() ? Json() : at->second;
    };
    return lookup;
}

TEST_CASE("A second import of the same files writes nothing", "[exchange]") {
    for (const auto& files : {small_package(), grand_bend()}) {
        const auto roster = roster_of(files);
        const auto shown = records_of(to_edits(roster, space(), real_ids()));
        CHECK(to_edits(roster, space(), lookup_in(shown)).empty());
    }
}

TEST_CASE("A later import writes what differs and takes nothing away", "[exchange]") {
    auto shown = records_of(to_edits(roster_of(small_package()), space(), real_ids()));
    auto& contact = shown.at("contact oneroster:user:P1");
    contact.set("phones", Json::Array{Json("555-0999"), Json("555-0102")});
    contact.set("speaks", Json::Array{Json("es")});
    shown.at("site oneroster:org:S2").set("status", "closed");
    shown.at("student oneroster:user:K1").set("grade", "KG");
    shown.at("student oneroster:user:K2").set("enrolments", Json::Array{});
    const auto edits = to_edits(roster_of(small_package()), space(), lookup_in(std::move(shown)));
    REQUIRE(edits.size() == 3);
    const auto ids = real_ids();
    const auto& grade = std::get<core::SetFields>(edits[0]);
    CHECK(grade.record.hex() == ids.id("student", "oneroster:user:K1"));
    CHECK(print_json(grade.fields) == R"({"grade":"01"})");
    const auto& enrolment = std::get<core::AppendEntry>(edits[1]);
    CHECK(enrolment.record.hex() == ids.id("student", "oneroster:user:K2"));
    CHECK(enrolment.field == "enrolments");
    const auto& phones = std::get<core::ChangeSet>(edits[2]);
    CHECK(phones.record.hex() == ids.id("contact", "oneroster:user:P1"));
    CHECK(print_json(Json(phones.add)) == R"(["555-0101||mobile|yes"])");
    CHECK(phones.remove.empty());
}

TEST_CASE("A shown log entry may say more than the import", "[exchange]") {
    auto shown = records_of(to_edits(roster_of(small_package()), space(), real_ids()));
    auto& student = shown.at("student oneroster:user:K1");
    Json entry = (*student["enrolments"].array())[0];
    entry.set("entry", "some dot");
    student.set("enrolments", Json::Array{entry});
    CHECK(to_edits(roster_of(small_package()), space(), lookup_in(shown)).empty());
}

TEST_CASE("Edits are cut into changes of so many and no more", "[exchange]") {
    const auto sizes = [](std::size_t count, const Json& fields) {
        std::vector<Edit> edits(count, PutRecord{space(), "site", fields, "k"});
        std::vector<std::size_t> found;
        for (const auto& change : in_changes(edits))
            found.push_back(change.size());
        return found;
    };
    using Sizes = std::vector<std::size_t>;
    const Json none = Json::Object{};
    CHECK(sizes(0, none).empty());
    CHECK(sizes(limits::roster_batch_max, none) == Sizes{200});
    CHECK(sizes(limits::roster_batch_max + 1, none) == Sizes{200, 1});
    Json moved;
    moved.set("enrolments", Json::Array(2, none));
    CHECK(sizes(129, moved) == Sizes{128, 1});  // 4 ops each, 512 a change
    Json large;
    large.set("name", std::string(30'000, 'x'));
    CHECK(sizes(9, large) == Sizes{4, 4, 1});  // 128 KiB a change
}

TEST_CASE("Cutting keeps every edit and its order", "[exchange]") {
    const auto edits = to_edits(roster_of(grand_bend()), space(), real_ids());
    std::size_t at = 0;
    for (const auto& change : in_changes(edits)) {
        CHECK(change.size() <= limits::roster_batch_max);
        for (const auto& edit : change) {
            CHECK(std::get<PutRecord>(edit).key == std::get<PutRecord>(edits[at]).key);
            ++at;
        }
    }
    CHECK(at == edits.size());
}

}  // namespace
}  // namespace trellis::clients
