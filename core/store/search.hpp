// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "core/sqlite/database.hpp"
#include "core/store/tables.hpp"

namespace trellis::core {

/// Text as the full-text index wants it: characters of scripts that put no spaces between
/// words (Chinese, Japanese, Thai, Lao, Khmer, Burmese) stand alone, so that any run of them
/// can be found as a phrase. SQLite's unicode61 tokenizer folds case and marks of the rest.
std::string search_text(std::string_view text);

/// What a person typed, as an FTS5 query: every word must occur, the last one may be the
/// beginning of a word. Empty where there is nothing to look for.
std::string search_query(std::string_view typed);

/// The full-text index of each type that has searchable fields.
class Search {
public:
    explicit Search(sqlite::Database& database) : database_(database) {}

    /// Replaces what is indexed for a row.
    Result<void> put(TypeId type, std::int64_t row, std::string_view text, bool exists);

private:
    struct Statements {
        sqlite::Statement insert;
        sqlite::Statement remove;
    };
    sqlite::Database& database_;
    std::map<TypeId, Statements> statements_;
};

}  // namespace trellis::core
