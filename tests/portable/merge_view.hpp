// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "core/merge/links.hpp"
#include "core/merge/record_state.hpp"
#include "tests/portable/merge_fixture.hpp"

namespace trellis::fixtures {

/// One entry of a log, with what orders it.
struct LogEntry {
    Dot dot;
    Time time = 0;
    core::Append append;
};

/// Everything one device holds of a fixture's records.
struct Held {
    std::map<RecordId, core::RecordState> records;
    std::map<RecordId, std::vector<LogEntry>> entries;  ///< (time, counter, actor) ascending
    core::Links links;

    void apply(const KnownChange& known);
};

/// What a person sees, as fixtures/merge/README.md describes it.
Json view(const MergeFixture& fixture, const Held& held);

}  // namespace trellis::fixtures
