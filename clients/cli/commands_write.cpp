// SPDX-License-Identifier: Apache-2.0
// Writing: every one works with no network.
#include "clients/cli/command.hpp"
#include "clients/cli/field_text.hpp"

namespace trellis::clients {
namespace {

Result<void> answer(Desk& desk, const Json& request, std::string_view done) {
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (desk.print_json_reply(reply)) return {};
    const auto& out = desk.out();
    desk.say(out.paint(Colour::green, done) + " " + short_name(text_in(reply, "rec")) + " " +
             out.paint(Colour::faint, "saved on this device; `trellis sync` passes it on"));
    return {};
}

/// A request about one record, and what type that record is of.
struct About {
    Json request;
    const core::Type* type = nullptr;
    Json shown;
};

Result<About> about(Desk& desk, std::string_view op, const Arguments& arguments) {
    About about{verb(op), nullptr, {}};
    TRELLIS_TRY(const auto record, desk.record(arguments.record));
    about.request.set("rec", record);
    Json get = verb("get");
    get.set("rec", record);
    TRELLIS_TRY(about.shown, desk.call(get));
    TRELLIS_TRY(about.type, type_named(desk, text_in(about.shown, "type")));
    return about;
}

Result<const core::Field*> field_of(About& about, const Arguments& arguments) {
    TRELLIS_TRY(const auto* field, field_named(*about.type, arguments.field));
    about.request.set("field", field->name);
    return field;
}

Result<void> put(Desk& desk, const Arguments& arguments) {
    Json request = verb("put");
    TRELLIS_TRY(const auto* type, type_named(desk, arguments.type));
    TRELLIS_TRY(const auto space, desk.space(arguments.space));
    TRELLIS_TRY(auto fields, fields_of_words(desk, type->fields, type->name, arguments.words));
    request.set("space", space);
    request.set("type", type->name);
    request.set("fields", std::move(fields));
    if (!arguments.key.empty()) request.set("key", arguments.key);
    return answer(desk, request, "New " + type->name);
}

Result<void> set(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(auto what, about(desk, "set", arguments));
    TRELLIS_TRY(auto fields,
                fields_of_words(desk, what.type->fields, what.type->name, arguments.words));
    what.request.set("fields", std::move(fields));
    return answer(desk, what.request, "Changed");
}

Result<void> change_set(Desk& desk, const Arguments& arguments, const char* op) {
    TRELLIS_TRY(auto what, about(desk, op, arguments));
    TRELLIS_TRY(const auto* field, field_of(what, arguments));
    Json values{Json::Array{}};
    for (const auto& word : arguments.words) {
        TRELLIS_TRY(auto value, value_of_word(desk, *field, word));
        values.push(std::move(value));
    }
    what.request.set("values", std::move(values));
    return answer(desk, what.request, "Changed");
}

Result<void> add(Desk& desk, const Arguments& arguments) {
    return change_set(desk, arguments, "add");
}

Result<void> remove(Desk& desk, const Arguments& arguments) {
    return change_set(desk, arguments, "remove");
}

Result<void> increment(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(auto what, about(desk, "inc", arguments));
    TRELLIS_DO(field_of(what, arguments));
    what.request.set("by", arguments.by);
    return answer(desk, what.request, "Counted");
}

Result<void> append(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(auto what, about(desk, "append", arguments));
    TRELLIS_TRY(const auto* field, field_of(what, arguments));
    TRELLIS_TRY(auto fields, fields_of_words(desk, field->entry, field->name, arguments.words));
    what.request.set("fields", std::move(fields));
    return answer(desk, what.request, "Added an entry to");
}

Result<void> raise(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(auto what, about(desk, "raise", arguments));
    TRELLIS_DO(field_of(what, arguments));
    what.request.set("level", arguments.level);
    return answer(desk, what.request, "Raised");
}

/// The alarms that are open here: what a person sees is what a person closes.
Result<Json> open_tokens(const About& about, const Arguments& arguments) {
    Json tokens{Json::Array{}};
    if (!arguments.token.empty()) {
        tokens.push(arguments.token);
        return tokens;
    }
    const auto& field = about.shown["fields"][arguments.field];
    if (field["tokens"].array() != nullptr) {
        for (const auto& each : *field["tokens"].array()) tokens.push(each["token"]);
    }
    if (!tokens.array()->empty()) return tokens;
    return Error{Code::conflict, arguments.field + " has nothing open: there is nothing to close "
                                                   "or move on"};
}

Result<void> advance(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(auto what, about(desk, "advance", arguments));
    TRELLIS_DO(field_of(what, arguments));
    TRELLIS_TRY(const auto tokens, open_tokens(what, arguments));
    if (tokens.array()->size() > 1) {
        return Error{Code::invalid,
                     arguments.field + " has more than one open alarm: name one with --token"};
    }
    what.request.set("token", tokens.array()->front());
    what.request.set("level", arguments.level);
    return answer(desk, what.request, "Moved on");
}

Result<void> close(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(auto what, about(desk, "close", arguments));
    TRELLIS_DO(field_of(what, arguments));
    TRELLIS_TRY(auto tokens, open_tokens(what, arguments));
    what.request.set("tokens", std::move(tokens));
    what.request.set("reason", arguments.reason);
    return answer(desk, what.request, "Closed");
}

Result<void> resolve(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(auto what, about(desk, "resolve", arguments));
    TRELLIS_TRY(const auto* field, field_of(what, arguments));
    TRELLIS_TRY(auto value, value_of_word(desk, *field, arguments.value));
    what.request.set("value", std::move(value));
    return answer(desk, what.request, "Settled");
}

Result<void> remove_record(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(auto what, about(desk, "delete", arguments));
    what.request.set("reason", arguments.reason);
    return answer(desk, what.request, "Deleted");
}

Result<void> restore_record(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(auto what, about(desk, "restore", arguments));
    return answer(desk, what.request, "Restored");
}

Result<void> change_link(Desk& desk, const Arguments& arguments, const char* op) {
    Json request = verb(op);
    TRELLIS_TRY(const auto a, desk.record(arguments.record));
    TRELLIS_TRY(const auto b, desk.record(arguments.other));
    request.set("a", a);
    request.set("b", b);
    return answer(desk, request, request["op"] == Json("link") ? "Linked" : "Unlinked");
}

Result<void> link(Desk& desk, const Arguments& arguments) {
    return change_link(desk, arguments, "link");
}

Result<void> unlink(Desk& desk, const Arguments& arguments) {
    return change_link(desk, arguments, "unlink");
}

}  // namespace

const std::vector<Command>& write_commands() {
    using A = Arguments;
    constexpr auto group = "Writing (works with no network)";
    constexpr auto existing = Desk::Opening::existing;
    const Parameter record{"record", "its short name or id", &A::record, true};
    const Parameter field{"field", "which field", &A::field, true};
    const Parameter pairs{"field=value", "such as method=phone when=now", &A::words};
    const Parameter values{"value", "one or more", &A::words, true};
    const Parameter level{"level", "such as raised", &A::level, true};
    const Parameter token{"--token", "which alarm; without it what is open here", &A::token};
    const Parameter reason{"--reason", "why", &A::reason};
    static const std::vector<Command> commands = {
        {"put", group, "Create a record", existing,
         {{"type", "such as check_in; `trellis types` lists them", &A::type, true}, pairs,
          {"--space", "where", &A::space},
          {"--key", "the same key makes the same record on every device", &A::key}},
         &put},
        {"set", group, "Change fields of a record", existing, {record, pairs}, &set},
        {"add", group, "Add values to a set", existing, {record, field, values}, &add},
        {"remove", group, "Take values out of a set", existing, {record, field, values}, &remove},
        {"inc", group, "Add to a counter", existing,
         {record, field, {"--by", "how much", &A::by}}, &increment},
        {"append", group, "Add an entry to a log", existing, {record, field, pairs}, &append},
        {"raise", group, "Raise an alarm", existing, {record, field, level}, &raise},
        {"advance", group, "Move an alarm on", existing, {record, field, level, token}, &advance},
        {"close", group, "Close the alarms that are open here", existing,
         {record, field, reason, token}, &close},
        {"resolve", group, "Settle a conflict", existing,
         {record, field, {"value", "what holds from now on", &A::value, true}}, &resolve},
        {"delete", group, "Delete a record", existing, {record, reason}, &remove_record},
        {"restore", group, "Take a deletion back", existing, {record}, &restore_record},
        {"link", group, "Say that two records are the same", existing,
         {record, {"other", "the other record", &A::other, true}}, &link},
        {"unlink", group, "Take that back", existing,
         {record, {"other", "the other record", &A::other, true}}, &unlink},
    };
    return commands;
}

}  // namespace trellis::clients
