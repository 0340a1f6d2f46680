// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/store/store.hpp"

namespace trellis::core {

/// Recovery sheets between their making and the word of a person that they are printed. They lie
/// in the encrypted database, so that a program which dies at any point in between can show
/// them again.
class KeptSheets {
public:
    explicit KeptSheets(Store& store) : store_(store) {}

    /// In place of any before. Durable when it returns, or in the caller's transaction.
    Result<void> keep(const std::vector<std::string>& sheets);
    /// Empty where there are none.
    Result<std::vector<std::string>> load();
    /// Overwrites them in the database, and moves its log into the file so that no copy stays
    /// there. Outside a transaction.
    Result<void> wipe();

private:
    Store& store_;
};

}  // namespace trellis::core
