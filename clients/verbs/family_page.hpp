// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/base/json.hpp"

namespace trellis::clients {

/// The document of core::family_document() as a page for the printer: no script, nothing from
/// outside, every text shown as text. The same document gives the same page.
std::string family_page(const Json& document);

}  // namespace trellis::clients
