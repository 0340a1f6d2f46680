// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/base/json.hpp"
#include "core/record/schema.hpp"

namespace trellis::bench {

/// One check-in of the generated district: 13 columns.
struct CheckIn {
    std::string id;
    std::string site;
    std::string household;
    std::string student;
    std::string liaison;
    std::string mode;
    std::int64_t at = 0;
    std::string lang;
    std::int64_t score = 0;
    std::vector<std::string> needs;
    std::string status;
    std::string note;
    std::string follow;  ///< empty: none
};

/// One edit of one field by one of eight devices.
struct EditLine {
    std::size_t device = 0;
    std::string id;
    std::string field;
    Json value;
};

/// Lines of rows-N.jsonl and edits-N.jsonl. Stops the program with a sentence where a file
/// cannot be read: a benchmark without its data means nothing.
std::vector<CheckIn> load_check_ins(const std::string& path);
std::vector<EditLine> load_edits(const std::string& path);

/// The schema of these records: four references and nine fields, no index, no search.
core::Schema check_in_schema();

/// What is written for a check-in, with references as record ids.
struct Names;
Json fields_of(const CheckIn& row, const Names& names);

/// Records that check-ins refer to, by the name that the generator gave them.
struct Names {
    std::map<std::string, std::string> records;
};

}  // namespace trellis::bench
