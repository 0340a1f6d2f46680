// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/allocations.hpp"

#include <sqlite3.h>

#include "core/base/check.hpp"

namespace trellis::test {
namespace {

// SQLite calls its allocator without any argument of ours.
sqlite3_mem_methods real;
std::uint64_t until_failure = 0;  // 0: never
bool goes_on = false;
std::uint64_t failures = 0;

bool fails() {
    if (until_failure == 0) return false;
    if (until_failure > 1) {
        --until_failure;
        return false;
    }
    if (!goes_on) until_failure = 0;
    ++failures;
    return true;
}

void* allocate(int size) { return fails() ? nullptr : real.xMalloc(size); }
void* reallocate(void* old, int size) { return fails() ? nullptr : real.xRealloc(old, size); }

Trouble trouble(std::string name, bool sticky) {
    Trouble made;
    made.name = std::move(name);
    made.arm = [sticky](std::uint64_t nth) {
        until_failure = nth;
        goes_on = sticky;
        failures = 0;
    };
    made.hits = [] { return failures; };
    made.end = [] { until_failure = 0; };
    return made;
}

}  // namespace

void install_allocator() {
    if (real.xMalloc != nullptr) return;
    TRELLIS_CHECK(sqlite3_shutdown() == SQLITE_OK);
    TRELLIS_CHECK(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real) == SQLITE_OK);
    sqlite3_mem_methods ours = real;
    ours.xMalloc = allocate;
    ours.xRealloc = reallocate;
    TRELLIS_CHECK(sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) == SQLITE_OK);
    TRELLIS_CHECK(sqlite3_initialize() == SQLITE_OK);
}

std::vector<Trouble> allocation_troubles() {
    return {trouble("no memory once", false), trouble("no memory from now on", true)};
}

}  // namespace trellis::test
