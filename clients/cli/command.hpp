// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>
#include <vector>

#include "clients/cli/desk.hpp"

namespace trellis::clients {

/// Everything that any command for people takes.
struct Arguments {
    CommonOptions common;
    std::string name;
    std::string url;
    std::string device_name;
    std::string role = "liaison";
    std::string rights = "read,write";
    std::string space_class;
    std::string invite;
    std::string device;
    std::string space;
    std::vector<std::string> spaces;
    std::string type;
    std::string record;
    std::string other;
    std::string field;
    std::string key;
    std::string level;
    std::string token;
    std::string value;
    std::string reason;
    std::string order;
    std::string path;
    std::string format;
    std::string sql;
    std::vector<std::string> words;
    std::vector<std::string> where;
    std::int64_t hours = 72;
    std::int64_t limit = 0;
    std::int64_t by = 1;
    std::int64_t seconds = 60;
    bool admin = false;
    bool all_devices = false;
    bool qr = false;
    std::string from;
    std::string to;
    std::string yes;
    bool discard = false;
};

/// One word or option of a command.
struct Parameter {
    std::string_view name;  ///< "--space" is an option; "record" stands in its place
    std::string_view help;
    std::variant<std::string Arguments::*, std::vector<std::string> Arguments::*,
                 std::int64_t Arguments::*, bool Arguments::*>
        target;
    bool is_required = false;
};

/// One command for people: a verb or a few, and how their replies are shown.
struct Command {
    std::string_view name;
    std::string_view group;
    std::string_view summary;
    Desk::Opening opening = Desk::Opening::existing;
    std::vector<Parameter> parameters;
    Result<void> (*run)(Desk& desk, const Arguments& arguments) = nullptr;
};

const std::vector<Command>& org_commands();
const std::vector<Command>& write_commands();
const std::vector<Command>& read_commands();
const std::vector<Command>& sync_commands();
const std::vector<Command>& care_commands();
const std::vector<Command>& trust_commands();
const std::vector<Command>& inbox_commands();
const std::vector<Command>& shred_commands();

/// In commands_import.cpp and commands_watch.cpp.
Result<void> run_import(Desk& desk, const Arguments& arguments);
Result<void> run_watch(Desk& desk, const Arguments& arguments);

/// The recovery sheets of a reply, and what to do with them; as a page for the printer.
void say_sheets(Desk& desk, const Json& reply);
Result<void> write_sheets_page(const std::string& path, const std::string& org, const Json& reply);

/// One sync where the server can be reached, and a word about it; offline is no error.
void sync_if_possible(Desk& desk);

}  // namespace trellis::clients
