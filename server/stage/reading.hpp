// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/stage/result.hpp"
#include "server/store/store.hpp"

#include <variant>

namespace trellis::server {

using ReadJob = std::variant<sync::LoadOrg,
                             sync::LoadSpace,
                             sync::CatchUp,
                             sync::FetchChain,
                             sync::HeadAt,
                             sync::LoadSubmissions>;

/// One answer; a space that is not there yet is handed back to be created.
StageResult read(StoreReader& reader, const ReadJob& job);

}  // namespace trellis::server
