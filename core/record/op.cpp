// SPDX-License-Identifier: Apache-2.0
#include "core/record/op.hpp"

namespace trellis::core {

bool is_write(const Op& op) {
    // An unknown op counts as a write: a delete that had not seen it must not hide it.
    return !std::holds_alternative<Delete>(op.action) &&
           !std::holds_alternative<Restore>(op.action) &&
           !std::holds_alternative<Link>(op.action) && !std::holds_alternative<Unlink>(op.action);
}

}  // namespace trellis::core
