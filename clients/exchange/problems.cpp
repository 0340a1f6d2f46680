// SPDX-License-Identifier: Apache-2.0
#include "clients/exchange/problems.hpp"

#include "core/base/check.hpp"
#include "core/base/limits.hpp"

#include <algorithm>

namespace trellis::clients {

std::string to_string(const Problem& problem) {
    std::string text = problem.file;
    if (problem.line > 0) text += ", line " + std::to_string(problem.line);
    if (problem.column > 0) text += ", column " + std::to_string(problem.column);
    return text + ": " + problem.reason;
}

void Problems::add(Problem problem) {
    auto& count = problem.severity == Severity::error ? errors_ : warnings_;
    if (++count <= limits::exchange_problems_max) kept_.push_back(std::move(problem));
}

Error Problems::summary() const {
    TRELLIS_CHECK(errors_ > 0);
    const auto first = std::find_if(kept_.begin(), kept_.end(), [](const Problem& each) {
        return each.severity == Severity::error;
    });
    const auto count =
        errors_ == 1 ? std::string() : " (the first of " + std::to_string(errors_) + " problems)";
    const auto code = first->code == "too_large" ? Code::too_large : Code::invalid;
    return {code, "nothing was imported: " + to_string(*first) + count};
}

}  // namespace trellis::clients
