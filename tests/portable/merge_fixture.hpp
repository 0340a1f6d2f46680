// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/record/change.hpp"

namespace trellis::fixtures {

/// One change of a fixture, and what its author had when it was made.
struct KnownChange {
    ActorId actor;
    VersionVector past;  ///< the author's own earlier changes included
    core::Change change;
};

/// A file of fixtures/merge (see its README).
struct MergeFixture {
    std::string about;
    core::Schema schema;
    std::map<std::string, ActorId, std::less<>> actors;
    std::map<std::string, RecordId, std::less<>> records;
    std::vector<KnownChange> changes;
    Json expect;

    [[nodiscard]] const core::Type& type() const { return schema.types().front(); }
    [[nodiscard]] std::string name(const RecordId& record) const;
    [[nodiscard]] std::string name(const Dot& dot) const;
};

/// `invalid` says which change, and what is wrong with it.
Result<MergeFixture> parse_merge_fixture(const Json& json);

}  // namespace trellis::fixtures
