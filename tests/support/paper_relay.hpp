// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/replicas.hpp"

namespace trellis::test {

/// A relay's log of one space, by the rules of the real one and without its wire: chains
/// without gaps, one branch of each, a rolling hash.
class PaperRelay {
public:
    explicit PaperRelay(Replicas& replicas, std::uint8_t life = 1);

    /// One session: `at` learns what the relay says of its own chain, then everything new, then
    /// sends what the relay lacks, and takes in what follows from it.
    void sync(std::size_t at);
    void pull(std::size_t at);
    void push(std::size_t at);
    /// What `at` holds of others and the log lacks, once it has taken in the log.
    void hand_in(std::size_t at);
    /// All devices, until nothing moves any more.
    void settle();

    struct Placed {
        DeviceId device;
        Incarnation incarnation;
        Counter first = 0;
        Counter last = 0;
        Bytes envelope;
        Digest chain;
    };
    [[nodiscard]] const std::vector<Placed>& log() const { return log_; }
    /// Appends without a check, as a relay that colludes may.
    void append(const crypto::EnvelopeRun& run);
    /// Where the log stood after `position` envelopes.
    [[nodiscard]] Cursor cursor_at(std::uint64_t position) const;
    /// Forgets all from that position on, as an old backup has.
    void cut(std::uint64_t position) { log_.resize(static_cast<std::size_t>(position)); }

private:
    [[nodiscard]] const Placed* end_of(const DeviceId& device,
                                       const Incarnation& incarnation) const;
    /// False where it is a fork.
    bool take(const crypto::EnvelopeRun& run);

    Replicas& replicas_;
    LogIncarnation life_;
    std::vector<Placed> log_;
};

}  // namespace trellis::test
