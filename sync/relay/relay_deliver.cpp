// SPDX-License-Identifier: Apache-2.0
#include "core/base/limits.hpp"
#include "sync/relay/relay_impl.hpp"

#include <algorithm>

// Deliveries. Every session that has something to get, credit for it and room in its socket
// stands in one round; in its turn it gets one page of one of its spaces. A space's place is
// all that is remembered, whether the next page comes from memory or from the store.
namespace trellis::sync {

void Relay::Impl::wake(SessionId id, Channel index) {
    auto* session = find(id);
    if (session != nullptr && !session->is_doomed) wake(*session, index);
}

void Relay::Impl::wake(Session& session, Channel index) {
    auto& channel = session.channels[index];
    if (channel.is_queued || channel.stage != RelayChannel::Stage::open) return;
    channel.is_queued = true;
    session.turns.push_back(index);
    queue_turn(session);
}

void Relay::Impl::queue_turn(Session& session) {
    if (session.is_queued || session.is_doomed || session.turns.empty()) return;
    if (session.credit <= 0 || session.outgoing >= options_.outgoing_bytes_max) return;
    session.is_queued = true;
    round_.push_back(session.id);
}

void Relay::Impl::wake_followers(SpaceLog& log) {
    for (const auto& follower : log.followers())
        wake(follower.session, follower.channel);
}

bool Relay::Impl::pump_deliveries() {
    while (actions_.empty() && !round_.empty()) {
        const auto id = round_.front();
        round_.pop_front();
        auto* session = find(id);
        if (session == nullptr) continue;
        session->is_queued = false;
        if (session->turns.empty() || session->is_doomed) continue;
        const auto index = session->turns.front();
        session->turns.pop_front();
        session->channels[index].is_queued = false;
        if (deliver(*session, index)) wake(*session, index);
        queue_turn(*session);
    }
    return !actions_.empty();
}

bool Relay::Impl::deliver(Session& session, Channel index) {
    auto& channel = session.channels[index];
    if (channel.stage != RelayChannel::Stage::open || channel.fetch != 0) return false;
    if (channel.repair) {
        return !channel.repair->is_collecting && deliver_repair(session, index);
    }
    const auto& log = *channel.log;
    if (!channel.may_read || !channel.is_known || channel.is_done) return false;
    if (channel.sent >= log.end().position) {
        channel.is_done = !channel.open.follow;
        return false;
    }
    const auto max_bytes = std::min(options_.page_bytes_max, static_cast<std::size_t>(session.credit));
    if (auto page = log.recent_page(channel.sent, max_bytes)) {
        send_page(session, index, *std::move(page));
        return true;
    }
    channel.fetch =
        ask(session.org, ForChannel{.org = session.org, .session = session.id, .channel = index});
    actions_.push_back(CatchUp{.ticket = channel.fetch,
                               .org = session.org->id,
                               .space = channel.open.space,
                               .after = channel.sent,
                               .max_bytes = max_bytes,
                               .max_envelopes = limits::page_envelopes_max});
    return false;
}

void Relay::Impl::send_page(Session& session, Channel index, LogPage page) {
    auto& channel = session.channels[index];
    Deliver deliver{.channel = index,
                    .repair = false,
                    .last = false,
                    .from = channel.sent,
                    .to = channel.sent + page.envelopes.size(),
                    .head = page.head,
                    .runs = {}};
    deliver.last = deliver.to == channel.log->end().position;
    figures_.delivered += page.envelopes.size();
    for (auto& logged : page.envelopes) {
        // The chain that Open named is written in one byte.
        if (logged.device != session.device || logged.incarnation != channel.open.own) continue;
        logged.device = DeviceId();
        logged.incarnation = Incarnation();
    }
    deliver.runs = group_runs(std::move(page.envelopes));
    channel.sent = deliver.to;
    session.credit -= static_cast<std::int64_t>(send(session, deliver));
}

void Relay::Impl::caught_up(Ticket ticket, Result<LogPage> page) {
    const auto request = answer<ForChannel>(ticket);
    if (!request) return;
    auto* session = find(request->session);
    if (session == nullptr || session->is_doomed) return;
    auto& channel = session->channels[request->channel];
    if (channel.fetch != ticket) return;
    channel.fetch = 0;
    if (!page) return refuse(*session, std::move(page).error());
    if (page->envelopes.empty()) {
        return refuse(*session, Code::internal, "the relay's store is missing a page of a space");
    }
    send_page(*session, request->channel, *std::move(page));
    wake(*session, request->channel);
}

// Repair -----------------------------------------------------------------------------------

namespace {

/// One request, and what is gathered before it is sent; two of them fit a frame.
constexpr std::size_t repair_bytes = 64 * 1024;

}  // namespace

void Relay::Impl::handle(Session& session, Vector& vector) {
    const auto index = vector.channel;
    auto* channel = channel_for(session, vector, vector.heads.size() * sizeof(ChainHead));
    if (channel == nullptr) return;
    if (channel->is_push_only) {
        return refuse(session, Code::denied, "this device may not use the space any more");
    }
    if (!channel->repair || !channel->repair->is_collecting) {
        channel->repair = std::make_unique<Repair>();
        channel->fetch = 0;
    }
    auto& repair = *channel->repair;
    for (const auto& head : vector.heads)
        repair.heads[{head.device, head.incarnation}] = head;
    if (repair.heads.size() > limits::vector_actors_max) {
        return refuse(session, Code::too_large, "too many chains in one space");
    }
    if (!vector.more) start_repair(session, *channel, index);
}

void Relay::Impl::start_repair(Session& session, RelayChannel& channel, Channel index) {
    auto& repair = *channel.repair;
    auto& log = *channel.log;
    repair.is_collecting = false;
    repair.end = log.end();
    auto plan = plan_repair(repair.heads, log, *session.org->membership);
    for (const auto& [name, head] : repair.heads) {
        if (name.first == session.device) channel.refills[name.second] = head.last;
    }
    repair.heads.clear();
    if (channel.may_read) repair.pieces = std::move(plan.pieces);
    for (const auto& head : plan.forked) {
        send(session,
             PushRefused{.channel = index,
                         .device = head.device,
                         .incarnation = head.incarnation,
                         .first = head.last,
                         .code = Code::fork,
                         .message = "the relay has another envelope at the end of "
                                    "that chain"});
    }
    if (!plan.want.empty()) send(session, Want{.channel = index, .heads = std::move(plan.want)});
    wake(session, index);
}

bool Relay::Impl::deliver_repair(Session& session, Channel index) {
    auto& channel = session.channels[index];
    auto& repair = *channel.repair;
    if (repair.pieces.empty()) {
        send_repair(session, index, true);
        channel.is_known = true;
        channel.sent = repair.end.position;
        channel.repair.reset();
        return true;
    }
    if (repair.page_bytes >= repair_bytes) {
        send_repair(session, index, false);
        return true;
    }
    const auto& piece = repair.pieces.front();
    channel.fetch =
        ask(session.org, ForChannel{.org = session.org, .session = session.id, .channel = index});
    actions_.push_back(FetchChain{.ticket = channel.fetch,
                                  .org = session.org->id,
                                  .space = channel.open.space,
                                  .device = piece.device,
                                  .incarnation = piece.incarnation,
                                  .after = piece.after,
                                  .until = piece.until,
                                  .max_bytes = repair_bytes});
    return false;
}

void Relay::Impl::send_repair(Session& session, Channel index, bool last) {
    auto& repair = *session.channels[index].repair;
    Deliver deliver{.channel = index,
                    .repair = true,
                    .last = last,
                    .from = repair.end.position,
                    .to = repair.end.position,
                    .head = repair.end.head,
                    .runs = std::exchange(repair.page, {})};
    repair.page_bytes = 0;
    for (const auto& run : deliver.runs)
        figures_.delivered += run.envelopes.size();
    session.credit -= static_cast<std::int64_t>(send(session, deliver));
}

void Relay::Impl::chain_fetched(Ticket ticket, Result<ChainPage> page) {
    if (const auto request = answer<ForLane>(ticket)) {
        request->lane->fetched(page, *request->org->membership);
        advance(*request->org, *request->log, *request->lane);
        return;
    }
    const auto request = answer<ForChannel>(ticket);
    if (!request) return;
    auto* session = find(request->session);
    if (session == nullptr || session->is_doomed) return;
    auto& channel = session->channels[request->channel];
    if (channel.fetch != ticket || !channel.repair) return;
    channel.fetch = 0;
    if (!page) return refuse(*session, std::move(page).error());
    repair_fetched(*session, request->channel, std::move(page));
    wake(*session, request->channel);
}

void Relay::Impl::repair_fetched(Session& session, Channel index, Result<ChainPage> page) {
    auto& repair = *session.channels[index].repair;
    auto& piece = repair.pieces.front();
    const bool is_fork = piece.before && short_digest(page->previous) != *piece.before;
    if (is_fork) {
        send(session,
             PushRefused{.channel = index,
                         .device = piece.device,
                         .incarnation = piece.incarnation,
                         .first = piece.after,
                         .code = Code::fork,
                         .message = "the relay has another envelope at that place of "
                                    "the chain"});
    }
    if (is_fork) {
        // The device holds another branch: it gets ours from the start.
        piece.after = 0;
        return piece.before.reset();
    }
    if (page->envelopes.empty()) return repair.pieces.pop_front();
    crypto::EnvelopeRun run{.device = piece.device,
                            .incarnation = piece.incarnation,
                            .first = page->envelopes.front().first,
                            .envelopes = {}};
    Counter last = page->envelopes.back().first;
    if (const auto header = crypto::parse_envelope(page->envelopes.back().envelope)) {
        last += header->ops - 1U;
    }
    for (auto& stored : page->envelopes) {
        repair.page_bytes += stored.envelope.size();
        run.envelopes.push_back(std::move(stored.envelope));
    }
    repair.page.push_back(std::move(run));
    piece.after = last;
    piece.before.reset();
    if (last >= piece.until) repair.pieces.pop_front();
}

}  // namespace trellis::sync
