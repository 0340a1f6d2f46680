// SPDX-License-Identifier: Apache-2.0
// Everything a relay does with its store, failed at every I/O; and thousands of kills and power
// cuts at random places.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <iostream>
#include <random>

#include "server/store/sqlite_reader.hpp"
#include "server/store/sqlite_store.hpp"
#include "tests/crash/dump.hpp"
#include "tests/crash/sweep.hpp"
#include "tests/server/placed.hpp"

using namespace trellis;
using namespace trellis::server;
using namespace trellis::server::test;
using namespace trellis::test;

namespace {

const auto org = id_of<OrgId>(1);
const auto space = id_of<SpaceId>(2);
const auto life = id_of<LogIncarnation>(3);
constexpr const char* path = "store.db";

struct Opened {
    std::unique_ptr<Store> store;
    std::unique_ptr<StoreWriter> writer;
    std::unique_ptr<StoreReader> reader;
};

Result<Opened> open(const CrashDisk& disk) {
    StoreOptions options;
    options.vfs = disk.name();
    Opened opened;
    TRELLIS_TRY(opened.store, SqliteStore::open(path, options));
    TRELLIS_TRY(opened.writer, opened.store->open_writer());
    TRELLIS_TRY(opened.reader, opened.store->open_reader());
    return opened;
}

using Work = std::function<Result<void>(Opened&)>;

/// One transaction, as the append stage makes it.
Result<void> in_commit(Opened& opened, const Work& work) {
    auto done = opened.writer->begin();
    if (done) done = work(opened);
    if (done) done = opened.writer->commit();
    if (!done) opened.writer->rollback();
    return done;
}

template <class T>
Result<void> flat(Verdict<T> verdict) {
    if (!verdict) return std::move(verdict).error();
    if (!*verdict) return std::move(*verdict).error();
    return {};
}

/// A store with an organisation, a space and some envelopes, on a disk that fails.
struct Scene {
    CrashDisk disk{"relay", 3};
    PlacedLog log{org, space, life};
    std::shared_ptr<const CrashDisk::Snapshot> empty = disk.snapshot();
    std::shared_ptr<const CrashDisk::Snapshot> before;
    sync::SpaceAppend next;

