// SPDX-License-Identifier: Apache-2.0
// Thousands of kills and power cuts at random places of random work.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <iostream>
#include <map>
#include <random>

#include "core/query/record_view.hpp"
#include "tests/crash/device_scene.hpp"

using namespace trellis;
using namespace trellis::test;

namespace {

/// How many: TRELLIS_CUTS asks for more than what every run can afford.
std::size_t cuts_wanted() {
    const char* const wanted = std::getenv("TRELLIS_CUTS");
    return wanted == nullptr ? 12'000 : std::strtoull(wanted, nullptr, 10);
}

struct Figures {
    std::size_t kills = 0;
    std::size_t power_cuts = 0;
    std::size_t acknowledged = 0;
    std::size_t half_known = 0;  ///< commits that were under way, and turned out to be made
};

/// A tablet and what it was told is saved. Works until its disk goes down, then opens again.
class Victim {
public:
    Victim(DeviceScene& scene, std::uint64_t seed) : scene_(scene), random_(seed) {
        scene_.disk.restore(*scene_.before);
        open();
    }

    void crash(Figures& figures) {
        const bool is_cut = random_() % 2 == 0;
        scene_.disk.inject({.kind = is_cut ? Fault::Kind::power_cut : Fault::Kind::kill,
                            .at = 1 + random_() % 40});
        while (!scene_.disk.is_down()) work(figures);
        replica_.reset();
        start(is_cut, figures);
        if (random_() % 4 == 0) crash_while_opening(figures);
        open();
        compare(figures);
    }

    /// What SQLite and the kept envelopes say of the rows.
    void check() {
        const auto problems = replica_->check();
        REQUIRE(problems.has_value());
        for (const auto& problem : *problems) FAIL_CHECK(problem);
    }

private:
    void start(bool was_cut, Figures& figures) {
        ++(was_cut ? figures.power_cuts : figures.kills);
        scene_.disk.start();
        scene_.disk.heal();
    }

    void crash_while_opening(Figures& figures) {
        scene_.disk.inject({.kind = Fault::Kind::power_cut, .at = 1 + random_() % 12});
        { const auto opened = scene_.open(); }
        if (scene_.disk.is_down()) start(true, figures);
        scene_.disk.heal();
    }

    void open() {
        auto opened = scene_.open();
        if (!opened) FAIL(opened.error().message);
        replica_ = std::move(*opened);
    }

    /// A commit whose outcome is not known if the disk goes down in it.
    struct Open {
        RecordId record;
        std::int64_t minutes = 0;
    };

    void work(Figures& figures) {
        switch (random_() % 12) {
            case 0: static_cast<void>(replica_->seal()); return;
            case 1: receive(figures); return;
            case 2: static_cast<void>(replica_->store().database.checkpoint()); return;
            case 3: static_cast<void>(replica_->confirm(scene_.space, scene_.own, scene_.sealed)); return;
            case 4: put(figures); return;
            default: increment(figures); return;
        }
    }

    void put(Figures& figures) {
        const std::string name = "visit " + std::to_string(++names_);
        const auto done = replica_->write(
            scene_.space, {core::PutRecord{scene_.space, "thing",
                                           *parse_json(R"({"minutes":1,"name":")" + name + R"("})"),
                                           name}});
        if (!done) return;
        minutes_.emplace(done->written[0].record, 1);
        ++figures.acknowledged;
    }

    void increment(Figures& figures) {
        if (minutes_.empty()) return put(figures);
        auto at = minutes_.begin();
        std::advance(at, static_cast<std::ptrdiff_t>(random_() % minutes_.size()));
        const auto by = static_cast<std::int64_t>(random_() % 9 + 1);
        const auto done = replica_->write(
            scene_.space, {core::IncrementField{at->first, "minutes", by}});
        if (!done) {
            open_ = Open{at->first, at->second + by};
            return;
        }
        at->second += by;
        ++figures.acknowledged;
    }

    void receive(Figures& figures) {
        if (has_page_) return;
        const auto done = replica_->receive(scene_.space, scene_.from, scene_.to, scene_.page);
        if (!done && done.error().code != Code::conflict) return;
        has_page_ = true;
        ++figures.acknowledged;
    }

    /// Everything acknowledged is there; of what was under way, all or nothing.
    void compare(Figures& figures) {
        for (auto& [record, minutes] : minutes_) {
            const auto shown = core::get_record(*replica_, record);
            if (!shown) FAIL("lost: " << shown.error().message);
            const auto there = *(*shown)["fields"]["minutes"].integer();
            if (open_ && open_->record == record && there == open_->minutes) {
                minutes = there;
                ++figures.half_known;
            }
            REQUIRE(there == minutes);
        }
        open_.reset();
        if (!has_page_) return;
        for (const auto& sync : replica_->sync_spaces()) {
            if (sync.space == scene_.space) REQUIRE(sync.cursor == scene_.to);
        }
    }

    DeviceScene& scene_;
    std::mt19937_64 random_;
    std::unique_ptr<core::Replica> replica_;
    std::map<RecordId, std::int64_t> minutes_;
    std::size_t names_ = 0;
    bool has_page_ = false;
    std::optional<Open> open_;
};

}  // namespace

TEST_CASE("kills and power cuts take nothing that a tablet has acknowledged",
          "[crash][cuts]") {
    constexpr std::size_t cuts_each = 25;
    DeviceScene scene;
    Figures figures;
    for (std::uint64_t seed = 0; figures.kills + figures.power_cuts < cuts_wanted(); ++seed) {
        CAPTURE(seed);
        Victim victim(scene, seed);
        for (std::size_t i = 0; i < cuts_each; ++i) victim.crash(figures);
        victim.check();
    }
    std::cout << figures.kills << " kills and " << figures.power_cuts << " power cuts of a tablet, "
              << figures.acknowledged << " changes acknowledged, none lost; " << figures.half_known
              << " were made though nobody heard of it\n";
    CHECK(figures.acknowledged > figures.kills);
}
