// SPDX-License-Identifier: Apache-2.0
// SQLite runs out of memory at any place of anything a tablet does.
#include <catch2/catch.hpp>

#include <cstdlib>

#include "tests/crash/allocations.hpp"
#include "tests/crash/device_work.hpp"

using namespace trellis;
using namespace trellis::test;

namespace {

/// 1 fails every allocation; the others are enough to meet every statement.
std::uint64_t stride() {
    const char* const wanted = std::getenv("TRELLIS_SWEEP_STRIDE");
    return wanted == nullptr ? 23 : std::strtoull(wanted, nullptr, 10);
}

void sweep_all(const std::vector<Subject>& subjects) {
    SweepFigures all;
    for (const auto& subject : subjects) {
        SweepFigures of_subject;
        for (const auto& trouble : allocation_troubles()) {
            of_subject += sweep(subject, trouble, stride());
        }
        print(subject.name, of_subject);
        all += of_subject;
    }
    print("together", all);
    CHECK(all.points > 0);
    CHECK(all.told > 0);
}

}  // namespace

TEST_CASE("memory that runs out spoils nothing a tablet writes or a session brings",
          "[crash][allocation]") {
    install_allocator();
    DeviceScene scene;
    sweep_all(local_work(scene));
    sweep_all(sync_work(scene));
}

TEST_CASE("memory that runs out spoils no change of trust, founding or opening",
          "[crash][allocation]") {
    install_allocator();
    DeviceScene scene;
    sweep_all(trust_work(scene));
    sweep_all(first_work(scene));
}
