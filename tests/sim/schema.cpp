// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/schema.hpp"

#include <string>

#include "core/base/check.hpp"

namespace trellis::sim {
namespace {

constexpr const char* enums = R"("enums":{
  "risk":{"values":[{"code":"none"},{"code":"watch"},{"code":"danger"}]},
  "outcome":{"values":[{"code":"reached"},{"code":"no_answer"},{"code":"moved"}]}})";

constexpr const char* journal = R"({"id":90,"name":"journal","kind":"log","fields":[
  {"id":1,"name":"n","value":"integer"},{"id":2,"name":"text"}]})";

constexpr const char* family = R"(
  {"id":1,"name":"name","search":true,"index":true},
  {"id":2,"name":"phone","resolver":"manual"},
  {"id":3,"name":"most","value":"integer","resolver":"max"},
  {"id":4,"name":"least","value":"integer","resolver":"min"},
  {"id":5,"name":"risk","value":"enum","enum":"risk","resolver":"protect"},
  {"id":6,"name":"tags","kind":"set"},
  {"id":7,"name":"minutes","kind":"counter"},
  {"id":8,"name":"visits","kind":"log","fields":[
    {"id":1,"name":"text"},{"id":2,"name":"day","value":"date"}]},
  {"id":9,"name":"alarm","kind":"status","levels":["raised","urgent","emergency"]},
  {"id":10,"name":"worker","value":"ref"},
  {"id":11,"name":"born","value":"date","immutable":true},
  {"id":12,"name":"note","kind":"text","search":true},
  {"id":13,"name":"agreed","value":"bool"},
  {"id":14,"name":"when","value":"instant"},
  {"id":15,"name":"share","value":"number"},
  {"id":16,"name":"seal","value":"bytes"})";

constexpr const char* check_in = R"(
  {"id":1,"name":"summary","search":true},
  {"id":2,"name":"at","value":"instant","index":true},
  {"id":3,"name":"family","value":"ref"},
  {"id":4,"name":"outcome","value":"enum","enum":"outcome"},
  {"id":5,"name":"minutes","kind":"counter"})";

constexpr const char* referral = R"(
  {"id":1,"name":"service","index":true},
  {"id":2,"name":"progress"},
  {"id":3,"name":"alarm","kind":"status","levels":["raised","urgent","emergency"]},
  {"id":4,"name":"tags","kind":"set"})";

std::string type(int id, const char* name, const std::string& fields) {
    return R"({"id":)" + std::to_string(id) + R"(,"name":")" + name + R"(","fields":[)" + fields +
           "," + journal + "]}";
}

}  // namespace

core::Schema sim_schema(SchemaVersion version) {
    std::string of_family = family;
    std::string of_referral = referral;
    std::string more;
    if (version == SchemaVersion::next) {
        of_family += R"(,{"id":17,"name":"pronouns"},{"id":18,"name":"needs","kind":"set"})";
        more = "," + type(4, "visit_plan", R"({"id":1,"name":"title"})");
    }
    std::string text = "{";
    text += enums;
    text += R"(,"types":[)";
    text += type(1, "family", of_family);
    text += ",";
    text += type(2, "check_in", check_in);
    if (version != SchemaVersion::old) text += "," + type(3, "referral", of_referral);
    text += more;
    text += "]}";
    const auto json = parse_json(text);
    TRELLIS_CHECK(json.has_value());
    auto schema = core::Schema::parse(*json);
    TRELLIS_CHECK(schema.has_value());
    return std::move(*schema);
}

}  // namespace trellis::sim
