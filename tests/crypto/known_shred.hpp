// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

namespace trellis::test {

/// A log in which a space ends, as its bytes: path from the root of the repository, content.
std::map<std::string, std::string> known_shred();

}  // namespace trellis::test
