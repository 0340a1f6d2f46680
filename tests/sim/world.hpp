// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "tests/sim/streams.hpp"
#include "tests/sim/trace.hpp"

namespace trellis::sim {

/// The first promise that was broken.
struct Breach {
    std::string checker;  ///< "C1" … "C18" (docs/simulation.md)
    std::string what;
};

/// Counts of what happened, by name.
using Tally = std::map<std::string, std::uint64_t, std::less<>>;

/// Virtual time and everything that is due in it. One thread; the only clock there is. Time is
/// in milliseconds since the simulation began.
class World {
public:
    struct Settings {
        std::uint64_t seed = 1;
        bool shuffles_ties = false;  ///< events of the same millisecond come in any order
        std::FILE* tell_to = nullptr;
    };
    explicit World(const Settings& settings)
        : random(settings.seed), trace(settings.tell_to), shuffles_ties_(settings.shuffles_ties) {}
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    [[nodiscard]] Time now() const { return now_; }
    void at(Time when, std::function<void()> event);
    void after(Time wait, std::function<void()> event) { at(now_ + wait, std::move(event)); }
    /// What is due until then, in order; stops early where a promise is broken.
    void run_until(Time when);

    void note(std::string_view what, std::initializer_list<std::int64_t> numbers,
              ByteView bytes = {}) {
        trace.note(now_, what, numbers, bytes);
    }
    void tell(std::string_view what, std::string_view remark) { trace.tell(now_, what, remark); }

    /// An interesting state was reached (sometimes.hpp lists them all).
    void sometimes(std::string_view name) { count(reached, name); }
    /// A fault struck.
    void struck(std::string_view name) { count(faults, name); }

    /// A promise is broken: the run ends after this event.
    void fail(std::string_view checker, std::string what);
    [[nodiscard]] const std::optional<Breach>& failure() const { return failure_; }

    Streams random;
    Trace trace;
    std::string word;  ///< is in all that people write: who else learns it has read it
    Tally reached;
    Tally faults;

private:
    struct Event {
        Time at = 0;
        std::uint64_t priority = 0;
        std::uint64_t number = 0;
        std::function<void()> run;
    };
    struct Later {
        bool operator()(const Event& a, const Event& b) const;
    };
    static void count(Tally& tally, std::string_view name);

    std::priority_queue<Event, std::vector<Event>, Later> due_;
    Time now_ = 0;
    std::uint64_t events_ = 0;
    bool shuffles_ties_;
    std::optional<Breach> failure_;
};

}  // namespace trellis::sim
