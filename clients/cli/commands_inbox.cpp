// SPDX-License-Identifier: Apache-2.0
// Inboxes: where people without a device leave something for a space.
#include "clients/cli/command.hpp"
#include "clients/cli/field_text.hpp"
#include "clients/cli/qr.hpp"
#include "clients/cli/table_print.hpp"

namespace trellis::clients {
namespace {

/// The id of an inbox by its beginning; with no words the only open one there is.
Result<std::string> inbox_named(Desk& desk, const std::string& words) {
    TRELLIS_TRY(const auto reply, desk.call(verb("inbox_info")));
    std::vector<std::string> ids;
    for (const auto& each : *reply["inboxes"].array()) {
        const auto id = text_in(each, "inbox");
        const bool is_meant = words.empty() ? !each.has("closed") : id.starts_with(words);
        if (is_meant) ids.push_back(id);
    }
    if (ids.size() == 1) return ids.front();
    if (ids.empty()) return Error{Code::not_found, "there is no such inbox: `trellis inbox list`"};
    return Error{Code::invalid, "more than one inbox is meant: say which, as `trellis inbox list` "
                                "lists them"};
}

/// What stands on the poster: where to, and what the page's key must look like.
std::string poster_of(const Json& info) {
    return text_in(info, "post") + "#" + text_in(info, "fingerprint");
}

Result<void> show(Desk& desk, const Arguments& arguments, const Json& reply) {
    if (desk.print_json_reply(reply)) return {};
    desk.say("Inbox " + short_id(text_in(reply, "inbox")) + " of " +
             desk.name_of_space(text_in(reply, "space")) +
             (reply.has("closed") ? ", closed" : "") + ". For the poster:");
    desk.say(desk.out().paint(Colour::bold, poster_of(reply)));
    if (arguments.qr) {
        TRELLIS_TRY(const auto code, make_qr(poster_of(reply)));
        desk.say(terminal_text(code));
    }
    return {};
}

Result<void> open(Desk& desk, const Arguments& arguments) {
    Json request = verb("inbox_open");
    TRELLIS_TRY(const auto space, desk.space(arguments.space));
    request.set("space", space);
    TRELLIS_TRY(const auto reply, desk.call(request));
    TRELLIS_DO(show(desk, arguments, reply));
    sync_if_possible(desk);
    return {};
}

Result<Json> request_for(Desk& desk, std::string_view op, const Arguments& arguments) {
    Json request = verb(op);
    TRELLIS_TRY(const auto inbox, inbox_named(desk, arguments.record));
    request.set("inbox", inbox);
    return request;
}

Result<void> rotate(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(const auto request, request_for(desk, "inbox_rotate", arguments));
    TRELLIS_TRY(const auto reply, desk.call(request));
    TRELLIS_DO(show(desk, arguments, reply));
    desk.say("Posters with the older fingerprint must be printed anew.");
    sync_if_possible(desk);
    return {};
}

Result<void> close(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(const auto request, request_for(desk, "inbox_close", arguments));
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (!desk.print_json_reply(reply)) desk.say("Closed. What lies in it is still fetched.");
    sync_if_possible(desk);
    return {};
}

Result<void> list(Desk& desk, const Arguments& /*unused*/) {
    TRELLIS_TRY(const auto reply, desk.call(verb("inbox_info")));
    if (desk.print_json_reply(reply)) return {};
    TextTable table({"id", "space", "key", ""});
    for (const auto& each : *reply["inboxes"].array()) {
        table.add({short_id(text_in(each, "inbox")), desk.name_of_space(text_in(each, "space")),
                   std::to_string(*each["key_epoch"].integer()),
                   each.has("closed") ? "closed" : "open"});
    }
    desk.say(table.text(desk.out()));
    return {};
}

Result<void> info(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(const auto request, request_for(desk, "inbox_info", arguments));
    TRELLIS_TRY(const auto reply, desk.call(request));
    return show(desk, arguments, reply);
}

Result<void> submit(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(auto request, request_for(desk, "inbox_submit", arguments));
    request.set("text", arguments.value);
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (!arguments.path.empty()) {
        const auto sealed = from_base64(text_in(reply, "submission"));
        TRELLIS_DO(write_file(arguments.path, *sealed));
    }
    if (desk.print_json_reply(reply)) return {};
    if (arguments.path.empty()) {
        return Error{Code::invalid, "say where the sealed submission goes: --out FILE, or --json"};
    }
    desk.say("Sealed into " + arguments.path + ". Anybody may send it:\n  curl --data-binary @" +
             arguments.path + " '" + text_in(reply, "post") + "'");
    return {};
}

Result<void> inbox(Desk& desk, const Arguments& arguments) {
    if (arguments.name == "open") return open(desk, arguments);
    if (arguments.name == "list") return list(desk, arguments);
    if (arguments.name == "info") return info(desk, arguments);
    if (arguments.name == "rotate") return rotate(desk, arguments);
    if (arguments.name == "close") return close(desk, arguments);
    if (arguments.name == "submit") return submit(desk, arguments);
    return Error{Code::invalid, "say one of open, list, info, rotate, close, submit"};
}

}  // namespace

const std::vector<Command>& inbox_commands() {
    using A = Arguments;
    static const std::vector<Command> commands = {
        {"inbox", "Organisation", "Let people without a device leave something for a space",
         Desk::Opening::existing,
         {{"action", "open, list, info, rotate, close or submit", &A::name, true},
          {"inbox", "which, as `trellis inbox list` lists it", &A::record},
          {"--space", "of open: the space", &A::space},
          {"--text", "of submit: what to seal", &A::value},
          {"--out", "of submit: the file to write", &A::path},
          {"--qr", "for the poster", &A::qr}},
         &inbox},
    };
    return commands;
}

}  // namespace trellis::clients
