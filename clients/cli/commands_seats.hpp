// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "clients/cli/options.hpp"

namespace CLI {
class App;
}  // namespace CLI

namespace trellis::clients {

/// `trellis seats …`: the people who share this device, and `trellis recovery-page`.
class SeatCommands {
public:
    /// Adds the commands; they fill `options`, which must outlive this.
    SeatCommands(CLI::App& app, CommonOptions& options);
    ~SeatCommands();
    SeatCommands(const SeatCommands&) = delete;
    SeatCommands& operator=(const SeatCommands&) = delete;

    /// True where one of them was given.
    [[nodiscard]] bool was_given() const;
    /// Runs it; the exit status.
    int run();

private:
    struct Words;
    CLI::App& app_;
    CommonOptions& options_;
    std::unique_ptr<Words> words_;
};

}  // namespace trellis::clients
