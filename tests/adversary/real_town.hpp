// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "tests/adversary/real_device.hpp"
#include "tests/adversary/real_relay.hpp"
#include "tests/server/folder.hpp"

namespace trellis::test {

/// Three honest clients of one organisation and its server, all of them real: a centre that
/// founded it and is its admin, a reader who is lied to (and writes as well), and a third.
class RealTown {
public:
    RealTown();

    /// Everybody meets the server as it is now, twice. Fails the test where a pass does.
    void meet();
    sync::SessionProgress pass(RealDevice& device) { return device.sync(relay.url()); }
    /// The centre writes `count` things, hands each in by itself, and the server forgets what it
    /// has in memory. Nobody else has them yet.
    void write(std::size_t count = 1);
    /// What the server holds now.
    StoreView view() { return relay.view(org()); }
    [[nodiscard]] OrgId org() { return centre.replica().org(); }
    std::string invite(std::uint8_t rights = crypto::right_read | crypto::right_write,
                       std::int64_t life_ms = 3'600'000);

    /// The reader meets the server after `lie` has rewritten what that shows. It must show
    /// nothing that it had not before and that is not true, go on writing, and once the server
    /// tells the truth again have everything, as has everybody. Returns how its pass went.
    template <class Lie>
    sync::SessionProgress lied_to(Lie lie) {
        auto view = this->view();
        lie(view);
        view.reroll();
        return betray([&] { relay.show(view); });
    }
    /// The same where `begin` makes the server, or the network, false in its own way.
    sync::SessionProgress betray(const std::function<void()>& begin);
    /// What the reader shows is what it showed `before`, or more, and all of it is true.
    void require_part_of_truth(const Names& before);
    /// All show the same, name by name and by digest, and nothing is damaged.
    void require_equal();
    /// A write succeeds on that device now; it is looked for by everybody in the end.
    void capture(RealDevice& device);
    void require_captured();

    server::test::Folder folder;
    clients::EventLoop loop;
    RealRelay relay;
    RealDevice centre;
    RealDevice reader;
    RealDevice third;
    SpaceId space;
    /// Alarms of the reader at the end of the last hostile phase.
    std::vector<std::string> reader_alarms;

private:
    Names captured_;
    std::size_t written_ = 0;
};

/// A town whose third device was shut out: everybody holds "early" of it, the removal has been
/// confirmed, and it has not heard.
struct RealLeaver {
    explicit RealLeaver(std::uint8_t reason = crypto::removed_left);
    RealTown town;
    RealDevice& leaver;
};

}  // namespace trellis::test
