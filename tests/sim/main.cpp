// SPDX-License-Identifier: Apache-2.0
// trellis-sim: runs seeds, and says of a failure how to see it again.
#include <cstdio>
#include <ctime>

#include "tests/sim/arguments.hpp"
#include "tests/sim/ledger.hpp"
#include "tests/sim/ledger_page.hpp"
#include "tests/sim/shrink.hpp"
#include "tests/sim/tape.hpp"

#ifndef __wasi__
#include <csignal>
#include <cstdlib>
#endif

namespace {

using namespace trellis;
using namespace trellis::sim;

/// Processor seconds so far; 0 where the machine does not say.
double cpu_seconds() {
#ifdef __wasi__
    return 0;
#else
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
#endif
}

std::uint64_t running_seed = 0;

#ifndef __wasi__
/// A failed check of the program's own stops it: say at least in which seed.
extern "C" void say_seed(int /*signal*/) {
    std::fprintf(stderr, "stopped by itself in seed %llu: trellis-sim --seed %llu --tell\n",
                 static_cast<unsigned long long>(running_seed),
                 static_cast<unsigned long long>(running_seed));
    std::_Exit(134);
}
#endif

struct Failed {
    Plan plan;
    Breach failure;
};

/// How much processor time making a failure smaller may cost.
constexpr double shrink_seconds = 300;

void tell_failure(const Arguments& arguments, const Settings& settings, Failed failed) {
    std::printf("\nBROKEN: %s: %s\n", failed.failure.checker.c_str(), failed.failure.what.c_str());
    std::printf("options: %s\n", print_json(to_json(failed.plan.options)).c_str());
    std::printf("again:   trellis-sim --seed %llu%s%s --tell\n",
                static_cast<unsigned long long>(failed.plan.options.seed),
                arguments.families == families_all ? "" : " --only ",
                arguments.families == families_all ? "" : letters_of(arguments.families).c_str());
    std::fflush(stdout);
    if (arguments.shrinks) {
        const double start = cpu_seconds();
        failed.plan = shrink(
            std::move(failed.plan), settings, failed.failure.checker,
            [start] { return cpu_seconds() - start < shrink_seconds; },
            [](const Plan& plan) {
                std::printf("  smaller: %zu steps, %zu devices\n", plan.steps.size(),
                            plan.options.devices());
                std::fflush(stdout);
            });
    }
    const std::string path =
        arguments.save.empty() ? "failed-" + std::to_string(failed.plan.options.seed) + ".tape"
                               : arguments.save;
    const auto written = write_tape(path, failed.plan);
    std::printf("shortest: %zu steps; trellis-sim --tape %s --tell\n", failed.plan.steps.size(),
                written ? path.c_str() : written.error().message.c_str());
}

/// The outcome, after a second run where that was asked for.
Outcome run_one(const Arguments& arguments, const Plan& plan, Settings settings) {
    running_seed = static_cast<std::uint64_t>(plan.options.seed);
    if (arguments.tell) settings.tell_to = stdout;
    auto outcome = run(plan, settings);
    if (!arguments.twice || outcome.failure) return outcome;
    settings.tell_to = nullptr;
    const auto again = run(plan, settings);
    if (again.hash == outcome.hash) return outcome;
    outcome.failure = Breach{"determinism", "a second run of the same seed went another way"};
    return outcome;
}

/// Bugs put in on purpose: each must be found within a few seeds.
int run_canaries(const Arguments& arguments) {
    constexpr std::uint64_t seeds_max = 60;
    int missed = 0;
    for (const auto& [name, canary, letters] :
         {std::tuple{"a server that answers before it commits", Canary::early_answer, "S"},
          std::tuple{"disks that lie about syncs", Canary::lying_disk, "S"}}) {
        bool is_found = false;
        for (std::uint64_t i = 0; i < seeds_max && !is_found; ++i) {
            auto options = draw_options(arguments.first + i, *families_of(letters));
            if (options.families == 0) continue;
            const auto outcome = run_one(arguments, make_plan(options), {nullptr, canary});
            if (!outcome.failure) continue;
            is_found = true;
            std::printf("found in seed %llu: %s (%s: %s)\n",
                        static_cast<unsigned long long>(arguments.first + i), name,
                        outcome.failure->checker.c_str(), outcome.failure->what.c_str());
        }
        if (!is_found) std::printf("MISSED: %s\n", name);
        missed += is_found ? 0 : 1;
    }
    return missed == 0 ? 0 : 1;
}

int run_tape(const Arguments& arguments) {
    const auto plan = read_tape(arguments.tape);
    if (!plan) {
        std::fprintf(stderr, "%s\n", plan.error().message.c_str());
        return 2;
    }
    const auto outcome = run_one(arguments, *plan, {});
    std::printf("%s\n", outcome.hash.hex().c_str());
    if (!outcome.failure) return 0;
    std::printf("BROKEN: %s: %s\n", outcome.failure->checker.c_str(),
                outcome.failure->what.c_str());
    return 1;
}

/// Lines "<seed> <hash>": each seed must come to its hash on every machine.
int run_known(const Arguments& arguments) {
    const auto text = read_text(arguments.known);
    if (!text) {
        std::fprintf(stderr, "%s\n", text.error().message.c_str());
        return 2;
    }
    int wrong = 0;
    const char* at = text->c_str();
    unsigned long long seed = 0;
    char hash[80];
    int used = 0;
    while (std::sscanf(at, "%llu %79s%n", &seed, hash, &used) == 2) {
        at += used;
        const auto outcome = run_one(arguments, make_plan(draw_options(seed)), {});
        const bool is_same = !outcome.failure && outcome.hash.hex() == hash;
        std::printf("%llu %s%s\n", seed, outcome.hash.hex().c_str(), is_same ? "" : "  expected: ");
        if (!is_same) std::printf("    %s %s\n", hash,
                                  outcome.failure ? outcome.failure->what.c_str() : "");
        wrong += is_same ? 0 : 1;
    }
    return wrong == 0 ? 0 : 1;
}

int print_page(const Arguments& arguments) {
    const auto lines = read_text(arguments.page);
    const auto page = lines ? ledger_page(*lines) : Result<std::string>(lines.error());
    if (!page) {
        std::fprintf(stderr, "%s\n", page.error().message.c_str());
        return 2;
    }
    std::printf("%s", page->c_str());
    return 0;
}

void keep_line(const Arguments& arguments, const Ledger& ledger, double taken) {
    auto line = ledger.to_json(taken);
    line.set("command", arguments.command);
#ifndef __wasi__
    if (const char* commit = std::getenv("TRELLIS_COMMIT")) line.set("commit", commit);
#endif
    const auto kept = append_line(arguments.ledger, print_json(line));
    if (!kept) std::fprintf(stderr, "%s\n", kept.error().message.c_str());
}

int run_seeds(const Arguments& arguments) {
    Ledger ledger;
    const double start = cpu_seconds();
    const double end = start + static_cast<double>(arguments.minutes) * 60.0;
    std::optional<Failed> failed;
    for (std::uint64_t seed = arguments.first; !failed; ++seed) {
        if (arguments.minutes > 0 ? cpu_seconds() >= end : seed > arguments.last) break;
        const auto plan = make_plan(draw_options(seed, arguments.families));
        const auto outcome = run_one(arguments, plan, {});
        ledger.add(seed, outcome);
        if (arguments.hashes) {
            std::printf("%llu %s\n", static_cast<unsigned long long>(seed),
                        outcome.hash.hex().c_str());
        }
        if (outcome.failure) failed = Failed{plan, *outcome.failure};
    }
    const double taken = cpu_seconds() - start;
    if (!arguments.hashes) std::printf("%s", ledger.report(taken).c_str());
    if (!arguments.ledger.empty()) keep_line(arguments, ledger, taken);
    if (failed) {
        tell_failure(arguments, {}, std::move(*failed));
        return 1;
    }
    return arguments.needs_all && !ledger.never_reached().empty() ? 1 : 0;
}

}  // namespace

int main(int count, char** values) {
#ifndef __wasi__
    std::signal(SIGABRT, say_seed);
#endif
    auto arguments = parse_arguments(count, values);
    if (!arguments) {
        std::fprintf(stderr, "%s\n", arguments.error().message.c_str());
        return 2;
    }
    if (arguments->help) {
        std::printf("%s", usage);
        return 0;
    }
    if (arguments->fresh > 0) {
        arguments->first = static_cast<std::uint64_t>(std::time(nullptr)) * 1'000;
        arguments->last = arguments->first + arguments->fresh - 1;
    }
    if (arguments->canary) return run_canaries(*arguments);
    if (!arguments->page.empty()) return print_page(*arguments);
    if (!arguments->tape.empty()) return run_tape(*arguments);
    if (!arguments->known.empty()) return run_known(*arguments);
    return run_seeds(*arguments);
}
