// SPDX-License-Identifier: Apache-2.0
#include "server/stage/catch_up.hpp"

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

CatchUp::CatchUp(std::vector<std::unique_ptr<StoreReader>> readers,
                 std::size_t items_max,
                 DeliverResults deliver,
                 Metrics& metrics)
    : inbox_(items_max)
    , readers_(std::move(readers))
    , deliver_(std::move(deliver))
    , metrics_(metrics) {
    for (const auto& reader : readers_) {
        threads_.emplace_back(&CatchUp::run, this, std::ref(*reader));
    }
}

CatchUp::~CatchUp() {
    stop();
}

void CatchUp::stop() {
    inbox_.close();
    for (std::thread& thread : threads_)
        thread.join();
    threads_.clear();
}

void CatchUp::run(StoreReader& reader) {
    while (auto job = inbox_.take()) {
        std::vector<StageResult> results;
        results.push_back(read(reader, *job));
        metrics_.pages_read.add();
        deliver_(std::move(results));
    }
}

}  // namespace trellis::server
