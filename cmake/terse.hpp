// SPDX-License-Identifier: Apache-2.0
// Included before all else where a library is to be small. The standard library's own checks stay on;
// but one that fails stops the program without naming itself first, for the names are fifty kilobytes.
#pragma once

#include <version>

#ifdef __glibcxx_assert_impl
#undef __glibcxx_assert_impl
#define __glibcxx_assert_impl(condition)              \
    if (__builtin_expect(!bool(condition), false)) {  \
        __glibcxx_constexpr_assert(false);            \
        __builtin_abort();                            \
    }
#endif
