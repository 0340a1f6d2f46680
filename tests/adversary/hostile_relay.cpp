// SPDX-License-Identifier: Apache-2.0
#include "tests/adversary/hostile_relay.hpp"

#include <map>
#include <tuple>
#include <utility>

#include "crypto/public/log_roll.hpp"

namespace trellis::test {

using namespace sync;

void HostileRelay::restart() {
    host_.reset();
    relay_ = std::make_unique<Relay>(secret_, options, env_);
    host_ = std::make_unique<MemoryRelayHost>(*relay_, store);
}

std::vector<Bytes> HostileRelay::through(bool is_up, const Bytes& frame) {
    heard.push_back(frame);
    return network ? network(is_up, frame) : std::vector<Bytes>{frame};
}

void HostileRelay::carry(DeviceSession& session) {
    const auto id = relay_->connected(now);
    for (bool moved = true; moved;) {
        moved = false;
        while (auto action = session.next_action()) {
            moved = true;
            auto* send = std::get_if<DeviceSend>(&*action);
            if (send == nullptr) {
                relay_->disconnected(id);
                host_->settle();
                return;
            }
            for (const auto& frame : through(true, send->frame)) relay_->receive(id, frame, now);
        }
        host_->settle();
        for (const auto& frame : host_->take_frames(id)) {
            moved = true;
            for (const auto& arrived : through(false, frame)) session.receive(arrived, now);
        }
    }
    // Nothing moves any more: the line is dead.
    relay_->disconnected(id);
    host_->settle();
}

SessionProgress HostileRelay::pass(core::Syncable& replica, Env& env) {
    SessionOptions session_options;
    session_options.follow = false;
    SessionProgress before;
    for (;;) {
        DeviceSession session(replica, session_options, env, now);
        carry(session);
        auto progress = add_up(before, session.progress());
        const auto next = next_session(session, session_options);
        if (!next) return progress;
        session_options = *next;
        before = std::move(progress);
    }
}

void HostileRelay::reroll(const OrgId& org, const SpaceId& id) {
    auto& space = store.spaces[{org, id}];
    // Chain hashes by the counter that the next envelope follows.
    std::map<std::tuple<DeviceId, Incarnation, Counter>, Digest> chains;
    space.end.position = 0;
    space.end.head = Digest();
    for (auto& placed : space.log) {
        placed.actor = crypto::actor_id(id, placed.device, placed.incarnation);
        const auto before = chains.find({placed.device, placed.incarnation, placed.first - 1});
        const auto header = crypto::parse_envelope(placed.envelope);
        // Of one whose predecessor is withheld the true hash is known from before.
        if (header && (placed.first == 1 || before != chains.end())) {
            placed.last = placed.first + header->ops - 1;
            placed.epoch = header->epoch;
            placed.chain =
                crypto::chain_hash({.org = org,
                                    .space = id,
                                    .actor = placed.actor,
                                    .first = placed.first,
                                    .previous = placed.first == 1 ? Digest() : before->second},
                                   placed.envelope);
        }
        chains[{placed.device, placed.incarnation, placed.last}] = placed.chain;
        placed.position = ++space.end.position;
        space.end.head = crypto::next_head(space.end.head, placed.position, placed.chain);
        placed.head = space.end.head;
    }
    restart();
}

void HostileRelay::reorder(const OrgId& org, const SpaceId& space, std::size_t one,
                           std::size_t other) {
    std::swap(log(org, space).at(one), log(org, space).at(other));
    reroll(org, space);
}

void HostileRelay::withhold(const OrgId& org, const SpaceId& space, std::size_t at) {
    auto& all = log(org, space);
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(at));
    reroll(org, space);
}

void HostileRelay::withhold_tail(const OrgId& org, const SpaceId& space, std::size_t count) {
    auto& all = log(org, space);
    all.resize(all.size() - count);
    reroll(org, space);
}

void HostileRelay::repeat(const OrgId& org, const SpaceId& space, std::size_t at,
                          std::size_t times) {
    auto& all = log(org, space);
    const auto one = all.at(at);
    all.insert(all.begin() + static_cast<std::ptrdiff_t>(at), times, one);
    reroll(org, space);
}

}  // namespace trellis::test
