// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

namespace trellis::test {

/// A log with inboxes as its bytes, and a submission to each key: path from the root of the
/// repository, content.
std::map<std::string, std::string> known_inbox();

}  // namespace trellis::test
