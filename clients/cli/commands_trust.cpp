// SPDX-License-Identifier: Apache-2.0
// When trust ends or fails: who leaves, what came late, what does not fit together, and the way
// back from printed sheets.
#include "clients/cli/command.hpp"
#include "clients/cli/field_text.hpp"
#include "clients/cli/table_print.hpp"

namespace trellis::clients {
namespace {

constexpr std::size_t id_shown = 12;

Result<void> revoke(Desk& desk, const Arguments& arguments) {
    Json request = verb("revoke");
    Json devices{Json::Array{}};
    for (const auto& words : arguments.words) {
        TRELLIS_TRY(const auto device, desk.device(words));
        devices.push(device);
    }
    request.set("devices", std::move(devices));
    if (arguments.all_devices) request.set("all_devices", true);
    if (!arguments.reason.empty()) request.set("reason", arguments.reason);
    if (!arguments.space.empty()) {
        TRELLIS_TRY(const auto space, desk.space(arguments.space));
        request.set("space", space);
    }
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (desk.options().json) {
        sync_if_possible(desk);
        desk.print_json_reply(reply);
        return {};
    }
    desk.say("Removed. What this device holds of its work counts; what comes later waits in "
             "`trellis quarantine`. The keys are new.");
    sync_if_possible(desk);
    return {};
}

Result<void> quarantine(Desk& desk, const Arguments& arguments) {
    Json request = verb("quarantine");
    if (!arguments.space.empty()) {
        TRELLIS_TRY(const auto space, desk.space(arguments.space));
        request.set("space", space);
    }
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (desk.print_json_reply(reply)) return {};
    const auto& waiting = *reply["quarantine"].array();
    if (waiting.empty()) {
        desk.say("Nothing waits for a decision.");
        return {};
    }
    TextTable table({"id", "from", "space", "why", "changes"});
    for (const auto& each : waiting) {
        const auto* changes = each["changes"].integer();
        table.add({text_in(each, "id").substr(0, id_shown),
                   desk.name_of_device(text_in(each, "device")),
                   desk.name_of_space(text_in(each, "space")), text_in(each, "reason"),
                   changes == nullptr ? "" : std::to_string(*changes)});
    }
    desk.say(table.text(desk.out()));
    desk.say("Take one in with `trellis adopt ID`, or all of a device with --from.");
    return {};
}

/// The ids that somebody means: by their beginnings, or all that a device handed in.
Result<Json> ids_of(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(const auto reply, desk.call(verb("quarantine")));
    std::string device;
    if (!arguments.device.empty()) {
        TRELLIS_TRY(device, desk.device(arguments.device));
    }
    Json ids{Json::Array{}};
    std::vector<bool> used(arguments.words.size());
    for (const auto& each : *reply["quarantine"].array()) {
        const auto id = text_in(each, "id");
        bool is_meant = !device.empty() && text_in(each, "device") == device;
        for (std::size_t i = 0; i < arguments.words.size(); ++i) {
            if (!id.starts_with(arguments.words[i])) continue;
            is_meant = true;
            used[i] = true;
        }
        if (is_meant) ids.push(id);
    }
    for (std::size_t i = 0; i < used.size(); ++i) {
        if (used[i]) continue;
        return Error{Code::not_found, "nothing in quarantine has an id that begins with " +
                                          arguments.words[i]};
    }
    if (ids.array()->empty()) {
        return Error{Code::invalid, "say what to adopt: ids, or --from a device whose work waits"};
    }
    return ids;
}

Result<void> adopt(Desk& desk, const Arguments& arguments) {
    Json request = verb("adopt");
    TRELLIS_TRY(auto ids, ids_of(desk, arguments));
    request.set("ids", std::move(ids));
    if (!arguments.to.empty()) {
        TRELLIS_TRY(const auto to, desk.space(arguments.to));
        request.set("to", to);
    }
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (desk.options().json) {
        sync_if_possible(desk);
        desk.print_json_reply(reply);
        return {};
    }
    desk.say(desk.out().paint(Colour::green, "Taken in") + ", here and, once they sync, everywhere.");
    sync_if_possible(desk);
    return {};
}

Result<void> alarms(Desk& desk, const Arguments& /*unused*/) {
    TRELLIS_TRY(const auto reply, desk.call(verb("alarms")));
    if (desk.print_json_reply(reply)) return {};
    const auto& list = *reply["alarms"].array();
    if (list.empty()) {
        desk.say(desk.out().paint(Colour::green, "Nothing this device has seen contradicts "
                                                 "anything else."));
        return {};
    }
    for (const auto& each : list) {
        const auto* at = each["at"].integer();
        const bool is_proven = each["proven"] == Json(true);
        desk.say(desk.out().paint(is_proven ? Colour::red : Colour::yellow,
                                  (is_proven ? "" : "suspicion: ") + text_in(each, "kind")) + "  " +
                 (at == nullptr ? "" : text_of_instant(*at)) + "\n  " +
                 tame(text_in(each, "message")));
    }
    desk.say("`trellis alarms --json` has the evidence: signed bytes that anyone can check.");
    return {};
}

Result<void> recover(Desk& desk, const Arguments& arguments) {
    Json sheets{Json::Array{}};
    for (const auto& path : arguments.words) {
        TRELLIS_TRY(const auto content, read_file(path));
        sheets.push(std::string(as_text(content)));
    }
    Json request = verb("recover");
    request.set("sheets", std::move(sheets));
    request.set("name", arguments.name.empty() ? std::string("recovered") : arguments.name);
    request.set("url", arguments.url);
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (desk.print_json_reply(reply)) return {};
    desk.say(desk.out().paint(Colour::green, "Recovered") + ". This device (" +
             short_id(text_in(reply, "device")) + ") is an administrator and reads everything.");
    desk.say("\nThe sheets you used are dead. These take their place:");
    say_sheets(desk, reply);
    sync_if_possible(desk);
    return {};
}

Result<void> recovery_sheets(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(const auto reply, desk.call(verb("recovery_sheets")));
    if (!arguments.path.empty()) {
        TRELLIS_DO(write_sheets_page(arguments.path, arguments.name, reply));
    }
    if (desk.print_json_reply(reply)) return {};
    if (reply["recovery"].array()->empty()) {
        desk.say("No recovery sheets wait to be printed here.");
    } else if (arguments.path.empty()) {
        say_sheets(desk, reply);
    } else {
        desk.say("Recovery sheets in " + arguments.path + ": print it, delete the file, and then "
                 "say `trellis recovery-kept`.");
    }
    return {};
}

Result<void> recovery_kept(Desk& desk, const Arguments& /*unused*/) {
    TRELLIS_TRY(const auto reply, desk.call(verb("recovery_kept")));
    if (desk.print_json_reply(reply)) return {};
    desk.say("Wiped here. The paper is all there is now.");
    return {};
}

}  // namespace

const std::vector<Command>& trust_commands() {
    using A = Arguments;
    constexpr auto group = "Trust";
    constexpr auto existing = Desk::Opening::existing;
    static const std::vector<Command> commands = {
        {"revoke", group, "Take a device out, of a space or of the organisation", existing,
         {{"devices", "their names or ids; more than one leave together", &A::words, true},
          {"--all-devices", "and whatever else the same person uses", &A::all_devices},
          {"--space", "the space", &A::space},
          {"--reason", "left or lost; a lost device erases itself when it is heard of", &A::reason}},
         &revoke},
        {"quarantine", group, "List work that waits for a decision", existing,
         {{"--space", "only this space", &A::space}}, &quarantine},
        {"adopt", group, "Take such work in", existing,
         {{"ids", "as `trellis quarantine` lists them", &A::words},
          {"--from", "all that this device handed in", &A::device},
          {"--to", "the space for work whose own was shredded", &A::to}},
         &adopt},
        {"alarms", group, "Show what does not fit together", existing, {}, &alarms},
        {"recover", group, "Make this device an administrator, from printed sheets",
         Desk::Opening::may_create,
         {{"sheets", "files, each with the text of one sheet", &A::words, true},
          {"--url", "the server", &A::url, true},
          {"--name", "what this device is called", &A::name}},
         &recover},
        {"recovery-sheets", group, "Show recovery sheets that were made here, once more", existing,
         {{"--page", "write them as a page for the printer", &A::path},
          {"--org", "whose they are, for the page", &A::name}},
         &recovery_sheets},
        {"recovery-kept", group, "Say that the sheets are printed: they are wiped here", existing,
         {}, &recovery_kept},
    };
    return commands;
}

}  // namespace trellis::clients
