// SPDX-License-Identifier: Apache-2.0
#include "core/store/applier.hpp"

#include <catch2/catch.hpp>

#include <set>

#include "core/sqlite/memory_vfs.hpp"
#include "core/store/store.hpp"
#include "crypto/public/envelope.hpp"
#include "tests/support/every_kind.hpp"
#include "tests/support/fake_env.hpp"

using namespace trellis;

namespace {

template <class T>
T must(Result<T> result) {
    if (!result) FAIL(result.error().message);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// A record that one device makes, and what another says about it.
class Desk {
public:
    Desk() {
        sqlite::OpenOptions options;
        options.path = "desk.db";
        options.shared_memory = false;
        options.vfs = disk_.name();
        store_ = must(core::Store::open(options, test::every_kind_schema(), env_));
        must(store_->database.begin());
        SpaceId space;
        space.bytes.fill(1);
        space_ = must(store_->spaces.intern(space, {}));
        maker_ = actor(1);
        editor_ = actor(2);
    }
    void apply_creation(core::Applier& applier) {
        apply(applier, maker_, true, core::Assign{{}, core::Value("as it was made")});
    }
    void apply_edit(core::Applier& applier) {
        apply(applier, editor_, false, core::Assign{{made()}, core::Value("as it was edited")});
    }
    core::Applier applier() { return {store_->records, store_->links, store_->actors}; }
    /// What stands in the record's first field.
    std::set<std::string> names() {
        const core::Place place{1, space_, core::row_id(maker_, 1), RecordId::dotted(made())};
        const auto state = must(store_->records.load(place));
        REQUIRE(state.has_value());
        std::set<std::string> all;
        for (const auto& head : state->find<core::Register>(1)->heads) {
            all.insert(*head.value.get<std::string>());
        }
        return all;
    }
    void clear() { must(store_->records.clear(space_)); }

private:
    core::ActorIndex actor(std::uint8_t number) {
        DeviceId device;
        device.bytes.fill(number);
        return must(store_->actors.intern(space_, device, {},
                                          crypto::actor_id({}, device, {})));
    }
    [[nodiscard]] Dot made() const { return {store_->actors.at(maker_).id, 1}; }
    void apply(core::Applier& applier, core::ActorIndex by, bool create, core::Assign assign) {
        core::Change change;
        change.first = 1;
        change.stamp = {1'780'000'000'000 + by, {}};
        change.ops.push_back({1, RecordId::dotted(made()),
                              core::Write{create, {{1, std::move(assign)}}}});
        VersionVector saw;
        saw.raise(store_->actors.at(maker_).id, 1);
        must(applier.apply(by, change, create ? nullptr : &saw));
    }

    test::FakeEnv env_;
    sqlite::MemoryDisk disk_{"desk"};
    std::unique_ptr<core::Store> store_;
    core::SpaceIndex space_ = 0;
    core::ActorIndex maker_ = 0;
    core::ActorIndex editor_ = 0;
};

}  // namespace

TEST_CASE("what is said about a record may come before what made it", "[core]") {
    Desk desk;
    {
        auto applier = desk.applier();
        desk.apply_creation(applier);
        desk.apply_edit(applier);
        must(applier.finish());
    }
    REQUIRE(desk.names() == std::set<std::string>{"as it was edited"});
    desk.clear();
    SECTION("in one run") {
        auto applier = desk.applier();
        desk.apply_edit(applier);
        desk.apply_creation(applier);
        must(applier.finish());
    }
    SECTION("in two") {
        auto first = desk.applier();
        desk.apply_edit(first);
        must(first.finish());
        auto second = desk.applier();
        desk.apply_creation(second);
        must(second.finish());
    }
    // The edit could not take the place of what was not there: both stand.
    REQUIRE(desk.names() == std::set<std::string>{"as it was edited", "as it was made"});
}
