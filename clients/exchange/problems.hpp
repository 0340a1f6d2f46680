// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace trellis::clients {

enum class Severity : unsigned char {
    error,    ///< nothing of the import is applied
    warning,  ///< read all the same; somebody should know
};

/// What is wrong with one place of somebody else's file.
struct Problem {
    std::string file;
    std::size_t line = 0;    ///< physical line from 1; 0: the file as a whole
    std::size_t column = 0;  ///< cell of the line from 1; 0: the line as a whole
    std::string code;        ///< stable, such as "too_few_fields"
    std::string reason;      ///< a sentence for a person; never holds a family's own words
    Severity severity = Severity::error;
};

/// "users.csv, line 12, column 6: …"
std::string to_string(const Problem& problem);

/// All problems of one import in the order they were found. The first
/// limits::exchange_problems_max errors and as many warnings are kept; all are counted.
class Problems {
public:
    void add(Problem problem);

    [[nodiscard]] const std::vector<Problem>& kept() const { return kept_; }
    [[nodiscard]] std::size_t errors() const { return errors_; }
    [[nodiscard]] std::size_t warnings() const { return warnings_; }

    /// The first error and how many there are. Requires: errors() > 0.
    [[nodiscard]] Error summary() const;

private:
    std::vector<Problem> kept_;
    std::size_t errors_ = 0;
    std::size_t warnings_ = 0;
};

}  // namespace trellis::clients
