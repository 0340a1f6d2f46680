// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "crypto/public/envelope.hpp"
#include "sync/device/line.hpp"

namespace trellis::sync {

/// What one seat has sealed in one space.
struct CourierChain {
    SpaceId space;
    Incarnation own;
    std::vector<crypto::EnvelopeRun> runs;  ///< of this chain, counters rising without gaps
};

/// The sealed work of one seat, to be handed in by the installation while nobody can unlock it.
struct CourierOrder {
    OrgId org;
    std::optional<crypto::SignKey> relay_key;  ///< none: whoever answers is trusted
    DeviceId seat;
    crypto::Signature bind;           ///< crypto::bind_installation() by the seat
    crypto::SignSecret installation;  ///< of the key that is bound
    std::vector<CourierChain> chains;
};

/// What became of one chain, in the order's order.
struct CourierResult {
    SpaceId space;
    Incarnation own;
    Counter stored = 0;            ///< the relay holds it durably up to here
    std::optional<Error> refused;  ///< why it does not hold the rest
};

/// Hands in a seat's sealed work over one connection, from values only: it opens nothing, reads
/// nothing, and needs no key of the seat. One piece is out at a time.
class CourierSession {
public:
    /// Borrows the world for its life.
    CourierSession(CourierOrder order, const SessionTimes& times, Env& env, Time now);
    CourierSession(const CourierSession&) = delete;
    CourierSession& operator=(const CourierSession&) = delete;
    ~CourierSession() = default;

    void receive(ByteView frame, Time now);
    void heard(Time now) { line_.heard(now); }
    void tick(Time now);
    std::optional<DeviceAction> next_action() { return line_.next_action(); }
    [[nodiscard]] Time deadline() const { return line_.deadline(); }

    /// `complete`: all of it is stored.
    [[nodiscard]] const SessionProgress& progress() const { return progress_; }
    [[nodiscard]] bool done() const { return is_done_; }
    /// Good at any time: what is known so far.
    [[nodiscard]] const std::vector<CourierResult>& results() const { return results_; }

private:
    /// An envelope of the chain at hand.
    struct Item {
        Counter first = 0;
        Counter last = 0;
        Bytes envelope;
    };
    Result<void> shake_hands(ByteView frame, Time now);
    Result<void> take(const Message& message);
    Result<void> receive(const Opened& opened);
    Result<void> receive(const Stored& stored);
    Result<void> receive(const Need& need);
    void refused(Error why);
    Result<void> begin();
    Result<void> load(const CourierChain& chain);
    void push_from(Counter after);
    void end_chain();
    void finish();
    void fail(const Error& error);
    [[nodiscard]] CourierResult& result() { return results_[at_]; }

    CourierOrder order_;
    SessionProgress progress_;
    Line line_;
    std::vector<CourierResult> results_;
    std::size_t at_ = 0;  ///< the chain at hand; also the number of its channel
    std::vector<Item> items_;
    std::size_t window_ = 0;
    unsigned needs_ = 0;
    bool is_waiting_ = false;
    bool is_done_ = false;
};

}  // namespace trellis::sync
