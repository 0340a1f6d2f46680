// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/exchange/problems.hpp"
#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/edit.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

/// OneRoster 1.1 bulk CSV: what nearly every school district in the United States can export.
namespace trellis::clients {

/// The files of one package by name; folders before a name do not count.
using Files = std::map<std::string, Bytes>;

/// What Trellis takes out of a roster. Every id is a sourcedId, and every one that is named
/// here is also listed here.
struct Roster {
    enum class Role : unsigned char {
        administrator,
        aide,
        guardian,
        parent,
        proctor,
        relative,
        student,
        teacher
    };
    struct Org {
        std::string id;
        std::string name;
        std::string type;        ///< "school", "district", …
        std::string identifier;  ///< the school's own number; may be empty
        std::string parent;      ///< an organisation; may be empty
    };
    struct User {
        std::string id;
        Role role = Role::student;
        std::vector<std::string> orgs;
        std::string given;
        std::string middle;
        std::string family;
        std::string identifier;  ///< the person's own number; may be empty
        std::string email;
        std::string sms;
        std::string phone;
        // Of students only:
        std::string grade;                             ///< a code of the enumeration "grade"
        std::string birth_date;                        ///< YYYY-MM-DD
        std::string homeroom;                          ///< its title
        std::string homeroom_teacher;                  ///< a user
        std::map<std::string, std::string> first_day;  ///< at an organisation: YYYY-MM-DD
        std::set<std::string> contacts;                ///< parents, guardians and relatives
    };
    std::map<std::string, Org> orgs;
    std::map<std::string, User> users;
};

bool is_contact(Roster::Role role);  ///< of a student's family
bool is_staff(Roster::Role role);
std::string_view to_string(Roster::Role role);

/// Reads a whole package. Every problem found is added to `problems`; where one of them is an
/// error there is no roster, and the result is their summary. Passwords, race, ethnicity and
/// sex are never read.
Result<Roster> read_oneroster(const Files& files, Problems& problems);

/// What an import has to know of the space it writes to. Both must answer the same for the
/// same question.
struct RecordLookup {
    /// The id, as text, of the one record of a type and key, there or not.
    std::function<std::string(std::string_view type, std::string_view key)> id;
    /// The fields of that record as this device shows them; null where there is none.
    /// Left empty: nothing is there yet.
    std::function<Json(std::string_view type, std::string_view key)> shown;
};

/// What to write so that the space shows this roster: sites, staff, students, contacts, and one
/// household for each group of students with the same contacts. Every new record has a key made
/// of its sourcedId, so that two devices that import the same files offline make the same
/// records. A record that is there gets only what differs: single values are replaced, sets and
/// logs only grow, what people closed or added stays; nothing differs, nothing is written.
std::vector<core::Edit> to_edits(const Roster& roster,
                                 const SpaceId& space,
                                 const RecordLookup& records);

/// The edits in the same order, in groups that each fit into one change.
std::vector<std::vector<core::Edit>> in_changes(std::vector<core::Edit> edits);

/// The key of the record that a sourcedId becomes; `kind` is "org" or "user".
std::string roster_key(std::string_view kind, std::string_view id);

}  // namespace trellis::clients
