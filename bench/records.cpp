// SPDX-License-Identifier: Apache-2.0
#include "bench/records.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace trellis::bench {
namespace {

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "bench: %s\n", why.c_str());
    std::exit(2);
}

std::string text(const Json& json) { return json.string() == nullptr ? "" : *json.string(); }
std::int64_t whole(const Json& json) { return json.integer() == nullptr ? 0 : *json.integer(); }

template <class Take>
void each_line(const std::string& path, const Take& take) {
    std::ifstream file(path);
    if (!file) give_up("cannot read " + path);
    for (std::string line; std::getline(file, line);) {
        const auto json = parse_json(line);
        if (!json) give_up(path + ": " + json.error().message);
        take(*json);
    }
}

constexpr const char* schema_text = R"({"types":[
 {"id":1,"name":"thing","fields":[{"id":1,"name":"name"}]},
 {"id":2,"name":"check_in","fields":[
  {"id":1,"name":"site","value":"ref"},{"id":2,"name":"household","value":"ref"},
  {"id":3,"name":"student","value":"ref"},{"id":4,"name":"liaison","value":"ref"},
  {"id":5,"name":"mode"},{"id":6,"name":"at","value":"instant"},{"id":7,"name":"lang"},
  {"id":8,"name":"score","value":"integer"},{"id":9,"name":"needs","kind":"set"},
  {"id":10,"name":"status"},{"id":11,"name":"note"},
  {"id":12,"name":"follow","value":"date"}]}]})";

}  // namespace

std::vector<CheckIn> load_check_ins(const std::string& path) {
    std::vector<CheckIn> rows;
    each_line(path, [&rows](const Json& json) {
        CheckIn row;
        row.id = text(json["id"]);
        row.site = text(json["site"]);
        row.household = text(json["household"]);
        row.student = text(json["student"]);
        row.liaison = text(json["liaison"]);
        row.mode = text(json["mode"]);
        row.at = whole(json["at"]);
        row.lang = text(json["lang"]);
        row.score = whole(json["score"]);
        for (const auto& need : *json["needs"].array()) row.needs.push_back(text(need));
        row.status = text(json["status"]);
        row.note = text(json["note"]);
        row.follow = text(json["follow"]);
        rows.push_back(std::move(row));
    });
    return rows;
}

std::vector<EditLine> load_edits(const std::string& path) {
    std::vector<EditLine> edits;
    each_line(path, [&edits](const Json& json) {
        edits.push_back({static_cast<std::size_t>(whole(json["dev"])), text(json["id"]),
                         text(json["f"]), json["v"]});
    });
    return edits;
}

core::Schema check_in_schema() {
    auto schema = core::Schema::parse(*parse_json(schema_text));
    if (!schema) give_up(schema.error().message);
    return std::move(*schema);
}

Json fields_of(const CheckIn& row, const Names& names) {
    const auto ref = [&names](const std::string& name) -> Json {
        const auto known = names.records.find(name);
        if (known == names.records.end()) give_up("a check-in refers to nothing: " + name);
        return known->second;
    };
    Json fields;
    fields.set("site", ref(row.site));
    fields.set("household", ref(row.household));
    fields.set("student", ref(row.student));
    fields.set("liaison", ref(row.liaison));
    fields.set("mode", row.mode);
    fields.set("at", row.at);
    fields.set("lang", row.lang);
    fields.set("score", row.score);
    fields.set("status", row.status);
    if (!row.note.empty()) fields.set("note", row.note);
    if (!row.follow.empty()) fields.set("follow", row.follow);
    if (!row.needs.empty()) {
        Json needs{Json::Array{}};
        for (const auto& need : row.needs) needs.push(need);
        fields.set("needs", std::move(needs));
    }
    return fields;
}

}  // namespace trellis::bench
