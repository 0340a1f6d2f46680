// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sync/relay/relay.hpp"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace trellis::test {

/// What a relay's host keeps, in memory. Copy it to make a backup, assign it to restore one.
class MemoryRelayStore {
public:
    struct Space {
        Cursor end;
        std::vector<sync::PlacedEnvelope> log;
        std::map<DeviceId, sync::Seen> seen;
    };
    using SpaceName = std::pair<OrgId, SpaceId>;

    std::map<OrgId, std::vector<Bytes>> orgs;
    std::map<SpaceName, Space> spaces;
    struct Submission {
        std::uint64_t number = 0;
        Digest digest;
        Time hour = 0;
        Bytes bytes;
    };
    std::map<std::pair<OrgId, crypto::InboxId>, std::vector<Submission>> inboxes;
    std::uint64_t last_submission = 0;

    Result<void> append_entry(const sync::AppendEntry& request);
    sync::LoadedSpace load(const sync::LoadSpace& request);
    Result<void> append(const sync::SpaceAppend& request);
    [[nodiscard]] sync::LogPage page(const sync::CatchUp& request) const;
    [[nodiscard]] sync::ChainPage chain(const sync::FetchChain& request) const;
    [[nodiscard]] Digest head_at(const sync::HeadAt& request) const;
    Result<void> store(const sync::StoreSubmission& request);
    [[nodiscard]] std::vector<sync::SubmissionItem> submissions(
        const sync::LoadSubmissions& request) const;
    void drop(const sync::DropSubmissions& request);
    void shred(const sync::ShredSpace& request);

    /// What an operator does after restoring a backup: no cursor into these logs fits any more.
    void renew_incarnations(Env& env);
};

/// Carries out a relay's actions at once and in order, except those kinds that a test holds
/// back. Frames for the devices are queued by session. Deterministic; one thread.
class MemoryRelayHost {
public:
    MemoryRelayHost(sync::Relay& relay, MemoryRelayStore& store) : relay_(&relay), store_(store) {}

    enum class Kind : std::uint8_t {
        org,
        entry,
        space,
        append,
        page,
        chain,
        head,
        verify,
        submission,
        filing
    };

    /// Requests of this kind wait until release().
    void hold(Kind kind) { held_kinds_.insert(kind); }
    /// Carries out what was held, and holds nothing more.
    void release();
    [[nodiscard]] std::size_t held() const { return held_.size(); }
    /// Every Append fails so, until this is called with nothing.
    void fail_appends(std::optional<Error> error) { append_error_ = std::move(error); }
    /// Sockets that take nothing: no written() is told.
    void stop_sockets(bool stop) { are_sockets_stopped_ = stop; }

    /// Takes and carries out actions until the relay has none.
    void settle();

    /// Frames for this session, oldest first; taken.
    std::deque<Bytes> take_frames(sync::SessionId session);
    [[nodiscard]] std::optional<Code> closed(sync::SessionId session) const;
    /// What a post has come to; taken. Nothing while it waits.
    std::optional<sync::PostAnswer> take_answer(sync::Ticket ticket);

    struct Figures {
        std::size_t verifies = 0;
        std::size_t signatures = 0;
        std::size_t appends = 0;
        std::size_t appended = 0;
        std::size_t pages = 0;
        std::size_t chains = 0;
        std::size_t heads = 0;
        std::size_t loads = 0;
    };
    Figures figures;

private:
    void perform(sync::RelayAction& action);
    void perform_verify(sync::Verify& request);
    void perform_append(sync::Append& request);

    sync::Relay* relay_;
    MemoryRelayStore& store_;
    std::set<Kind> held_kinds_;
    std::deque<sync::RelayAction> held_;
    std::optional<Error> append_error_;
    bool are_sockets_stopped_ = false;
    std::map<sync::SessionId, std::deque<Bytes>> frames_;
    std::map<sync::SessionId, Code> closed_;
    std::map<sync::Ticket, sync::PostAnswer> answers_;
};

}  // namespace trellis::test
