// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/secret/author.hpp"
#include "tests/support/fake_env.hpp"

namespace trellis::test {

/// A device with the keys it can open.
struct Person {
    explicit Person(crypto::DeviceKey device) : key(std::move(device)) {}
    crypto::DeviceKey key;
    crypto::Keyring ring;
};

/// A small organisation, the same in every run: alice founded it and made the space `school`
/// and the compartment `counselling`; bob joined by invite and may read and write in `school`;
/// carol was added by alice and has no rights yet. Nothing is due. Stops the program where a
/// step of its making fails.
class Organisation {
public:
    explicit Organisation(std::uint64_t seed = 1);

    FakeEnv env;
    Person alice;
    Person bob;
    Person carol;
    std::vector<Bytes> log;           ///< every entry so far
    std::vector<std::string> sheets;  ///< of recovery
    SpaceId directory;
    crypto::Membership membership;  ///< after the members that founding sets
    SpaceId school;
    SpaceId counselling;

    [[nodiscard]] const OrgId& org() const { return membership.org(); }
    [[nodiscard]] DeviceId id(const Person& person) const { return person.key.id(org()); }
    [[nodiscard]] crypto::SignerId signer(const Person& person) const {
        return crypto::signer(id(person));
    }
    crypto::Author as(const Person& person) {
        return {membership, person.ring, person.key, env.wall_time(), env};
    }
    /// Takes the entry in and lets everybody open what is theirs.
    void append(const Result<Bytes>& entry);
    /// The newest key of a space that the person has.
    [[nodiscard]] const crypto::Key& key(const Person& person, const SpaceId& space) const;

private:
    void add_spaces();
    void add_bob();
    void add_carol();
};

}  // namespace trellis::test
