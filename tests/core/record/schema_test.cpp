// SPDX-License-Identifier: Apache-2.0
#include "core/record/schema.hpp"

#include "core/base/limits.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

namespace trellis::core {
namespace {

Result<Schema> parse(std::string_view text) {
    return Schema::parse(parse_json(text).value());
}

/// A schema of one type with one field.
Result<Schema> with_field(const std::string& field) {
    return parse(R"({"types":[{"name":"t","fields":[)" + field + "]}]}");
}

constexpr auto sample = R"({"enums":{"urgency":{"values":[
    {"code":"routine","labels":{"en":"Routine","es":"Rutina"}},{"code":"today"}]}},
  "types":[{"id":4,"name":"later","fields":[]},{"id":1,"name":"site","label":"Site","fields":[
    {"id":1,"name":"name","kind":"register","value":"text","resolver":"manual","max":120,
     "search":true,"index":true,"immutable":true,"colour":"an unknown key"},
    {"name":"members","kind":"set","value":"ref"},
    {"name":"meetings","kind":"log","fields":[{"id":1,"name":"date","value":"date"}]},
    {"name":"minutes","kind":"counter"},
    {"name":"notes","kind":"text"},
    {"name":"urgency","value":"enum","enum":"urgency","resolver":"protect"},
    {"name":"secret","value":"bool","resolver":"protect"},
    {"name":"status","value":"enum","enum":"elsewhere","resolver":"protect",
     "order":["open","done"]},
    {"name":"alarm","kind":"status","levels":["raised","acknowledged"]},
    {"name":"plain"}]}]})";

}  // namespace

TEST_CASE("a schema is read with its defaults", "[core]") {
    const auto schema = parse(sample);
    REQUIRE(schema.has_value());
    CHECK(schema->types().front().name == "site");
    const Type& site = *schema->type("site");
    CHECK(schema->type(1) == &site);
    CHECK(schema->type(2) == nullptr);
    CHECK(site.label == "Site");
    CHECK(schema->type("later")->label == "later");
    const Field& name = *site.field(1);
    CHECK(name.name == "name");
    CHECK(name.resolver == Resolver::manual);
    CHECK(name.text_max == 120);
    CHECK(name.search);
    CHECK(name.index);
    CHECK(name.immutable);
    const Field& plain = *site.field("plain");
    CHECK(plain.kind == FieldKind::scalar_register);
    CHECK(plain.value == ValueType::text);
    CHECK(plain.resolver == Resolver::latest);
    CHECK(plain.text_max == 0);
    CHECK_FALSE(plain.immutable);
    CHECK(site.field("minutes")->kind == FieldKind::counter);
    CHECK(site.field("meetings")->entry.at(0).value == ValueType::date);
    CHECK(site.field("alarm")->levels == std::vector<std::string>{"raised", "acknowledged"});
    CHECK(site.field("nothing") == nullptr);
}

TEST_CASE("protection follows the order given, the enumeration's, or false then true", "[core]") {
    const auto schema = parse(sample).value();
    const Type& site = *schema.type("site");
    CHECK(site.field("status")->protect_order == std::vector<Value>{Value("open"), Value("done")});
    CHECK(site.field("urgency")->protect_order ==
          std::vector<Value>{Value("routine"), Value("today")});
    CHECK(site.field("secret")->protect_order == std::vector<Value>{Value(false), Value(true)});
}

TEST_CASE("codes have labels in a language, in English, or none", "[core]") {
    const auto schema = parse(sample).value();
    CHECK(schema.codes("urgency") == std::vector<std::string>{"routine", "today"});
    CHECK(schema.codes("elsewhere").empty());
    CHECK(schema.label("urgency", "routine", "es") == "Rutina");
    CHECK(schema.label("urgency", "routine", "vi") == "Routine");
    CHECK(schema.label("urgency", "today", "es") == "today");
    CHECK(schema.label("elsewhere", "open", "en") == "open");
}

TEST_CASE("an id made from a name is always the same", "[core]") {
    const auto schema = parse(sample).value();
    const Type& site = *schema.type("site");
    CHECK(site.field("members")->id == 400705555);
    CHECK(site.field("plain")->id == 331235178);
    for (const auto& field : site.fields) {
        if (field.id != 1) CHECK(field.id >> 28U == 1);
    }
}

