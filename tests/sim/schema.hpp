// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/record/schema.hpp"

namespace trellis::sim {

/// Which of three versions of one schema; each adds to the one before.
enum class SchemaVersion : std::uint8_t { old, present, next };

/// Families, check-ins and referrals with a field of every kind and every resolver. The
/// simulator's own, so that its known hashes do not change with the family schema. Each type
/// has the log `journal`, in which a marked change leaves its serial number.
core::Schema sim_schema(SchemaVersion version = SchemaVersion::present);

inline constexpr core::TypeId family_type = 1;
inline constexpr core::TypeId check_in_type = 2;
inline constexpr core::TypeId referral_type = 3;
inline constexpr core::FieldId journal_field = 90;
inline constexpr core::FieldId journal_serial = 1;

}  // namespace trellis::sim
