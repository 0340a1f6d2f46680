// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sync/relay/org_log.hpp"
#include "sync/relay/relay.hpp"
#include "sync/relay/relay_session.hpp"
#include "sync/relay/token_bucket.hpp"

#include <deque>
#include <map>
#include <set>
#include <unordered_map>
#include <variant>

namespace trellis::sync {

/// The relay's inside: one table of sessions, one of organisations, one of open requests, and
/// the queues between them. Sessions are only erased between two calls (bury()), so a handler
/// may hold on to its session whatever happens in it.
class Relay::Impl {
public:
    Impl(const crypto::SignSecret& server, const RelayOptions& options, Env& env)
        : server_(server)
        , options_(options)
        , env_(env)
        , quota_(options)
        , posts_(options.inbox_posts_per_minute, options.inbox_posts_at_once)
        , asks_(options.inbox_asks_per_minute, options.inbox_asks_per_minute) {}

    // relay.cpp: connections, time, actions
    SessionId connected(Time now);
    void receive(SessionId session, ByteView frame, Time now);
    void written(SessionId session, std::size_t bytes);
    void disconnected(SessionId session);
    void tick(Time now);
    void shut_down();
    std::optional<RelayAction> next_action();
    [[nodiscard]] Time deadline() const;
    [[nodiscard]] RelayFigures figures() const;
    /// Hangs up where a handler found reason to; after every call.
    void bury();

    // relay_log.cpp: the membership log
    void org_loaded(Ticket ticket, Result<std::vector<Bytes>> entries);
    void entry_appended(Ticket ticket, const Result<void>& stored);

    // relay_open.cpp: spaces and places in them
    void space_loaded(Ticket ticket, const Result<LoadedSpace>& space);
    void head_found(Ticket ticket, const Result<Digest>& head);
    void appended_elsewhere(const OrgId& org, const SpaceId& space);

    // relay_push.cpp: from a push to its answer
    void verified(Ticket ticket, const std::vector<bool>& genuine);
    void appended(Ticket ticket, const std::vector<Result<void>>& stored);

    // relay_deliver.cpp: pages and repairs
    void caught_up(Ticket ticket, Result<LogPage> page);
    void chain_fetched(Ticket ticket, Result<ChainPage> page);

    // relay_inbox.cpp: what people without a device drop in
    Ticket submit(const OrgId& org,
                  const crypto::InboxId& inbox,
                  Bytes submission,
                  std::optional<std::uint64_t> proof,
                  Time now);
    Ticket find_inbox(const OrgId& org, const crypto::InboxId& inbox, Time now);
    void submission_stored(Ticket ticket, const Result<void>& stored);

    // relay_filing.cpp: devices that make records of it
    void submissions_loaded(Ticket ticket, Result<std::vector<SubmissionItem>> items);
    void submissions_dropped(Ticket ticket);

    // relay_shred.cpp: spaces that are over
    void space_shredded(Ticket ticket, const Result<void>& done);

private:
    using Session = RelaySession;

    static constexpr std::size_t held_max = limits::push_window + limits::frame_max;

    // What the open requests are for.
    struct ForOrg {
        OrgLog* org;
    };
    struct ForEntry {
        OrgLog* org;
    };
    struct ForSpace {
        OrgLog* org;
        SpaceLog* log;
    };
    struct ForChannel {  // CatchUp, HeadAt, and FetchChain in a repair
        OrgLog* org;
        SessionId session;
        Channel channel;
    };
    struct ForLane {  // FetchChain to recognise a push
        OrgLog* org;
        SpaceLog* log;
        ChainLane* lane;
    };
    struct LaneCheck {
        OrgLog* org;
        SpaceLog* log;
        ChainLane* lane;
        std::vector<SignatureCheck> checks;  // moved out once they are asked for
        std::size_t count;
        SessionId asker;
    };
    struct ForVerify {
        std::vector<LaneCheck> lanes;
    };
    struct ForAppend {};
    struct ForPost {  // StoreSubmission
        OrgLog* org;
        Ticket post;
        crypto::InboxId inbox;
        Digest digest;
    };
    struct ForFiling {  // LoadSubmissions
        OrgLog* org;
        SessionId session;
        Channel channel;
        crypto::InboxId inbox;
    };
    struct ForDrop {
        OrgLog* org;
    };
    struct ForShred {
        OrgLog* org;
    };
    using Purpose = std::variant<ForOrg,
                                 ForEntry,
                                 ForSpace,
                                 ForChannel,
                                 ForLane,
                                 ForVerify,
                                 ForAppend,
                                 ForPost,
                                 ForFiling,
                                 ForDrop,
                                 ForShred>;

