// SPDX-License-Identifier: Apache-2.0
#include "sync/relay/relay_impl.hpp"

#include <algorithm>
#include <limits>

// Spaces: opening one, finding a device's place in its log, and passing on who has seen what.
namespace trellis::sync {
namespace {

constexpr std::size_t pongs_max = 16;

}  // namespace

void Relay::Impl::handle(Session& session, Open& open) {
    if (session.channels.size() == limits::session_spaces_max) {
        return refuse(session, Code::too_large, "too many spaces on one connection");
    }
    const auto index = static_cast<Channel>(session.channels.size());
    auto& channel = session.channels.emplace_back();
    channel.index = index;
    ++session.opening;
    channel.open = open;
    const bool is_courier = session.kind == crypto::ProofKind::courier;
    const bool is_device = session.kind == crypto::ProofKind::device;
    const bool is_member = (is_device || is_courier) && session.org != nullptr;
    if (is_member && is_over(*session.org, open.space)) {
        return refuse_open(session, channel, space_is_over());
    }
    const auto* membership = is_member ? &*session.org->membership : nullptr;
    const auto rights =
        membership != nullptr && is_device ? membership->rights(session.device, open.space) : 0;
    channel.is_push_only = membership != nullptr && rights == 0 &&
                           membership->is_or_was_writer(session.device, open.space);
    if (rights == 0 && !channel.is_push_only) {
        return refuse_open(session, channel, {Code::denied, "this device may not use the space"});
    }
    if (!session.spaces.insert(open.space).second) {
        return refuse_open(
            session, channel, {Code::conflict, "the space is open on this connection already"});
    }
    channel.may_read = (rights & crypto::right_read) != 0;
    auto& org = *session.org;
    auto& log = org.spaces.try_emplace(open.space, org.id, open.space).first->second;
    channel.log = &log;
    if (log.is_loaded) return judge_cursor(session, index);
    log.waiting.push_back({.session = session.id, .channel = index});
    load_space(org, log);
}

void Relay::Impl::load_space(OrgLog& org, SpaceLog& log) {
    if (log.is_loading) return;
    // What is on its way would be answered on top of what is read.
    if (log.is_appending) {
        log.is_stale = true;
        return;
    }
    log.is_loading = true;
    log.is_stale = false;
    LogIncarnation fresh;
    env_.random(fresh.bytes);
    const auto ticket = ask(&org, ForSpace{.org = &org, .log = &log});
    actions_.push_back(
        LoadSpace{.ticket = ticket, .org = org.id, .space = log.space(), .fresh = fresh});
}

void Relay::Impl::space_loaded(Ticket ticket, const Result<LoadedSpace>& space) {
    const auto request = answer<ForSpace>(ticket);
    if (!request) return;
    auto& log = *request->log;
    log.is_loading = false;
    const bool was_loaded = log.is_loaded;
    const auto before = log.end().incarnation;
    if (space) {
        log.load(*space);
        log.is_loaded = true;
    }
    for (const auto& listener : std::exchange(log.waiting, {})) {
        auto* session = find(listener.session);
        if (session == nullptr || session->is_doomed) continue;
        auto& channel = session->channels[listener.channel];
        if (channel.stage != RelayChannel::Stage::loading) continue;
        if (is_over(*request->org, log.space())) {
            refuse_open(*session, channel, space_is_over());
        } else if (space) {
            judge_cursor(*session, listener.channel);
        } else {
            refuse_open(*session, channel, space.error());
        }
    }
    awaited_space_loaded(*request->org, log.space(), space ? Result<void>() : space.error());
    if (!was_loaded) return;
    if (!space) {
        log.is_loaded = false;
        log.drop_staged();
        for (auto& [name, lane] : log.lanes()) {
            lane.lost(space.error());
            give_answers(log, lane, lane.take_answers());
        }
    }
    if (!space || log.end().incarnation != before) {
        for (const auto& listener : log.listeners()) {
            auto* session = find(listener.session);
            if (session == nullptr) continue;
            refuse(*session,
                   space ? Code::rolled_back : Code::busy,
                   "the relay has lost its place in a space; connect again");
        }
        return;
    }
    for (auto& [name, lane] : log.lanes())
        advance(*request->org, log, lane);
    wake_followers(log);
}

void Relay::Impl::appended_elsewhere(const OrgId& org_id, const SpaceId& space) {
    const auto org = orgs_.find(org_id);
    if (org == orgs_.end()) return;
    const auto log = org->second.spaces.find(space);
    if (log == org->second.spaces.end() || !log->second.is_loaded) return;
    load_space(org->second, log->second);
}

// A device's place ---------------------------------------------------------------------------

void Relay::Impl::judge_cursor(Session& session, Channel index) {
    auto& channel = session.channels[index];
    const auto& open = channel.open;
    const auto& end = channel.log->end();
    if (open.incarnation.is_zero()) return finish_open(session, index, open.position == 0);
    if (open.incarnation != end.incarnation || open.position > end.position) {
        return finish_open(session, index, false);
    }
    if (open.position == 0) return finish_open(session, index, open.head.is_zero());
    if (const auto head = channel.log->recent_head(open.position)) {
        return finish_open(session, index, short_digest(*head) == open.head);
    }
    channel.stage = RelayChannel::Stage::checking;
    channel.fetch =
        ask(session.org, ForChannel{.org = session.org, .session = session.id, .channel = index});
    actions_.push_back(HeadAt{.ticket = channel.fetch,
                              .org = session.org->id,
                              .space = open.space,
                              .position = open.position});
}

void Relay::Impl::head_found(Ticket ticket, const Result<Digest>& head) {
    const auto request = answer<ForChannel>(ticket);
    if (!request) return;
    auto* session = find(request->session);
    if (session == nullptr || session->is_doomed) return;
    auto& channel = session->channels[request->channel];
    if (channel.fetch != ticket) return;
    channel.fetch = 0;
    if (is_over(*request->org, channel.open.space)) {
        return refuse_open(*session, channel, space_is_over());
    }
    if (!head) return refuse_open(*session, channel, head.error());
    finish_open(*session, request->channel, short_digest(*head) == channel.open.head);
}

void Relay::Impl::finish_open(Session& session, Channel index, bool is_known) {
    auto& channel = session.channels[index];
    auto& log = *channel.log;
    channel.stage = RelayChannel::Stage::open;
    channel.is_known = is_known;
    channel.sent = channel.open.position;
    if (channel.is_push_only) {
        // It learns nothing of the log: where it says it is, there it is.
        channel.is_known = true;
        channel.open.follow = false;
    }
    Opened opened{.channel = index,
                  .known = channel.is_known,
                  .incarnation = log.end().incarnation,
                  .position = log.end().position,
                  .head = short_digest(log.end().head),
                  .own_last = 0,
                  .own_chain = {}};
    if (channel.is_push_only) {
        opened.incarnation = channel.open.incarnation;
        opened.position = channel.open.position;
        opened.head = channel.open.head;
    }
    const auto own = log.lanes().find({session.device, channel.open.own});
    if (own != log.lanes().end() && own->second.durable().last > 0) {
        opened.own_last = own->second.durable().last;
        opened.own_chain = short_digest(own->second.durable().chain);
    }
    send(session, opened);
    log.add_listener({.session = session.id, .channel = index}, channel.open.follow);
    channel.seen_sent = log.told(session.device);
    send_seen(session, channel);
    wake(session, index);
    --session.opening;
    channel.held_bytes = 0;
    for (auto& message : std::exchange(channel.held, {}))
        dispatch(session, message);
    send_pongs(session);
}

void Relay::Impl::refuse_open(Session& session, RelayChannel& channel, Error error) {
    send(session,
         OpenRefused{
             .space = channel.open.space, .code = error.code, .message = std::move(error.message)});
    if (channel.stage != RelayChannel::Stage::open) --session.opening;
    close_channel(session, channel);
    channel.stage = RelayChannel::Stage::closed;
    channel.held_bytes = 0;
    for (auto& message : std::exchange(channel.held, {}))
        dispatch(session, message);
    send_pongs(session);
}

void Relay::Impl::close_channel(Session& session, RelayChannel& channel) {
    if (channel.log == nullptr || channel.stage == RelayChannel::Stage::closed) return;
    channel.log->remove_listener({.session = session.id, .channel = channel.index});
    session.spaces.erase(channel.open.space);
    channel.stage = RelayChannel::Stage::closed;
    channel.repair.reset();
    channel.fetch = 0;
    channel.log = nullptr;
}

// Credit and Seen ------------------------------------------------------------------------------

void Relay::Impl::handle(Session& session, Credit& credit) {
    constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
    session.credit = std::min(most, session.credit + credit.bytes);
    queue_turn(session);
}

void Relay::Impl::handle(Session& session, Seen& seen) {
    auto* channel = channel_for(session, seen, sizeof(Seen));
    if (channel == nullptr || !channel->may_read || seen.device != session.device) return;
    auto& log = *channel->log;
    // Its signature is for those who rely on it; here it only costs room, one per device.
    if (!log.keep_seen(seen)) return;
    seen.channel = 0;
    actions_.push_back(SaveSeen{.org = log.org(), .space = log.space(), .seen = seen});
    for (const auto& listener : log.followers()) {
        auto* other = find(listener.session);
        if (other == nullptr || other == &session) continue;
        send_seen(*other, other->channels[listener.channel]);
    }
}

void Relay::Impl::send_seen(Session& session, RelayChannel& channel) {
    if (!channel.may_read || channel.log->seen_serial() == channel.seen_sent) return;
    auto news = channel.log->seen_after(channel.seen_sent, session.device);
    channel.seen_sent = channel.log->seen_serial();
    if (news.empty()) return;
    for (auto& seen : news) {
        seen.channel = channel.index;
        send(session, seen);
    }
    session.told.push_back(channel.index);
    ping_for_told(session);
}

/// One signature's work; whoever asks without measure gets nothing.
void Relay::Impl::handle(Session& session, GetReceipt& get) {
    const auto* channel = channel_for(session, get, sizeof(GetReceipt));
    if (channel == nullptr || !channel->may_read) return;
    if (!quota_.take_receipt(session.who(), now_)) return;
    ReceiptIs is{.channel = get.channel,
                 .receipt = {.space = channel->open.space,
                             .cursor = channel->log->end(),
                             .log_length = session.org->length(),
                             .log_head = session.org->head(),
                             .time = now_,
                             .signature = {}}};
    crypto::sign_receipt(server_, session.org->id, is.receipt);
    is.receipt.space = {};
    send(session, is);
}

/// Words are sent again on another connection until the device was certainly told: until it
/// has answered something that was sent after them.
void Relay::Impl::ping_for_told(Session& session) {
    if (session.is_pinged || session.told.empty()) return;
    session.is_pinged = true;
    for (const auto index : session.told) {
        session.channels[index].seen_pinged = session.channels[index].seen_sent;
    }
    send(session, Ping{.token = 0});
}

void Relay::Impl::handle(Session& session, Pong& /*pong*/) {
    if (!std::exchange(session.is_pinged, false)) return;
    std::vector<Channel> later;
    for (const auto index : std::exchange(session.told, {})) {
        auto& channel = session.channels[index];
        if (channel.log == nullptr) continue;
        channel.log->confirm_told(session.device, channel.seen_pinged);
        if (channel.seen_pinged < channel.seen_sent) later.push_back(index);
    }
    session.told = std::move(later);
    ping_for_told(session);
}

void Relay::Impl::handle(Session& session, Ping& ping) {
    session.pongs.push_back({.token = ping.token});
    if (session.pongs.size() > pongs_max) {
        return refuse(session, Code::busy, "too many pings wait for an answer");
    }
    send_pongs(session);
}

void Relay::Impl::send_pongs(Session& session) {
    if (session.opening > 0) return;
    for (const auto& pong : std::exchange(session.pongs, {}))
        send(session, pong);
}

}  // namespace trellis::sync
