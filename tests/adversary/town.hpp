// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tests/adversary/hostile_relay.hpp"
#include "tests/support/fake_syncable.hpp"

namespace trellis::test {

/// Three honest devices of one organisation, one space, and the relay that betrays them. The
/// centre writes, the reader is lied to, the third is another writer.
class Town {
public:
    Town();

    /// Everybody meets the relay as it is now, until all hold the same.
    void meet();
    sync::SessionProgress pass(FakeSyncable& device) { return relay.pass(device, device.env); }
    /// The centre writes `count` texts and hands them in.
    void write(std::size_t count = 1);
    /// What a device shows.
    [[nodiscard]] std::vector<std::string> shown(const FakeSyncable& device) const {
        return device.texts(space);
    }
    [[nodiscard]] HostileRelay::Log& log() { return relay.log(org(), space); }
    [[nodiscard]] OrgId org() const { return centre.org(); }

    /// The reader meets the relay after `lie` has changed what that shows. It must show nothing
    /// that it had not before and that is not true; and once the relay tells the truth again,
    /// everything. Returns how its pass went.
    template <class Lie>
    sync::SessionProgress lied_to(Lie lie) {
        const auto truth = relay.store;
        const auto before = shown(reader);
        lie();
        const auto progress = pass(reader);
        require_part_of(shown(reader), before, shown(centre));
        relay.store = truth;
        relay.network = nullptr;
        relay.restart();
        meet();
        require_equal();
        return progress;
    }
    /// `now` is what was shown before, or more, and all of it is true.
    static void require_part_of(const std::vector<std::string>& now,
                                const std::vector<std::string>& before,
                                const std::vector<std::string>& truth);
    void require_equal() const;

    HostileRelay relay;
    FakeSyncable centre{31};
    FakeSyncable reader{32};
    FakeSyncable third{33};
    SpaceId space;
    SpaceId other_space;
};

}  // namespace trellis::test
