// SPDX-License-Identifier: Apache-2.0
// A pass that finds nothing to do, and a pass with one change, between a real session and a
// real relay whose store is in memory: messages, bytes, and CPU on each side.
#include "bench/cases.hpp"
#include "bench/world.hpp"

namespace trellis::bench {
namespace {

std::string describe(const Pass& pass) {
    return whole(static_cast<double>(pass.messages)) + " messages, " +
           whole(static_cast<double>(pass.bytes)) + " B";
}

}  // namespace

void measure_no_op(const Folders& folders, Table& table) {
    const auto rows = load_check_ins(folders.data + "/rows-100000.jsonl");
    District district(folders.work + "/noop", 1, District::Confirm::by_relay);
    World world(district.env());
    auto& device = district.device(0);
    must(device.store().database.run("PRAGMA synchronous=OFF"), "preparing");
    district.make_names(rows);
    for (std::size_t i = 0; i < rows.size(); i += 500) {
        std::vector<core::Edit> edits;
        for (std::size_t k = i; k < std::min(i + 500, rows.size()); ++k) {
            edits.emplace_back(core::PutRecord{district.space(), "check_in",
                                               fields_of(rows[k], district.names()), {}});
        }
        must(device.write(district.space(), edits), "records");
    }
    world.run(device);
    world.run(device);
    const Pass nothing = world.run(device);
    const double spaces = static_cast<double>(device.sync_spaces().size());
    const std::string whole_connection =
        "two spaces and the closing Ping and Pong: " + describe(nothing) + "; with the handshake " +
        whole(static_cast<double>(nothing.all_bytes)) + " B";
    at_most(table, {"no-op pass at 100,000 records, bytes per space",
                    number(static_cast<double>(nothing.bytes) / spaces, 0) + " B", "", "", {}, false,
                    whole_connection},
            static_cast<double>(nothing.bytes) / spaces, 150);
    at_most(table, {"no-op pass, CPU of the device", number(nothing.device_cpu * 1000, 3) + " ms", "", "",
                    {}, false, "all spaces"},
            nothing.device_cpu * 1000, 1);
    at_most(table, {"no-op pass, CPU of the relay", number(nothing.relay_cpu * 1000, 3) + " ms", "", "",
                    {}, false, "all spaces"},
            nothing.relay_cpu * 1000, 1);

    Counter before = 0;
    for (const auto& space : device.sync_spaces()) {
        if (space.space == district.space()) before = space.sealed;
    }
    must(device.write(district.space(), {core::PutRecord{district.space(), "check_in",
                                                         fields_of(rows[1], district.names()), {}}}),
         "one change");
    const Pass one = world.run(device);
    const auto envelope = static_cast<double>(bytes_of(district.sealed(0, before)));
    const double more = static_cast<double>(one.bytes) - static_cast<double>(nothing.bytes) - envelope;
    at_most(table, {"one new change, bytes beyond its envelope and the no-op",
                    number(more, 0) + " B", whole(envelope) + " B of envelope", "", {}, false,
                    describe(one)},
            more, 150);
}

}  // namespace trellis::bench
