// SPDX-License-Identifier: Apache-2.0
#include "server/net/relay_host.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <type_traits>
#include <utility>

namespace trellis::server {
namespace {

namespace asio = boost::asio;
using net::Awaitable;
using net::CloseCode;

/// The wall clock may be set back: no alarm sleeps longer than this.
constexpr Time alarm_max_ms = 60'000;

/// The relay answers the hello, then the proof: who gets a second frame has proven it, or is
/// hung up on in the same turn.
constexpr std::size_t frames_of_a_greeting = 2;

CloseCode close_code(Code code) {
    switch (code) {
        case Code::offline:
            return CloseCode::going_away;
        case Code::too_large:
            return CloseCode::too_big;
        case Code::busy:
        case Code::no_space:
            return CloseCode::try_later;
        case Code::denied:
        case Code::not_found:
        case Code::timeout:
            return CloseCode::policy;
        case Code::internal:
            return CloseCode::internal;
        default:
            return CloseCode::protocol_error;
    }
}

}  // namespace

/// A connection's place at the relay, given up however its coroutine ends.
struct RelayHost::Seat {
    RelayHost& host;
    sync::SessionId session;

    Seat(RelayHost& relay_host, net::WebSocket& socket)
        : host(relay_host), session(host.relay_.connected(host.now())) {
        host.connections_.emplace(session, Connection{&socket, 0});
        host.metrics_.connections.add();
        host.metrics_.connections_total.add();
    }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;
    ~Seat() {
        host.connections_.erase(session);
        host.metrics_.connections.add(-1);
        host.relay_.disconnected(session);
        host.run_actions();
        host.relief_.cancel();
    }
};

/// Somebody who waits for an answer to a post.
struct RelayHost::Poster {
    RelayHost& host;
    sync::Ticket ticket;
    asio::steady_timer bell;  ///< cancelled when the answer is there
    std::optional<Posted> answer;

    Poster(RelayHost& relay_host, sync::Ticket of)
        : host(relay_host), ticket(of), bell(host.io_, asio::steady_timer::time_point::max()) {
        host.posters_.emplace(ticket, this);
    }
    Poster(const Poster&) = delete;
    Poster& operator=(const Poster&) = delete;
    ~Poster() { host.posters_.erase(ticket); }

