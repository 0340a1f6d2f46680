// SPDX-License-Identifier: Apache-2.0
// From the sheets of a package to a roster: every word known, every reference found.
#include "clients/exchange/oneroster_package.hpp"
#include "core/base/limits.hpp"

#include <algorithm>
#include <array>

namespace trellis::clients {
namespace {

using Role = Roster::Role;
using Row = Sheet::Row;

constexpr std::array<std::string_view, 8> role_words{
    "administrator", "aide", "guardian", "parent", "proctor", "relative", "student", "teacher"};
constexpr std::array<std::string_view, 6> org_types{
    "department", "district", "local", "national", "school", "state"};
constexpr std::array<std::string_view, 4> session_types{
    "gradingPeriod", "schoolYear", "semester", "term"};
constexpr std::array<std::string_view, 2> class_types{"homeroom", "scheduled"};
constexpr std::array<std::string_view, 4> enrollment_roles{
    "administrator", "proctor", "student", "teacher"};
constexpr std::array<std::string_view, 3> flags{"", "false", "true"};
/// What a name of a site may have (core/domain/types/site.json).
constexpr std::size_t org_name_max = 120;

/// Codes of the enumeration "grade" by what senders write.
struct GradeWord {
    std::string_view written;
    std::string_view code;
};
constexpr std::array<GradeWord, 8> grade_words{{{"K", "KG"},
                                                {"k", "KG"},
                                                {"0", "KG"},
                                                {"00", "KG"},
                                                {"PR", "PK"},
                                                {"PS", "other"},
                                                {"Other", "other"},
                                                {"other", "other"}}};
constexpr std::array<std::string_view, 5> grade_letters{"IT", "PK", "TK", "KG", "UG"};
constexpr unsigned last_grade = 13;

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// "9", "09", "9th", "Grade 9" as 9; nothing for any other text.
std::optional<unsigned> grade_number(std::string_view text) {
    for (const std::string_view before : {"Grade ", "grade "}) {
        if (text.starts_with(before)) text.remove_prefix(before.size());
    }
    for (const std::string_view after : {"st", "nd", "rd", "th"}) {
        if (text.ends_with(after)) text.remove_suffix(after.size());
    }
    if (text.empty() || text.size() > 2) return std::nullopt;
    unsigned number = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        number = number * 10 + static_cast<unsigned>(c - '0');
    }
    if (number == 0 || number > last_grade) return std::nullopt;
    return number;
}

/// Empty for an unknown grade.
std::string grade_code(std::string_view written) {
    if (is_one_of(written, grade_letters)) return std::string(written);
    for (const auto& word : grade_words) {
        if (word.written == written) return std::string(word.code);
    }
    const auto number = grade_number(written);
    if (!number) return {};
    return (*number < 10 ? "0" : "") + std::to_string(*number);
}

class RosterReader {
public:
    RosterReader(const Package& package, Problems& problems)
        : package_(package), problems_(problems) {}

    Roster read() {
        each(package_.orgs, [this](const Row& row) { read_org(row); });
        if (package_.orgs) check_tree(*package_.orgs);
        each(package_.sessions, [this](const Row& row) { check_session(row); });
        each(package_.courses, [this](const Row& row) {
            check_reference(row, "orgSourcedId", package_.orgs);
            check_reference(row, "schoolYearSourcedId", package_.sessions);
        });
        each(package_.users, [this](const Row& row) { read_user(row); });
        each(package_.users, [this](const Row& row) { read_agents(row); });
        each(package_.classes, [this](const Row& row) { check_class(row); });
        each(package_.demographics, [this](const Row& row) { read_demographics(row); });
        each(package_.enrollments, [this](const Row& row) { read_enrollment(row); });
        if (package_.classes) seat_homerooms(*package_.classes);
        return std::move(roster_);
    }

private:
    template <class Take>
    void each(const std::optional<Sheet>& sheet, const Take& take) {
        for (std::size_t i = 0; sheet && i < sheet->rows(); ++i)
            take(sheet->row(i));
    }

    /// The word, or nothing after a complaint; a blank cell has already been reported.
    template <std::size_t N>
    bool check_word(const Row& row,
                    std::string_view column,
                    const std::array<std::string_view, N>& words) {
        const auto word = row.text(column);
        if (is_one_of(word, words)) return true;
        if (word.empty()) return false;
        std::string known;
        for (const auto& each : words) {
            if (!each.empty()) known += (known.empty() ? "" : ", ") + std::string(each);
        }
        row.report(
            problems_, column, "unknown_value", std::string(column) + " must be one of " + known);
        return false;
    }

