// SPDX-License-Identifier: Apache-2.0
// One story on two replicas with a told clock and seeded randomness: real keys, real envelopes,
// real encrypted databases on disks in memory. Prints the digest of the merged state and fails
// where it is not the one that every platform must give.
#include <cstdio>
#include <cstdlib>

#include "core/query/export.hpp"
#include "core/sqlite/memory_vfs.hpp"
#include "tests/support/fake_env.hpp"

using namespace trellis;

namespace {

constexpr const char* expected =
    "deb2534212b451459584e0bfeeefa3dde62c1361ba1f6089c53e7a7e1bd25388";

constexpr const char* schema_text = R"({"types":[{"id":1,"name":"thing","fields":[
  {"id":1,"name":"name","search":true},{"id":2,"name":"phone","resolver":"manual"},
  {"id":3,"name":"tags","kind":"set"},{"id":4,"name":"minutes","kind":"counter"},
  {"id":5,"name":"visits","kind":"log","fields":[{"id":1,"name":"text"}]},
  {"id":6,"name":"alarm","kind":"status","levels":["raised","owned"]},
  {"id":7,"name":"share","value":"number"},{"id":8,"name":"day","value":"date"}]}]})";

template <class T>
T must(Result<T> result, const char* what) {
    if (!result) {
        std::fprintf(stderr, "%s: %s\n", what, result.error().message.c_str());
        std::exit(1);
    }
    return std::move(*result);
}
void must(const Result<void>& result, const char* what) {
    if (result) return;
    std::fprintf(stderr, "%s: %s\n", what, result.error().message.c_str());
    std::exit(1);
}

std::unique_ptr<core::Replica> open(const sqlite::MemoryDisk& disk, Env& env) {
    core::ReplicaOptions options;
    options.schema = must(core::Schema::parse(must(parse_json(schema_text), "schema")), "schema");
    options.database.path = "replica.db";
    options.database.key = Bytes(32, 3);
    options.database.cipher = sqlite::Cipher::chacha20;
    options.database.shared_memory = false;
    options.database.vfs = disk.encrypted_vfs();
    return must(core::Replica::open(std::move(options), env), "open");
}

core::Edit put(const SpaceId& space, const char* json, const char* key = nullptr) {
    core::PutRecord edit{space, "thing", must(parse_json(json), "fields"), {}};
    if (key != nullptr) edit.key = key;
    return edit;
}

/// Everything that `from` has sealed, to `to`.
void carry(core::Replica& from, core::Replica& to, const SpaceId& space) {
    must(to.receive_repair(space, must(from.outbox(space, 0, SIZE_MAX), "sealing")), "receiving");
}

}  // namespace

int main() {
    test::FakeEnv env(7);
    sqlite::MemoryDisk disk_a("replay-a");
    sqlite::MemoryDisk disk_b("replay-b");
    auto a = open(disk_a, env);
    auto b = open(disk_b, env);
    must(a->create_org("Replay", "a", "ws://127.0.0.1:1/sync"), "founding");
    const auto space = must(a->create_space("school", crypto::SpaceClass::general), "space");
    crypto::InviteOrder order;
    order.grants.push_back({space, crypto::right_read | crypto::right_write});
    order.expiry = env.wall_time() + 3'600'000;
    order.url = "ws://127.0.0.1:1/sync";
    const auto invite = must(crypto::parse_invite(must(a->invite(order), "invite")), "invite");
    std::vector<Bytes> entries;
    const auto publish = [&] {
        while (auto entry = a->next_entry()) {
            entries.push_back(*entry);
            must(a->entry_accepted(), "entry");
        }
    };
    publish();
    auto key = must(b->joining_key(), "key");
    const auto joining = must(b->join_entry(invite, key, "b", entries), "joining");
    must(a->receive_entries(entries.size(), {joining}), "entry");
    entries.push_back(joining);
    // A join is followed by a new key, which the first device makes.
    publish();
    must(b->joined(std::move(key), invite, entries), "joined");

    const auto made = must(a->write(space, {put(space, R"({"name":"Ruiz 張","phone":"1",
        "tags":["x","y"],"share":0.1,"day":"2026-05-28","alarm":"raised","minutes":3})"),
        put(space, R"({"name":"keyed"})", "k")}), "put");
    const auto record = made.written[0].record;
    carry(*a, *b, space);
    env.advance(1000);
    must(a->write(space, {core::SetFields{record, must(parse_json(R"({"phone":"2"})"), "json")}}), "set");
    must(b->write(space, {core::SetFields{record, must(parse_json(R"({"phone":"3"})"), "json")}}), "set");
    must(b->write(space, {core::RaiseStatus{record, "alarm", "owned"}}), "raise");
    must(b->write(space, {core::AppendEntry{record, "visits", must(parse_json(R"({"text":"v"})"), "json")}}),
         "append");
    must(b->write(space, {put(space, R"({"name":"keyed too"})", "k")}), "put");
    must(a->write(space, {core::DeleteRecord{record, "moved"}}), "delete");
    carry(*a, *b, space);
    carry(*b, *a, space);

    const auto first = must(core::digest_state(*a, space), "digest").hex();
    const auto second = must(core::digest_state(*b, space), "digest").hex();
    std::printf("%s\n%s\n", first.c_str(), second.c_str());
    if (first != second || first != expected) {
        std::fprintf(stderr, "expected %s\n", expected);
        return 1;
    }
    return 0;
}
