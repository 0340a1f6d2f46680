// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/replica.hpp"

/// What must be kept of a space that is to be shredded goes into another first
/// (docs/decisions/0015).
namespace trellis::core {

struct CarryOver {
    SpaceId from;
    SpaceId to;
    std::set<RecordId> records;  ///< empty: all that are live
};
/// Writes live records of one space in another, each as the record whose name follows from the
/// old one: done twice, or by two people, it is one record. Beside each lies where it comes from,
/// who wrote it when, and what contradicted it. {carried, already, left:[{rec,type,field?,why}]}.
/// `denied` where this device may not write in `to`, or `to` is general and `from` is not.
Result<Json> carry_over(Replica& replica, const CarryOver& order);

/// How many live records of a space are in no other space that this device reads.
Result<std::size_t> count_left_behind(Replica& replica, const SpaceId& from);

/// Puts records that were kept of shredded spaces (Replica::orphans()) into a space and forgets
/// them. `not_found` where there is no such orphan; `denied` as for carry_over(). Nothing is
/// forgotten that was not written, and done again it writes nothing twice.
Result<Json> adopt_orphans(Replica& replica, const std::vector<Digest>& ids, const SpaceId& to);

}  // namespace trellis::core
