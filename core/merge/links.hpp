// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/record/op.hpp"

namespace trellis::core {

/// One live statement that two records are the same; a <= b.
struct LinkFact {
    Dot dot;
    RecordId a;
    RecordId b;
    bool operator==(const LinkFact&) const = default;
};

/// The live links of one type in one space: an observed-remove set, ascending by dot.
struct Links {
    std::vector<LinkFact> facts;
    bool operator==(const Links&) const = default;

    void apply(const Dot& dot, const RecordId& record, const Link& link);
    /// Takes back the named links, as far as they are links of these two records.
    void apply(const RecordId& record, const Unlink& unlink);

    /// The connected component of `record`, ascending, itself included.
    [[nodiscard]] std::vector<RecordId> same_as(const RecordId& record) const;
    /// All components of two records or more, each ascending, ascending by first member.
    [[nodiscard]] std::vector<std::vector<RecordId>> classes() const;
};

}  // namespace trellis::core
