// SPDX-License-Identifier: Apache-2.0
// `trellis import`: a roster is read whole, then written, or nothing is.
#include <filesystem>

#include "clients/cli/command.hpp"
#include "clients/cli/table_print.hpp"
#include "clients/exchange/oneroster.hpp"
#include "clients/exchange/zip.hpp"
#include "core/base/limits.hpp"
#include "core/query/record_view.hpp"
#include "core/store/edit_ops.hpp"

namespace trellis::clients {
namespace {

namespace fs = std::filesystem;

/// The CSV files of a folder or a zip, by name.
Result<Files> read_package(const std::string& path) {
    std::error_code failure;
    if (!fs::is_directory(path, failure)) {
        TRELLIS_TRY(const auto bytes, read_file(path));
        return read_zip(bytes);
    }
    Files files;
    for (const auto& entry : fs::directory_iterator(path, failure)) {
        if (entry.path().extension() != ".csv") continue;
        if (entry.file_size(failure) > limits::exchange_file_max) {
            return Error{Code::too_large, entry.path().string() + " is too large"};
        }
        TRELLIS_TRY(auto bytes, read_file(entry.path().string()));
        files.emplace(entry.path().filename().string(), std::move(bytes));
    }
    if (failure) return Error{Code::denied, "reading " + path + ": " + failure.message()};
    if (!files.empty()) return files;
    return Error{Code::not_found, path + " holds no .csv files"};
}

Json to_json(const Problems& problems) {
    Json list{Json::Array{}};
    for (const auto& problem : problems.kept()) {
        Json one;
        one.set("file", problem.file);
        one.set("line", std::uint64_t{problem.line});
        one.set("column", std::uint64_t{problem.column});
        one.set("code", problem.code);
        one.set("reason", problem.reason);
        one.set("severity", problem.severity == Severity::error ? "error" : "warning");
        list.push(std::move(one));
    }
    return list;
}

std::string place(std::size_t number) { return number == 0 ? "–" : std::to_string(number); }

void show(Desk& desk, const Problems& problems) {
    if (problems.kept().empty() || desk.options().json) return;
    TextTable table({"file", "line", "column", "what is wrong"});
    for (const auto& problem : problems.kept()) {
        const bool is_error = problem.severity == Severity::error;
        table.add({problem.file, place(problem.line), place(problem.column),
                   {problem.reason, is_error ? Colour::red : Colour::yellow}});
    }
    desk.say(table.text(desk.out(), 2));
    const auto hidden = problems.errors() + problems.warnings() - problems.kept().size();
    if (hidden > 0) desk.say("  and " + std::to_string(hidden) + " more");
}

RecordLookup lookup_in(Desk& desk, const SpaceId& space) {
    const auto id = [&desk, space](std::string_view type, std::string_view key) {
        return core::keyed_record(space, *desk.schema().type(type), key);
    };
    RecordLookup lookup;
    lookup.id = [id](std::string_view type, std::string_view key) { return id(type, key).hex(); };
    lookup.shown = [&desk, id](std::string_view type, std::string_view key) -> Json {
        auto record = core::get_record(desk.verbs().replica(), id(type, key));
        return record ? (*record)["fields"] : Json();
    };
    return lookup;
}

/// What an import makes, by type.
struct Tally {
    std::map<std::string, std::uint64_t> made;
    std::uint64_t updates = 0;

    void add(const core::Edit& edit) {
        if (const auto* put = std::get_if<core::PutRecord>(&edit)) {
            ++made[put->type];
        } else {
            ++updates;
        }
    }
};

Result<Tally> write_roster(Desk& desk, const Roster& roster, const SpaceId& space) {
    auto edits = to_edits(roster, space, lookup_in(desk, space));
    const auto total = edits.size();
    Progress progress("writing records", !desk.options().no_color);
    Tally tally;
    std::size_t done = 0;
    for (const auto& change : in_changes(std::move(edits))) {
        auto written = desk.verbs().replica().write(space, change);
        if (!written) {
            return Error{written.error().code,
                         written.error().message + "; " + std::to_string(done) + " of " +
                             std::to_string(total) + " were written before: import again to go on"};
        }
        for (const auto& edit : change) tally.add(edit);
        done += change.size();
        progress.show(done, total);
    }
    return tally;
}

void report(Desk& desk, const Tally& tally, const Problems& problems) {
    Json reply;
    Json made{Json::Object{}};
    for (const auto& [type, number] : tally.made) made.set(type, number);
    reply.set("ok", true);
    reply.set("created", std::move(made));
    reply.set("updated", tally.updates);
    reply.set("problems", to_json(problems));
    if (desk.print_json_reply(reply)) return;
    TextTable table({"", ""});
    for (const auto& [type, number] : tally.made) {
        const auto* known = desk.schema().type(type);
        table.add({known == nullptr ? type : known->label, std::to_string(number)});
    }
    if (tally.updates > 0) table.add({"Changes to what was here", std::to_string(tally.updates)});
    if (table.is_empty()) return desk.say("Nothing is new: all of it was here already.");
    desk.say(desk.out().paint(Colour::green, "Imported:") + "\n" + table.text(desk.out(), 2));
}

}  // namespace

Result<void> run_import(Desk& desk, const Arguments& arguments) {
    if (arguments.format != "oneroster") {
        return Error{Code::unsupported, "there is no import of '" + arguments.format +
                                            "': this version reads oneroster"};
    }
    TRELLIS_TRY(const auto name, desk.space(arguments.space));
    const auto space = SpaceId::parse(name);
    TRELLIS_CHECK(space.has_value());
    TRELLIS_TRY(const auto files, read_package(arguments.path));
    Problems problems;
    const auto roster = read_oneroster(files, problems);
    show(desk, problems);
    if (!roster) {
        return Error{roster.error().code, "nothing was imported: " + roster.error().message};
    }
    TRELLIS_TRY(const auto tally, write_roster(desk, *roster, *space));
    report(desk, tally, problems);
    return {};
}

}  // namespace trellis::clients