    struct AppendOut {
        OrgLog* org;
        SpaceLog* log;
        SpaceAppend append;  // bytes only where somebody follows
    };

    // relay.cpp
    Session* find(SessionId session);
    Ticket ask(OrgLog* org, Purpose purpose);
    /// What the ticket was for; none where nobody waits for it, or for something else.
    template <class For>
    std::optional<For> answer(Ticket ticket) {
        const auto found = requests_.find(ticket);
        if (found == requests_.end()) return std::nullopt;
        auto* purpose = std::get_if<For>(&found->second);
        if (purpose == nullptr) return std::nullopt;
        auto result = std::move(*purpose);
        requests_.erase(found);
        if constexpr (requires { result.org; }) --result.org->requests;
        return result;
    }
    /// The size of the frame.
    std::size_t send(Session& session, const Message& message);
    void send_raw(Session& session, Bytes frame);
    /// Says why, and hangs up at the end of the call.
    void refuse(Session& session, Code code, std::string message);
    void refuse(Session& session, Error error);
    void doom(Session& session, Code code);
    void forget_orgs();
    void read_message(Session& session, ByteView frame);
    void dispatch(Session& session, Message& message);
    template <class T>
    void handle(Session& session, T& message);  // what only a relay says
    void handle(Session& session, Bye& bye);
    void handle(Session& session, Ping& ping);
    void handle(Session& session, Pong& pong);
    bool pump();

    // relay_greet.cpp
    void greet(Session& session, ByteView frame);
    void receive_proof(Session& session, ByteView frame);
    void judge_proof(Session& session);
    Result<void> check_proof(Session& session);
    const crypto::SignKey* key_of(Session& session);
    Result<void> judge_invite(const Session& session) const;
    void welcome(Session& session);

    // relay_log.cpp
    OrgLog& org_of(const OrgId& id);
    /// How much of the log the session may read: a former device up to the entry that removed
    /// it, a courier nothing.
    static std::uint64_t visible_length(const Session& session);
    static Digest visible_head(const Session& session);
    void load_org(OrgLog& org);
    void handle(Session& session, GetEntries& get);
    void handle(Session& session, PutEntry& put);
    void next_put(OrgLog& org);
    Result<void> admit_founder(Session& session, OrgLog& org);
    void answer_put(Session& session, OrgLog* org, Result<void> accepted);
    void answer_put(SessionId session, OrgLog& org, Result<void> accepted);
    void log_grew(OrgLog& org);
    void follow_log(Session& session);
    Result<void> take_entry_share(const Session& session, ByteView entry);

    // relay_shred.cpp
    /// Whether the entry may end the spaces that it shreds, which are put into `spaces`; false:
    /// not known yet, next_put() is called again. `conflict` where their logs are elsewhere than
    /// its author has read.
    Result<bool> check_shreds(const Session& session, OrgLog& org, ByteView entry,
                              std::vector<SpaceId>& spaces);
    static void hold_pushes(OrgLog& org, const std::vector<SpaceId>& spaces, bool on);
    void end_space(OrgLog& org, const SpaceId& space);
    void shred_again(OrgLog& org);
    void order_shred(OrgLog& org, const SpaceId& space);
    void awaited_space_loaded(OrgLog& org, const SpaceId& space, const Result<void>& loaded);
    [[nodiscard]] static bool is_over(const OrgLog& org, const SpaceId& space) {
        return org.membership && org.membership->shredded(space) != nullptr;
    }

    // relay_open.cpp
    void handle(Session& session, Open& open);
    void handle(Session& session, Credit& credit);
    void handle(Session& session, Seen& seen);
    void handle(Session& session, GetReceipt& get);
    void load_space(OrgLog& org, SpaceLog& log);
    void judge_cursor(Session& session, Channel index);
    void finish_open(Session& session, Channel index, bool is_known);
    void refuse_open(Session& session, RelayChannel& channel, Error error);
    void close_channel(Session& session, RelayChannel& channel);
    void send_seen(Session& session, RelayChannel& channel);
    void ping_for_told(Session& session);
    void send_pongs(Session& session);
    /// Null: not to be handled now (held back, closed or a mistake).
    template <class T>
    RelayChannel* channel_for(Session& session, T& message, std::size_t bytes) {
        if (message.channel >= session.channels.size()) {
            refuse(session, Code::invalid, "a message for a space that was not opened");
            return nullptr;
        }
        auto& channel = session.channels[message.channel];
        if (channel.stage == RelayChannel::Stage::open) return &channel;
        if (channel.stage == RelayChannel::Stage::closed) return nullptr;
        channel.held_bytes += bytes;
        if (channel.held_bytes > held_max) {
            refuse(session, Code::too_large, "too much was said before the space was open");
            return nullptr;
        }
        channel.held.emplace_back(std::move(message));
        return nullptr;
    }

