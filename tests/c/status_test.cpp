// SPDX-License-Identifier: Apache-2.0
// The header as a C++ program sees it; and its statuses are the codes of the house, by number and
// by name.
#include "clients/c/trellis.h"

#include <string_view>

#include "core/base/error.hpp"
#include "tests/c/scene.hpp"

using namespace trellis;

int main() {
    constexpr trellis_status last = TRELLIS_INTERNAL;
    for (trellis_status status = TRELLIS_INVALID; status <= last; ++status) {
        const auto code = static_cast<Code>(status - 1);
        test::expect(std::string_view(trellis_status_name(status)) == to_string(code), "name");
        test::expect(code_from_string(trellis_status_name(status)) == code, "code");
    }
    test::expect(static_cast<int>(Code::internal) + 1 == last, "no code was added between");
    for (const trellis_status status : {-1, 16, 63, 68, INT32_MAX, INT32_MIN}) {
        test::expect(std::string_view(trellis_status_name(status)) == "unknown", "unknown");
    }
    test::expect(std::string_view(trellis_status_name(TRELLIS_OK)) == "ok", "ok");
    test::expect(std::string_view(trellis_status_name(TRELLIS_SUSPENDED)) == "suspended", "last");
    test::expect(!std::string_view(trellis_version()).empty(), "version");
    return 0;
}
