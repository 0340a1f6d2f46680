// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "core/base/stamp.hpp"
#include "tests/sim/options.hpp"

namespace trellis::sim {

/// Everything that is done to the world from outside, by people or by fate.
enum class What : std::uint8_t {
    work,        ///< a person does something
    contradict,  ///< does to the record of a step of this salt the same in another way
    differ,      ///< says something of its own about the field that steps of this salt agree on
    sync_now,    ///< one pass
    close_app,   ///< orderly, and opens again later
    away,        ///< out of the network for a while
    bundle,      ///< carries a bundle from this device to another
    // N
    reset, hole_up, hole_down, slow, corrupt_up, corrupt_down, cut_frame, replay_up, half_open,
    swizzle,
    // T
    clock_jump, clock_1970, clock_2106, clock_9999, clock_back, suspend,
    // S
    kill, power_cut, kill_at_io, cut_at_io, disk_error, disk_full, failed_sync, server_kill,
    server_power_cut, server_disk_full, server_cut_at_io,
    // P
    copy_works,  ///< whoever uses a copy of the device's database does something
    twins,       ///< copied as it is, and both are worked at in the same moment
    copy_device, clone, clone_away, restore_device, wipe, server_backup, server_restore,
    server_image,
    // A
    revoke, rotate, grant, lose_device, forge,
    // L
    update,
    count
};

std::string_view name_of(What what);
/// The family that it belongs to; 0: none, it is people's.
std::uint32_t family_of(What what);

/// One step. What exactly it does follows from `salt` and from the world at that moment, so that
/// it means something wherever it stands after others were left out.
struct Step {
    Time at = 0;
    What what = What::work;
    std::uint32_t who = 0;
    std::uint64_t salt = 0;
    bool operator==(const Step&) const = default;
};

/// A whole run: what a seed expands to, what a tape holds, what shrinks.
struct Plan {
    Options options;
    std::vector<Step> steps;  ///< ascending by time
    bool operator==(const Plan&) const = default;
};

/// Two salts that differ in this bit mean the same record and something else done to it.
inline constexpr std::uint64_t other_mind = std::uint64_t{1} << 63U;

/// Salts that differ in these bits mean the same field of the same record.
inline constexpr std::uint64_t three_minds = 3;

Plan make_plan(const Options& options);

Json to_json(const Plan& plan);
Result<Plan> plan_from(const Json& json);

}  // namespace trellis::sim
