// SPDX-License-Identifier: Apache-2.0
#include "bench/world.hpp"

namespace trellis::bench {

World::World(BenchEnv& env) : env_(env), key_(crypto::SignSecret::generate(env)) {
    restore({});
}

sync::RelayOptions World::options() {
    sync::RelayOptions options;
    options.new_orgs = true;
    // A year of a district comes in a minute here.
    options.device_envelopes_per_day = 1'000'000;
    return options;
}

void World::restore(const test::MemoryRelayStore& backup) {
    host_.reset();
    store_ = backup;
    store_.renew_incarnations(env_);
    relay_ = std::make_unique<sync::Relay>(key_, options(), env_);
    host_ = std::make_unique<test::MemoryRelayHost>(*relay_, store_);
}

void World::count(Pass& pass, const sync::DeviceSession& session, std::size_t size) {
    ++pass.all_messages;
    pass.all_bytes += size;
    if (!session.was_welcomed()) return;
    ++pass.messages;
    pass.bytes += size;
}

Pass World::run(core::Replica& replica) {
    const auto id = relay_->connected(env_.wall_time());
    sync::SessionOptions once;
    once.follow = false;
    sync::DeviceSession session(replica, once, env_, env_.wall_time());
    Pass pass;
    for (bool moved = true; moved && !session.done();) {
        moved = false;
        while (auto action = session.next_action()) {
            auto* send = std::get_if<sync::DeviceSend>(&*action);
            if (send == nullptr) break;
            moved = true;
            count(pass, session, send->frame.size());
            const Cost cost = measure([&] {
                relay_->receive(id, send->frame, env_.wall_time());
                host_->settle();
            });
            if (session.was_welcomed()) pass.relay_cpu += cost.cpu;
        }
        for (auto& frame : host_->take_frames(id)) {
            moved = true;
            count(pass, session, frame.size());
            const bool was_open = session.was_welcomed();
            const Cost cost = measure([&] { session.receive(frame, env_.wall_time()); });
            if (was_open) pass.device_cpu += cost.cpu;
        }
    }
    relay_->disconnected(id);
    if (!session.done()) {
        must(Result<void>(session.progress().failure.value_or(
                 Error{Code::internal, "a pass did not end"})), "a pass");
    }
    pass.sent = session.progress().sent;
    return pass;
}

}  // namespace trellis::bench
