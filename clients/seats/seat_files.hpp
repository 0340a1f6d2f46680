// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace trellis::clients {

/// The folder of an installation, as its platform keeps it. Names are "installation" or
/// "<folder>/<file>", of small letters and digits only.
class SeatFiles {
public:
    SeatFiles() = default;
    SeatFiles(const SeatFiles&) = delete;
    SeatFiles& operator=(const SeatFiles&) = delete;
    virtual ~SeatFiles() = default;

    /// `not_found` where there is none.
    virtual Result<Bytes> read(const std::string& name) = 0;
    /// Whole and durable or not at all, for the owner only; makes the folder.
    virtual Result<void> write(const std::string& name, ByteView bytes) = 0;
    /// Overwritten first where that means anything. Nothing happens where there is none.
    virtual Result<void> erase(const std::string& name) = 0;
    virtual Result<std::vector<std::string>> folders() = 0;
    /// What a database is opened by.
    [[nodiscard]] virtual std::string path(const std::string& name) const = 0;
};

}  // namespace trellis::clients
