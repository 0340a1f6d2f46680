// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public/log_roll.hpp"
#include "sync/device/device_session.hpp"
#include "tests/support/fake_syncable.hpp"
#include "tests/sync/device/script_relay.hpp"

namespace trellis::test {

/// One space's log as a relay would keep it, filled from replicas.
class ScriptLog {
public:
    explicit ScriptLog(std::uint8_t life = 1) { incarnation.bytes[0] = life; }

    /// Appends what the replica has sealed in its present chain and the log lacks.
    void append(FakeSyncable& from, const SpaceId& space) {
        REQUIRE(from.outbox(space, 0, 1U << 20U));
        const auto& state = from.state().spaces.at(space);
        const FakeSyncable::ChainName name{from.device(), state.own};
        auto& end = ends_[name];
        for (const auto& link : state.chains.at(name)) {
            if (link.first <= end) continue;
            end = link.last;
            items_.push_back({name, link});
            heads_.push_back(crypto::next_head(heads_.back(), items_.size(), link.chain));
        }
    }
    [[nodiscard]] std::uint64_t size() const { return items_.size(); }
    [[nodiscard]] Cursor cursor(std::uint64_t position) const {
        return {incarnation, position, heads_.at(static_cast<std::size_t>(position))};
    }
    [[nodiscard]] Cursor end() const { return cursor(size()); }
    /// Positions from + 1 … to, one run each.
    [[nodiscard]] sync::Deliver page(std::uint64_t from, std::uint64_t to,
                                     sync::Channel channel) const {
        sync::Deliver page{.channel = channel,
                           .repair = false,
                           .last = to == size(),
                           .from = from,
                           .to = to,
                           .head = cursor(to).head,
                           .runs = {}};
        for (auto i = static_cast<std::size_t>(from); i < to; ++i) {
            const auto& [name, link] = items_[i];
            page.runs.push_back({name.first, name.second, link.first, {link.envelope}});
        }
        return page;
    }
    [[nodiscard]] sync::Opened opened(const sync::Open& open, sync::Channel channel) const {
        return {.channel = channel,
                .known = open.position <= size() && (open.incarnation == incarnation ||
                                                     open.incarnation.is_zero()),
                .incarnation = incarnation,
                .position = size(),
                .head = short_digest(end().head),
                .own_last = 0,
                .own_chain = {}};
    }

    LogIncarnation incarnation;

private:
    std::vector<std::pair<FakeSyncable::ChainName, FakeSyncable::Link>> items_;
    std::vector<Digest> heads_{Digest()};
    std::map<FakeSyncable::ChainName, Counter> ends_;
};

inline sync::SessionOptions one_pass() {
    sync::SessionOptions options;
    options.follow = false;
    return options;
}

/// Two devices of one organisation with the directory and one more space, their log confirmed.
struct Scene {
    Scene() {
        centre.found();
        space = centre.add_space("Mission High");
        directory = centre.membership().directory();
        centre.add_member(tablet, false);
        centre.confirm_log();
        tablet.adopt(centre);
    }
    sync::Welcome welcome(FakeSyncable& replica) const {
        return {.time = 1'700'000'000'000,
                .log_length = replica.membership().length(),
                .log_head = replica.membership().head(),
                .push_window = 1024 * 1024};
    }
    /// Lets the session in and takes its Opens: the number of the channel on `space`.
    sync::Channel open_all(sync::DeviceSession& session, FakeSyncable& replica) {
        relay.shake(session);
        relay.say(session, welcome(replica));
        opens = {relay.expect<sync::Open>(), relay.expect<sync::Open>()};
        return opens[0].space == space ? 0 : 1;
    }
    [[nodiscard]] const sync::Open& open_of(sync::Channel channel) const {
        return opens[channel];
    }

    FakeSyncable centre{1};
    FakeSyncable tablet{2};
    SpaceId space;
    SpaceId directory;
    ScriptRelay relay;
    ScriptLog log{1};
    ScriptLog directory_log{2};
    std::vector<sync::Open> opens;
};

}  // namespace trellis::test
