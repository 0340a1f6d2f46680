// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace trellis::demo {

inline constexpr std::size_t word_count = 200;

/// Two hundred distinct made-up names and telephone numbers, the same on every run. Each is
/// taken once, planted somewhere, and later looked for where it must not be.
class PlantedWords {
public:
    /// A made-up name of one word. Requires: some are left.
    std::string name();
    /// A telephone number that nobody has. Requires: some are left.
    std::string phone();

    [[nodiscard]] const std::vector<std::string>& taken() const { return taken_; }

private:
    std::vector<std::string> taken_;
    std::size_t names_ = 0;
    std::size_t phones_ = 0;
};

}  // namespace trellis::demo