    // relay_inbox.cpp
    Result<void> check_post(const OrgId& org,
                            const crypto::InboxId& inbox,
                            ByteView submission,
                            std::optional<std::uint64_t> proof);
    void post(const OrgId& org, OrgLog::Post post);
    void next_posts(OrgLog& org, const Result<void>& loaded);
    void judge_post(OrgLog& org, OrgLog::Post post);
    [[nodiscard]] Result<InboxPlace> place_of(const OrgLog& org, const crypto::InboxId& id) const;
    [[nodiscard]] Result<void> check_epoch(const OrgLog& org, ByteView submission) const;
    void answer_post(Ticket ticket, Result<std::variant<Digest, InboxPlace>> result);

    // relay_filing.cpp
    void handle(Session& session, GetSubmissions& get);
    void handle(Session& session, Filed& filed);
    [[nodiscard]] bool may_file(const Session& session,
                                const RelayChannel& channel,
                                const crypto::InboxId& inbox) const;
    void tell_filers(OrgLog& org, const crypto::InboxId& inbox);
    void end_leases(Session& session);

    // relay_push.cpp
    void handle(Session& session, Push& push);
    void take_run(Session& session, RelayChannel& channel, crypto::EnvelopeRun& run);
    void refuse_run(Session& session,
                    Channel channel,
                    const crypto::EnvelopeRun& run,
                    const Error& error);
    void advance(OrgLog& org, SpaceLog& log, ChainLane& lane);
    void queue_check(LaneCheck check);
    void count_false(SessionId asker);
    void give_answers(SpaceLog& log, const ChainLane& lane, std::vector<RunAnswer> answers);
    void give_answer(Session& session,
                     SpaceLog& log,
                     const ChainLane& lane,
                     const RunAnswer& answer);
    void queue_append(OrgLog& org, SpaceLog& log);
    void stored(AppendOut& out);
    void not_stored(AppendOut& out, const Error& error);
    bool pump_checks();
    bool pump_appends();

    // relay_deliver.cpp
    void handle(Session& session, Vector& vector);
    void start_repair(Session& session, RelayChannel& channel, Channel index);
    void wake(SessionId session, Channel channel);
    void wake(Session& session, Channel channel);
    void queue_turn(Session& session);
    void wake_followers(SpaceLog& log);
    bool pump_deliveries();
    /// One page or one request; true where there may be more at once.
    bool deliver(Session& session, Channel index);
    void send_page(Session& session, Channel index, LogPage page);
    bool deliver_repair(Session& session, Channel index);
    void send_repair(Session& session, Channel index, bool last);
    void repair_fetched(Session& session, Channel index, Result<ChainPage> page);

    const crypto::SignSecret& server_;
    RelayOptions options_;
    Env& env_;
    Quota quota_;
    TokenBucket posts_;
    TokenBucket asks_;
    Time now_ = 0;

    SessionId last_session_ = 0;
    std::map<SessionId, Session> sessions_;
    std::set<std::pair<Time, SessionId>> deadlines_;  // of sessions without a proof
    std::vector<SessionId> doomed_;
    std::map<OrgId, OrgLog> orgs_;

    Ticket last_ticket_ = 0;
    std::unordered_map<Ticket, Purpose> requests_;
    std::deque<RelayAction> actions_;

    std::size_t pushed_bytes_ = 0;
    std::deque<LaneCheck> checks_;
    std::multimap<Time, LaneCheck> later_checks_;  // of devices that have had their share
    std::size_t verifies_out_ = 0;
    std::deque<std::pair<OrgLog*, SpaceLog*>> appends_;
    std::vector<AppendOut> appends_out_;
    std::deque<SessionId> round_;  // sessions with turns, credit and room
    RelayFigures figures_;
};

}  // namespace trellis::sync
