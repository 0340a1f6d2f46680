// SPDX-License-Identifier: Apache-2.0
#include "core/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace trellis {

void check_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "trellis: broken promise: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace trellis
