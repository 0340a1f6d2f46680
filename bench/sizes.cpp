// SPDX-License-Identifier: Apache-2.0
// What a check-in weighs when it leaves the device, sealed, signed and padded.
#include "bench/cases.hpp"

namespace trellis::bench {

void measure_sizes(const Folders& folders, Table& table) {
    const auto rows = load_check_ins(folders.data + "/rows-10000.jsonl");
    District district(folders.work + "/sizes", 2);
    district.make_names(rows);
    district.deliver(1, district.sealed(0));
    auto& writer = district.device(1);
    const auto write = [&](std::size_t from, std::size_t count) {
        double json = 0;
        for (std::size_t i = from; i < from + count; ++i) {
            Json fields = fields_of(rows[i], district.names());
            json += static_cast<double>(print_json(fields).size());
            district.env().set_time(rows[i].at + 60'000);
            must(writer.write(district.space(), {core::PutRecord{district.space(), "check_in",
                                                                 std::move(fields), {}}}),
                 "a check-in");
        }
        return json;
    };
    // The first envelope of a chain introduces the actors it mentions; not the everyday case.
    write(0, 1);
    must(writer.seal(), "sealing");
    const auto weigh = [&](std::size_t from, std::size_t group, std::size_t groups, double& json) {
        const Counter before = writer.sync_spaces().at(district.space() ==
                                   writer.sync_spaces()[0].space ? 0 : 1).sealed;
        json = 0;
        for (std::size_t i = 0; i < groups; ++i) {
            json += write(from + i * group, group);
            must(writer.seal(), "sealing");
        }
        return static_cast<double>(bytes_of(district.sealed(1, before)));
    };
    double json_single = 0;
    double json_day = 0;
    const double single = weigh(100, 1, 200, json_single) / 200;
    const double day = weigh(1000, 40, 50, json_day) / 2000;
    at_most(table, {"one check-in sealed and signed, alone", number(single, 1) + " B",
                    number(json_single / 200, 1) + " B of JSON", number(single / (json_single / 200)),
                    {}, false, "mean of 200"},
            single, 200);
    at_most(table, {"one check-in in a day's batch of 40", number(day, 1) + " B",
                    number(json_day / 2000, 1) + " B of JSON", number(day / (json_day / 2000)), {}, false,
                    "mean of 50 days"},
            day, 60);
}

}  // namespace trellis::bench
