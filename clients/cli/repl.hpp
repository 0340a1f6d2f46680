// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/cli/cli_host.hpp"
#include "clients/verbs/verbs.hpp"

namespace trellis::clients {

/// `trellis repl`: JSON Lines on standard input and output until the input ends or a `quit`;
/// live sync goes on between lines. Returns the exit status.
int run_repl(CliHost& host, Verbs& verbs);

}  // namespace trellis::clients
