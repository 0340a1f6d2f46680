// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sync/relay/action.hpp"

#include <functional>
#include <optional>
#include <variant>
#include <vector>

/// What the stages answer, each for one request of the relay.
namespace trellis::server {

struct Verified {
    sync::Ticket ticket = 0;
    std::vector<bool> genuine;
};
struct OrgLoaded {
    sync::Ticket ticket = 0;
    Result<std::vector<Bytes>> entries;
};
struct EntryAppended {
    sync::Ticket ticket = 0;
    Result<void> stored;
};
struct SpaceLoaded {
    sync::Ticket ticket = 0;
    Result<sync::LoadedSpace> space;
};
/// Read by catch_up, which may not write: the append stage must create it.
struct SpaceMissing {
    sync::LoadSpace request;
};
struct Appended {
    sync::Ticket ticket = 0;
    std::vector<Result<void>> stored;
};
struct CaughtUp {
    sync::Ticket ticket = 0;
    Result<sync::LogPage> page;
};
struct ChainFetched {
    sync::Ticket ticket = 0;
    Result<sync::ChainPage> page;
};
struct HeadFound {
    sync::Ticket ticket = 0;
    Result<Digest> head;
};

struct SubmissionStored {
    sync::Ticket ticket = 0;
    Result<void> stored;
};
struct SubmissionsLoaded {
    sync::Ticket ticket = 0;
    Result<std::vector<sync::SubmissionItem>> items;
};
struct SubmissionsDropped {
    sync::Ticket ticket = 0;
};
struct SpaceShredded {
    sync::Ticket ticket = 0;
    Result<void> done;
};

using StageResult = std::variant<Verified,
                                 OrgLoaded,
                                 EntryAppended,
                                 SpaceLoaded,
                                 SpaceMissing,
                                 Appended,
                                 CaughtUp,
                                 ChainFetched,
                                 HeadFound,
                                 SubmissionStored,
                                 SubmissionsLoaded,
                                 SubmissionsDropped,
                                 SpaceShredded>;

/// Takes results to the net thread; called on the threads of the stages.
using DeliverResults = std::function<void(std::vector<StageResult>)>;

}  // namespace trellis::server