    /// A sheet that is not there, or broken, cannot tell whether a reference dangles.
    bool check_id(const Row& row,
                  std::string_view column,
                  std::string_view id,
                  const std::optional<Sheet>& sheet) {
        if (id.empty() || !sheet || sheet->has(id)) return true;
        row.report(problems_,
                   column,
                   "dangling_reference",
                   std::string(column) + " names a sourcedId that is not in the package");
        return false;
    }
    void check_reference(const Row& row,
                         std::string_view column,
                         const std::optional<Sheet>& sheet) {
        check_id(row, column, row.text(column), sheet);
    }

    void read_org(const Row& row) {
        check_word(row, "type", org_types);
        check_reference(row, "parentSourcedId", package_.orgs);
        if (row.text("name").size() > org_name_max) {
            row.report(problems_,
                       "name",
                       "field_too_long",
                       "the name of an organisation has at most " + std::to_string(org_name_max) +
                           " bytes");
        }
        Roster::Org org{row.id(),
                        row.string("name"),
                        row.string("type"),
                        row.string("identifier"),
                        row.string("parentSourcedId")};
        if (!row.id().empty()) roster_.orgs.emplace(row.id(), std::move(org));
    }

    /// An organisation must not stand above itself. Every one is visited once.
    void check_tree(const Sheet& orgs) {
        std::map<std::string, std::size_t> walk_of;
        std::size_t walk = 0;
        for (const auto& start : roster_.orgs) {
            ++walk;
            auto at = roster_.orgs.find(start.first);
            while (at != roster_.orgs.end() && walk_of.emplace(at->first, walk).second) {
                at = roster_.orgs.find(at->second.parent);
            }
            if (at == roster_.orgs.end() || walk_of[at->first] != walk) continue;
            orgs.find(at->first).report(
                problems_, "parentSourcedId", "cycle", "this organisation stands above itself");
        }
    }

    void check_period(const Row& row, std::string_view from_column, std::string_view to_column) {
        const auto from = row.date(from_column, problems_);
        const auto to = row.date(to_column, problems_);
        if (from.empty() || to.empty() || from <= to) return;
        row.report(problems_,
                   to_column,
                   "out_of_range",
                   std::string(to_column) + " is before " + std::string(from_column));
    }

    void check_session(const Row& row) {
        check_word(row, "type", session_types);
        check_reference(row, "parentSourcedId", package_.sessions);
        check_period(row, "startDate", "endDate");
    }

    void check_class(const Row& row) {
        check_word(row, "classType", class_types);
        check_reference(row, "schoolSourcedId", package_.orgs);
        check_reference(row, "courseSourcedId", package_.courses);
        for (const auto& term : row.list("termSourcedIds", problems_)) {
            check_id(row, "termSourcedIds", term, package_.sessions);
        }
    }

    void read_user(const Row& row) {
        Roster::User user;
        if (!check_word(row, "role", role_words)) return;
        const auto role = std::find(role_words.begin(), role_words.end(), row.text("role"));
        user.role = static_cast<Role>(role - role_words.begin());
        user.id = row.id();
        user.orgs = row.list("orgSourcedIds", problems_);
        for (const auto& org : user.orgs)
            check_id(row, "orgSourcedIds", org, package_.orgs);
        user.given = row.string("givenName");
        user.middle = row.string("middleName");
        user.family = row.string("familyName");
        user.identifier = row.string("identifier");
        user.email = row.string("email");
        user.sms = row.string("sms");
        user.phone = row.string("phone");
        if (user.role == Role::student) user.grade = read_grade(row);
        if (!row.id().empty()) roster_.users.emplace(row.id(), std::move(user));
    }

    std::string read_grade(const Row& row) {
        const auto grades = row.list("grades", problems_);
        if (grades.empty()) return {};
        const auto code = grade_code(grades.front());
        if (code.empty()) {
            row.report(problems_,
                       "grades",
                       "unknown_value",
                       "grades must be IT, PR, PK, TK, KG, 01 to 13, PS, UG or Other");
        } else if (code != grades.front()) {
            row.report(problems_,
                       "grades",
                       "grade_mapped",
                       "the grade is read as " + code,
                       Severity::warning);
        }
        if (grades.size() > 1) {
            row.report(problems_,
                       "grades",
                       "grade_mapped",
                       "only the first of several grades is kept",
                       Severity::warning);
        }
        return code;
    }

