// SPDX-License-Identifier: Apache-2.0
// One durable write at a time, as a liaison saves.
#include "bench/cases.hpp"
#include "bench/clock.hpp"
#include "bench/raw.hpp"

namespace trellis::bench {

void measure_local_write(const Folders& folders, Table& table) {
    constexpr std::size_t rounds = 8;
    constexpr std::size_t each = 250;
    const auto rows = load_check_ins(folders.data + "/rows-10000.jsonl");
    District district(folders.work + "/write", 1);
    district.make_names(rows);
    RawTable raw(folders.work + "/write/raw.db", district.options(0));
    Cost ours;
    Cost theirs;
    std::size_t at = 0;
    // Interleaved, so that a busy moment of the machine hits both.
    for (std::size_t round = 0; round < rounds; ++round) {
        const auto batch = [&](const auto& write) {
            for (std::size_t i = 0; i < each; ++i) write(rows[at + i]);
        };
        // What an app hands over is its own to make.
        std::vector<std::vector<core::Edit>> edits;
        for (std::size_t i = 0; i < each; ++i) {
            edits.push_back({core::PutRecord{district.space(), "check_in",
                                             fields_of(rows[at + i], district.names()), {}}});
        }
        const Cost a = measure([&] {
            for (const auto& edit : edits) {
                must(district.device(0).write(district.space(), edit), "a write");
            }
        });
        const Cost b = measure([&] {
            batch([&](const CheckIn& row) {
                raw.begin();
                raw.insert(row);
                raw.commit();
            });
        });
        ours.cpu += a.cpu;
        ours.wall += a.wall;
        theirs.cpu += b.cpu;
        theirs.wall += b.wall;
        at += each;
    }
    const double count = rounds * each;
    at_least(table, {"single durable write, rate by CPU", whole(count / ours.cpu) + "/s",
                     whole(count / theirs.cpu) + "/s", {}, {}, false,
                     "JSON parsed, checked, merged, kept for sealing; one fsync a commit on both sides"},
             theirs.cpu / ours.cpu, 0.75);
    at_least(table, {"single durable write, rate by the wall clock", whole(count / ours.wall) + "/s",
                     whole(count / theirs.wall) + "/s", {}, {}, false, "the disk's fsync on both sides"},
             theirs.wall / ours.wall, 0.75);
}

}  // namespace trellis::bench
