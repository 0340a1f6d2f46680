// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/simulation.hpp"

#include <utility>

#include "tests/sim/checkers/checkers.hpp"
#include "tests/sim/fate.hpp"

namespace trellis::sim {
namespace {

constexpr Time minute_ms = 60'000;

/// From the end of all faults until a session that hangs has noticed, has been dialled again
/// twice under the longest pause, and everything has crossed (docs/simulation.md, C17).
constexpr Time heal_bound_ms = 90'000 + 2 * sync::Backoff::most_ms + minute_ms;
/// Still unequal after ten times as long: that is no delay any more.
constexpr Time patience_factor = 10;
/// What is written on may bring to light what else was lost.
constexpr int write_on_max = 3;

class Run {
public:
    Run(const Plan& plan, const Settings& settings)
        : plan_(plan), settings_(settings), fleet_(plan.options, settings.tell_to), fate_(fleet_) {}

    Outcome run() {
        fleet_.found();
        if (!failed()) trouble();
        if (!failed()) converge("after healing");
        if (!failed()) burst();
        if (!failed()) finish();
        return outcome();
    }

private:
    [[nodiscard]] bool failed() const { return fleet_.world.failure().has_value(); }

    /// People work and faults strike.
    void trouble() {
        begin_trouble();
        const Time start = fleet_.world.now();
        for (const auto& step : plan_.steps) {
            fleet_.world.run_until(start + step.at);
            if (failed()) return;
            fate_.carry_out(step);
        }
        fleet_.world.run_until(start + plan_.options.length_ms);
        outcome_.device_ms =
            (fleet_.world.now() - start) * static_cast<std::int64_t>(fleet_.size());
        if (!failed()) fleet_.heal();
    }

    void begin_trouble() {
        const auto& options = plan_.options;
        Random random(mixed(static_cast<std::uint64_t>(options.seed), 0x7B));
        for (std::size_t i = 0; i < fleet_.size(); ++i) {
            auto& road = fleet_.network.road(i);
            road.latency_ms = options.latency_ms;
            road.bytes_per_second = options.bytes_per_second;
            road.resets_per_million = options.resets_per_million;
            auto& env = fleet_.device(i).env();
            if (options.skew_ms > 0) env.skew(random.between(-options.skew_ms, options.skew_ms));
            if (options.drift_ppm > 0) env.drift(random.between(-options.drift_ppm, options.drift_ppm));
            if (i != 0 && random.below(100) < static_cast<std::uint64_t>(options.passes)) {
                fleet_.device(i).go_live(false);
            }
            if (options.bursts == 0) continue;
            // Everybody is away for most of the time, and back within the same minute.
            road.down_until = fleet_.world.now() + options.length_ms * 3 / 4 +
                              random.between(0, minute_ms);
        }
        if (options.dead_random != 0) fleet_.device(fleet_.size() - 1).env().break_random();
        if (settings_.canary == Canary::early_answer) fleet_.server.lie(Lie::early_answer);
        if (settings_.canary == Canary::lying_disk) {
            for (std::size_t i = 0; i < fleet_.size(); ++i) fleet_.device(i).disk().lie_about_syncs(true);
        }
    }

    /// C17, and all that must be true of a fleet that has come to rest.
    void converge(std::string_view when) {
        Time start = fleet_.world.now();
        auto left = fleet_.unfinished();
        for (int rounds = 0; !left.empty() && !failed();) {
            fleet_.world.run_until(fleet_.world.now() + 1'000);
            left = fleet_.unfinished();
            const bool is_late = fleet_.world.now() - start > heal_bound_ms;
            if (is_late && rounds < write_on_max && fleet_.write_on()) {
                start = fleet_.world.now();
                ++rounds;
            }
            if (fleet_.world.now() - start > patience_factor * heal_bound_ms) break;
        }
        const Time taken = fleet_.world.now() - start;
        if (failed()) return;
        if (!left.empty()) {
            return fleet_.world.fail("C1", std::string(when) + ", for ever: " + left);
        }
        outcome_.healing_ms = std::max(outcome_.healing_ms, taken);
        if (taken > heal_bound_ms) {
            return fleet_.world.fail("C17", std::string(when) + " it took " +
                                                std::to_string(taken / 1000) + " s to converge");
        }
        fleet_.world.note("converged", {taken});
        for (auto* check : {check_convergence, check_nothing_lost, check_spec}) {
            check(fleet_);
            if (failed()) return;
        }
    }

    /// Most work once more. Where networks fail, they have forgotten every connection meanwhile
    /// and tell neither end: who says nothing must notice all the same, or hears nothing.
    void burst() {
        if (plan_.options.has(family_network)) fleet_.network.drop_server(false);
        Random random(mixed(static_cast<std::uint64_t>(plan_.options.seed), 0xB0));
        const auto before = fleet_.truth.deeds().size();
        for (std::size_t i = 0; i < fleet_.size(); ++i) {
            if (fleet_.is_revoked(fleet_.device(i)) || random.chance(300)) continue;
            for (int n = 0; n < 3; ++n) fleet_.people.work(fleet_.device(i), random.next());
        }
        converge("after the burst");
        if (!failed()) check_closed_doors(fleet_, before);
    }

    void finish() {
        check_blindness(fleet_);
        if (!failed()) check_bounds(fleet_);
        if (!failed()) check_relay(fleet_);
        if (!failed()) check_logs(fleet_);
    }

    [[nodiscard]] std::uint64_t struck(std::initializer_list<std::string_view> names) const {
        std::uint64_t sum = 0;
        for (const auto name : names) {
            const auto found = fleet_.world.faults.find(name);
            if (found != fleet_.world.faults.end()) sum += found->second;
        }
        return sum;
    }

    Outcome outcome() {
        auto& world = fleet_.world;
        outcome_.failure = world.failure();
        outcome_.events = world.trace.events();
        outcome_.frames = fleet_.network.frames();
        outcome_.bytes = fleet_.network.bytes();
        outcome_.kills = struck({"kill", "kill_at_io", "server_kill"});
        outcome_.power_cuts = struck({"power_cut", "cut_at_io", "server_power_cut",
                                      "server_cut_at_io"});
        outcome_.restores = fleet_.restores;
        outcome_.changes = fleet_.truth.deeds().size();
        outcome_.works = fleet_.people.done();
        outcome_.faults = world.faults;
        outcome_.reached = world.reached;
        outcome_.hash = world.trace.finish();
        return std::move(outcome_);
    }

    const Plan& plan_;
    Settings settings_;
    Fleet fleet_;
    Fate fate_;
    Outcome outcome_;
};

}  // namespace

Outcome run(const Plan& plan, const Settings& settings) { return Run(plan, settings).run(); }

}  // namespace trellis::sim
