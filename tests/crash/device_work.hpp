// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/crash/device_scene.hpp"

/// Everything a tablet does with its store, once each.
namespace trellis::test {

std::vector<Subject> local_work(DeviceScene& scene);
std::vector<Subject> sync_work(DeviceScene& scene);
/// What changes the membership log. Each step is whole by itself; opening takes up the ones that
/// follow from the first.
std::vector<Subject> trust_work(DeviceScene& scene);
/// A bare tablet finds its way to an organisation; and opening alone.
std::vector<Subject> first_work(DeviceScene& scene);

}  // namespace trellis::test