    Scene() {
        {
            auto opened = open(disk);
            REQUIRE(opened.has_value());
            REQUIRE(in_commit(*opened, [&](Opened& to) -> Result<void> {
                        TRELLIS_DO(flat(to.writer->append_entry(org, 0, filled(300, 9))));
                        TRELLIS_DO(flat(to.writer->create_space({0, org, space, life})));
                        return flat(to.writer->append(log.next({1, 2, 1})));
                    }).has_value());
        }
        before = disk.snapshot();
        next = log.next({1, 3, 2, 1}, 3'000);
    }

    std::string look() {
        sqlite::OpenOptions options;
        options.path = path;
        options.vfs = disk.name();
        auto database = sqlite::Database::open(options);
        if (!database) FAIL(database.error().message);
        const auto problems = database->integrity_problems();
        REQUIRE(problems.has_value());
        for (const auto& problem : *problems) FAIL_CHECK(problem);
        return dump(*database);
    }

    Subject subject(std::string name, Work work) {
        Subject made;
        made.name = std::move(name);
        made.reset = [this] { disk.restore(*before); };
        made.session = [this, work = std::move(work)](
                           const std::function<void()>& ready) -> Result<void> {
            TRELLIS_TRY(auto opened, open(disk));
            ready();
            return work(opened);
        };
        made.look = [this] { return look(); };
        return made;
    }

    Subject commit(std::string name, Work work) {
        return subject(std::move(name), [work = std::move(work)](Opened& opened) {
            return in_commit(opened, work);
        });
    }
};

Result<void> load_everything(Opened& opened) {
    TRELLIS_TRY(const auto entries, opened.reader->entries(org));
    TRELLIS_TRY(const auto loaded, opened.reader->space(org, space));
    if (entries.size() == 1 && loaded && loaded->end.position == 3) return {};
    return Error{Code::corrupt, "something is missing"};
}

std::vector<Subject> everything(Scene& scene) {
    return {
        scene.commit("append envelopes", [&scene](Opened& to) {
            return flat(to.writer->append(scene.next));
        }),
        scene.commit("append an entry", [](Opened& to) {
            return flat(to.writer->append_entry(org, 1, filled(500, 8)));
        }),
        scene.commit("create a space", [](Opened& to) {
            return flat(to.writer->create_space({0, org, id_of<SpaceId>(7), life}));
        }),
        scene.commit("save what was seen", [](Opened& to) {
            sync::SaveSeen save;
            save.org = org;
            save.space = space;
            save.seen.device = id_of<DeviceId>(1);
            save.seen.incarnation = life;
            save.seen.position = 3;
            return to.writer->save_seen(save);
        }),
        scene.subject("keep a seed", [](Opened& opened) -> Result<void> {
            TRELLIS_TRY(const auto seed, opened.store->server_seed(filled(32, 5)));
            return {};
        }),
        scene.subject("load", load_everything),
    };
}

}  // namespace

TEST_CASE("no failing I/O loses or half does what a relay stores", "[crash][sweep]") {
    Scene scene;
    SweepFigures all;
    for (const auto& subject : everything(scene)) {
        SweepFigures of_subject;
        for (const auto& trouble : disk_troubles(scene.disk)) of_subject += sweep(subject, trouble);
        print(subject.name, of_subject);
        CHECK(of_subject.points > 0);
        all += of_subject;
    }
    print("a relay's store together", all);
}

TEST_CASE("no failing I/O spoils opening a relay's store", "[crash][sweep]") {
    Scene scene;
    for (const auto& state : {scene.before, scene.empty}) {
        auto subject = scene.subject("open", {});
        subject.reset = [&scene, state] { scene.disk.restore(*state); };
        subject.is_atomic = false;
        subject.session = [&scene](const std::function<void()>& ready) -> Result<void> {
            ready();
            TRELLIS_TRY(const auto opened, open(scene.disk));
            return {};
        };
        SweepFigures figures;
        for (const auto& trouble : disk_troubles(scene.disk)) figures += sweep(subject, trouble);
        print("open a relay's store", figures);
        CHECK(figures.points > 0);
    }
}

TEST_CASE("kills and power cuts take no envelope a relay has acknowledged", "[crash][cuts]") {
    const char* const wanted = std::getenv("TRELLIS_CUTS");
    const std::size_t cuts = wanted == nullptr ? 10'000 : std::strtoull(wanted, nullptr, 10);
    Scene scene;
    std::mt19937_64 random(11);
    std::uint64_t acknowledged = 0;
    for (std::size_t cut = 0; cut < cuts;) {
        scene.disk.restore(*scene.empty);
        PlacedLog log(org, space, life);
        bool is_founded = false;
        for (int life_of_server = 0; life_of_server < 20; ++life_of_server, ++cut) {
            auto opened = open(scene.disk);
            if (!opened) FAIL(opened.error().message);
            if (!is_founded) {
                REQUIRE(in_commit(*opened, [&](Opened& to) -> Result<void> {
                            TRELLIS_DO(flat(to.writer->append_entry(org, 0, filled(300, 9))));
                            return flat(to.writer->create_space({0, org, space, life}));
                        }).has_value());
                is_founded = true;
            }
            const auto kind = random() % 2 == 0 ? Fault::Kind::power_cut : Fault::Kind::kill;
            scene.disk.inject({.kind = kind, .at = 1 + random() % 40});
            PlacedLog before = log;
            while (!scene.disk.is_down()) {
                before = log;
                const auto device = static_cast<std::uint8_t>(1 + random() % 5);
                const auto next = log.next({device, 1}, 100 + random() % 2'000);
                const auto done = in_commit(*opened, [&](Opened& to) {
                    return flat(to.writer->append(next));
                });
                if (!done) break;
                ++acknowledged;
                before = log;
                if (random() % 16 == 0) {
                    static_cast<void>(opened->writer->probe());
                }
            }
            if (!scene.disk.is_down()) scene.disk.kill();
            opened = Error{Code::internal, "closed"};
            scene.disk.start();
            scene.disk.heal();
            // All that was acknowledged, and of what was under way all or nothing.
            opened = open(scene.disk);
            if (!opened) FAIL(opened.error().message);
            const auto loaded = opened->reader->space(org, space);
            REQUIRE(loaded.has_value());
            const auto& end = (**loaded).end;
            if (end.position != log.position()) log = before;
            REQUIRE(end.position == log.position());
            REQUIRE(end.head == log.head());
        }
        const auto page_problems = scene.look();
        CHECK_FALSE(page_problems.empty());
    }
    std::cout << cuts << " kills and power cuts of a relay's store, " << acknowledged
              << " commits acknowledged, none lost\n";
    CHECK(acknowledged > cuts / 2);
}
