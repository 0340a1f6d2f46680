// SPDX-License-Identifier: Apache-2.0
#include "clients/net/socket.hpp"
#include "sync/device/device_session.hpp"
#include "tests/server/daemon.hpp"
#include "tests/server/folder.hpp"
#include "tests/support/fake_syncable.hpp"

#include <catch2/catch.hpp>

#include <csignal>

using namespace trellis;
using namespace trellis::server::test;
using trellis::test::FakeSyncable;

// The program itself, put back to an older copy of its store, and devices that fill it again.

namespace {

/// Far more than anything here takes: only a test that fails waits for it.
constexpr std::chrono::milliseconds patience{60'000};

/// One session over a real socket, to its end.
void talk(sync::DeviceSession& session, clients::ClientSocket& socket) {
    for (;;) {
        while (auto action = session.next_action()) {
            auto* send = std::get_if<sync::DeviceSend>(&*action);
            if (send == nullptr) return;
            if (!socket.send(std::move(send->frame))) return;
        }
        const auto frame = socket.receive(patience);
        if (!frame || !*frame) return;
        session.receive(**frame, 0);
    }
}

sync::SessionProgress pass(FakeSyncable& device, const std::string& url) {
    sync::SessionOptions options;
    options.follow = false;
    for (;;) {
        clients::EventLoop loop;
        auto socket = clients::ClientSocket::connect(loop, url, {});
        REQUIRE(socket);
        sync::DeviceSession session(device, options, device.env, 0);
        talk(session, **socket);
        const auto next = sync::next_session(session, options);
        if (!next) return session.progress();
        options = *next;
    }
}

void require_pass(FakeSyncable& device, const std::string& url) {
    const auto progress = pass(device, url);
    CAPTURE(progress.failure ? progress.failure->message : "");
    REQUIRE(progress.complete);
}

}  // namespace

TEST_CASE("a server restored from an older backup is filled again by two devices", "[server]") {
    const Folder folder;
    const std::string store = "sqlite:" + folder / "store";
    FakeSyncable centre(1);
    FakeSyncable tablet(2);
    SpaceId space;
    Cursor before;
    {
        Daemon daemon({"--store", store});
        REQUIRE(daemon.port() != 0);
        const auto url = daemon.url();
        centre.found();
        space = centre.add_space("Mission High");
        centre.add_member(tablet, false);
        require_pass(centre, url);
        tablet.adopt(centre);
        tablet.write(space, "before the backup");
        require_pass(tablet, url);
        require_pass(centre, url);
        REQUIRE(run_trellisd({"backup", folder / "backup", "--store", store}).status == 0);

        centre.add_space("After the backup");
        for (int i = 0; i < 30; ++i) centre.write(space, "after the backup");
        tablet.write(space, "after it too");
        // Each holds something that the other does not hold yet.
        require_pass(tablet, url);
        require_pass(centre, url);
        before = centre.cursor(space);
        daemon.signal(SIGTERM);
        REQUIRE(daemon.wait().status == 0);
    }
    REQUIRE(tablet.texts(space).size() < centre.texts(space).size());
    REQUIRE(tablet.log().size() < centre.log().size());
    REQUIRE(run_trellisd({"restore", folder / "backup", "--store", store}).status == 0);
    const auto whole = centre.log();
    {
        Daemon daemon({"--store", store, "--new-orgs", "false"});
        REQUIRE(daemon.port() != 0);
        const auto url = daemon.url();
        require_pass(tablet, url);
        require_pass(centre, url);
        require_pass(tablet, url);
        require_pass(centre, url);
        CHECK(centre.texts(space).size() == 32);
        CHECK(tablet.texts(space) == centre.texts(space));
        CHECK(tablet.log() == whole);
        CHECK(centre.cursor(space).incarnation != before.incarnation);
        CHECK(centre.cursor(space) == tablet.cursor(space));
        CHECK(centre.receipts > 0);
        // Somebody new gets all of it from the server alone.
        FakeSyncable newcomer(3);
        centre.add_member(newcomer, false);
        require_pass(centre, url);
        newcomer.adopt(centre);
        require_pass(newcomer, url);
        CHECK(newcomer.texts(space) == centre.texts(space));
        daemon.signal(SIGTERM);
        REQUIRE(daemon.wait().status == 0);
    }
    CHECK(run_trellisd({"check", "--store", store}).out == "No problems found.\n");
}

TEST_CASE("a server that has lost all but its key is filled again by the devices that come",
          "[server]") {
    const Folder folder;
    const std::string store = "sqlite:" + folder / "store";
    { const Daemon empty({"--store", store}); }
    REQUIRE(run_trellisd({"backup", folder / "empty", "--store", store}).status == 0);
    FakeSyncable centre(1);
    FakeSyncable tablet(2);
    SpaceId space;
    {
        const Daemon daemon({"--store", store});
        centre.found();
        space = centre.add_space("Mission High");
        centre.add_member(tablet, false);
        require_pass(centre, daemon.url());
        tablet.adopt(centre);
        tablet.write(space, "on the tablet");
        centre.write(space, "at the centre");
        require_pass(centre, daemon.url());
        require_pass(tablet, daemon.url());
    }
    REQUIRE(run_trellisd({"restore", folder / "empty", "--store", store}).status == 0);
    const Daemon daemon({"--store", store});
    require_pass(tablet, daemon.url());
    require_pass(centre, daemon.url());
    require_pass(tablet, daemon.url());
    CHECK(centre.texts(space).size() == 2);
    CHECK(tablet.texts(space) == centre.texts(space));
    FakeSyncable newcomer(3);
    centre.add_member(newcomer, false);
    require_pass(centre, daemon.url());
    newcomer.adopt(centre);
    require_pass(newcomer, daemon.url());
    CHECK(newcomer.texts(space) == centre.texts(space));
}
