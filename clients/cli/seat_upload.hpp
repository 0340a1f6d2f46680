// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/cli/client_env.hpp"
#include "clients/cli/options.hpp"
#include "clients/seats/seats.hpp"

namespace trellis::clients {

/// Hands a locked seat's sealed work in, by the installation's key. How many envelopes the relay
/// took; what it refused stays in the bag, and is the error.
Result<std::size_t> upload_bag(Seats& seats, const crypto::SeatId& id,
                               const CommonOptions& options, ClientEnv& env);

}  // namespace trellis::clients
