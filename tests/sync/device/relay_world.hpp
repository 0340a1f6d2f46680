// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <catch2/catch.hpp>

#include <functional>
#include <memory>

#include "sync/device/device_session.hpp"
#include "tests/support/fake_syncable.hpp"
#include "tests/support/memory_relay_host.hpp"

namespace trellis::test {

/// What the network does to one frame.
enum class Fate : std::uint8_t { passes, cut, twice, garbage };

/// The real relay over a store in memory, and connections to it whose every frame the test
/// sees. One thread, no time but what the test tells.
class RelayWorld {
public:
    RelayWorld() : secret_(crypto::SignSecret::generate(env_)) { start_relay(); }

    /// Frames are numbered over all connections, from 0; this decides about each.
    std::function<Fate(std::size_t)> fate = [](std::size_t) { return Fate::passes; };
    std::size_t frames = 0;
    MemoryRelayStore store;

    /// A relay process over the store as it is now; connections to the old one are gone.
    void start_relay() {
        connections_.clear();
        host_.reset();
        sync::RelayOptions options;
        options.new_orgs = takes_new_orgs;
        relay_ = std::make_unique<sync::Relay>(secret_, options, env_);
        host_ = std::make_unique<MemoryRelayHost>(*relay_, store);
    }
    /// The operator puts a backup back. A careful one tells the relay.
    void restore(const MemoryRelayStore& backup, bool is_careful) {
        store = backup;
        if (is_careful) store.renew_incarnations(env_);
        start_relay();
    }

    /// Connects a session of any kind.
    template <class Session>
    void connect(Session& session) {
        const auto id = relay_->connected(now);
        connections_.push_back({id,
                                [&session] { return session.next_action(); },
                                [&session, this](ByteView frame) { session.receive(frame, now); },
                                true});
    }
    /// Moves frames until there are none. A cut ends the connection on both sides.
    void run() {
        bool moved = true;
        while (moved) {
            moved = false;
            for (auto& connection : connections_) {
                if (connection.is_up && step(connection)) moved = true;
            }
        }
        std::erase_if(connections_, [](const auto& connection) { return !connection.is_up; });
    }
    void disconnect_all() {
        for (auto& connection : connections_) hang_up(connection);
        connections_.clear();
    }

    /// One whole pass of a device, with the sessions that follow at once: the last one's state,
    /// with what came and went in all of them.
    sync::SessionProgress pass(FakeSyncable& replica) { return pass(replica, replica.env); }
    sync::SessionProgress pass(core::Syncable& replica, Env& env) {
        sync::SessionOptions options;
        options.follow = false;
        sync::SessionProgress before;
        for (sessions = 1;; ++sessions) {
            sync::DeviceSession session(replica, options, env, now);
            connect(session);
            run();
            disconnect_all();
            auto progress = sync::add_up(before, session.progress());
            const auto next = sync::next_session(session, options);
            if (!next) return progress;
            options = *next;
            before = progress;
        }
    }
    std::size_t sessions = 0;  ///< of the last pass
    bool takes_new_orgs = true;
    /// Envelopes of the space's log in the store.
    [[nodiscard]] std::size_t stored(const OrgId& org, const SpaceId& space) const {
        const auto found = store.spaces.find({org, space});
        return found == store.spaces.end() ? 0 : found->second.log.size();
    }

    Time now = 1'780'000'000'000;

private:
    struct Connection {
        sync::SessionId id;
        std::function<std::optional<sync::DeviceAction>()> next_action;
        std::function<void(ByteView)> receive;
        bool is_up;
    };

    /// One frame up and all that come down for it.
    bool step(Connection& connection) {
        bool moved = false;
        if (auto action = connection.next_action()) {
            moved = true;
            auto* send = std::get_if<sync::DeviceSend>(&*action);
            if (send == nullptr) {
                hang_up(connection);
                return true;
            }
            pass_on(connection, send->frame,
                    [&](ByteView frame) { relay_->receive(connection.id, frame, now); });
        }
        host_->settle();
        for (auto& frame : host_->take_frames(connection.id)) {
            if (!connection.is_up) break;
            moved = true;
            pass_on(connection, frame, connection.receive);
        }
        if (connection.is_up && host_->closed(connection.id)) hang_up(connection);
        return moved;
    }
    void pass_on(Connection& connection, const Bytes& frame,
                 const std::function<void(ByteView)>& receive) {
        switch (fate(frames++)) {
            case Fate::passes:
                return receive(frame);
            case Fate::cut:
                return hang_up(connection);
            case Fate::twice:
                receive(frame);
                return receive(frame);
            case Fate::garbage: {
                Bytes garbage(frame.size());
                env_.random(garbage);
                return receive(garbage);
            }
        }
    }
    void hang_up(Connection& connection) {
        if (connection.is_up) relay_->disconnected(connection.id);
        connection.is_up = false;
        host_->settle();
    }

    FakeEnv env_{5000};
    crypto::SignSecret secret_;
    std::unique_ptr<sync::Relay> relay_;
    std::unique_ptr<MemoryRelayHost> host_;
    std::vector<Connection> connections_;
};

/// An organisation on a relay: a centre and two tablets that share one space.
struct District {
    District() {
        centre.found();
        space = centre.add_space("Mission High");
        centre.add_member(first, false);
        centre.add_member(second, true);
        REQUIRE(world.pass(centre).complete);
        first.adopt(centre);
        second.adopt(centre);
    }
    /// Everybody in turn, twice: after that all must hold the same.
    void settle() {
        world.fate = [](std::size_t) { return Fate::passes; };
        for (int round = 0; round < 2; ++round) {
            for (auto* replica : {&centre, &first, &second}) {
                const auto progress = world.pass(*replica);
                CAPTURE(progress.failure ? progress.failure->message : "");
                REQUIRE_FALSE(progress.failure);
                REQUIRE(progress.complete);
            }
        }
    }
    /// All equal, all stored, each envelope once in the relay's log.
    void require_equal(std::size_t texts) {
        REQUIRE(centre.texts(space).size() == texts);
        REQUIRE(first.texts(space) == centre.texts(space));
        REQUIRE(second.texts(space) == centre.texts(space));
        REQUIRE(world.stored(centre.org(), space) == texts);
        for (auto* replica : {&centre, &first, &second}) {
            REQUIRE(replica->is_all_stored());
            REQUIRE(replica->cursor(space) == centre.cursor(space));
            REQUIRE(replica->log() == centre.log());
        }
    }

    RelayWorld world;
    FakeSyncable centre{11};
    FakeSyncable first{12};
    FakeSyncable second{13};
    SpaceId space;
};

}  // namespace trellis::test
