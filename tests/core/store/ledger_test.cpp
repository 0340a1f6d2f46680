// SPDX-License-Identifier: Apache-2.0
// Two admins, one of them without network for a while. The relay is the order of a list.
#include "core/store/ledger.hpp"

#include "core/sqlite/memory_vfs.hpp"
#include "tests/support/replicas.hpp"

using namespace trellis;
using namespace trellis::crypto;
using core::Ledger;
using core::Store;
using trellis::test::FakeEnv;

namespace {

template <class T>
T must(Result<T> result) {
    if (!result) FAIL(result.error().message);
    if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

Result<void> nothing_else() { return {}; }

struct Admin {
    Admin(const std::string& name, FakeEnv& env)
        : disk("ledger-" + name), store(must(Store::open(options(), test::every_kind_schema(), env))),
          ledger(*store) {}

    sqlite::OpenOptions options() {
        sqlite::OpenOptions open;
        open.path = "ledger.db";
        open.key = Bytes(32, 9);
        open.cipher = sqlite::Cipher::chacha20;
        open.shared_memory = false;
        open.vfs = disk.encrypted_vfs();
        return open;
    }
    void write(const Result<Bytes>& entry) { must(ledger.append_own(must(entry))); }
    [[nodiscard]] Author author() const { return ledger.author(store->env.wall_time()); }
    [[nodiscard]] const Membership& log() const { return ledger.membership(); }

    sqlite::MemoryDisk disk;
    std::unique_ptr<Store> store;
    Ledger ledger;
};

/// An organisation with two admins, a tablet, and one space that all three read.
struct Scene {
    Scene() : here("here", env), away("away", env) {
        auto key = DeviceKey::generate(env);
        FoundOrder order;
        order.org_name = "Valley";
        order.directory_name = "Directory";
        order.device_name = "Here";
        const auto founding = must(found_org(order, key, env.wall_time(), env));
        must(here.ledger.found(std::move(key), founding.entry, nothing_else));
        sync(here);
        const auto made = must(create_space(here.author(), "School", SpaceClass::general));
        school = made.space;
        here.write(made.entry);
        tablet = add(DeviceKey::generate(env), role_member);
        auto other = DeviceKey::generate(env);
        add(other.clone(), role_admin);
        sync(here);
        must(away.ledger.join(std::move(other), relay, nothing_else));
    }
    DeviceId add(const DeviceKey& key, std::uint16_t role) {
        AddDeviceOp op;
        op.sign = key.sign().key();
        op.box = key.box().key();
        op.role = role;
        const auto id = key.id(here.log().org());
        here.write(make_entry(here.author(), {op}));
        here.write(grant(here.author(), id, school, 7));
        return id;
    }
    /// What the relay has, then ours one by one: each only where it follows.
    void sync(Admin& admin) {
        if (!relay.empty()) must(admin.ledger.receive(0, relay));
        while (const auto entry = admin.ledger.next_unconfirmed()) {
            REQUIRE(admin.ledger.confirmed() == relay.size());
            relay.push_back(*entry);
            must(admin.ledger.confirm_next());
        }
    }

    FakeEnv env;
    std::vector<Bytes> relay;
    Admin here;
    Admin away;
    SpaceId school;
    DeviceId tablet;
};

ActorId actor() {
    ActorId id;
    id.bytes.fill(6);
    return id;
}

}  // namespace

TEST_CASE("a removal made without network comes through on top of what others did", "[core]") {
    Scene scene;
    scene.away.write(
        revoke_device(scene.away.author(), scene.tablet, {{scene.school, actor(), 5, {}}}));
    scene.here.write(rotate(scene.here.author(), scene.school));
    scene.sync(scene.here);
    scene.sync(scene.away);
    scene.sync(scene.here);
    CHECK(scene.here.log().head() == scene.away.log().head());
    const auto& log = scene.here.log();
    CHECK_FALSE(log.device(scene.tablet)->is_active);
    CHECK(log.limit(scene.school, actor(), scene.tablet) == Counter{5});
    CHECK_FALSE(log.is_rotation_due(scene.school));
    const auto epoch = log.space(scene.school)->epoch;
    CHECK(scene.here.ledger.keyring().newest(scene.school) == epoch);
    CHECK(scene.away.ledger.keyring().newest(scene.school) == epoch);
    CHECK(scene.away.ledger.take_dropped().empty());
}

TEST_CASE("of two removals of one device the first holds, and the other admin is told",
          "[core]") {
    Scene scene;
    scene.away.write(
        revoke_device(scene.away.author(), scene.tablet, {{scene.school, actor(), 5, {}}}));
    scene.away.write(set_server_key(scene.away.author(), scene.away.ledger.key().sign().key()));
    scene.here.write(
        revoke_device(scene.here.author(), scene.tablet, {{scene.school, actor(), 3, {}}}));
    scene.sync(scene.here);
    const auto length = scene.relay.size();
    scene.sync(scene.away);
    CHECK(scene.relay.size() == length + 1);  // the server's key alone
    CHECK(scene.away.log().limit(scene.school, actor(), scene.tablet) == Counter{3});
    const auto dropped = scene.away.ledger.take_dropped();
    REQUIRE(dropped.size() == 1);
    CHECK(dropped.front().code == Code::conflict);
    CHECK(dropped.front().message.find("removed already") != std::string::npos);
    CHECK(scene.away.ledger.take_dropped().empty());
}

TEST_CASE("a space made without network keeps the key that its first work is under", "[core]") {
    Scene scene;
    const auto made = must(create_space(scene.away.author(), "Oak", SpaceClass::general));
    scene.away.write(made.entry);
    scene.away.write(grant(scene.away.author(), scene.tablet, made.space, right_read));
    const auto key = scene.away.ledger.keyring().key(made.space, 1)->clone();
    scene.here.write(revoke_device(scene.here.author(), scene.tablet, {}));
    scene.sync(scene.here);
    scene.sync(scene.away);
    CHECK(equal(scene.away.ledger.keyring().key(made.space, 1)->view(), key.view()));
    CHECK(scene.away.log().space(made.space)->members.size() == 1);
    CHECK(scene.away.ledger.take_dropped().size() == 1);  // the grant to who has left
}

TEST_CASE("what the relay refuses is told to who wanted it", "[core]") {
    Scene scene;
    scene.away.write(set_server_key(scene.away.author(), scene.away.ledger.key().sign().key()));
    scene.away.write(rotate(scene.away.author(), scene.school));
    must(scene.away.ledger.drop_next({Code::denied, "no"}));
    const auto dropped = scene.away.ledger.take_dropped();
    REQUIRE(dropped.size() == 1);
    CHECK(dropped.front().message == "no");
    scene.sync(scene.away);
    CHECK(scene.away.log().space(scene.school)->epoch == 2);
}
