// SPDX-License-Identifier: Apache-2.0
#include "tests/laws/ledger.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cstdlib>
#include <ctime>
#include <iomanip>
#include <iostream>

namespace trellis::laws {
namespace {

/// Of 0, 1, 2, … ops on three replicas; counted before this code was written, and with the
/// Catalan numbers for two replicas by the same rules (history_test.cpp).
constexpr std::array<std::uint64_t, 7> histories_of{1, 3, 12, 58, 321, 1968, 13078};

struct Line {
    std::string name;
    std::size_t events = 0;
    Count count;
    double seconds = 0;

    void print() const {
        std::cout << std::left << std::setw(34) << name << std::right << std::setw(4) << events
                  << std::setw(11) << count.histories << std::setw(13) << count.cases
                  << std::setw(14) << count.applies << std::setw(9) << std::fixed
                  << std::setprecision(2) << seconds << "\n";
    }
};

/// Printed when the program ends.
class Table {
public:
    Table() = default;
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;
    ~Table() {
        Line sum{"sum", 0, {}, 0};
        std::cout << std::left << std::setw(34) << "kind" << std::right << std::setw(4) << "ops"
                  << std::setw(11) << "histories" << std::setw(13) << "cases" << std::setw(14)
                  << "applies" << std::setw(9) << "CPU s" << "\n";
        for (const auto& line : lines_) {
            line.print();
            sum.count.histories += line.count.histories;
            sum.count.cases += line.count.cases;
            sum.count.applies += line.count.applies;
            sum.seconds += line.seconds;
        }
        sum.print();
    }
    void add(Line line) { lines_.push_back(std::move(line)); }

private:
    std::vector<Line> lines_;
};

/// CPU time of this process.
double now() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace

std::size_t events(std::size_t usual) {
    const char* more = std::getenv("TRELLIS_LAWS_MORE");
    return usual + static_cast<std::size_t>(more == nullptr ? 0 : std::atoi(more));
}

void note(const std::string& name, std::size_t events, const Count& count, double seconds) {
    static Table table;
    table.add({name, events, count, seconds});
}

void must_hold(const World& world, std::size_t usual) {
    for (std::size_t n = 1; n <= events(usual); ++n) {
        Count count;
        const auto begun = now();
        const auto wrong = walk(world, n, count);
        if (wrong) FAIL(*wrong);
        note(world.name, n, count, now() - begun);
        if (n >= histories_of.size()) continue;
        auto cases = histories_of[n];
        for (std::size_t e = 0; e < n; ++e) cases *= world.choices.size();
        CHECK(count.histories == histories_of[n]);
        CHECK(count.cases == cases);
    }
}

}  // namespace trellis::laws
