// SPDX-License-Identifier: Apache-2.0
#include "clients/exchange/oneroster_package.hpp"

#include <algorithm>
#include <array>

namespace trellis::clients {
namespace {

constexpr const char* manifest_name = "manifest.csv";

/// What a manifest may name, and whether Trellis can do without.
struct FileKind {
    std::string_view name;
    bool is_needed;
};
constexpr std::array<FileKind, 13> file_kinds{{{"academicSessions", false},
                                               {"categories", false},
                                               {"classes", false},
                                               {"classResources", false},
                                               {"courses", false},
                                               {"courseResources", false},
                                               {"demographics", false},
                                               {"enrollments", false},
                                               {"lineItems", false},
                                               {"orgs", true},
                                               {"resources", false},
                                               {"results", false},
                                               {"users", true}}};

constexpr bool required = true;
constexpr bool list = true;
constexpr bool left_out = true;

const std::vector<ColumnRule>& org_columns() {
    static const std::vector<ColumnRule> rules{
        {"sourcedId", required}, {"name", required}, {"type", required}};
    return rules;
}
const std::vector<ColumnRule>& session_columns() {
    static const std::vector<ColumnRule> rules{{"sourcedId", required},
                                               {"type", required},
                                               {"startDate", required},
                                               {"endDate", required}};
    return rules;
}
const std::vector<ColumnRule>& course_columns() {
    static const std::vector<ColumnRule> rules{{"sourcedId", required}, {"title", required}};
    return rules;
}
const std::vector<ColumnRule>& user_columns() {
    static const std::vector<ColumnRule> rules{{"sourcedId", required},
                                               {"orgSourcedIds", required, list},
                                               {"role", required},
                                               {"givenName", required},
                                               {"familyName", required},
                                               {"userIds", false, list},
                                               {"agentSourcedIds", false, list},
                                               {"grades", false, list},
                                               {"password", false, false, left_out}};
    return rules;
}
const std::vector<ColumnRule>& class_columns() {
    static const std::vector<ColumnRule> rules{{"sourcedId", required},
                                               {"title", required},
                                               {"classType", required},
                                               {"schoolSourcedId", required},
                                               {"courseSourcedId"},
                                               {"termSourcedIds", false, list}};
    return rules;
}
const std::vector<ColumnRule>& demographic_columns() {
    static const std::vector<ColumnRule> rules{
        {"sourcedId", required},
        {"birthDate", false},
        {"sex", false, false, left_out},
        {"americanIndianOrAlaskaNative", false, false, left_out},
        {"asian", false, false, left_out},
        {"blackOrAfricanAmerican", false, false, left_out},
        {"nativeHawaiianOrOtherPacificIslander", false, false, left_out},
        {"white", false, false, left_out},
        {"demographicRaceTwoOrMoreRaces", false, false, left_out},
        {"hispanicOrLatinoEthnicity", false, false, left_out},
        {"countryOfBirthCode", false, false, left_out},
        {"stateOfBirthAbbreviation", false, false, left_out},
        {"cityOfBirth", false, false, left_out},
        {"publicSchoolResidenceStatus", false, false, left_out}};
    return rules;
}
const std::vector<ColumnRule>& enrollment_columns() {
    static const std::vector<ColumnRule> rules{{"sourcedId", required},
                                               {"classSourcedId", required},
                                               {"schoolSourcedId", required},
                                               {"userSourcedId", required},
                                               {"role", required}};
    return rules;
}

class PackageReader {
public:
    PackageReader(const Files& files, Problems& problems) : problems_(problems) {
        for (const auto& [path, bytes] : files) {
            const auto slash = path.rfind('/');
            const auto name = slash == std::string::npos ? path : path.substr(slash + 1);
            if (files_.emplace(name, &bytes).second) continue;
            problem(path, 0, 0, "duplicate_file", "the package holds two files of this name");
        }
    }

    Package read() {
        Package package;
        if (!read_manifest()) return package;
        check_declared();
        package.orgs = open("orgs", org_columns());
        package.sessions = open("academicSessions", session_columns());
        package.courses = open("courses", course_columns());
        package.users = open("users", user_columns());
        package.classes = open("classes", class_columns());
        package.demographics = open("demographics", demographic_columns());
        package.enrollments = open("enrollments", enrollment_columns());
        return package;
    }

private:
    struct Property {
        std::string value;
        std::size_t line = 0;
    };

