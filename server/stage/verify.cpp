// SPDX-License-Identifier: Apache-2.0
#include "server/stage/verify.hpp"

#include <utility>

namespace trellis::server {

Verify::Verify(std::size_t threads, std::size_t items_max, DeliverResults deliver, Metrics& metrics)
    : inbox_(items_max), deliver_(std::move(deliver)), metrics_(metrics) {
    for (std::size_t thread = 0; thread < threads; ++thread) {
        threads_.emplace_back(&Verify::run, this);
    }
}

Verify::~Verify() {
    stop();
}

void Verify::stop() {
    inbox_.close();
    for (std::thread& thread : threads_)
        thread.join();
    threads_.clear();
}

void Verify::run() {
    while (auto job = inbox_.take()) {
        Verified verified{job->ticket, {}};
        verified.genuine.reserve(job->checks.size());
        for (const auto& check : job->checks)
            verified.genuine.push_back(sync::is_genuine(check));
        metrics_.verifications.add(static_cast<std::int64_t>(job->checks.size()));
        std::vector<StageResult> results;
        results.emplace_back(std::move(verified));
        deliver_(std::move(results));
    }
}

}  // namespace trellis::server
