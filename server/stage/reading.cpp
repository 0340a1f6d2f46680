// SPDX-License-Identifier: Apache-2.0
#include "server/stage/reading.hpp"

#include <utility>

namespace trellis::server {
namespace {

struct Reading {
    StoreReader& reader;

    StageResult operator()(const sync::LoadOrg& job) const {
        return OrgLoaded{job.ticket, reader.entries(job.org)};
    }
    StageResult operator()(const sync::LoadSpace& job) const {
        auto space = reader.space(job.org, job.space);
        if (!space) return SpaceLoaded{job.ticket, std::move(space).error()};
        if (!space->has_value()) return SpaceMissing{job};
        return SpaceLoaded{job.ticket, std::move(**space)};
    }
    StageResult operator()(const sync::CatchUp& job) const {
        return CaughtUp{job.ticket, reader.page(job)};
    }
    StageResult operator()(const sync::FetchChain& job) const {
        return ChainFetched{job.ticket, reader.chain(job)};
    }
    StageResult operator()(const sync::HeadAt& job) const {
        return HeadFound{job.ticket, reader.head_at(job)};
    }
    StageResult operator()(const sync::LoadSubmissions& job) const {
        return SubmissionsLoaded{job.ticket, reader.submissions(job)};
    }
};

}  // namespace

StageResult read(StoreReader& reader, const ReadJob& job) {
    return std::visit(Reading{reader}, job);
}

}  // namespace trellis::server