    void problem(const std::string& file,
                 std::size_t line,
                 std::size_t column,
                 std::string code,
                 std::string reason) {
        problems_.add({file, line, column, std::move(code), std::move(reason), Severity::error});
    }

    /// False where the files cannot be understood without it.
    bool read_manifest() {
        const auto file = files_.find(manifest_name);
        if (file == files_.end()) {
            problem(manifest_name,
                    0,
                    0,
                    "declared_file_missing",
                    "the package has no manifest.csv, so its version is not known");
            return false;
        }
        TableOptions options;
        options.delimiter = ',';
        options.strict_quotes = true;
        const auto table = read_table(manifest_name, *file->second, options, problems_);
        if (!table) return false;
        const auto& header = table->header();
        if (header.size() < 2 || header[0] != "propertyName" || header[1] != "value") {
            problem(manifest_name,
                    table->header_line(),
                    0,
                    "missing_column",
                    "the columns must be propertyName and value");
            return false;
        }
        for (std::size_t row = 0; row < table->rows(); ++row) {
            const Property property{std::string(without_blanks(table->cell(row, 1))),
                                    table->line(row)};
            std::string name(without_blanks(table->cell(row, 0)));
            if (properties_.emplace(std::move(name), property).second) continue;
            problem(
                manifest_name, table->line(row), 1, "duplicate_id", "this property is there twice");
        }
        const bool is_manifest = check_version("manifest.version", "1.0");
        return check_version("oneroster.version", "1.1") && is_manifest;
    }

    bool check_version(const std::string& name, std::string_view wanted) {
        const auto at = properties_.find(name);
        if (at != properties_.end() && at->second.value == wanted) return true;
        const bool is_there = at != properties_.end();
        problem(manifest_name,
                is_there ? at->second.line : 0,
                is_there ? 2 : 0,
                "unsupported_version",
                name + " must be " + std::string(wanted) + "; no other version is read");
        return false;
    }

    /// What the manifest says of each kind of file must be so.
    void check_declared() {
        for (const auto& kind : file_kinds) {
            const std::string name(kind.name);
            const auto at = properties_.find("file." + name);
            const bool is_declared = at != properties_.end();
            const auto line = is_declared ? at->second.line : 0;
            const auto mode = is_declared ? at->second.value : "absent";
            const bool is_there = files_.find(name + ".csv") != files_.end();
            if (mode == "bulk") bulk_.insert(name);
            if (mode == "absent" && is_there) {
                problem(name + ".csv",
                        0,
                        0,
                        "file_not_declared",
                        "the file is in the package, but manifest.csv does not declare it");
                continue;
            }
            const auto wrong = wrong_with(kind, mode, is_there);
            if (wrong.code.empty()) continue;
            problem(manifest_name, line, is_declared ? 2 : 0, wrong.code, wrong.reason);
        }
    }

    struct Wrong {
        std::string code;  ///< empty: nothing is
        std::string reason;
    };
    static Wrong wrong_with(const FileKind& kind, std::string_view mode, bool is_there) {
        const auto file = std::string(kind.name) + ".csv";
        if (mode == "delta") {
            return {"unsupported_version", file + " is a delta; only bulk files are read"};
        }
        if (mode == "bulk") {
            if (is_there) return {};
            return {"declared_file_missing", file + " is declared and not in the package"};
        }
        if (mode != "absent") {
            return {"unknown_value",
                    "file." + std::string(kind.name) + " must be absent, bulk or delta"};
        }
        if (!kind.is_needed) return {};
        return {"declared_file_missing", file + " is needed: declare it as bulk"};
    }

    std::optional<Sheet> open(const std::string& kind, const std::vector<ColumnRule>& rules) {
        const auto name = kind + ".csv";
        const auto file = files_.find(name);
        if (bulk_.count(kind) == 0 || file == files_.end()) return std::nullopt;
        return Sheet::open(name, *file->second, rules, problems_);
    }

    Problems& problems_;
    std::map<std::string, const Bytes*> files_;
    std::map<std::string, Property> properties_;
    std::set<std::string> bulk_;
};

}  // namespace

Package open_package(const Files& files, Problems& problems) {
    return PackageReader(files, problems).read();
}

}  // namespace trellis::clients
