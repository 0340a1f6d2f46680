// SPDX-License-Identifier: Apache-2.0
// The organisation: who belongs to it and what they may read.
#include <unistd.h>

#include "clients/cli/command.hpp"
#include "clients/cli/field_text.hpp"
#include "clients/cli/qr.hpp"
#include "clients/cli/recovery_page.hpp"
#include "clients/cli/table_print.hpp"

namespace trellis::clients {
namespace {

constexpr std::int64_t hour_ms = 3600 * 1000;

std::string host_name() {
    char name[128] = {};
    return ::gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "this device";
}

std::string words_of(const Json& list) {
    std::string text;
    if (list.array() == nullptr) return text;
    for (const auto& each : *list.array()) {
        text += (text.empty() ? "" : ", ") + (each.string() == nullptr ? "" : *each.string());
    }
    return text;
}

/// With --json the reply, once the relay has been told too: an invite, say, works from then on.
bool sent_as_json(Desk& desk, const Json& reply) {
    if (!desk.options().json) return false;
    sync_if_possible(desk);
    return desk.print_json_reply(reply);
}

Result<void> init(Desk& desk, const Arguments& arguments) {
    Json request = verb("org_create");
    request.set("name", arguments.name);
    request.set("url", arguments.url);
    request.set("device_name",
                arguments.device_name.empty() ? host_name() : arguments.device_name);
    TRELLIS_TRY(const auto reply, desk.call(request));
    const auto page = arguments.path.empty()
                          ? Result<void>()
                          : write_sheets_page(arguments.path, arguments.name, reply);
    if (sent_as_json(desk, reply)) return {};
    desk.say(desk.out().paint(Colour::green, "Made ") + tame(arguments.name) + ". This device (" +
             short_id(text_in(reply, "device")) + ") is its first and its administrator.");
    if (!page) desk.say("\nThe page could not be written: " + tame(page.error().message));
    if (page && !arguments.path.empty()) {
        desk.say("\nRecovery sheets in " + arguments.path + ": print it, delete the file, and then "
                 "say `trellis recovery-kept`.");
        sync_if_possible(desk);
        return {};
    }
    desk.say("\nRecovery sheets: print each on its own paper and keep them apart.");
    say_sheets(desk, reply);
    sync_if_possible(desk);
    desk.say("Next: trellis space \"High school\"");
    return {};
}

Result<void> space(Desk& desk, const Arguments& arguments) {
    Json request = verb("space_create");
    request.set("name", arguments.name);
    if (!arguments.space_class.empty()) request.set("class", arguments.space_class);
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (sent_as_json(desk, reply)) return {};
    desk.say("Made the space " + tame(arguments.name) + " (" +
             short_id(text_in(reply, "space")) + ").");
    sync_if_possible(desk);
    return {};
}

/// Who may look in for a while, and how long.
std::string lent_of(Desk& desk, const Json& space) {
    std::string text;
    if (space["lent"].array() == nullptr) return text;
    for (const auto& each : *space["lent"].array()) {
        const auto* until = each["until"].integer();
        text += (text.empty() ? "" : ", ") + desk.name_of_device(text_in(each, "device")) +
                " until " + (until == nullptr ? "" : text_of_instant(*until));
    }
    return text;
}

Result<void> spaces(Desk& desk, const Arguments& /*unused*/) {
    TRELLIS_TRY(const auto reply, desk.call(verb("spaces")));
    if (desk.print_json_reply(reply)) return {};
    TextTable table({"id", "space", "you may", "key", "lent to"});
    for (const auto& each : *reply["spaces"].array()) {
        table.add({short_id(text_in(each, "space")), text_in(each, "name"),
                   words_of(each["rights"]), std::to_string(*each["epoch"].integer()),
                   lent_of(desk, each)});
    }
    desk.say(table.text(desk.out()));
    return {};
}

Result<void> invite(Desk& desk, const Arguments& arguments) {
    Json request = verb("invite");
    request.set("role", arguments.role);
    Json grants{Json::Array{}};
    auto names = arguments.spaces;
    if (names.empty()) names.emplace_back();
    for (const auto& name : names) {
        TRELLIS_TRY(const auto id, desk.space(name));
        Json grant;
        grant.set("space", id);
        grant.set("rights", arguments.rights);
        grants.push(std::move(grant));
    }
    request.set("spaces", std::move(grants));
    request.set("expires_ms", arguments.hours * hour_ms);
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (sent_as_json(desk, reply)) return {};
    desk.say("Good for one device until " + text_of_instant(*reply["expires_ms"].integer()) +
             ":\n");
    desk.say(desk.out().paint(Colour::bold, text_in(reply, "invite")) + "\n");
    if (arguments.qr) {
        TRELLIS_TRY(const auto code, make_qr(text_in(reply, "invite")));
        desk.say(terminal_text(code));
    }
    sync_if_possible(desk);
    desk.say("On the new device: trellis join INVITE --name \"Ana's tablet\"");
    return {};
}

Result<void> join(Desk& desk, const Arguments& arguments) {
    Json request = verb("join");
    request.set("invite", arguments.invite);
    request.set("name", arguments.name.empty() ? host_name() : arguments.name);
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (sent_as_json(desk, reply)) return {};
    desk.say(desk.out().paint(Colour::green, "Joined") + " as device " +
             short_id(text_in(reply, "device")) + ".");
    sync_if_possible(desk);
    return spaces(desk, arguments);
}

Result<void> members(Desk& desk, const Arguments& /*unused*/) {
    TRELLIS_TRY(const auto reply, desk.call(verb("members")));
    if (desk.print_json_reply(reply)) return {};
    TextTable table({"device", "name", "role", "spaces"});
    for (const auto& each : *reply["members"].array()) {
        std::string spaces;
        for (const auto& grant : *each["spaces"].array()) {
            spaces += (spaces.empty() ? "" : ", ") + desk.name_of_space(text_in(grant, "space"));
        }
        const auto* active = each["active"].boolean();
        const bool is_out = active != nullptr && !*active;
        table.add({short_id(text_in(each, "device")), text_in(each, "name"),
                   is_out ? Cell("removed", Colour::red) : Cell(text_in(each, "role")), spaces});
    }
    desk.say(table.text(desk.out()));
    return {};
}

Result<void> grant(Desk& desk, const Arguments& arguments) {
    Json request = verb("grant");
    TRELLIS_TRY(const auto device, desk.device(arguments.device));
    request.set("device", device);
    if (arguments.admin) request.set("role", "admin");
    if (!arguments.space.empty()) {
        TRELLIS_TRY(const auto space, desk.space(arguments.space));
        request.set("space", space);
        request.set("rights", arguments.rights);
    }
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (sent_as_json(desk, reply)) return {};
    desk.say("Done.");
    sync_if_possible(desk);
    return {};
}

Result<void> rotate(Desk& desk, const Arguments& arguments) {
    Json request = verb("rotate");
    TRELLIS_TRY(const auto space, desk.space(arguments.space));
    request.set("space", space);
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (sent_as_json(desk, reply)) return {};
    desk.say("The space has a new key; what is written from now on is sealed with it.");
    sync_if_possible(desk);
    return {};
}

}  // namespace

void say_sheets(Desk& desk, const Json& reply) {
    for (const auto& sheet : *reply["recovery"].array()) desk.say("\n" + *sheet.string());
    desk.say("\n`trellis recovery-sheets` shows them again until you say that they are printed: "
             "`trellis recovery-kept`.\n");
}

Result<void> write_sheets_page(const std::string& path, const std::string& org, const Json& reply) {
    std::vector<std::string> sheets;
    for (const auto& sheet : *reply["recovery"].array()) sheets.push_back(*sheet.string());
    TRELLIS_TRY(const auto page, recovery_page(org, sheets));
    return write_file(path, as_bytes(page), true);
}

const std::vector<Command>& org_commands() {
    using A = Arguments;
    constexpr auto group = "Organisation";
    constexpr auto fresh = Desk::Opening::may_create;
    constexpr auto existing = Desk::Opening::existing;
    static const std::vector<Command> commands = {
        {"init", group, "Make an organisation, with this device as its first", fresh,
         {{"name", "what it is called, such as \"Grand Bend ISD\"", &A::name, true},
          {"--url", "its server, such as wss://trellis.example.org/sync", &A::url, true},
          {"--device-name", "what this device is called", &A::device_name},
          {"--recovery-page", "write the recovery sheets as a page for the printer", &A::path}},
         &init},
        {"space", group, "Make a space: a group that shares records and keys", existing,
         {{"name", "what it is called", &A::name, true},
          {"--class", "general or compartment", &A::space_class}},
         &space},
        {"spaces", group, "List the spaces this device can read", existing, {}, &spaces},
        {"invite", group, "Make the code that lets one more device join", existing,
         {{"--role", "member, liaison, central or admin", &A::role},
          {"--space", "what it may open; may be given more than once", &A::spaces},
          {"--rights", "read, write, steward", &A::rights},
          {"--hours", "how long it is good for", &A::hours},
          {"--qr", "for a camera too", &A::qr}},
         &invite},
        {"join", group, "Join an organisation by an invite", fresh,
         {{"invite", "the code", &A::invite, true},
          {"--name", "what this device is called", &A::name}},
         &join},
        {"members", group, "List the devices of the organisation", existing, {}, &members},
        {"grant", group, "Give a device rights in a space, or the admin role", existing,
         {{"device", "its name or id", &A::device, true},
          {"--space", "the space", &A::space},
          {"--rights", "read, write, steward", &A::rights},
          {"--admin", "make it an administrator", &A::admin}},
         &grant},
        {"rotate", group, "Give a space a new key", existing,
         {{"--space", "the space", &A::space}}, &rotate},
    };
    return commands;
}

}  // namespace trellis::clients
