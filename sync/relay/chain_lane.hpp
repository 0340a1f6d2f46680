// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public/membership.hpp"
#include "sync/relay/action.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace trellis::sync {

/// Who pushed a run and is to be told about it.
struct Asker {
    SessionId session = 0;
    Channel channel = 0;
    bool own = false;        ///< named the chain as its own, and is answered so
    bool is_author = false;  ///< pushes what its own device wrote
    bool operator==(const Asker&) const = default;
};

/// A run on its way in.
struct IncomingRun {
    Asker asker;
    Counter first = 0;
    std::vector<Bytes> envelopes;
    std::size_t bytes = 0;  ///< as counted into the push window, until it is answered
    Counter asked = 0;      ///< `first` as it was pushed
};

/// The end of a chain, as far as somebody has it.
struct ChainEnd {
    Counter last = 0;
    Digest chain;
    std::uint32_t epoch = 0;
};

/// An answer for one run.
struct RunAnswer {
    enum class Kind : std::uint8_t {
        stored,
        need,
        refused
    };
    Asker asker;
    Kind kind = Kind::stored;
    Counter counter = 0;  ///< stored: the last; need: from; refused: the first
    std::size_t bytes = 0;
    Error error;  ///< refused
};

/// What a chain is judged by, as of now.
struct ChainRules {
    const crypto::Membership& membership;
    bool every_signature = false;       ///< of a run that its author pushes, too
    std::uint64_t late_bytes_left = 0;  ///< for envelopes beyond where the author's work ends
};

/// One chain of a space: decides what of the runs pushed for it is new, known, early or wrong.
/// A decision is only ever made against envelopes whose signature was checked, so nobody can
/// make a device look forked by pushing rubbish in its name. One check is out at a time, and
/// covers all that waited by then.
class ChainLane {
public:
    ChainLane(const OrgId& org,
              const SpaceId& space,
              const DeviceId& device,
              const Incarnation& incarnation);

    /// What the store says; answers of the runs that waited for it come with the next step().
    void load(const ChainEnd& end);

    void push(IncomingRun run) { waiting_.push_back(std::move(run)); }

    /// What step() wants next, besides the answers it has left in take_answers().
    enum class Wish : std::uint8_t {
        none,
        check,  ///< signature_checks(), then checked()
        fetch,  ///< the store's envelopes after fetch_after(), then fetched()
    };
    /// Judges what waits. Of a run that the author itself pushes only the last signature is
    /// looked at (the chain hash commits to the others), unless `every_signature`; of one pushed
    /// by somebody else each is. What a former writer sealed is taken like anything else, the
    /// late part as far as there is room for it: what of it counts is for the readers to say.
    Wish step(const ChainRules& rules);

    /// After Wish::check: what to have checked; taken once.
    std::vector<SignatureCheck> take_signature_checks() { return std::move(check_->checks); }
    /// Who pushed what is checked.
    [[nodiscard]] SessionId check_asker() const { return check_->waiters.front().asker.session; }
    /// The envelopes to append now, in order; none where a signature was not genuine.
    std::vector<PlacedEnvelope> checked(bool genuine);
    /// Bytes of late envelopes that were accepted, or found in the store, since the last call.
    std::uint64_t take_late_bytes() { return std::exchange(late_bytes_, 0); }

    [[nodiscard]] Counter fetch_after() const;
    [[nodiscard]] std::size_t fetch_bytes() const;
    void fetched(const Result<ChainPage>& page, const crypto::Membership& membership);

    /// The store has everything up to here, and what follows.
    void stored(const ChainEnd& end);
    /// What was accepted after the end that is stored did not get there.
    void lost(const Error& error);

    std::vector<RunAnswer> take_answers() { return std::exchange(answers_, {}); }

    [[nodiscard]] const DeviceId& device() const { return device_; }
    [[nodiscard]] const Incarnation& incarnation() const { return incarnation_; }
    [[nodiscard]] const ChainEnd& durable() const { return durable_; }
    /// Nothing of it is stored, and nothing is on its way.
    [[nodiscard]] bool is_empty() const {
        return accepted_.last == 0 && durable_.last == 0 && waiting_.empty() && !check_ &&
               !is_fetching_ && waiters_.empty();
    }

private:
    /// An accepted envelope whose place is remembered, to recognise it when it comes again.
    struct Recent {
        Counter first = 0;
        ChainEnd end;
    };
    struct Waiter {
        Asker asker;
        Counter first = 0;
        Counter last = 0;
        std::size_t bytes = 0;
    };
    struct Check {
        std::vector<SignatureCheck> checks;
        ChainEnd base;
        std::vector<PlacedEnvelope> envelopes;
        std::vector<Waiter> waiters;
        std::uint64_t late_bytes = 0;
    };
    /// True where the store must be asked.
    bool settle_overlap();
    /// True where late envelopes lie in the store that nobody has counted.
    bool has_uncounted(const crypto::Membership& membership);
    [[nodiscard]] Counter counted_to() const;
    void count_late(const ChainPage& page, const crypto::Membership& membership);
    void match_front(const ChainPage& page);
    Result<void> begin_check(const ChainRules& rules);
    Result<void> place(const ChainRules& rules, IncomingRun& run, Check& check);
    void read_rights(const crypto::Membership& membership);
    bool is_epoch_known(const crypto::Membership& membership, std::uint32_t epoch);
    /// The late bytes among these; or why they are not taken.
    Result<std::uint64_t> judge_rights(const crypto::Membership& membership,
                                       const std::vector<PlacedEnvelope>& placed,
                                       const std::vector<Bytes>& envelopes) const;
    [[nodiscard]] const Recent* recent_from(Counter first) const;
    [[nodiscard]] const Digest* chain_before(Counter first) const;
    void remember(const Recent& recent);
    void pop_front() { waiting_.erase(waiting_.begin()); }
    void refuse_front(Error error);
    void need(const Asker& asker, std::size_t bytes);
    /// The first `count` envelopes are known; those from `next` on may be new.
    void settle_front(std::size_t count, Counter next);
    void wait_for(const Waiter& waiter);

    OrgId org_;
    SpaceId space_;
    DeviceId device_;
    Incarnation incarnation_;
    ActorId actor_;
    // What the membership log says of the author, as of a length of the log.
    std::uint64_t read_at_ = 0;
    crypto::SignKey key_;
    bool is_writer_ = false;  ///< or was one
    std::optional<Counter> limit_;
    std::optional<crypto::Cutoff> cutoff_;
    std::uint32_t known_epoch_ = 0;

    ChainEnd durable_;
    ChainEnd accepted_;
    std::vector<Recent> recent_;
    std::vector<IncomingRun> waiting_;
    std::optional<Check> check_;
    bool is_fetching_ = false;
    bool is_counting_ = false;  ///< what is fetched is for count_late()
    Counter late_known_ = 0;    ///< late envelopes up to here are in late_bytes_, or were
    std::vector<Waiter> waiters_;
    std::vector<RunAnswer> answers_;
    std::uint64_t late_bytes_ = 0;
};

}  // namespace trellis::sync
