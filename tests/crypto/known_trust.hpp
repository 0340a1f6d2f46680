// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

namespace trellis::test {

/// The files of fixtures/membership/v1-trust: a log of the ops that change how trust works.
std::map<std::string, std::string> known_trust();

}  // namespace trellis::test
