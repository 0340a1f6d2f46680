// SPDX-License-Identifier: Apache-2.0
// Reading, once or live.
#include "clients/cli/command.hpp"
#include "clients/cli/field_text.hpp"
#include "clients/cli/row_print.hpp"
#include "clients/cli/table_print.hpp"

namespace trellis::clients {
namespace {

std::string count(std::size_t number, std::string_view one, std::string_view many) {
    return std::to_string(number) + " " + std::string(number == 1 ? one : many);
}

/// Values of one field with who wrote them, the shown one first.
void add_values(Desk& desk, const core::Field* field, const Json& values, const Json& shown,
                TextTable& table) {
    for (const auto& each : *values.array()) {
        const auto* at = each["at"].integer();
        const bool is_shown = each["value"] == shown;
        table.add({{text_of_value(desk, field, each["value"]),
                    is_shown ? Colour::bold : Colour::plain},
                   desk.name_of_device(text_in(each, "device")),
                   at == nullptr ? "" : text_of_instant(*at), is_shown ? "shown" : ""});
    }
}

Result<void> get(Desk& desk, const Arguments& arguments) {
    Json request = verb("get");
    TRELLIS_TRY(const auto record, desk.record(arguments.record));
    request.set("rec", record);
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (desk.print_json_reply(reply)) return {};
    const auto& out = desk.out();
    const auto* type = desk.schema().type(text_in(reply, "type"));
    const auto state = text_in(reply, "state");
    desk.say(out.paint(Colour::bold, tame(desk.name_of_record(record))) + "  " +
             out.paint(Colour::faint, text_in(reply, "type") + " " + short_name(record) + " in " +
                                          tame(desk.name_of_space(text_in(reply, "space")))));
    if (state != "live") {
        desk.say(out.paint(Colour::red, state == "deleted"
                                            ? "Deleted."
                                            : "Deleted by one and edited by another: restore it or "
                                              "delete it again."));
    }
    if (const auto* ask = reply["restricted"].array()) {
        std::string names;
        for (const auto& name : *ask) {
            names += (names.empty() ? "" : ", ") + tame(name.string() == nullptr ? "" : *name.string());
        }
        desk.say(out.paint(Colour::yellow, "Something is restricted. Ask: " + names));
    }
    TextTable table({"field", "value"});
    for (const auto& field : type == nullptr ? std::vector<core::Field>() : type->fields) {
        if (!reply["fields"].has(field.name)) continue;
        table.add({field.name, text_of_value(desk, &field, reply["fields"][field.name])});
    }
    desk.say(table.text(out));
    for (const auto& [name, values] : *reply["conflicts"].object()) {
        desk.say(out.paint(Colour::yellow, name) + " has more than one value:");
        TextTable heads({"value", "by", "at", ""});
        add_values(desk, type == nullptr ? nullptr : type->field(name), values,
                   reply["fields"][name], heads);
        desk.say(heads.text(out, 2));
    }
    return {};
}

Result<Json> list_request(Desk& desk, const Arguments& arguments, const core::Type& type) {
    Json request = verb("list");
    request.set("type", type.name);
    if (!arguments.space.empty()) {
        TRELLIS_TRY(const auto space, desk.space(arguments.space));
        request.set("space", space);
    }
    std::vector<std::string> fields;
    Json search;
    for (const auto& word : arguments.where) {
        if (word.starts_with("search=")) {
            search = word.substr(7);
        } else {
            fields.push_back(word);
        }
    }
    TRELLIS_TRY(Json where, fields_of_words(desk, type.fields, type.name, fields));
    if (!search.is_null()) where.set("search", search);
    if (!where.object()->empty()) request.set("where", std::move(where));
    if (!arguments.order.empty()) request.set("order", arguments.order);
    if (arguments.limit > 0) request.set("limit", arguments.limit);
    return request;
}

Result<void> list(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(const auto* type, type_named(desk, arguments.type));
    TRELLIS_TRY(const auto request, list_request(desk, arguments, *type));
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (desk.print_json_reply(reply)) return {};
    desk.say(text_of_rows(desk, *type, reply["rows"]));
    const auto rows = reply["rows"].array()->size();
    if (rows > 0) desk.say(desk.out().paint(Colour::faint, count(rows, "row", "rows")));
    return {};
}

Result<void> query(Desk& desk, const Arguments& arguments) {
    Json request = verb("query");
    request.set("sql", arguments.sql);
    Json params{Json::Array{}};
    for (const auto& word : arguments.words) params.push(word);
    request.set("params", std::move(params));
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (desk.print_json_reply(reply)) return {};
    const auto& rows = *reply["rows"].array();
    if (rows.empty()) return desk.say("No rows."), Result<void>();
    std::vector<std::string> header;
    for (const auto& [name, value] : *rows[0].object()) header.push_back(name);
    TextTable table(header);
    for (const auto& row : rows) {
        std::vector<Cell> cells;
        for (const auto& name : header) {
            cells.emplace_back(name == "rec" ? short_name(text_in(row, name))
                                             : text_of_value(desk, nullptr, row[name]));
        }
        table.add(std::move(cells));
    }
    desk.say(table.text(desk.out()));
    return {};
}

Result<Json> in_space(Desk& desk, const Arguments& arguments, std::string_view op) {
    Json request = verb(op);
    if (!arguments.space.empty()) {
        TRELLIS_TRY(const auto space, desk.space(arguments.space));
        request.set("space", space);
    }
    return desk.call(request);
}

Result<void> conflicts(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(const auto reply, in_space(desk, arguments, "conflicts"));
    if (desk.print_json_reply(reply)) return {};
    const auto& found = *reply["conflicts"].array();
    if (found.empty()) return desk.say("No conflicts."), Result<void>();
    for (const auto& each : found) {
        const auto* type = desk.schema().type(text_in(each, "type"));
        const auto field = text_in(each, "field");
        const auto record = text_in(each, "rec");
        desk.say(desk.out().paint(Colour::bold, tame(desk.name_of_record(record))) + " · " +
                 text_in(each, "type") + " " + short_name(record) + " · " +
                 desk.out().paint(Colour::yellow, field));
        TextTable table({"value", "by", "at", ""});
        add_values(desk, type == nullptr ? nullptr : type->field(field), each["values"],
                   each["shown"], table);
        desk.say(table.text(desk.out(), 2));
    }
    desk.say("Settle one with: trellis resolve RECORD FIELD VALUE");
    return {};
}

Result<void> reviews(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(const auto reply, in_space(desk, arguments, "reviews"));
    if (desk.print_json_reply(reply)) return {};
    const auto& found = *reply["reviews"].array();
    if (found.empty()) return desk.say("Nothing to review."), Result<void>();
    TextTable table({"id", "type", "what"});
    for (const auto& each : found) {
        const auto record = text_in(each, "rec");
        table.add({short_name(record), text_in(each, "type"), desk.name_of_record(record)});
    }
    desk.say("Deleted by one and edited by another:\n" + table.text(desk.out()) +
             "Keep one with `trellis restore RECORD`, or delete it again.");
    return {};
}

std::string text_of_ops(const Json& ops) {
    std::string text;
    for (const auto& op : *ops.array()) {
        const auto field = text_in(op, "field");
        text += (text.empty() ? "" : "; ") + text_in(op, "op") + (field.empty() ? "" : " " + field);
        if (op["fields"].object() == nullptr) continue;
        for (const auto& [name, value] : *op["fields"].object()) text += " " + name;
    }
    return text;
}

Result<void> history(Desk& desk, const Arguments& arguments) {
    Json request = verb("history");
    TRELLIS_TRY(const auto record, desk.record(arguments.record));
    request.set("rec", record);
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (desk.print_json_reply(reply)) return {};
    TextTable table({"at", "by", "what"});
    for (const auto& each : *reply["history"].array()) {
        const auto* at = each["at"].integer();
        table.add({at == nullptr ? "" : text_of_instant(*at),
                   desk.name_of_device(text_in(each, "device")), text_of_ops(each["ops"])});
    }
    desk.say(table.text(desk.out()));
    return {};
}

std::string_view word_of(core::FieldKind kind) {
    constexpr std::string_view words[] = {"value", "set", "counter", "log", "text", "status"};
    return words[static_cast<std::size_t>(kind)];
}

std::string values_of(Desk& desk, const core::Field& field) {
    constexpr std::string_view words[] = {"yes or no", "whole number", "number", "text", "moment",
                                          "date", "code", "record", "bytes"};
    std::string text;
    const bool is_status = field.kind == core::FieldKind::status;
    const auto& codes = is_status ? field.levels : desk.schema().codes(field.enumeration);
    for (const auto& code : codes) text += (text.empty() ? "" : " ") + code;
    return text.empty() ? std::string(words[static_cast<std::size_t>(field.value)]) : text;
}

Result<void> types(Desk& desk, const Arguments& arguments) {
    Json reply;
    TextTable table(arguments.type.empty() ? std::vector<std::string>{"type", "is", "fields"}
                                           : std::vector<std::string>{"field", "kind", "values"});
    if (arguments.type.empty()) {
        for (const auto& type : desk.schema().types()) {
            table.add({type.name, type.label, std::to_string(type.fields.size())});
            reply.push(type.name);
        }
    } else {
        TRELLIS_TRY(const auto* type, type_named(desk, arguments.type));
        for (const auto& field : type->fields) {
            table.add({field.name, std::string(word_of(field.kind)), values_of(desk, field)});
            reply.push(field.name);
        }
    }
    if (!desk.print_json_reply(reply)) desk.say(table.text(desk.out()));
    return {};
}

}  // namespace

const std::vector<Command>& read_commands() {
    using A = Arguments;
    constexpr auto group = "Reading";
    constexpr auto existing = Desk::Opening::existing;
    const Parameter record{"record", "its short name or id", &A::record, true};
    const Parameter type{"type", "such as household", &A::type, true};
    const Parameter space{"--space", "only this space", &A::space};
    const Parameter where{"--where", "field=value, or search=WORDS; may be given more than once",
                          &A::where};
    const Parameter order{"--order", "a field; -field for descending", &A::order};
    const Parameter limit{"--limit", "at most this many rows", &A::limit};
    static const std::vector<Command> commands = {
        {"get", group, "Show a record", existing, {record}, &get},
        {"list", group, "List records of a type", existing, {type, space, where, order, limit},
         &list},
        {"query", group, "Run a read-only SQL query over the record types", existing,
         {{"sql", "the query", &A::sql, true}, {"value", "for ?1, ?2 …", &A::words}}, &query},
        {"conflicts", group, "List fields with more than one value", existing, {space},
         &conflicts},
        {"reviews", group, "List records edited after they were deleted", existing, {space},
         &reviews},
        {"history", group, "List the changes of a record", existing, {record}, &history},
        {"watch", group, "Show records of a type and keep them up to date", existing,
         {type, space, where, order, limit}, &run_watch},
        {"types", group, "List the record types, or the fields of one", existing,
         {{"type", "such as household", &A::type}}, &types},
    };
    return commands;
}

}  // namespace trellis::clients