    void take(Posted posted) {
        answer.emplace(std::move(posted));
        bell.cancel();
    }
};

RelayHost::RelayHost(asio::io_context& io,
                     const crypto::SignSecret& server,
                     const RelayHostOptions& options,
                     Env& env,
                     Metrics& metrics)
    : io_(io)
    , options_(options)
    , env_(env)
    , metrics_(metrics)
    , relay_(server, options.relay, env)
    , alarm_(io)
    , relief_(io, asio::steady_timer::time_point::max()) {}

void RelayHost::attach(const RelayStages& stages, Capture* capture) {
    stages_.emplace(stages);
    capture_ = capture;
}

Time RelayHost::now() {
    return env_.wall_time();
}

// Results ----------------------------------------------------------------------------------

void RelayHost::post(std::vector<StageResult> results) {
    asio::post(io_, [this, results = std::move(results)]() mutable {
        for (StageResult& result : results)
            take(result);
        flush_waiting();
        run_actions();
        relief_.cancel();
    });
}

void RelayHost::take(StageResult& result) {
    --unanswered_;
    std::visit(
        [this](auto& answer) {
            using Answer = std::remove_cvref_t<decltype(answer)>;
            if constexpr (std::is_same_v<Answer, Verified>) {
                relay_.verified(answer.ticket, answer.genuine);
            } else if constexpr (std::is_same_v<Answer, OrgLoaded>) {
                relay_.org_loaded(answer.ticket, std::move(answer.entries));
            } else if constexpr (std::is_same_v<Answer, EntryAppended>) {
                if (!answer.stored) metrics_.refuse(answer.stored.error().code);
                relay_.entry_appended(answer.ticket, std::move(answer.stored));
            } else if constexpr (std::is_same_v<Answer, SpaceLoaded>) {
                relay_.space_loaded(answer.ticket, std::move(answer.space));
            } else if constexpr (std::is_same_v<Answer, SpaceMissing>) {
                give(WriteJob(std::move(answer.request)));
            } else if constexpr (std::is_same_v<Answer, Appended>) {
                for (const auto& stored : answer.stored) {
                    if (!stored) metrics_.refuse(stored.error().code);
                }
                relay_.appended(answer.ticket, std::move(answer.stored));
            } else if constexpr (std::is_same_v<Answer, CaughtUp>) {
                relay_.caught_up(answer.ticket, std::move(answer.page));
            } else if constexpr (std::is_same_v<Answer, ChainFetched>) {
                relay_.chain_fetched(answer.ticket, std::move(answer.page));
            } else if constexpr (std::is_same_v<Answer, SubmissionStored>) {
                relay_.submission_stored(answer.ticket, answer.stored);
            } else if constexpr (std::is_same_v<Answer, SubmissionsLoaded>) {
                relay_.submissions_loaded(answer.ticket, std::move(answer.items));
            } else if constexpr (std::is_same_v<Answer, SubmissionsDropped>) {
                relay_.submissions_dropped(answer.ticket);
            } else if constexpr (std::is_same_v<Answer, SpaceShredded>) {
                relay_.space_shredded(answer.ticket, answer.done);
            } else {
                relay_.head_found(answer.ticket, std::move(answer.head));
            }
        },
        result);
}

// Actions ----------------------------------------------------------------------------------

void RelayHost::run_actions() {
    while (auto action = relay_.next_action()) {
        std::visit([this](auto& request) { carry_out(request); }, *action);
    }
    set_alarm();
}

void RelayHost::carry_out(sync::Send& send) {
    const auto found = connections_.find(send.session);
    if (found == connections_.end()) return;
    Connection& connection = found->second;
    if (++connection.frames_sent == frames_of_a_greeting) {
        connection.socket->set_message_bytes_max(options_.message_bytes_max);
        connection.socket->admit();
        metrics_.sessions_total.add();
    }
    metrics_.bytes_out.add(static_cast<std::int64_t>(send.frame.size()));
    // Where it cannot be sent the connection is about to end, and its coroutine says so.
    const auto sent = connection.socket->send(std::move(send.frame));
    if (!sent) metrics_.refuse(sent.error().code);
}

void RelayHost::carry_out(sync::Close& close) {
    const auto found = connections_.find(close.session);
    if (found == connections_.end()) return;
    if (close.code != Code::offline) metrics_.refuse(close.code);
    asio::co_spawn(
        io_,
        found->second.socket->close(close_code(close.code), std::string(to_string(close.code))),
        asio::detached);
}

void RelayHost::carry_out(sync::Verify& verify) {
    give(std::move(verify));
}

/// Nobody waits for its answer; where there is no place the next one will do.
void RelayHost::carry_out(sync::SaveSeen& seen) {
    WriteJob job(std::move(seen));
    if (!stages_->append.inbox().offer(job)) metrics_.refuse(Code::busy);
}

void RelayHost::carry_out(sync::PostAnswer& answer) {
    if (!answer.result) metrics_.refuse(answer.result.error().code);
    const auto found = posters_.find(answer.ticket);
    if (found != posters_.end()) found->second->take(std::move(answer.result));
}

template <class Request>
void RelayHost::carry_out(Request& request) {
    constexpr bool writes = std::is_same_v<Request, sync::Append> ||
                            std::is_same_v<Request, sync::AppendEntry> ||
                            std::is_same_v<Request, sync::StoreSubmission> ||
                            std::is_same_v<Request, sync::DropSubmissions> ||
                            std::is_same_v<Request, sync::ShredSpace>;
    if constexpr (writes) {
        give(WriteJob(std::move(request)));
    } else {
        give(ReadJob(std::move(request)));
    }
}

void RelayHost::give(Job job) {
    ++unanswered_;
    if (!waiting_.empty() || !offer(job)) waiting_.push_back(std::move(job));
}

bool RelayHost::offer(Job& job) {
    if (auto* verify = std::get_if<sync::Verify>(&job)) {
        return stages_->verify.inbox().offer(*verify);
    }
    if (auto* write = std::get_if<WriteJob>(&job)) return stages_->append.inbox().offer(*write);
    return stages_->catch_up.inbox().offer(std::get<ReadJob>(job));
}

void RelayHost::flush_waiting() {
    while (!waiting_.empty() && offer(waiting_.front()))
        waiting_.pop_front();
}

// Time -------------------------------------------------------------------------------------

void RelayHost::set_alarm() {
    const Time deadline = relay_.deadline();
    const Time time = now();
    // An alarm that rings early is harmless and sets itself again.
    if (is_drained_ || (alarm_at_ && *alarm_at_ <= deadline)) return;
    const Time wait = std::clamp<Time>(deadline - time, 0, alarm_max_ms);
    alarm_at_ = time + wait;
    alarm_.expires_after(std::chrono::milliseconds(wait));
    alarm_.async_wait([this](const net::ErrorCode& error) { alarm_rang(error); });
}

void RelayHost::alarm_rang(const net::ErrorCode& error) {
    if (error) return;
    alarm_at_.reset();
    relay_.tick(now());
    run_actions();
}

void RelayHost::written(sync::SessionId session, std::size_t bytes) {
    relay_.written(session, bytes);
    run_actions();
}

// Connections ------------------------------------------------------------------------------

Awaitable<void> RelayHost::relief() {
    co_await relief_.async_wait(net::as_values);
}

Awaitable<void> RelayHost::serve(net::WebSocket& socket) {
    socket.set_message_bytes_max(options_.before_proof_bytes_max);
    const Seat seat(*this, socket);
    socket.on_written(
        [this, session = seat.session](std::size_t bytes) { written(session, bytes); });
    set_alarm();
    for (;;) {
        // A stage is full: TCP holds the sender back.
        while (!waiting_.empty() && !is_draining_)
            co_await relief();
        auto message = co_await socket.receive();
        if (!message || !message->has_value()) co_return;
        const Bytes& frame = **message;
        metrics_.bytes_in.add(static_cast<std::int64_t>(frame.size()));
        if (capture_ != nullptr) capture_->add(frame);
        // What is not read is not answered, and will be pushed again.
        if (is_draining_) continue;
        relay_.receive(seat.session, frame, now());
        run_actions();
    }
}

Awaitable<RelayHost::Posted> RelayHost::submit(OrgId org,
                                               crypto::InboxId inbox,
                                               Bytes submission,
                                               std::optional<std::uint64_t> proof) {
    return wait_for(relay_.submit(org, inbox, std::move(submission), proof, now()));
}

Awaitable<RelayHost::Posted> RelayHost::find_inbox(OrgId org, crypto::InboxId inbox) {
    return wait_for(relay_.find_inbox(org, inbox, now()));
}

Awaitable<RelayHost::Posted> RelayHost::wait_for(sync::Ticket ticket) {
    Poster poster(*this, ticket);
    run_actions();
    while (!poster.answer)
        co_await poster.bell.async_wait(net::as_values);
    co_return *std::move(poster.answer);
}

Awaitable<void> RelayHost::drain(net::Milliseconds time) {
    is_draining_ = true;
    relief_.cancel();
    asio::steady_timer limit(io_, time);
    limit.async_wait([this](const net::ErrorCode& error) {
        if (error) return;
        is_time_over_ = true;
        relief_.cancel();
    });
    while (unanswered_ > 0 && !is_time_over_)
        co_await relief();
    relay_.shut_down();
    run_actions();
    for (const auto& [ticket, poster] : posters_) {
        poster->take(Error{Code::offline, "the server is being restarted: send it again"});
    }
    while (!connections_.empty() && !is_time_over_)
        co_await relief();
    is_drained_ = true;
    limit.cancel();
    alarm_.cancel();
}

void RelayHost::measure() {
    const auto figures = relay_.figures();
    std::int64_t proven = 0;
    for (const auto& [session, connection] : connections_) {
        if (connection.frames_sent >= frames_of_a_greeting) ++proven;
    }
    metrics_.sessions.set(proven);
    metrics_.runs_refused.set(static_cast<std::int64_t>(figures.refused));
    metrics_.envelopes_delivered.set(static_cast<std::int64_t>(figures.delivered));
    metrics_.verify_queue.set(static_cast<std::int64_t>(stages_->verify.inbox().size()));
    metrics_.append_queue.set(static_cast<std::int64_t>(stages_->append.inbox().size()));
    metrics_.catch_up_queue.set(static_cast<std::int64_t>(stages_->catch_up.inbox().size()));
}

}  // namespace trellis::server
