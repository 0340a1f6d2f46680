// SPDX-License-Identifier: Apache-2.0
// Every I/O of everything a tablet does, failed once in every way.
#include <catch2/catch.hpp>

#include "tests/crash/device_work.hpp"

using namespace trellis;
using namespace trellis::test;

namespace {

void sweep_all(DeviceScene& scene, const std::vector<Subject>& subjects, std::uint64_t stride) {
    SweepFigures all;
    for (const auto& subject : subjects) {
        SweepFigures of_subject;
        for (const auto& trouble : disk_troubles(scene.disk)) {
            of_subject += sweep(subject, trouble, stride);
        }
        print(subject.name, of_subject);
        CHECK(of_subject.points > 0);
        all += of_subject;
    }
    print("together", all);
}

constexpr std::uint64_t every_one = 1;

}  // namespace

TEST_CASE("no failing I/O loses or half does what a tablet writes", "[crash][sweep]") {
    DeviceScene scene;
    sweep_all(scene, local_work(scene), every_one);
}

TEST_CASE("no failing I/O loses or half does what a session brings", "[crash][sweep]") {
    DeviceScene scene;
    sweep_all(scene, sync_work(scene), every_one);
}

TEST_CASE("no failing I/O loses or half does a change of trust", "[crash][sweep]") {
    DeviceScene scene;
    sweep_all(scene, trust_work(scene), every_one);
}

TEST_CASE("no failing I/O spoils founding, joining or opening", "[crash][sweep]") {
    DeviceScene scene;
    sweep_all(scene, first_work(scene), every_one);
}
