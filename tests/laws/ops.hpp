// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/laws/spec.hpp"

namespace trellis::laws {

/// The op that the author of event `e` sends: what it takes away named by dots.
core::Op op_of(const Spec& spec, std::size_t e);

}  // namespace trellis::laws
