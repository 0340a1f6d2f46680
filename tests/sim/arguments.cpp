// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/arguments.hpp"

#include <charconv>
#include <string_view>

namespace trellis::sim {
namespace {

Result<std::uint64_t> number_of(std::string_view name, std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem == std::errc() && end == text.data() + text.size()) return number;
    return Error{Code::invalid, std::string(name) + " takes a number, not '" + std::string(text) + "'"};
}

Result<void> set_seeds(Arguments& arguments, std::string_view text) {
    const auto dots = text.find("..");
    if (dots == std::string_view::npos) return Error{Code::invalid, "--seeds takes A..B"};
    TRELLIS_TRY(arguments.first, number_of("--seeds", text.substr(0, dots)));
    TRELLIS_TRY(arguments.last, number_of("--seeds", text.substr(dots + 2)));
    if (arguments.last >= arguments.first) return {};
    return Error{Code::invalid, "--seeds A..B goes upward"};
}

Result<void> set_value(Arguments& arguments, std::string_view name, std::string_view value) {
    if (name == "--seeds") return set_seeds(arguments, value);
    if (name == "--seed") {
        TRELLIS_TRY(arguments.first, number_of(name, value));
        arguments.last = arguments.first;
        return {};
    }
    if (name == "--fresh") {
        TRELLIS_TRY(arguments.fresh, number_of(name, value));
        return {};
    }
    if (name == "--minutes") {
        TRELLIS_TRY(const auto minutes, number_of(name, value));
        arguments.minutes = static_cast<std::int64_t>(minutes);
        return {};
    }
    if (name == "--only") {
        TRELLIS_TRY(arguments.families, families_of(value));
        return {};
    }
    for (const auto& [known, member] :
         {std::pair{"--tape", &Arguments::tape}, std::pair{"--save", &Arguments::save},
          std::pair{"--ledger", &Arguments::ledger}, std::pair{"--page", &Arguments::page},
          std::pair{"--known", &Arguments::known}}) {
        if (name != known) continue;
        arguments.*member = std::string(value);
        return {};
    }
    return Error{Code::invalid, "there is no argument " + std::string(name) + ": see --help"};
}

bool set_switch(Arguments& arguments, std::string_view name) {
    for (const auto& [known, member] :
         {std::pair{"--canary", &Arguments::canary}, std::pair{"--twice", &Arguments::twice},
          std::pair{"--tell", &Arguments::tell}, std::pair{"--hashes", &Arguments::hashes},
          std::pair{"--needs-all", &Arguments::needs_all}, std::pair{"--help", &Arguments::help}}) {
        if (name != known) continue;
        arguments.*member = true;
        return true;
    }
    if (name != "--no-shrink") return false;
    arguments.shrinks = false;
    return true;
}

}  // namespace

const char* const usage =
    "trellis-sim: a fleet of tablets, their people, their network and their server, in one\n"
    "thread and virtual time. Says what broke and how to see it again.\n\n"
    "  --seed S            one seed\n"
    "  --seeds A..B        these seeds (default 1..1)\n"
    "  --fresh N           N seeds that nobody has run: they follow from the clock\n"
    "  --minutes M         as many as M minutes of processor time allow\n"
    "  --only LETTERS      faults of these families: N network, T time, S storage,\n"
    "                      P topology, A trust, L life cycle; '' for none\n"
    "  --tape FILE         what a tape says, instead of seeds\n"
    "  --save FILE         where the tape of a failure goes\n"
    "  --ledger FILE       appends what was run as one line of JSON; TRELLIS_COMMIT in the\n"
    "                      environment says of which sources\n"
    "  --page FILE         prints the page of a ledger, sums first\n"
    "  --canary            puts bugs in that must be found, and succeeds only if they are\n"
    "  --twice             runs every seed twice; both must be the same to the last event\n"
    "  --hashes            prints each seed with the hash of everything that happened\n"
    "  --known FILE        compares these hashes with lines '<seed> <hash>'\n"
    "  --needs-all         fails where an interesting state was never reached\n"
    "  --tell              prints every event\n"
    "  --no-shrink         leaves a failing tape as long as it is\n";

Result<Arguments> parse_arguments(int count, char** values) {
    Arguments arguments;
    arguments.command = "trellis-sim";
    for (int i = 1; i < count; ++i) arguments.command += " " + std::string(values[i]);
    for (int i = 1; i < count; ++i) {
        const std::string_view name = values[i];
        if (set_switch(arguments, name)) continue;
        if (i + 1 == count) return Error{Code::invalid, std::string(name) + " lacks its value"};
        TRELLIS_DO(set_value(arguments, name, values[++i]));
    }
    return arguments;
}

}  // namespace trellis::sim
