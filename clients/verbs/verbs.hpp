// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "clients/verbs/host.hpp"
#include "core/query/live.hpp"

namespace trellis::clients {

/// {"ok":false,"code":…,"message":…}
Json refusal(const Error& error);

/// The vocabulary of the scripted interface: one JSON request in, one JSON reply out, the same
/// for the command line, for scripts and for every binding.
class Verbs {
public:
    /// Borrows the host. Requires: `replica` was opened by it.
    Verbs(Host& host, std::unique_ptr<core::Replica> replica);

    /// Always one reply: {"ok":true,…} or {"ok":false,"code":…,"message":…}, with the request's
    /// id. A change is durable before its reply.
    Json call(const Json& request);
    /// The same for one line of text.
    Json call_text(std::string_view line);

    /// What was pushed since the last call: {"event":…} objects, oldest first. Where live sync
    /// has heard that this device was reported lost, and all it had is handed in, this erases it.
    /// So not from inside a callback of the host.
    std::optional<Json> next_event();
    /// Queues an event of the host's, such as the progress of live sync.
    void push_event(Json event);

    /// Whether next_event() may have something to say.
    [[nodiscard]] bool has_news() const { return !events_.empty() || live_.is_touched(); }
    /// The rows of a live query as of now, an array; later events start from these.
    Result<Json> rows(core::LiveQueries::WatchId watch);
    /// `not_found` where nothing is watched under that number.
    Result<void> unwatch(core::LiveQueries::WatchId watch);

    [[nodiscard]] bool has_quit() const { return has_quit_; }
    /// Requires: is_open().
    [[nodiscard]] core::Replica& replica() { return *replica_; }
    /// False while suspended, and after a verb that closed the database could not open it again.
    [[nodiscard]] bool is_open() const { return replica_ != nullptr; }

    /// Seals, moves the write-ahead log into the file and closes it: closed it is in any case.
    /// Until resume() nothing else may be called.
    Result<void> suspend();
    /// Opens it again; watches tell what has changed since. On failure it stays closed.
    Result<void> resume();

    // The halves of the verbs that need the relay, for a host whose sockets others own
    // (verbs_relay.cpp, verbs_recovery.cpp): what to say there, and what the verb answers once it
    // was said.
    struct Joining {
        crypto::Invite invite;
        crypto::DeviceKey key;
        std::string name;
    };
    Result<Joining> begin_join(const Json& request);
    Result<Bytes> join_entry(const Joining& joining, const std::vector<Bytes>& entries);
    Result<Json> end_join(Joining joining, const Host::Joined& joined);
    struct Recovering {
        OrgId org;
        crypto::RootKeys root;
        crypto::DeviceKey key;
        std::string name;
        std::string url;
        bool is_begun = false;  ///< by the root that an earlier attempt here has made
    };
    Result<Recovering> begin_recover(const Json& request);
    Result<std::vector<Bytes>> recover_entries(const Recovering& recovering,
                                               const std::vector<Bytes>& entries);
    /// The relay answered `denied` to one that is_begun: the earlier attempt never arrived, and
    /// the next begin_recover() speaks by the sheets that were brought.
    void begun_was_denied() { is_begun_denied_ = true; }
    Result<Json> end_recover(Recovering recovering, const Host::Joined& joined);
    /// Refused where this device belongs to no organisation.
    Result<void> begin_sync();
    /// After one pass. Where it says that this device was lost, the database is erased and a new
    /// one opened: no session may stand on the old one any more.
    Result<Json> end_sync(const sync::SessionProgress& progress);

    struct Verb {
        std::string_view name;
        std::string_view summary;  ///< one line, for help
        Result<Json> (Verbs::*run)(const Json& request);
    };
    static const std::vector<Verb>& table();

private:
    // Organisation and keys (verbs_org.cpp)
    Result<Json> hello(const Json& request);
    Result<Json> org_create(const Json& request);
    Result<Json> space_create(const Json& request);
    Result<Json> spaces(const Json& request);
    Result<Json> invite(const Json& request);
    Result<Json> join(const Json& request);
    Result<Json> members(const Json& request);
    Result<Json> grant(const Json& request);
    Result<Json> rotate(const Json& request);
    // When trust ends or fails (verbs_trust.cpp)
    Result<Json> revoke(const Json& request);
    Result<Json> quarantine(const Json& request);
    Result<Json> adopt_work(const Json& request);
    Result<Json> alarms(const Json& request);
    Result<Json> policy(const Json& request);
    Result<Json> lend(const Json& request);
    Result<Json> cosign(const Json& request);
    // The end of a space (verbs_shred.cpp)
    Result<Json> carry_over(const Json& request);
    Result<Json> shred(const Json& request);
    Result<Json> adopt_orphans(const Json& request, const std::vector<Digest>& ids);
    // Inboxes, for people without a device (verbs_inbox.cpp)
    Result<Json> inbox_open(const Json& request);
    Result<Json> inbox_rotate(const Json& request);
    Result<Json> inbox_close(const Json& request);
    Result<Json> inbox_info(const Json& request);
    Result<Json> inbox_submit(const Json& request);
    // Recovery (verbs_recovery.cpp)
    Result<Json> recover(const Json& request);
    Result<Json> recovery_sheets(const Json& request);
    Result<Json> recovery_kept(const Json& request);
    // Writing (verbs_write.cpp)
    Result<Json> write_one(const Json& request);
    Result<Json> batch(const Json& request);
    // Reading (verbs_read.cpp)
    Result<Json> get(const Json& request);
    Result<Json> list(const Json& request);
    Result<Json> query(const Json& request);
    Result<Json> conflicts(const Json& request);
    Result<Json> reviews(const Json& request);
    Result<Json> history(const Json& request);
    Result<Json> watch(const Json& request);
    Result<Json> unwatch(const Json& request);
    // Syncing (verbs_sync.cpp)
    Result<Json> sync(const Json& request);
    Result<Json> sync_start(const Json& request);
    Result<Json> sync_stop(const Json& request);
    Result<Json> acks(const Json& request);
    Result<Json> version(const Json& request);
    Result<Json> bundle(const Json& request);
    Result<Json> apply(const Json& request);
    // Care and inspection (verbs_care.cpp)
    Result<Json> export_all(const Json& request);
    Result<Json> export_family(const Json& request);
    Result<Json> digest(const Json& request);
    Result<Json> check(const Json& request);
    Result<Json> stats(const Json& request);
    Result<Json> backup(const Json& request);
    Result<Json> restore(const Json& request);
    Result<Json> clock(const Json& request);
    Result<Json> seal(const Json& request);
    Result<Json> quit(const Json& request);
    Result<Json> later(const Json& request);

    Result<Json> run(const Verb& verb, const Json& request);
    void adopt(std::unique_ptr<core::Replica> replica);
    Result<bool> erase_if_lost();
    void obey_live_sync();
    void collect_differences();
    Result<Json> written(const SpaceId& space, const std::vector<core::Edit>& edits,
                         const std::vector<std::string>& names);
    Result<core::Edit> edit_of(const Json& request);
    Result<SpaceId> space_for(const core::Edit& edit);
    Result<core::ListRequest> list_request(const Json& request);

    Host& host_;
    std::unique_ptr<core::Replica> replica_;
    core::LiveQueries live_;
    std::deque<Json> events_;
    bool has_quit_ = false;
    bool is_begun_denied_ = false;
    bool is_former_ = false;  ///< as live sync has heard
};

}  // namespace trellis::clients
