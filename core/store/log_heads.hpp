// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "core/base/json.hpp"
#include "core/store/store.hpp"

namespace trellis::core {

/// The heads of a space's log as this device came by them, short, one row a page: to hold next
/// to what others say that they saw. Only the newest limits::heads_max_kept are kept.
class LogHeads {
public:
    explicit LogHeads(Store& store) : store_(store) {}

    /// The heads after positions `first`, `first` + 1, …. In the caller's transaction.
    Result<void> append(SpaceIndex space, std::uint64_t first,
                        const std::vector<ShortDigest>& heads);
    /// Nothing where it is not kept.
    Result<std::optional<ShortDigest>> at(SpaceIndex space, std::uint64_t position);
    /// Another life of the log begins. In the caller's transaction.
    Result<void> forget(SpaceIndex space);

private:
    struct Page {
        SpaceIndex space = 0;
        std::uint64_t first = 0;
        Bytes heads;
    };
    Store& store_;
    Page page_;  ///< the one last looked at; space 0: none
};

/// Places that others have seen and this device has not come to yet, with the envelope that
/// says so. `log` is true for the space's log, false for the membership log.
struct AheadWitness {
    bool is_log = true;
    std::uint64_t position = 0;
    ShortDigest head;
    LogPrint log;
    DeviceId device;
    Json evidence;
};

/// At most limits::witnesses_max a space; of more, the nearest are kept.
class AheadWitnesses {
public:
    explicit AheadWitnesses(Store& store) : store_(store) {}
    /// In the caller's transaction.
    Result<void> keep(SpaceIndex space, const AheadWitness& witness);
    /// Those up to `position`, and forgets them. In the caller's transaction.
    Result<std::vector<AheadWitness>> take(SpaceIndex space, bool is_log, std::uint64_t position);
    Result<std::vector<AheadWitness>> load(SpaceIndex space, bool is_log);

private:
    Store& store_;
};

}  // namespace trellis::core
