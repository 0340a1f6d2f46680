// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/replicas.hpp"

namespace trellis::test {

/// Devices with the family schema, which all share a general space; some share compartments
/// too. Fails the test where anything fails.
class District {
public:
    explicit District(std::size_t count);

    Replicas replicas;

    /// A compartment of device 0, its steward, that these devices read and write too.
    SpaceId compartment(const std::string& name, const std::vector<std::size_t>& others = {});
    [[nodiscard]] const SpaceId& school() const { return replicas.space(); }

    /// The error's code where it is refused.
    Result<RecordId> try_put(std::size_t at, const SpaceId& space, const std::string& type,
                             const std::string& fields);
    RecordId put(std::size_t at, const SpaceId& space, const std::string& type,
                 const std::string& fields);
    void write(std::size_t at, const SpaceId& space, core::Edit edit);

    /// All that everybody has sealed, to all who may read it, until everybody has caught up.
    void settle();
    /// The signs that a device shows, {about: [whom to ask…]}.
    Json signs(std::size_t at);

private:
    void carry(const SpaceId& space);

    std::vector<SpaceId> spaces_;
};

/// {"field":"hex"}
std::string refers(const std::string& field, const RecordId& to);

}  // namespace trellis::test
