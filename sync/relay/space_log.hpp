// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sync/relay/chain_lane.hpp"

#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace trellis::sync {

/// Neighbours of one chain in the log are one run.
std::vector<crypto::EnvelopeRun> group_runs(std::vector<LoggedEnvelope> envelopes);

/// One space's log as the relay knows it: where it ends, where each chain ends, what was
/// appended a moment ago, and who listens.
class SpaceLog {
public:
    using ChainName = std::pair<DeviceId, Incarnation>;
    struct Listener {
        SessionId session = 0;
        Channel channel = 0;
        bool operator==(const Listener&) const = default;
    };
    struct SeenWord {
        Seen seen;
        std::uint64_t serial = 0;  ///< order of arrival here
    };

    SpaceLog(const OrgId& org, const SpaceId& space) : org_(org), space_(space) {}

    [[nodiscard]] const OrgId& org() const { return org_; }
    [[nodiscard]] const SpaceId& space() const { return space_; }
    [[nodiscard]] const Cursor& end() const { return end_; }

    /// Takes what the store says, the first time or again; staged envelopes are dropped.
    void load(const LoadedSpace& loaded);

    ChainLane& lane(const DeviceId& device, const Incarnation& incarnation);
    [[nodiscard]] std::map<ChainName, ChainLane>& lanes() { return lanes_; }
    /// Forgets a lane that has come to nothing.
    void tidy(const DeviceId& device, const Incarnation& incarnation);

    /// Envelopes that were accepted and wait to be appended.
    void stage(std::vector<PlacedEnvelope> envelopes);
    [[nodiscard]] bool has_staged() const { return !staged_.empty(); }
    void drop_staged() { staged_.clear(); }
    /// The staged ones with their places in the log, for the store.
    SpaceAppend take_staged();
    /// They are stored. `appended` as take_staged() gave it, without its bytes where
    /// wants_tail() is false.
    void advance(SpaceAppend appended, std::size_t tail_bytes_max);
    [[nodiscard]] bool wants_tail() const { return !followers_.empty(); }

    /// The envelopes after a position, where memory still has them all.
    [[nodiscard]] std::optional<LogPage> recent_page(std::uint64_t after,
                                                     std::size_t max_bytes) const;
    /// The head at a position, where memory has it.
    [[nodiscard]] std::optional<Digest> recent_head(std::uint64_t position) const;

    /// Everybody who has it open, and those of them who stay for what comes later.
    [[nodiscard]] const std::vector<Listener>& listeners() const { return listeners_; }
    [[nodiscard]] const std::vector<Listener>& followers() const { return followers_; }
    void add_listener(const Listener& listener, bool follows);
    void remove_listener(const Listener& listener);

    /// Keeps the device's word if it is about this log and newer than its last one.
    bool keep_seen(const Seen& seen);
    /// The words of others after a serial.
    [[nodiscard]] std::vector<Seen> seen_after(std::uint64_t serial, const DeviceId& device) const;
    [[nodiscard]] std::uint64_t seen_serial() const { return seen_serial_; }
    /// Up to which serial this device has certainly been told.
    [[nodiscard]] std::uint64_t told(const DeviceId& device) const;
    void confirm_told(const DeviceId& device, std::uint64_t serial);

    std::vector<Listener> waiting;  ///< to be opened, once it is loaded
    bool is_loaded = false;
    bool is_loading = false;
    bool is_stale = false;  ///< another node wrote: read it again
    bool is_append_queued = false;
    bool is_appending = false;
    bool is_held = false;  ///< an entry that shreds it is on its way to the store

private:
    struct TailItem {
        LoggedEnvelope logged;
        Digest head;
    };
    [[nodiscard]] std::uint64_t tail_begin() const { return end_.position - tail_.size(); }

    OrgId org_;
    SpaceId space_;
    Cursor end_;
    std::map<ChainName, ChainLane> lanes_;
    std::vector<PlacedEnvelope> staged_;
    std::deque<TailItem> tail_;  ///< ends at end_
    std::size_t tail_bytes_ = 0;
    std::vector<Listener> listeners_;
    std::vector<Listener> followers_;
    std::map<DeviceId, SeenWord> seen_;
    std::map<DeviceId, std::uint64_t> told_;
    std::uint64_t seen_serial_ = 0;
};

}  // namespace trellis::sync