    /// One direction of a link is often missing: both are followed.
    void read_agents(const Row& row) {
        const auto user = roster_.users.find(row.id());
        if (user == roster_.users.end()) return;
        for (const auto& agent : row.list("agentSourcedIds", problems_)) {
            if (!check_id(row, "agentSourcedIds", agent, package_.users)) continue;
            const auto other = roster_.users.find(agent);
            if (other == roster_.users.end()) continue;
            if (!link(user->second, other->second)) {
                row.report(problems_,
                           "agentSourcedIds",
                           "out_of_range",
                           "a person has at most " + std::to_string(limits::roster_links_max) +
                               " relatives in a roster");
            }
        }
    }

    /// False where one of the two has too many.
    bool link(Roster::User& one, Roster::User& other) {
        auto* student = one.role == Role::student ? &one : &other;
        auto* contact = one.role == Role::student ? &other : &one;
        if (student->role != Role::student || !is_contact(contact->role)) return true;
        if (!student->contacts.insert(contact->id).second) return true;
        const auto students = ++students_of_[contact->id];
        return students <= limits::roster_links_max &&
               student->contacts.size() <= limits::roster_links_max;
    }

    void read_demographics(const Row& row) {
        check_reference(row, "sourcedId", package_.users);
        const auto birth_date = row.date("birthDate", problems_);
        const auto user = roster_.users.find(row.id());
        if (user == roster_.users.end() || user->second.role != Role::student) return;
        user->second.birth_date = birth_date;
    }

    void read_enrollment(const Row& row) {
        check_word(row, "role", enrollment_roles);
        check_word(row, "primary", flags);
        check_reference(row, "classSourcedId", package_.classes);
        check_reference(row, "schoolSourcedId", package_.orgs);
        check_reference(row, "userSourcedId", package_.users);
        check_period(row, "beginDate", "endDate");
        const auto user = roster_.users.find(row.string("userSourcedId"));
        if (user == roster_.users.end()) return;
        if (row.text("role") == "student" && user->second.role == Role::student) {
            enroll(row, user->second);
        } else if (row.text("role") == "teacher" && is_staff(user->second.role) &&
                   is_homeroom(row)) {
            auto& teacher = teacher_of_[row.string("classSourcedId")];
            if (teacher.empty() || row.text("primary") == "true") teacher = user->first;
        }
    }

    [[nodiscard]] bool is_homeroom(const Row& row) const {
        const auto id = row.text("classSourcedId");
        return package_.classes && package_.classes->has(id) &&
               package_.classes->find(id).text("classType") == "homeroom";
    }

    void enroll(const Row& row, Roster::User& student) {
        const auto begin = row.string("beginDate");
        auto& first = student.first_day[row.string("schoolSourcedId")];
        if (first.empty() || (!begin.empty() && begin < first)) first = begin;
        if (!is_homeroom(row)) return;
        auto& seat = homeroom_of_[student.id];
        if (seat.empty() || row.text("primary") == "true") seat = row.string("classSourcedId");
    }

    void seat_homerooms(const Sheet& classes) {
        for (const auto& [id, seat] : homeroom_of_) {
            auto& student = roster_.users.at(id);
            student.homeroom = classes.find(seat).string("title");
            const auto teacher = teacher_of_.find(seat);
            if (teacher != teacher_of_.end()) student.homeroom_teacher = teacher->second;
        }
    }

    const Package& package_;
    Problems& problems_;
    Roster roster_;
    std::map<std::string, std::size_t> students_of_;
    std::map<std::string, std::string> homeroom_of_;  ///< class by student
    std::map<std::string, std::string> teacher_of_;   ///< user by class
};

}  // namespace

bool is_contact(Role role) {
    return role == Role::guardian || role == Role::parent || role == Role::relative;
}

bool is_staff(Role role) {
    return role != Role::student && !is_contact(role);
}

std::string_view to_string(Role role) {
    return role_words[static_cast<std::size_t>(role)];
}

Result<Roster> read_oneroster(const Files& files, Problems& problems) {
    const auto before = problems.errors();
    const auto package = open_package(files, problems);
    if (problems.errors() > before && !package.orgs && !package.users) return problems.summary();
    auto roster = RosterReader(package, problems).read();
    if (problems.errors() > before) return problems.summary();
    return roster;
}

}  // namespace trellis::clients
