// SPDX-License-Identifier: Apache-2.0
// Care of the database, and getting things in and out.
#include "clients/cli/command.hpp"
#include "clients/cli/table_print.hpp"

namespace trellis::clients {
namespace {

Result<Json> call_in_space(Desk& desk, const Arguments& arguments, std::string_view op) {
    Json request = verb(op);
    if (!arguments.space.empty()) {
        TRELLIS_TRY(const auto space, desk.space(arguments.space));
        request.set("space", space);
    }
    return desk.call(request);
}

Result<void> export_all(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(const auto reply, call_in_space(desk, arguments, "export"));
    if (desk.print_json_reply(reply)) return {};
    desk.say(text_in(reply, "canonical"));
    return {};
}

Result<void> export_family(Desk& desk, const Arguments& arguments) {
    Json request = verb("export_family");
    TRELLIS_TRY(const auto record, desk.record(arguments.record));
    request.set("rec", record);
    request.set("reason", arguments.reason);
    if (!arguments.other.empty()) request.set("to_whom", arguments.other);
    if (!arguments.path.empty()) request.set("path", arguments.path);
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (desk.print_json_reply(reply)) return {};
    if (arguments.path.empty()) {
        desk.say(text_in(reply, "document"));
        return {};
    }
    desk.say("Wrote " + std::to_string(*reply["records"].integer()) + " records to " +
             arguments.path + ", and a page for the printer to " + arguments.path + ".html. Both "
             "are readable by anybody who has the file. That they were handed out is in the "
             "family's record.");
    return {};
}

Result<void> digest(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(const auto reply, call_in_space(desk, arguments, "digest"));
    if (!desk.print_json_reply(reply)) desk.say(text_in(reply, "digest"));
    return {};
}

Result<void> check(Desk& desk, const Arguments& /*unused*/) {
    TRELLIS_TRY(const auto reply, desk.call(verb("check")));
    const auto& problems = *reply["problems"].array();
    if (!desk.print_json_reply(reply)) {
        for (const auto& each : problems) desk.say(tame(*each.string()));
        if (problems.empty()) desk.say(desk.out().paint(Colour::green, "All is well."));
    }
    if (problems.empty()) return {};
    return Error{Code::corrupt, "the check found " + std::to_string(problems.size()) + " problems"};
}

Result<void> stats(Desk& desk, const Arguments& /*unused*/) {
    TRELLIS_TRY(const auto reply, desk.call(verb("stats")));
    if (desk.print_json_reply(reply)) return {};
    TextTable table({"", ""});
    for (const auto& [name, value] : *reply.object()) {
        if (value.integer() != nullptr) table.add({name, std::to_string(*value.integer())});
    }
    desk.say(table.text(desk.out()));
    return {};
}

Result<void> backup(Desk& desk, const Arguments& arguments) {
    Json request = verb("backup");
    request.set("path", arguments.path);
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (desk.print_json_reply(reply)) return {};
    desk.say("Copied to " + arguments.path + ". The copy opens with the same key: keep that, too.");
    return {};
}

Result<void> restore_backup(Desk& desk, const Arguments& arguments) {
    Json request = verb("restore");
    request.set("path", arguments.path);
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (desk.print_json_reply(reply)) return {};
    desk.say("This database is now the copy of " + arguments.path + "; `trellis sync` brings what "
             "came after.");
    return {};
}

}  // namespace

const std::vector<Command>& care_commands() {
    using A = Arguments;
    constexpr auto group = "Care";
    constexpr auto existing = Desk::Opening::existing;
    const Parameter space{"--space", "only this space", &A::space};
    static const std::vector<Command> commands = {
        {"import", "In and out", "Take other people's files in", existing,
         {{"format", "oneroster", &A::format, true},
          {"path", "a folder of CSV files, or a zip of them", &A::path, true},
          {"--space", "where", &A::space}},
         &run_import},
        {"export", "In and out", "Write all that is shown as canonical JSON", existing, {space},
         &export_all},
        {"export-family", "In and out", "Hand out all that is here about one family", existing,
         {{"record", "the family or person: its short name or id", &A::record, true},
          {"--reason", "why, for the record of what was handed out", &A::reason, true},
          {"--to", "to whom", &A::other},
          {"--path", "write it to this file, and a page for the printer beside it", &A::path}},
         &export_family},
        {"digest", group, "Print a hash of the same: equal on devices in the same state", existing,
         {space}, &digest},
        {"check", group, "Look for damage", existing, {}, &check},
        {"stats", group, "Count what is here", existing, {}, &stats},
        {"backup", group, "Copy the database to a file", existing,
         {{"path", "the file", &A::path, true}}, &backup},
        {"restore-backup", group, "Put such a copy in the database's place", existing,
         {{"path", "the file", &A::path, true}}, &restore_backup},
    };
    return commands;
}

}  // namespace trellis::clients
