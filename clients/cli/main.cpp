// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <new>

#include "clients/cli/command.hpp"
#include "clients/cli/commands_seats.hpp"
#include "clients/cli/repl.hpp"
#include "clients/cli/seat_guard.hpp"
#include "core/base/no_memory.hpp"

namespace trellis::clients {
namespace {

int repl(CommonOptions options) {
    auto guard = SeatGuard::open(options);
    if (!guard) return complain(guard.error(), options);
    ClientEnv env(options.verbose);
    if (options.database.empty()) {
        return complain({Code::invalid, "say which database with --db, or whose with --seat"},
                        options);
    }
    if (options.key_file.empty() && *guard == nullptr) {
        std::fprintf(stderr,
                     "trellis: without --key-file the key lies beside the database, in %s.key: "
                     "for trying out only\n",
                     options.database.c_str());
    }
    auto schema = schema_of(options);
    if (!schema) return complain(schema.error(), options);
    SocketOptions trust;
    trust.ca_file = options.ca_file;
    CliHost host(database_of(options), std::move(*schema), trust, env);
    auto replica = host.open_replica();
    if (!replica) return complain(replica.error(), options);
    Verbs verbs(host, std::move(*replica));
    const int status = run_repl(host, verbs);
    if (*guard == nullptr) return status;
    host.stop_live();
    const auto locked = (*guard)->put_away(verbs.replica());
    return locked ? status : complain(locked.error(), options);
}

int run(const Command& command, Arguments& arguments) {
    const auto guard = SeatGuard::open(arguments.common);
    if (!guard) return complain(guard.error(), arguments.common);
    auto desk = Desk::open(arguments.common, command.opening);
    if (!desk) return complain(desk.error(), arguments.common);
    const auto done = command.run(**desk, arguments);
    const auto locked = *guard == nullptr ? Result<void>{}
                                          : (*guard)->put_away((*desk)->verbs().replica());
    if (!done) return complain(done.error(), arguments.common);
    return locked ? 0 : complain(locked.error(), arguments.common);
}

void add_files(CLI::App& app, CommonOptions& options) {
    app.add_option("--key-file", options.key_file, "32 bytes, or 64 hexadecimal digits")
        ->group("Database");
    app.add_option("--schema", options.schema_file, "a schema of the district's own")
        ->group("Database");
    app.add_option("--ca-file", options.ca_file, "whom to trust, in PEM")->group("Database");
    app.add_flag("--verbose", options.verbose, "events on standard error")->group("Database");
}

void add_command(CLI::App& app, const Command& command, Arguments& arguments) {
    auto* sub = app.add_subcommand(std::string(command.name), std::string(command.summary));
    sub->group(std::string(command.group))->fallthrough();
    for (const auto& parameter : command.parameters) {
        CLI::Option* option = std::visit(
            [&](auto target) -> CLI::Option* {
                auto& place = arguments.*target;
                const std::string name(parameter.name);
                const std::string help(parameter.help);
                if constexpr (std::is_same_v<decltype(target), bool Arguments::*>) {
                    return sub->add_flag(name, place, help);
                } else {
                    return sub->add_option(name, place, help);
                }
            },
            parameter.target);
        if (parameter.is_required) option->required();
        if (std::holds_alternative<std::vector<std::string> Arguments::*>(parameter.target) &&
            parameter.name.starts_with("--")) {
            option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
        }
    }
    sub->add_option("--db", arguments.common.database, "the database; else $TRELLIS_DB, else " +
                                                           std::string("~/.trellis/trellis.db"))
        ->group("Database");
    add_files(*sub, arguments.common);
    sub->add_flag("--json", arguments.common.json, "print the reply as one line of JSON")
        ->group("Output");
    sub->add_flag("--no-color", arguments.common.no_color, "no colours")->group("Output");
}

CLI::App* add_repl(CLI::App& app, CommonOptions& options) {
    auto* sub = app.add_subcommand("repl", "JSON Lines in, JSON Lines out");
    sub->group("For programs");
    sub->fallthrough();
    sub->add_option("--db", options.database, "the database file");
    sub->add_option("--profile", options.profile, "native or web")
        ->check(CLI::IsMember({"native", "web"}));
    add_files(*sub, options);
    return sub;
}

int dispatch(int argc, char** argv) {
    CLI::App app{"Trellis: records that merge, sealed before they leave this device.\n"
                 "Exit status: 0 done, 1 not done, 2 the command makes no sense."};
    app.require_subcommand(1);
    app.set_version_flag("--version", TRELLIS_VERSION);
    Arguments arguments;
    std::vector<const Command*> commands;
    for (const auto* list : {&org_commands(), &write_commands(), &read_commands(),
                             &sync_commands(), &care_commands(), &trust_commands(),
                             &inbox_commands(), &shred_commands()}) {
        for (const auto& command : *list) {
            add_command(app, command, arguments);
            commands.push_back(&command);
        }
    }
    SeatCommands seat_commands(app, arguments.common);
    const auto* repl_command = add_repl(app, arguments.common);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& failure) {
        const int status = app.exit(failure);
        return status == 0 ? 0 : 2;
    }
    if (seat_commands.was_given()) return seat_commands.run();
    if (repl_command->parsed()) return repl(arguments.common);
    for (const auto* command : commands) {
        if (app.got_subcommand(std::string(command->name))) return run(*command, arguments);
    }
    return 2;
}

}  // namespace

}  // namespace trellis::clients

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    std::set_new_handler(trellis::no_memory_left);
    // What is in memory is nobody's to find on the disk.
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    return trellis::clients::dispatch(argc, argv);
}
