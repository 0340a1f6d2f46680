// SPDX-License-Identifier: Apache-2.0
// What trust costs: reading a long membership log, giving a large space a new key.
#include "bench/cases.hpp"
#include "bench/clock.hpp"
#include "crypto/primitive/hash.hpp"
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

}  // namespace

void measure_trust(const Folders& /*unused*/, Table& table) {
    LongLog log;
    log.add_devices();
    measure_rotation(log, table);
    log.name_them();
    measure_verify(log, table);
}

}  // namespace trellis::bench
