// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>

#include "clients/cli/options.hpp"
#include "clients/cli/repl.hpp"

namespace trellis::clients {
namespace {

int complain(const Error& error) {
    std::fprintf(stderr, "trellis: %s\n", error.message.c_str());
    return error.code == Code::invalid ? 2 : 1;
}

int repl(const CommonOptions& options) {
    ClientEnv env(options.verbose);
    if (options.key_file.empty()) {
        std::fprintf(stderr, "trellis: without --key-file the key lies beside the database, in %s.key: "
                             "for trying out only\n", options.database.c_str());
    }
    auto schema = schema_of(options);
    if (!schema) return complain(schema.error());
    SocketOptions trust;
    trust.ca_file = options.ca_file;
    CliHost host(database_of(options), std::move(*schema), trust, env);
    auto replica = host.open_replica();
    if (!replica) return complain(replica.error());
    Verbs verbs(host, std::move(*replica));
    return run_repl(host, verbs);
}

}  // namespace
}  // namespace trellis::clients

int main(int argc, char** argv) {
    using namespace trellis::clients;
    std::signal(SIGPIPE, SIG_IGN);
    CLI::App app{"Trellis: records that merge, sealed before they leave"};
    app.require_subcommand(1);
    CommonOptions options;
    auto* repl_command = app.add_subcommand("repl", "JSON Lines in, JSON Lines out: for programs");
    repl_command->add_option("--db", options.database, "the database file")->required();
    repl_command->add_option("--key-file", options.key_file, "32 bytes, or 64 hexadecimal digits");
    repl_command->add_option("--schema", options.schema_file, "a schema of the district's own");
    repl_command->add_option("--profile", options.profile, "native or web")
        ->check(CLI::IsMember({"native", "web"}));
    repl_command->add_option("--ca-file", options.ca_file, "whom to trust, in PEM");
    repl_command->add_flag("--verbose", options.verbose, "events on standard error");
    CLI11_PARSE(app, argc, argv);
    return repl(options);
}
