// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "crypto/secret/pin.hpp"

namespace trellis::clients {

/// Asks for a PIN where nobody sees it: on the terminal without echo, or the first line of
/// `file` ("-": standard input). Never from arguments or the environment.
Result<crypto::Pin> ask_pin(const std::string& file, const std::string& prompt);

/// The same for a new one; on a terminal it is typed twice.
Result<crypto::Pin> ask_new_pin(const std::string& file);

}  // namespace trellis::clients
