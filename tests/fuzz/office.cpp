// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/office.hpp"

#include "sync/device/device_session.hpp"
#include "tests/support/every_kind.hpp"
#include "tests/support/people.hpp"

namespace trellis::test {
namespace {

using namespace core;

constexpr const char* file = "replica.db";

sqlite::MemoryDisk& disk() {
    static sqlite::MemoryDisk disk("fuzz", std::size_t{64} << 20U);
    return disk;
}

template <class T>
T must(Result<T> result) {
    if (!result) check_failed(result.error().message.c_str(), __FILE__, __LINE__);
    if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

Json json(const char* text) { return must(parse_json(text)); }

}  // namespace

// Desk -------------------------------------------------------------------------------------

Desk::Desk(const Bytes& database, std::uint64_t seed) : env(seed) {
    disk().set_time(env.wall_time());
    if (!database.empty()) disk().write(file, database);
}

Desk::~Desk() {
    close();
    for (const auto& name : disk().files()) disk().remove(name);
}

sqlite::OpenOptions Desk::database() const {
    sqlite::OpenOptions options;
    options.path = file;
    options.shared_memory = false;
    options.vfs = disk().name();
    options.cache_kib = 1024;
    return options;
}

Result<void> Desk::open() {
    close();
    ReplicaOptions options;
    options.schema = every_kind_schema();
    options.database = database();
    TRELLIS_TRY(replica_, Replica::open(std::move(options), env));
    return {};
}

Bytes Desk::bytes() const { return disk().read(file).value_or(Bytes()); }

// Office -----------------------------------------------------------------------------------

const Office& Office::get() {
    static const Office office;
    return office;
}

/// The two never share the disk: each takes its turn.
Office::Office() {
    crypto::Invite invite;
    {
        Desk desk({}, 1);
        must(desk.open());
        found(desk.replica());
        crypto::InviteOrder order;
        order.grants.push_back({space_, crypto::right_read | crypto::right_write});
        order.expiry = desk.replica().clock().now().time + 3'600'000;
        order.url = "ws://127.0.0.1:1/sync";
        invite = must(crypto::parse_invite(must(desk.replica().invite(order))));
        TRELLIS_CHECK(honest_pass(desk.replica(), store_, desk.env).complete);
        desk.close();
        centre_ = desk.bytes();
    }
    {
        Desk desk({}, 2);
        must(desk.open());
        auto& log = store_.orgs.begin()->second;
        auto key = must(desk.replica().joining_key());
        log.push_back(must(desk.replica().join_entry(invite, key, "tablet", log)));
        must(desk.replica().joined(std::move(key), invite, log));
        desk.close();
        tablet_ = desk.bytes();
    }
    sync(centre_, 3, true);
    sync(tablet_, 4, false);
    sync(centre_, 5, false);
}

void Office::sync(Bytes& database, std::uint64_t seed, bool fills) {
    Desk desk(database, seed);
    must(desk.open());
    TRELLIS_CHECK(honest_pass(desk.replica(), store_, desk.env).complete);
    if (fills) fill(desk.replica());
    TRELLIS_CHECK(honest_pass(desk.replica(), store_, desk.env).complete);
    desk.close();
    database = desk.bytes();
}

void Office::found(Replica& centre) {
    must(centre.create_org("Office", "centre", "ws://127.0.0.1:1/sync"));
    space_ = must(centre.create_space("school", crypto::SpaceClass::general));
}

void Office::fill(Replica& centre) {
    const auto write = [&](Edit edit) {
        const auto done = must(centre.write(space_, {std::move(edit)}));
        return done.written.front().record;
    };
    const auto one = write(PutRecord{space_, "thing",
                                     json(R"({"name":"Ruiz","phone":"1","most":3,"tags":["a","b"]})"),
                                     {}});
    const auto other = write(PutRecord{space_, "thing", json(R"({"name":"Ruíz"})"), "key"});
    const auto third = write(PutRecord{space_, "other", json(R"({"name":"x"})"), {}});
    must(centre.seal());
    write(IncrementField{one, "minutes", 5});
    write(core::AppendEntry{one, "visits", json(R"({"text":"first","day":"2026-05-28"})")});
    write(RaiseStatus{one, "alarm", "raised"});
    Json friendship;
    friendship.set("friend", one.hex());
    write(SetFields{other, friendship});
    write(LinkRecords{one, other});
    write(DeleteRecord{third, "twice"});
    must(centre.seal());
    for (const auto& record : {one, other, third}) records_.push_back(record.hex());
    must(centre.write_bundle(space_, {}, bundle_));
}

// Sync -------------------------------------------------------------------------------------

sync::SessionProgress honest_pass(Replica& replica, MemoryRelayStore& store, FakeEnv& env) {
    const auto secret = relay_key();
    sync::RelayOptions relay_options;
    relay_options.new_orgs = true;
    sync::Relay relay(secret, relay_options, env);
    MemoryRelayHost host(relay, store);
    sync::SessionOptions options;
    options.follow = false;
    sync::SessionProgress before;
    for (;;) {
        sync::DeviceSession session(replica, options, env, env.wall_time());
        const auto id = relay.connected(env.wall_time());
        for (bool is_up = true; is_up;) {
            is_up = false;
            while (auto action = session.next_action()) {
                const auto* send = std::get_if<sync::DeviceSend>(&*action);
                if (send == nullptr) continue;
                is_up = true;
                relay.receive(id, send->frame, env.wall_time());
            }
            host.settle();
            for (const auto& frame : host.take_frames(id)) {
                is_up = true;
                session.receive(frame, env.wall_time());
            }
        }
        relay.disconnected(id);
        host.settle();
        const auto progress = sync::add_up(before, session.progress());
        const auto next = sync::next_session(session, options);
        if (!next) return progress;
        options = *next;
        before = progress;
    }
}

}  // namespace trellis::test
