// SPDX-License-Identifier: Apache-2.0
// What trust costs: reading a long membership log, giving a large space a new key, joining,
// unlocking, and filling a restored server again.
#include "bench/cases.hpp"
#include "bench/clock.hpp"
#include "bench/world.hpp"
#include "crypto/primitive/hash.hpp"
#include "crypto/secret/vault.hpp"
#include "tests/support/organisation.hpp"

namespace trellis::bench {
namespace {

constexpr std::size_t devices = 300;
constexpr std::size_t entries = 5000;

/// A district: `devices` members of one space, then names given until the log is long.
struct LongLog {
    test::Organisation people{7};
    std::vector<crypto::DeviceKey> keys;

    void add_devices() {
        while (keys.size() < devices) {
            keys.push_back(crypto::DeviceKey::generate(people.env));
            const auto& key = keys.back();
            crypto::AddDeviceOp op;
            people.env.random(op.user.bytes);
            op.sign = key.sign().key();
            op.box = key.box().key();
            people.append(crypto::make_entry(people.as(people.alice), {op}));
            people.append(crypto::grant(people.as(people.alice), key.id(people.org()),
                                        people.school, crypto::right_read | crypto::right_write));
        }
    }
    void name_them() {
        for (std::size_t at = 0; people.log.size() < entries; ++at) {
            const auto id = keys[at % keys.size()].id(people.org());
            people.append(crypto::rename(people.as(people.alice), crypto::NameKind::device,
                                         crypto::name_target(id), "tablet " + std::to_string(at)));
        }
    }
};

void measure_verify(const LongLog& log, Table& table) {
    const Cost ours = measure([&] {
        auto membership = must(crypto::Membership::found(log.people.log.front()), "a first entry");
        for (std::size_t i = 1; i < log.people.log.size(); ++i) {
            must(membership.extend(log.people.log[i]), "an entry");
        }
    });
    const auto& secret = log.people.alice.key.sign();
    const Digest digest = log.people.membership.head();
    const auto signature = crypto::sign(secret, crypto::Label::log_sig, log.people.org(), digest);
    bool genuine = true;
    const Cost raw = measure([&] {
        for (std::size_t i = 0; i < entries; ++i) {
            genuine = crypto::verify(secret.key(), crypto::Label::log_sig, log.people.org(), digest,
                                     signature) && genuine;
        }
    });
    TRELLIS_CHECK(genuine);
    at_most(table, {"reading a membership log of 5,000 entries", number(ours.cpu * 1e3, 0) + " ms CPU",
                    number(raw.cpu * 1e3, 0) + " ms for 5,000 signatures alone",
                    number(ours.cpu / raw.cpu) + " x", {}, false, "every rule, every signature"},
            ours.cpu * 1e3, 1000);
}

void measure_rotation(LongLog& log, Table& table) {
    auto& people = log.people;
    Bytes entry;
    const Cost ours = measure([&] {
        entry = must(crypto::rotate(people.as(people.alice), people.school), "a rotation");
    });
    const auto& key = people.key(people.alice, people.school);
    const Cost raw = measure([&] {
        for (const auto& device : log.keys) {
            must(crypto::seal_key_to(device.box().key(), key, people.env), "a box");
        }
    });
    at_most(table, {"a new key for a space of 300 devices", number(ours.cpu * 1e3, 1) + " ms CPU",
                    number(raw.cpu * 1e3, 1) + " ms for 300 sealed boxes alone",
                    number(ours.cpu / raw.cpu) + " x",
                    {}, false, "an entry of " + whole(static_cast<double>(entry.size())) + " B"},
            ours.cpu * 1e3, 1000);
}

/// What the joiner does between reading the log and its first record: a log of 5,000 entries is
/// verified, its keys are opened, and the entry that lets it in is made.
void measure_join(LongLog& log, Table& table) {
    auto& people = log.people;
    crypto::InviteOrder order;
    order.grants = {{people.school, crypto::right_read | crypto::right_write}};
    order.expiry = people.env.wall_time() + 3'600'000;
    order.url = "wss://relay.example/sync";
    const auto made = must(crypto::invite_create(people.as(people.alice), order), "an invite");
    people.append(made.entry);
    const auto device = crypto::DeviceKey::generate(people.env);
    Cost verifying;
    const Cost ours = measure([&] {
        std::optional<crypto::Membership> membership;
        verifying = measure([&] {
            membership = must(crypto::Membership::found(people.log.front()), "a first entry");
            for (std::size_t i = 1; i < people.log.size(); ++i) {
                must(membership->extend(people.log[i]), "an entry");
            }
        });
        const auto entry = must(crypto::join(*membership, made.invite, device, {"New tablet"},
                                             people.env.wall_time(), people.env), "a join");
        must(membership->extend(entry), "the join's entry");
        crypto::Keyring keyring;
        keyring.update(*membership, device);
        TRELLIS_CHECK(keyring.newest(people.school) != 0);
    });
    at_most(table, {"joining a district with a log of 5,000 entries",
                    number(ours.cpu * 1e3, 0) + " ms CPU",
                    number(verifying.cpu * 1e3, 0) + " ms to read the log",
                    number(ours.cpu / verifying.cpu) + " x", {}, false, "without the network"},
            ours.cpu * 1e3, 2000);
}

void measure_unlock(BenchEnv& env, Table& table) {
    const auto cost = crypto::calibrate(400, env);
    const auto pin = must(crypto::Pin::parse(as_bytes("four kites over the harbour")), "a PIN");
    crypto::VaultOrder order;
    env.random(order.seat.bytes);
    env.random(order.installation.bytes);
    order.cost = cost;
    crypto::VaultSecrets secrets;
    env.random(secrets.database.span());
    const auto vault = must(crypto::Vault::make(order, pin, nullptr, secrets, env), "a vault");
    const Cost ours = measure([&] { must(vault.open(pin, nullptr), "an unlock"); });
    const Cost raw = measure([&] { must(crypto::stretch(pin.view(), {}, cost), "Argon2id"); });
    at_most(table, {"unlocking a seat", number(ours.wall * 1e3, 0) + " ms",
                    number(raw.wall * 1e3, 0) + " ms of Argon2id alone",
                    number(ours.wall / raw.wall) + " x", {}, false,
                    std::to_string(cost.ops) + " passes over " + std::to_string(cost.kib / 1024) +
                        " MiB, as measured for this device; by the wall clock"},
            ours.wall * 1e3, 3000);
}

/// A server restored from before the school year is given back 10,000 envelopes by one device.
void measure_heal(const Folders& folders, Table& table) {
    constexpr std::size_t envelopes = 10'000;
    District district(folders.work + "/heal", 1, District::Confirm::by_relay);
    World world(district.env());
    auto& device = district.device(0);
    must(device.store().database.run("PRAGMA synchronous=OFF"), "preparing");
    world.run(device);
    const auto backup = world.store();
    for (std::size_t i = 0; i < envelopes; ++i) {
        must(device.write(district.space(),
                          {core::PutRecord{district.space(), "check_in", Json{Json::Object{}}, {}}}),
             "a record");
        must(device.seal(), "an envelope");
    }
    const Pass first = world.run(device);
    TRELLIS_CHECK(first.sent == envelopes);
    world.restore(backup);
    const Pass healed = world.run(device);
    TRELLIS_CHECK(healed.sent >= envelopes);
    const double ours = healed.device_cpu + healed.relay_cpu;
    const double raw = first.device_cpu + first.relay_cpu;
    at_most(table, {"healing 10,000 envelopes after a restore", number(ours * 1e3, 0) + " ms CPU",
                    number(raw * 1e3, 0) + " ms to push them at first", number(ours / raw) + " x",
                    {}, false,
                    "both sides together; " + whole(static_cast<double>(healed.messages)) +
                        " messages, " + whole(static_cast<double>(healed.bytes)) + " B"},
            ours / raw, 2);
}

}  // namespace

void measure_trust(const Folders& folders, Table& table) {
    LongLog log;
    log.add_devices();
    measure_rotation(log, table);
    log.name_them();
    measure_verify(log, table);
    measure_join(log, table);
    BenchEnv env;
    measure_unlock(env, table);
    measure_heal(folders, table);
}

}  // namespace trellis::bench
