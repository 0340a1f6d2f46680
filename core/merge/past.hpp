// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/record/op.hpp"

namespace trellis::core {

/// True where everything that the op names (values it replaces, tokens, deletes, links, what a
/// delete has seen) lies within `past`: what its author had, its own earlier ops included.
/// An op that names something else is a lie; what it does would depend on the order of
/// arrival, so it is never merged.
bool names_only_past(const Op& op, const VersionVector& past);

}  // namespace trellis::core
