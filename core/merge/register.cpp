// SPDX-License-Identifier: Apache-2.0
#include "core/merge/register.hpp"

#include <algorithm>

namespace trellis::core {

void Register::apply(const Dot& dot, const Stamp& stamp, const Assign& assign) {
    std::erase_if(heads, [&](const Head& head) {
        return head.dot == dot ||
               std::binary_search(assign.seen.begin(), assign.seen.end(), head.dot);
    });
    const auto at = std::lower_bound(heads.begin(), heads.end(), dot,
                                     [](const Head& head, const Dot& d) { return head.dot < d; });
    heads.insert(at, {dot, stamp, assign.value});
}

}  // namespace trellis::core
