// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/shrink.hpp"

#include <algorithm>
#include <utility>

namespace trellis::sim {
namespace {

class Shrinker {
public:
    Shrinker(Plan plan, const Settings& settings, std::string checker,
             const std::function<bool()>& more, const std::function<void(const Plan&)>& told)
        : best_(std::move(plan)), settings_(settings), checker_(std::move(checker)), more_(more),
          told_(told) {
        settings_.tell_to = nullptr;
    }

    Plan shrink() {
        truncate();
        for (bool went = true; went && more_();) {
            went = drop_families();
            went = drop_devices() || went;
            went = drop_spans() || went;
            went = lower_options() || went;
        }
        return std::move(best_);
    }

private:
    /// Keeps the candidate where it breaks the same promise.
    bool accept(const Plan& candidate) {
        if (candidate == best_ || !more_()) return false;
        const auto outcome = run(candidate, settings_);
        if (!outcome.failure || outcome.failure->checker != checker_) return false;
        best_ = candidate;
        if (told_) told_(best_);
        return true;
    }

    /// Whatever comes after the failure has nothing to do with it: by halves.
    void truncate() {
        for (std::size_t cut = best_.steps.size() / 2; cut > 0;) {
            auto candidate = best_;
            if (candidate.steps.size() <= cut) {
                cut /= 2;
                continue;
            }
            candidate.steps.resize(candidate.steps.size() - cut);
            candidate.options.length_ms =
                candidate.steps.empty() ? 1 : candidate.steps.back().at + 1'000;
            if (!accept(candidate)) cut /= 2;
            if (!more_()) return;
        }
    }

    bool drop_families() {
        bool went = false;
        for (std::uint32_t family = 1; family <= families_all; family <<= 1U) {
            auto candidate = best_;
            candidate.options.families &= ~std::int64_t{family};
            std::erase_if(candidate.steps,
                          [family](const Step& step) { return family_of(step.what) == family; });
            went = accept(candidate) || went;
        }
        return went;
    }

    bool drop_devices() {
        bool went = false;
        for (auto count : {&Options::liaisons, &Options::browsers, &Options::centrals}) {
            while (best_.options.*count > (count == &Options::centrals ? 1 : 0)) {
                auto candidate = best_;
                --(candidate.options.*count);
                if (!accept(candidate)) break;
                went = true;
            }
        }
        return went;
    }

    /// Delta debugging: leaves out spans of steps, long ones first.
    bool drop_spans() {
        bool went = false;
        for (std::size_t size = std::max<std::size_t>(best_.steps.size() / 2, 1); more_();) {
            for (std::size_t at = 0; at < best_.steps.size() && more_();) {
                auto candidate = best_;
                const auto first = candidate.steps.begin() + static_cast<std::ptrdiff_t>(at);
                const auto count = std::min(size, candidate.steps.size() - at);
                candidate.steps.erase(first, first + static_cast<std::ptrdiff_t>(count));
                if (accept(candidate)) {
                    went = true;
                } else {
                    at += size;
                }
            }
            if (size == 1) break;
            size /= 2;
        }
        return went;
    }

    /// A calmer world that still breaks is easier to read.
    bool lower_options() {
        const Options calm;
        bool went = false;
        for (auto member : {&Options::resets_per_million, &Options::skew_ms, &Options::drift_ppm,
                            &Options::dead_random, &Options::shuffles, &Options::bursts,
                            &Options::passes, &Options::latency_ms, &Options::bytes_per_second,
                            &Options::spaces}) {
            auto candidate = best_;
            candidate.options.*member = calm.*member;
            went = accept(candidate) || went;
        }
        return went;
    }

    Plan best_;
    Settings settings_;
    std::string checker_;
    const std::function<bool()>& more_;
    const std::function<void(const Plan&)>& told_;
};

}  // namespace

Plan shrink(Plan plan, const Settings& settings, const std::string& checker,
            const std::function<bool()>& more, const std::function<void(const Plan&)>& told) {
    return Shrinker(std::move(plan), settings, checker, more, told).shrink();
}

}  // namespace trellis::sim
