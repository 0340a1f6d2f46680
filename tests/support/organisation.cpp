// SPDX-License-Identifier: Apache-2.0
#include "tests/support/organisation.hpp"

#include "tests/support/people.hpp"

#include <cstdio>
#include <cstdlib>

namespace trellis::test {
namespace {

template <class T>
T must(Result<T> result) {
    if (!result) {
        std::fprintf(stderr, "the test organisation: %s\n", result.error().message.c_str());
        std::abort();
    }
    return std::move(result).value();
}

crypto::Founding found(const crypto::DeviceKey& device, FakeEnv& env) {
    crypto::FoundOrder order;
    order.org_name = "Valley Family Partnership";
    order.directory_name = "Directory";
    order.device_name = "Alice's desk";
    order.server_key = relay_key().key();
    return must(crypto::found_org(order, device, env.wall_time(), env));
}

}  // namespace

Organisation::Organisation(std::uint64_t seed)
    : env(seed), alice(test::alice()), bob(test::bob()), carol(test::carol()), membership([this] {
        auto founding = found(alice.key, env);
        log.push_back(founding.entry);
        sheets = std::move(founding.sheets);
        directory = founding.directory;
        return must(crypto::Membership::found(log.front()));
    }()) {
    alice.ring.update(membership, alice.key);
    add_spaces();
    add_bob();
    add_carol();
}

void Organisation::append(const Result<Bytes>& entry) {
    log.push_back(must(entry));
    if (auto taken = membership.extend(log.back()); !taken) {
        std::fprintf(stderr, "the test organisation: %s\n", taken.error().message.c_str());
        std::abort();
    }
    for (auto* person : {&alice, &bob, &carol})
        person->ring.update(membership, person->key);
}

void Organisation::add_spaces() {
    auto made = must(create_space(as(alice), "Mission High", crypto::SpaceClass::general));
    school = made.space;
    append(made.entry);
    made = must(create_space(as(alice), "Counselling", crypto::SpaceClass::compartment));
    counselling = made.space;
    append(made.entry);
}

void Organisation::add_bob() {
    crypto::InviteOrder order;
    order.grants = {{school, crypto::right_read | crypto::right_write}};
    order.expiry = env.wall_time() + 3'600'000;
    order.url = "https://relay.example";
    auto made = must(invite_create(as(alice), order));
    append(made.entry);
    append(join(membership, made.invite, bob.key, {"Bob's tablet"}, env.wall_time(), env));
    append(rotate(as(alice), school));
    append(rotate(as(alice), directory));
}

void Organisation::add_carol() {
    crypto::AddDeviceOp op;
    env.random(op.user.bytes);
    op.sign = carol.key.sign().key();
    op.box = carol.key.box().key();
    append(make_entry(as(alice), {op}));
}

const crypto::Key& Organisation::key(const Person& person, const SpaceId& space) const {
    const auto* key = person.ring.key(space, person.ring.newest(space));
    TRELLIS_CHECK(key != nullptr);
    return *key;
}

}  // namespace trellis::test
