// SPDX-License-Identifier: Apache-2.0
// A new device takes in a school year: 100,000 check-ins in day's batches of 40, from sealed
// envelopes to committed, queryable rows; then what it weighs, and how soon it answers.
#include <algorithm>
#include <filesystem>

#include "bench/cases.hpp"
#include "bench/clock.hpp"
#include "bench/raw.hpp"
#include "core/base/limits.hpp"
#include "core/query/query.hpp"

namespace trellis::bench {
namespace {

/// Writes every check-in as a change of its own and seals 40 at a time, as a day ends.
void write_year(District& district, const std::vector<CheckIn>& rows) {
    auto& writer = district.device(1);
    // The making of the data is not measured; its syncs would take minutes.
    must(writer.store().database.run("PRAGMA synchronous=OFF"), "preparing");
    for (std::size_t i = 0; i < rows.size(); ++i) {
        must(writer.write(district.space(),
                          {core::PutRecord{district.space(), "check_in",
                                           fields_of(rows[i], district.names()), {}}}),
             "writing a check-in");
        if (i % 40 == 39) must(writer.seal(), "sealing");
    }
    must(writer.seal(), "sealing");
}

/// Runs cut to the size of a relay's page.
std::vector<std::vector<crypto::EnvelopeRun>> pages_of(std::vector<crypto::EnvelopeRun> runs) {
    std::vector<std::vector<crypto::EnvelopeRun>> pages;
    for (auto& run : runs) {
        Counter first = run.first;
        crypto::EnvelopeRun part{run.device, run.incarnation, first, {}};
        std::size_t bytes = 0;
        for (auto& envelope : run.envelopes) {
            first += must(crypto::parse_envelope(envelope), "an envelope").ops;
            bytes += envelope.size();
            part.envelopes.push_back(std::move(envelope));
            if (bytes < limits::page_max) continue;
            pages.push_back({std::move(part)});
            part = {run.device, run.incarnation, first, {}};
            bytes = 0;
        }
        if (!part.envelopes.empty()) pages.push_back({std::move(part)});
    }
    return pages;
}

std::uintmax_t file_size(const std::string& path) { return std::filesystem::file_size(path); }

void measure_cold_open(District& district, std::size_t reader, const std::string& raw_path,
                       const std::vector<CheckIn>& rows, Table& table) {
    std::vector<double> ours;
    std::vector<double> theirs;
    const auto& site = rows[rows.size() / 2].site;
    for (int round = 0; round < 5; ++round) {
        district.close(reader);
        std::int64_t expected = 0;
        theirs.push_back(measure([&] {
            RawTable raw(raw_path, district.options(reader));
            expected = raw.count_open(site);
            raw.note_of(rows[7].id);
        }).cpu);
        ours.push_back(measure([&] {
            district.reopen(reader);
            core::ListRequest request;
            request.type = "check_in";
            request.where.set("site", district.names().records.at(site));
            request.where.set("status", "open");
            const auto found = must(core::count_records(district.device(reader), request), "count");
            if (found != expected) {
                must(Result<void>(Error{Code::internal, "the two answers differ"}), "cold open");
            }
        }).cpu);
    }
    std::sort(ours.begin(), ours.end());
    std::sort(theirs.begin(), theirs.end());
    at_most(table, {"cold open of 100,000 to the first answer", number(ours[2] * 1000, 1) + " ms CPU",
                    number(theirs[2] * 1000, 1) + " ms CPU", number(ours[2] / theirs[2]), {}, false,
                    "median of 5; a scan on both sides"},
            ours[2] / theirs[2], 1.3);
}

}  // namespace

void measure_bulk(const Folders& folders, Table& table) {
    const auto rows = load_check_ins(folders.data + "/rows-100000.jsonl");
    District district(folders.work + "/bulk", 2);
    district.make_names(rows);
    district.deliver(1, district.sealed(0));
    write_year(district, rows);
    const std::size_t reader = district.add_device();
    district.deliver(reader, district.sealed(0));
    auto runs = district.sealed(1);
    const double wire = static_cast<double>(bytes_of(runs));
    const auto pages = pages_of(std::move(runs));

    const std::string raw_path = folders.work + "/bulk/raw.db";
    RawTable raw(raw_path, district.options(reader));
    const Cost theirs = measure([&] {
        raw.begin();
        for (const auto& row : rows) raw.insert(row);
        raw.commit();
    });
    std::size_t changes = 0;
    const Cost ours = measure([&] {
        for (const auto& page : pages) changes += district.deliver(reader, page).changes;
    });
    if (changes != rows.size()) {
        must(Result<void>(Error{Code::internal, "not everything arrived"}), "bulk");
    }
    const double count = static_cast<double>(rows.size());
    at_least(table, {"fresh replica applies 100,000 check-ins", whole(count / ours.cpu) + "/CPU s",
                     whole(count / theirs.cpu) + "/CPU s", {}, {}, false,
                     whole(static_cast<double>(pages.size())) + " pages, each a FULL commit; raw: one"},
             theirs.cpu / ours.cpu, 0.6);
    at_most(table, {"fresh replica of 100,000 over the wire", number(wire / 1e6) + " MB", "",
                    number(wire / count, 1) + " B each", {}, false, "2,500 envelopes of 40"},
            wire / 1e6, 8);

    must(district.device(reader).store().database.checkpoint(), "checkpoint");
    raw.checkpoint();
    const auto mine = static_cast<double>(file_size(district.path(reader)));
    const auto plain = static_cast<double>(file_size(raw_path));
    at_most(table, {"at rest, with the sealed envelopes", number(mine / 1e6) + " MB",
                    number(plain / 1e6) + " MB", number(mine / plain), {}, false,
                    "ours holds " + whole(static_cast<double>(district.names().records.size())) +
                        " records more"},
            mine / plain, 1.5);
    measure_cold_open(district, reader, raw_path, rows, table);
}

}  // namespace trellis::bench
