// SPDX-License-Identifier: Apache-2.0
#include "core/base/check.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace trellis {

void check_failed(const char* condition, const char* file, int line) {
    // Not printf: a browser would download all of it for this one line.
    const std::string number = std::to_string(line);
    for (const auto* part : {"trellis: broken promise: ", condition, " (", file, ":", number.c_str()}) {
        std::fputs(part, stderr);
    }
    std::fputs(")\n", stderr);
    std::abort();
}

}  // namespace trellis
