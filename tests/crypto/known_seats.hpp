// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

namespace trellis::test {

/// The fixtures of vaults, rescues and submissions: what each file holds.
std::map<std::string, std::string> known_seats();

}  // namespace trellis::test
