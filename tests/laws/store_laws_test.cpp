// SPDX-License-Identifier: Apache-2.0
// What the store adds to merging: the entries of logs, and states that become rows and states
// again after every op. The same histories, through the one way in that real changes take.
#include <catch2/catch.hpp>

#include <algorithm>
#include <ctime>

#include "core/sqlite/memory_vfs.hpp"
#include "core/store/store.hpp"
#include "tests/laws/ledger.hpp"
#include "tests/laws/ops.hpp"
#include "tests/support/every_kind.hpp"
#include "tests/support/fake_env.hpp"

namespace trellis::laws {
namespace {

template <class T>
T must(Result<T> result) {
    if (!result) FAIL(result.error().message);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// One record in one space of a real database, in one transaction that never ends.
class Shelf {
public:
    Shelf() {
        sqlite::OpenOptions options;
        options.path = "laws.db";
        options.shared_memory = false;
        options.vfs = disk_.name();
        store_ = must(core::Store::open(options, test::every_kind_schema(), env_));
        must(store_->database.begin());
        SpaceId space;
        space.bytes.fill(1);
        place_.type = 1;
        place_.space = must(store_->spaces.intern(space, {}));
        place_.record = RecordId::keyed(Bytes(16, 1));
        for (std::size_t replica = 0; replica < 3; ++replica) {
            DeviceId device;
            device.bytes.fill(static_cast<std::uint8_t>(replica + 1));
            actors_.push_back(must(store_->actors.intern(place_.space, device, {},
                                                         actor_of(replica))));
        }
        place_.row = must(store_->records.locate(place_.space, place_.record));
        must(store_->database.run("SAVEPOINT empty"));
    }
    ~Shelf() { store_.reset(); }
    Shelf(const Shelf&) = delete;
    Shelf& operator=(const Shelf&) = delete;

    void clear() { must(store_->database.run("ROLLBACK TO empty")); }
    void take_in(const Story& story, std::size_t e, core::Op op) {
        op.record = place_.record;
        core::Change change;
        change.first = story.dot(e).counter;
        change.stamp = story.stamps[e];
        change.ops.push_back(std::move(op));
        core::Applier applier(store_->records, store_->links, store_->actors);
        must(applier.apply(actors_[story.event(e).replica], change, nullptr));
        must(applier.finish());
    }
    std::optional<core::RecordState> state() {
        auto state = must(store_->records.load(place_));
        // As the applier does before it judges presence.
        if (state) must(store_->records.join_log_writes(place_, state->writes));
        return state;
    }
    std::vector<Dot> entries() {
        std::vector<Dot> dots;
        for (const auto& entry : must(store_->records.entries(place_, 8))) dots.push_back(entry.dot);
        return dots;
    }

private:
    test::FakeEnv env_;
    sqlite::MemoryDisk disk_{"laws"};
    std::unique_ptr<core::Store> store_;
    core::Place place_;
    std::vector<core::ActorIndex> actors_;
};

/// The entries that were appended by these events, in the order for people.
std::vector<Dot> entries_of(const Story& story) {
    std::vector<std::size_t> appended;
    for (std::size_t e = 0; e < story.size(); ++e) {
        if (story.act(e).front().verb == Verb::append) appended.push_back(e);
    }
    const auto key = [&](std::size_t e) {
        const auto dot = story.dot(e);
        return std::tuple(story.stamps[e].time, dot.counter, dot.actor);
    };
    std::sort(appended.begin(), appended.end(),
              [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
    std::vector<Dot> dots;
    for (const auto e : appended) dots.push_back(story.dot(e));
    return dots;
}

/// Delivers the whole in the order of the history, with one event last.
void deliver(Shelf& shelf, const Story& story, const std::vector<core::Op>& ops,
             std::size_t last) {
    shelf.clear();
    for (std::size_t e = 0; e < story.size(); ++e) {
        if (e != last) shelf.take_in(story, e, ops[e]);
    }
    shelf.take_in(story, last, ops[last]);
}

void check(Shelf& shelf, const Spec& spec) {
    const auto& story = spec.story();
    EventSet all;
    bool is_made = false;
    for (std::size_t e = 0; e < story.size(); ++e) {
        all.set(e);
        is_made = is_made || story.act(e).front().verb != Verb::append;
    }
    REQUIRE(shelf.entries() == entries_of(story));
    if (!is_made) return;  // a log alone makes no row
    const auto state = shelf.state();
    REQUIRE(state.has_value());
    auto expected = spec.record(all);
    REQUIRE(state->fields == expected.fields);
    REQUIRE(state->tombstones == expected.tombstones);
    REQUIRE(state->presence() == spec.presence(all));
}

void walk_store(const World& world, std::size_t usual) {
    Shelf shelf;
    for (std::size_t n = 1; n <= events(usual); ++n) {
        Count count;
        const auto begun = std::clock();
        for (const auto& history : all_histories(n, 3)) {
            ++count.histories;
            EventSet needed;
            for (const auto& event : history) needed |= event.past;
            std::vector<std::size_t> picks(n, 0);
            for (bool more = true; more;) {
                ++count.cases;
                Story story{&history, {}, {}};
                for (const auto pick : picks) {
                    story.acts.push_back(&world.choices[pick].act);
                    story.stamps.push_back(world.choices[pick].stamp);
                }
                Spec spec(story);
                std::vector<core::Op> ops;
                for (std::size_t e = 0; e < n; ++e) {
                    spec.note(e);
                    ops.push_back(op_of(spec, e));
                }
                INFO(to_string(story));
                for (std::size_t e = 0; e < n; ++e) {
                    if (needed[e]) continue;
                    deliver(shelf, story, ops, e);
                    count.applies += n;
                    check(shelf, spec);
                }
                more = false;
                for (auto& pick : picks) {
                    more = ++pick < world.choices.size();
                    if (more) break;
                    pick = 0;
                }
            }
        }
        note(world.name, n, count, static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC);
    }
}

TEST_CASE("a log is the union of its entries, in one order on every device", "[laws]") {
    walk_store({"log, in the store", {{{{Verb::append, 8}}, {100, ClockQuality::plausible}},
                                      {{{Verb::append, 8}}, {200, ClockQuality::precise}}}}, 5);
}

TEST_CASE("a record is the same after it was a row", "[laws]") {
    walk_store({"whole record, in the store", choices({{Verb::assign, 3, 1},
                                                       {Verb::add, 6, 0},
                                                       {Verb::remove, 6, 0},
                                                       {Verb::append, 8},
                                                       {Verb::raise, 9, 1},
                                                       {Verb::close, 9, 0},
                                                       {Verb::erase},
                                                       {Verb::restore}})}, 3);
}

}  // namespace
}  // namespace trellis::laws
