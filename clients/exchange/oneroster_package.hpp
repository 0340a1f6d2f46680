// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/exchange/oneroster.hpp"
#include "clients/exchange/sheet.hpp"

#include <optional>

namespace trellis::clients {

/// The data files of a package that Trellis reads; nothing where one is declared absent, or
/// broken.
struct Package {
    std::optional<Sheet> orgs;
    std::optional<Sheet> sessions;
    std::optional<Sheet> courses;
    std::optional<Sheet> users;
    std::optional<Sheet> classes;
    std::optional<Sheet> demographics;
    std::optional<Sheet> enrollments;
};

/// Checks the manifest against the files, and opens those that Trellis reads.
Package open_package(const Files& files, Problems& problems);

}  // namespace trellis::clients
