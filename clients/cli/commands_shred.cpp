// SPDX-License-Identifier: Apache-2.0
// The end of a space.
#include <iostream>

#include "clients/cli/command.hpp"
#include "clients/cli/field_text.hpp"

namespace trellis::clients {
namespace {

std::string count_in(const Json& reply, std::string_view name) {
    const auto* count = reply[name].integer();
    return count == nullptr ? "0" : std::to_string(*count);
}

Result<void> carry_over(Desk& desk, const Arguments& arguments) {
    Json request = verb("carry_over");
    TRELLIS_TRY(const auto from, desk.space(arguments.from));
    TRELLIS_TRY(const auto to, desk.space(arguments.to));
    request.set("from", from);
    request.set("to", to);
    if (!arguments.type.empty()) request.set("type", arguments.type);
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (desk.options().json) {
        sync_if_possible(desk);
        desk.print_json_reply(reply);
        return {};
    }
    desk.say("Carried over: " + count_in(reply, "carried") + " records; " +
             count_in(reply, "already") + " were there already.");
    for (const auto& left : *reply["left"].array()) {
        desk.say("  left: " + short_id(text_in(left, "rec")) + " " + tame(text_in(left, "type")) +
                 " " + tame(text_in(left, "field")) + ": " + tame(text_in(left, "why")));
    }
    sync_if_possible(desk);
    return {};
}

/// Nobody destroys a space by a slip: its name has to be typed.
Result<void> confirm(Desk& desk, const std::string& name, const std::string& yes) {
    if (yes == name) return {};
    if (!yes.empty()) {
        return Error{Code::invalid, "--yes says \"" + yes + "\", and the space is called \"" +
                                        name + "\"; nothing was destroyed"};
    }
    desk.say("This destroys the space \"" + name + "\" and everything that was ever written in it, "
             "on every device and on the server. It cannot be taken back.");
    std::cerr << "Type the name of the space to go on: " << std::flush;
    std::string typed;
    std::getline(std::cin, typed);
    if (typed == name) return {};
    return Error{Code::invalid, "that is not its name; nothing was destroyed"};
}

Result<void> shred(Desk& desk, const Arguments& arguments) {
    TRELLIS_TRY(const auto space, desk.space(arguments.space));
    TRELLIS_DO(confirm(desk, desk.name_of_space(space), arguments.yes));
    sync_if_possible(desk);
    Json request = verb("shred");
    request.set("space", space);
    request.set("reason", arguments.reason);
    if (arguments.discard) request.set("discard", true);
    TRELLIS_TRY(const auto reply, desk.call(request));
    if (!desk.print_json_reply(reply)) {
        desk.say("Asked for. It is done here once the server has taken it, and elsewhere "
                 "when a device next syncs.");
    }
    sync_if_possible(desk);
    return {};
}

}  // namespace

const std::vector<Command>& shred_commands() {
    using A = Arguments;
    constexpr auto group = "Trust";
    constexpr auto existing = Desk::Opening::existing;
    static const std::vector<Command> commands = {
        {"carry-over", group, "Copy the live records of a space into another, each once", existing,
         {{"--from", "the space that is to end", &A::from, true},
          {"--to", "where they go", &A::to, true},
          {"--type", "only records of this type", &A::type}},
         &carry_over},
        {"shred", group, "Destroy a space and everything in it, everywhere", existing,
         {{"space", "the space", &A::space, true},
          {"--reason", "why; the organisation's log keeps a hash of it", &A::reason, true},
          {"--discard", "also what was not carried over", &A::discard},
          {"--yes", "its name, instead of being asked for it", &A::yes}},
         &shred},
    };
    return commands;
}

}  // namespace trellis::clients
