// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

namespace trellis::test {

/// The files of fixtures/{people,envelope,membership,handshake} by their paths, as this
/// version writes them. make_crypto_fixtures put them on disk once; they are never edited.
std::map<std::string, std::string> known_answers();

}  // namespace trellis::test