TEST_CASE("a schema that makes no sense is refused, and says where", "[core]") {
    CHECK(with_field(R"({"name":"ok"})").has_value());
    for (const auto* field : {R"({})",
                              R"({"name":""})",
                              R"({"name":"Upper"})",
                              R"({"name":"1st"})",
                              R"({"name":"_own"})",
                              R"({"name":"a b"})",
                              R"({"name":"a\"b"})",
                              R"({"name":"rec"})",
                              R"({"name":"space"})",
                              R"({"name":"type"})",
                              R"({"name":"state"})",
                              R"({"name":"same_as"})",
                              R"({"name":"a","kind":"list"})",
                              R"({"name":"a","value":"string"})",
                              R"({"name":"a","resolver":"first"})",
                              R"({"name":"a","id":0})",
                              R"({"name":"a","id":4294967296})",
                              R"({"name":"a","id":1.5})",
                              R"({"name":"a","max":0})",
                              R"({"name":"a","max":16385})",
                              R"({"name":"a","search":"yes"})",
                              R"({"name":"a","value":"enum"})",
                              R"({"name":"a","kind":"status"})",
                              R"({"name":"a","kind":"status","levels":["x","x"]})",
                              R"({"name":"a","kind":"log"})",
                              R"({"name":"a","kind":"log","fields":[{"name":"b","kind":"set"}]})",
                              R"({"name":"a","value":"bool","resolver":"protect","order":["x"]})",
                              R"({"name":"a"},{"name":"a"})",
                              R"({"id":1,"name":"a"},{"id":1,"name":"b"})"}) {
        CAPTURE(field);
        const auto schema = with_field(field);
        REQUIRE_FALSE(schema.has_value());
        CHECK(schema.error().code == Code::invalid);
        CHECK(schema.error().message.find("type 't'") != std::string::npos);
    }
    for (const auto* text : {"[]",
                             R"({"types":{}})",
                             R"({"types":[{"fields":[]}]})",
                             R"({"enums":[]})",
                             R"({"enums":{"e":{"values":[{"code":"a"},{"code":"a"}]}}})",
                             R"({"enums":{"e":{"values":[{}]}}})",
                             R"({"types":[{"name":"a"},{"name":"a"}]})"}) {
        CAPTURE(text);
        CHECK_FALSE(parse(text).has_value());
    }
}

TEST_CASE("a schema says who may open what, and what the program uses itself", "[core]") {
    const auto schema = parse(R"({"types":[
        {"name":"home","class":"C1","use":"family","fields":[{"name":"a"},
          {"name":"b","class":"C4"},{"name":"c","value":"ref","to":"home"}]},
        {"name":"plain","fields":[{"name":"a"}]},
        {"name":"mark","use":"sign","fields":[{"name":"about","value":"ref"},
          {"name":"ask","kind":"set"}]}]})");
    REQUIRE(schema.has_value());
    const auto& home = *schema->type("home");
    CHECK(home.use == TypeUse::family);
    CHECK(home.is_subject());
    CHECK(home.data_class == DataClass::staff);
    CHECK(home.field("a")->data_class == DataClass::staff);
    CHECK(home.field("b")->data_class == DataClass::named_people);
    CHECK(home.field("c")->to == "home");
    CHECK(schema->type("plain")->data_class == DataClass::family);
    CHECK_FALSE(schema->type("plain")->is_subject());
    CHECK(schema->type_for(TypeUse::sign) == schema->type("mark"));
    CHECK(schema->type_for(TypeUse::disclosure) == nullptr);
    for (const auto* types : {
             R"({"name":"t","class":"C5"})", R"({"name":"t","class":2})",
             R"({"name":"t","use":"pleasure"})", R"({"name":"t","fields":[{"name":"a","class":""}]})",
             R"({"name":"t","use":"sign","fields":[{"name":"about","value":"ref"}]})",
             R"({"name":"t","use":"sign","fields":[{"name":"about"},{"name":"ask","kind":"set"}]})",
             R"({"name":"a","use":"sign","fields":[{"name":"about","value":"ref"},
                 {"name":"ask","kind":"set"}]},
                {"name":"b","use":"sign","fields":[{"name":"about","value":"ref"},
                 {"name":"ask","kind":"set"}]})"}) {
        CAPTURE(types);
        CHECK_FALSE(parse(R"({"types":[)" + std::string(types) + "]}").has_value());
    }
}

TEST_CASE("a schema has at most so many types and fields", "[core]") {
    const auto types = [](std::size_t count) {
        Json list{Json::Array{}};
        for (std::size_t i = 0; i < count; ++i) {
            Json type;
            type.set("id", static_cast<std::int64_t>(i + 1));
            type.set("name", "n" + std::to_string(i));
            list.push(std::move(type));
        }
        return list;
    };
    Json json;
    json.set("types", types(limits::schema_types_max));
    CHECK(Schema::parse(json).has_value());
    json.set("types", types(limits::schema_types_max + 1));
    CHECK_FALSE(Schema::parse(json).has_value());
    Json type;
    type.set("name", "t");
    type.set("fields", types(limits::schema_fields_max));
    json.set("types", Json::Array{type});
    CHECK(Schema::parse(json).has_value());
    type.set("fields", types(limits::schema_fields_max + 1));
    json.set("types", Json::Array{type});
    CHECK_FALSE(Schema::parse(json).has_value());
}

TEST_CASE("the school district's own types are a schema", "[core]") {
    Json json;
    Json types{Json::Array{}};
    for (const auto& file : std::filesystem::directory_iterator("core/domain/types")) {
        std::ifstream stream(file.path());
        const std::string text(std::istreambuf_iterator<char>(stream), {});
        types.push(parse_json(text).value());
    }
    REQUIRE(types.array()->size() > 10);
    json.set("types", std::move(types));
    const auto schema = Schema::parse(json);
    if (!schema) FAIL(schema.error().message);
    CHECK(schema->type("check_in")->field("notes")->kind == FieldKind::text);
}

}  // namespace trellis::core
