// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clients/cli/table_print.hpp"

namespace trellis::demo {

/// What the audience sees, and the list of what was promised to it.
class Stage {
public:
    Stage() : out_(stdout, true) {}

    void title(std::string_view text) const;
    void step(int number, std::string_view text) const;
    void say(std::string_view text) const;
    /// Something anyone can type.
    void command(std::string_view text) const;
    void show(const clients::TextTable& table) const;

    /// Shows that something holds, or that it does not; the latter is remembered.
    void promise(bool holds, std::string_view text);

    [[nodiscard]] std::size_t kept() const { return kept_; }
    [[nodiscard]] const std::vector<std::string>& broken() const { return broken_; }
    [[nodiscard]] const clients::Terminal& out() const { return out_; }

private:
    clients::Terminal out_;
    std::size_t kept_ = 0;
    std::vector<std::string> broken_;
};

/// "1,234", "12.3 KB", "4.5 MB"
std::string count_text(std::uint64_t number);
std::string size_text(std::uint64_t bytes);

}  // namespace trellis::demo
