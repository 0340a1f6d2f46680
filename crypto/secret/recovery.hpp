// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/primitive/box.hpp"
#include "crypto/primitive/sign.hpp"

namespace trellis::crypto {

/// How many sheets there are and how many suffice: 1 <= needed <= sheets <= 7, and at most 35
/// pieces in all.
struct RecoveryPlan {
    std::uint8_t needed = 2;
    std::uint8_t sheets = 3;
};
bool is_possible(const RecoveryPlan& plan);

/// The two keys of the organisation's root, derived from the seed that the sheets share.
struct RootKeys {
    SignSecret sign;
    BoxSecret box;
};
RootKeys root_keys(const Key& seed);

/// Sheets of text to print, each "TRELLIS-RECOVERY-1 2/3 …". Fewer than `needed` tell nothing
/// of the seed. Requires: is_possible(plan).
std::vector<std::string> split_seed(const OrgId& org,
                                    const Key& seed,
                                    const RecoveryPlan& plan,
                                    Env& env);

struct RecoveredSeed {
    OrgId org;
    Key seed;
};
/// From enough sheets, in any order. Says which sheet, and which line of it, was mistyped.
Result<RecoveredSeed> combine_sheets(const std::vector<std::string>& sheets);

}  // namespace trellis::crypto
