// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/net/websocket.hpp"
#include "server/ops/capture.hpp"
#include "server/ops/metrics.hpp"
#include "server/stage/append.hpp"
#include "server/stage/catch_up.hpp"
#include "server/stage/verify.hpp"
#include "sync/relay/relay.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <map>
#include <optional>
#include <variant>
#include <vector>

namespace trellis::server {

struct RelayHostOptions {
    sync::RelayOptions relay;
    std::size_t message_bytes_max = limits::frame_max;
    std::size_t before_proof_bytes_max = limits::frame_before_proof_max;
};

/// What the relay's actions are carried out by.
struct RelayStages {
    Verify& verify;
    Append& append;
    CatchUp& catch_up;
};

/// Between the relay, which is a value, and the world: a WebSocket is a session, an action a
/// job for a stage, a stage's result an answer. All on the net thread; only post() is called
/// from others.
class RelayHost {
public:
    /// Requires: everything named outlives this, and the stages have stopped before it goes.
    RelayHost(boost::asio::io_context& io,
              const crypto::SignSecret& server,
              const RelayHostOptions& options,
              Env& env,
              Metrics& metrics);
    RelayHost(const RelayHost&) = delete;
    RelayHost& operator=(const RelayHost&) = delete;

    /// Once, before the first connection. The stages deliver to post().
    void attach(const RelayStages& stages, Capture* capture);

    /// Any thread: results on their way to the relay.
    void post(std::vector<StageResult> results);

    /// Speaks on one connection to its end.
    net::Awaitable<void> serve(net::WebSocket& socket);

    /// Somebody without a device drops a submission into an inbox, or asks where it is. Comes back
    /// once it is durable, or with what was wrong.
    using Posted = Result<std::variant<Digest, sync::InboxPlace>>;
    net::Awaitable<Posted> submit(OrgId org, crypto::InboxId inbox, Bytes submission,
                                  std::optional<std::uint64_t> proof);
    net::Awaitable<Posted> find_inbox(OrgId org, crypto::InboxId inbox);

    /// Takes no more messages, waits for what was asked of the stages, says goodbye to
    /// everybody. Ends when all connections have, or the time is over.
    net::Awaitable<void> drain(net::Milliseconds time);

    /// Brings the gauges that only this knows up to date.
    void measure();

private:
    using Job = std::variant<sync::Verify, WriteJob, ReadJob>;
    struct Connection {
        net::WebSocket* socket = nullptr;
        std::size_t frames_sent = 0;
    };
    struct Seat;
    struct Poster;

    Time now();
    void take(StageResult& result);
    void run_actions();
    void carry_out(sync::Send& send);
    void carry_out(sync::Close& close);
    void carry_out(sync::Verify& verify);
    void carry_out(sync::SaveSeen& seen);
    void carry_out(sync::PostAnswer& answer);
    net::Awaitable<Posted> wait_for(sync::Ticket ticket);
    template <class Request>
    void carry_out(Request& request);
    void give(Job job);
    bool offer(Job& job);
    void flush_waiting();
    void set_alarm();
    void alarm_rang(const net::ErrorCode& error);
    void written(sync::SessionId session, std::size_t bytes);
    net::Awaitable<void> relief();

    boost::asio::io_context& io_;
    RelayHostOptions options_;
    Env& env_;
    Metrics& metrics_;
    sync::Relay relay_;
    std::optional<RelayStages> stages_;
    Capture* capture_ = nullptr;

    std::map<sync::SessionId, Connection> connections_;
    std::map<sync::Ticket, Poster*> posters_;  ///< who waits for an answer to a post
    std::deque<Job> waiting_;     ///< no place in an inbox: sockets are not read meanwhile
    std::size_t unanswered_ = 0;  ///< requests the stages owe an answer
    bool is_draining_ = false;
    bool is_time_over_ = false;  ///< for draining
    bool is_drained_ = false;    ///< no alarm is set any more
    boost::asio::steady_timer alarm_;
    boost::asio::steady_timer relief_;  ///< cancelled whenever something has become less
    std::optional<Time> alarm_at_;
};

}  // namespace trellis::server
