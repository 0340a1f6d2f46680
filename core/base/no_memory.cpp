// SPDX-License-Identifier: Apache-2.0
#include "core/base/no_memory.hpp"

#include <cstdio>
#include <cstdlib>

namespace trellis {

void no_memory_left() {
    std::fputs("trellis: there is no memory left\n", stderr);
    std::abort();
}

}  // namespace trellis
