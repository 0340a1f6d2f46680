// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public/membership.hpp"
#include "crypto/secret/device_key.hpp"

#include <map>
#include <set>

namespace trellis::crypto {

/// The epoch keys a device can open: a function of the log and the device's key, so it is
/// never stored. No key enters that does not match its signed commitment.
class Keyring {
public:
    /// A wrap that did not give the promised key, or an older key that cannot be reached.
    struct Problem {
        SpaceId space;
        std::uint32_t epoch = 0;
        bool operator==(const Problem&) const = default;
    };

    /// Opens what the log holds for the device and was not tried before; cheap after extend().
    /// Returns how many keys came in. One keyring serves one log and one device.
    std::size_t update(const Membership& membership, const DeviceKey& device);

    /// Null where the device does not have it.
    [[nodiscard]] const Key* key(const SpaceId& space, std::uint32_t epoch) const;
    /// The newest epoch whose key is here; 0 for none. Seal under it only where it is also the
    /// newest of the log.
    [[nodiscard]] std::uint32_t newest(const SpaceId& space) const;
    /// Takes a key from elsewhere (recovery); `wrong_key` unless it matches the commitment.
    Result<void> add(const Membership& membership, const EpochName& name, Key key);
    [[nodiscard]] const std::vector<Problem>& problems() const { return problems_; }
    /// Wipes the keys of a space; update() does not open them again. They still follow from the
    /// log and the device's key: whoever has both can open them elsewhere.
    void forget(const SpaceId& space);

private:
    bool accept(const Membership& membership, const EpochName& name, Key key);
    void follow_previous(const Membership& membership, const EpochName& from);

    std::map<EpochName, Key> keys_;
    std::set<EpochName> tried_;
    std::set<SpaceId> forgotten_;
    std::vector<Problem> problems_;
    std::uint64_t examined_ = 0;  ///< length of the log at the last update
};

/// The key before `epoch`, sealed under the key of `epoch`.
PreviousWrap seal_previous(
    const OrgId& org, const EpochName& name, const Key& key, const Key& previous, Env& env);
Result<Key> open_previous(const OrgId& org,
                          const EpochName& name,
                          const Key& key,
                          const PreviousWrap& wrap);

}  // namespace trellis::crypto
