// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace trellis::clients {

/// A page for the printer, one sheet on each piece of paper: what it is, the sheet as text to
/// be typed and as a code for a camera. It holds all it needs: no script, nothing from outside.
/// `invalid` where the sheets do not belong together.
Result<std::string> recovery_page(std::string_view org_name,
                                  const std::vector<std::string>& sheets);

/// The sheets in a text, as they were printed one after another.
std::vector<std::string> split_sheets(std::string_view text);

}  // namespace trellis::clients
