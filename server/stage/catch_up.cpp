// SPDX-License-Identifier: Apache-2.0
#include "server/stage/catch_up.hpp"

#include <utility>

namespace trellis::server {

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
