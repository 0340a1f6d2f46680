// SPDX-License-Identifier: Apache-2.0
// Eight devices edit a fifth of 10,000 records without hearing of each other; one takes it in.
#include "bench/cases.hpp"
#include "bench/clock.hpp"
#include "bench/raw.hpp"
#include "core/query/record_view.hpp"

namespace trellis::bench {
namespace {

constexpr std::size_t editors = 8;

/// The records, written by device 1; returns their names by the generator's id.
std::map<std::string, std::string> write_records(District& district,
                                                 const std::vector<CheckIn>& rows) {
    std::map<std::string, std::string> records;
    for (std::size_t i = 0; i < rows.size(); i += 500) {
        std::vector<core::Edit> edits;
        for (std::size_t k = i; k < std::min(i + 500, rows.size()); ++k) {
            edits.emplace_back(core::PutRecord{district.space(), "check_in",
                                               fields_of(rows[k], district.names()), {}});
        }
        const auto result = must(district.device(1).write(district.space(), edits), "records");
        for (std::size_t k = 0; k < edits.size(); ++k) {
            records[rows[i + k].id] = result.written[k].record.hex();
        }
    }
    return records;
}

}  // namespace

void measure_edits(const Folders& folders, Table& table) {
    const auto rows = load_check_ins(folders.data + "/rows-10000.jsonl");
    const auto edits = load_edits(folders.data + "/edits-10000.jsonl");
    District district(folders.work + "/edits", 2);
    for (std::size_t i = 0; i < 2; ++i) {
        must(district.device(i).store().database.run("PRAGMA synchronous=OFF"), "preparing");
    }
    district.make_names(rows);
    district.deliver(1, district.sealed(0));
    const auto records = write_records(district, rows);
    const std::size_t first_editor = 2;
    for (std::size_t i = 0; i <= editors; ++i) {
        const auto at = district.add_device();
        must(district.device(at).store().database.run("PRAGMA synchronous=OFF"), "preparing");
        district.deliver(at, district.sealed(0));
        district.deliver(at, district.sealed(1));
    }
    const std::size_t reader = first_editor + editors;
    for (const auto& edit : edits) {
        Json fields;
        const bool is_ref = edit.field == "liaison";
        fields.set(edit.field, is_ref ? Json(district.names().records.at(*edit.value.string()))
                                      : edit.value);
        must(district.device(first_editor + edit.device)
                 .write(district.space(),
                        {core::SetFields{*RecordId::parse(records.at(edit.id)), std::move(fields)}}),
             "an edit");
    }
    // As a relay delivers them: what everybody pushed, in one page.
    std::vector<crypto::EnvelopeRun> page;
    for (std::size_t i = 0; i < editors; ++i) {
        for (auto& run : district.sealed(first_editor + i)) page.push_back(std::move(run));
    }

    RawTable raw(folders.work + "/edits/raw.db", district.options(reader));
    raw.begin();
    for (const auto& row : rows) raw.insert(row);
    raw.commit();
    must(district.device(reader).store().database.run("PRAGMA synchronous=FULL"), "preparing");
    const Cost theirs = measure([&] {
        raw.begin();
        for (const auto& edit : edits) raw.update(edit);
        raw.commit();
    });
    std::size_t changes = 0;
    const Cost ours = measure([&] { changes = district.deliver(reader, page).changes; });
    const auto conflicts = must(core::list_conflicts(district.device(reader), {}), "conflicts");
    const double count = static_cast<double>(edits.size());
    at_least(table, {whole(count) + " edits of 8 devices, " +
                         whole(static_cast<double>(conflicts.array()->size())) + " conflicts kept",
                     whole(count / ours.cpu) + "/CPU s", whole(count / theirs.cpu) + "/CPU s", {}, {},
                     changes != edits.size(), "raw: one UPDATE by id each, one transaction"},
             theirs.cpu / ours.cpu, 0.5);
}

}  // namespace trellis::bench
