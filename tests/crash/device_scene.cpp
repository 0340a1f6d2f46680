// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/device_scene.hpp"

#include <catch2/catch.hpp>

#include "core/query/export.hpp"
#include "crypto/public/log_roll.hpp"
#include "tests/crash/dump.hpp"
#include "tests/support/paper_relay.hpp"

namespace trellis::test {
namespace {

constexpr std::size_t tablet = 0;
constexpr std::size_t colleague_at = 1;
constexpr std::size_t leaver = 2;
constexpr const char* copy_name = "copy.db";

std::string named(const std::string& name) { return R"({"name":")" + name + R"("})"; }

template <class T>
T must(Result<T> result) {
    if (!result) FAIL(result.error().message);
    return std::move(*result);
}
void must(const Result<void>& result) {
    if (!result) FAIL(result.error().message);
}

}  // namespace

DeviceScene::DeviceScene() : schema(every_kind_schema()) { make_world(); }

void DeviceScene::make_world() {
    empty = disk.snapshot();
    Replicas world(3);
    PaperRelay relay(world);
    space = world.space();
    record = world.put(tablet, R"({"name":"shared","tags":["a"],"minutes":1})");
    for (std::size_t at : {colleague_at, leaver}) world.put(at, named("by " + std::to_string(at)));
    relay.settle();
    must(world[tablet].revoke(world[leaver].device()));
    world.publish(tablet);
    world.tell(colleague_at);
    world.put(leaver, named("late"));
    relay.push(leaver);
    relay.sync(tablet);
    late = must(world[tablet].quarantine()).at(0).id;
    must(world.set(colleague_at, record, R"({"name":"renamed","note":"longer than before"})"));
    world.put(colleague_at, R"({"name":"new","tags":["b","c"],"risk":"high"})");
    relay.push(colleague_at);
    world.put(tablet, named("sealed, not confirmed"));
    must(world[tablet].seal());
    must(world.set(tablet, record, R"({"name":"meanwhile"})"));
    world.put(tablet, named("not sealed"));
    must(world[tablet].create_space("waits for the relay", crypto::SpaceClass::general));
    for (auto& [file, bytes] : world.files(tablet)) disk.write(file, std::move(bytes));
    before = disk.snapshot();
    {
        const auto replica = must(open());
        must(replica->write(space, {core::SetFields{record, must(parse_json(named("killed")))}}));
        disk.kill();
    }
    disk.start();
    killed = disk.snapshot();

    for (const auto& sync : world[tablet].sync_spaces()) {
        if (sync.space != space) continue;
        from = sync.cursor;
        own = sync.own;
        sealed = sync.sealed;
    }
    to = relay.cursor_at(relay.log().size());
    for (auto at = from.position; at < to.position; ++at) {
        const auto& placed = relay.log()[static_cast<std::size_t>(at)];
        page.push_back({placed.device, placed.incarnation, placed.first, {placed.envelope}});
    }
    repair = must(world[colleague_at].outbox(space, 0, SIZE_MAX));
    must(world[colleague_at].write_bundle(space, {}, bundle));
    colleague = world[colleague_at].device();
    relay.pull(colleague_at);
    const auto end = relay.cursor_at(relay.log().size());
    word = {end.incarnation, end.position, end.head, {}};
    word.signature = crypto::sign(world[colleague_at].device_key().sign(),
                                  crypto::Label::seen_sig, world[colleague_at].org(),
                                  crypto::seen_digest(space, end));
    world.add();
    entries = world.entries();
    crypto::InviteOrder order;
    order.grants.push_back({space, crypto::right_read | crypto::right_write});
    order.expiry = world[tablet].clock().now().time + 3'600'000;
    order.url = "ws://127.0.0.1:1/sync";
    invite = must(world[tablet].invite(order));
    world.publish(tablet);
    invited_log = world.entries();
}

Result<std::unique_ptr<core::Replica>> DeviceScene::open(const std::string& file) {
    env_ = std::make_unique<FakeEnv>(99);
    core::ReplicaOptions options;
    options.schema = schema;
    options.database.path = file;
    options.database.key = Bytes(32, 9);
    options.database.cipher = sqlite::Cipher::chacha20;
    options.database.shared_memory = false;
    options.database.vfs = disk.encrypted_vfs();
    options.custody = custody;
    return core::Replica::open(std::move(options), *env_);
}

std::string DeviceScene::look(bool everything) {
    const auto replica = must(open());
    std::string text;
    for (const auto& problem : must(replica->check())) FAIL_CHECK(problem);
    if (!replica->has_org()) return "empty";
    text += must(core::digest_state(*replica, std::nullopt)).hex() + "\n";
    if (everything) text += dump(replica->store().database);
    return text;
}

Subject DeviceScene::subject(std::string name, Work work) {
    Subject made;
    made.name = std::move(name);
    made.reset = [this] { disk.restore(*before); };
    made.session = [this, work = std::move(work)](
                       const std::function<void()>& ready) -> Result<void> {
        TRELLIS_TRY(const auto replica, open());
        ready();
        return work(*replica);
    };
    made.look = [this] { return look(true); };
    return made;
}

Subject DeviceScene::steps(std::string name, Work work) {
    auto made = subject(std::move(name), std::move(work));
    made.is_atomic = false;
    made.look = [this] { return look(false); };
    return made;
}

Subject DeviceScene::fresh(std::string name, Work work) {
    auto made = subject(std::move(name), std::move(work));
    made.reset = [this] { disk.restore(*empty); };
    return made;
}

Subject DeviceScene::fresh_steps(std::string name, Work work) {
    auto made = steps(std::move(name), std::move(work));
    made.reset = [this] { disk.restore(*empty); };
    return made;
}

Subject DeviceScene::copying(std::string name) {
    auto made = steps(std::move(name), [this](core::Replica& replica) {
        // What an attempt has left behind stands in the way of the next one.
        for (const auto& file : disk.files()) {
            if (file.starts_with(copy_name)) disk.remove(file);
        }
        return replica.backup(copy_name);
    });
    made.look = [this] { return look(false) + look_at_copy(); };
    return made;
}

std::string DeviceScene::look_at_copy() {
    if (!disk.read(copy_name)) return "no copy";
    const auto copy = open(copy_name);
    if (!copy || !(*copy)->has_org()) return "no copy";
    for (const auto& problem : must((*copy)->check())) FAIL_CHECK(problem);
    const auto digest = must(core::digest_state(**copy, std::nullopt));
    CHECK(digest == must(core::digest_state(*must(open()), std::nullopt)));
    return "a copy";
}

Subject DeviceScene::opening(std::string name,
                             std::shared_ptr<const CrashDisk::Snapshot> state) {
    auto made = subject(std::move(name), {});
    made.reset = [this, state = std::move(state)] { disk.restore(*state); };
    made.session = [this](const std::function<void()>& ready) -> Result<void> {
        ready();
        TRELLIS_TRY(const auto replica, open());
        return {};
    };
    return made;
}

}  // namespace trellis::test
