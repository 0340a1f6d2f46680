// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>

#include "core/syncable.hpp"
#include "crypto/secret/author.hpp"
#include "crypto/secret/keyring.hpp"
#include "tests/support/fake_env.hpp"

namespace trellis::test {

/// A replica in memory with real keys, a real membership log and real envelopes, whose records
/// are plain texts. What it takes in it verifies as strictly as the real one must.
class FakeSyncable final : public core::Syncable {
public:
    explicit FakeSyncable(std::uint64_t seed);

    // The organisation ---------------------------------------------------------------------
    /// Starts one; the entry waits for the relay.
    void found();
    /// Takes over a log that names this device already, as far as the relay has confirmed it.
    void adopt(const FakeSyncable& member);
    void adopt(const std::vector<Bytes>& entries);
    using Intent = std::function<Result<Bytes>(const crypto::Author&)>;
    /// Makes an entry now, and again whenever it loses a race.
    void intend(Intent intent);
    SpaceId add_space(const std::string& name);
    /// Adds the device and lets it write in every space there is.
    void add_member(const FakeSyncable& member, bool is_admin);
    void let_in(const DeviceId& device, const SpaceId& space);
    /// As if a relay had accepted all of it.
    void confirm_log();
    [[nodiscard]] crypto::Author author();
    [[nodiscard]] const std::vector<Bytes>& log() const { return state_.log; }
    [[nodiscard]] DeviceId id_in(const OrgId& org) const { return key_.id(org); }

    // Records -------------------------------------------------------------------------------
    void write(const SpaceId& space, std::string text);
    /// All that `other` holds of a space, as a bundle brings it.
    void take_bundle(FakeSyncable& other, const SpaceId& space);
    /// Every text of a space with its author and counter, in one order for all replicas.
    [[nodiscard]] std::vector<std::string> texts(const SpaceId& space) const;
    /// Whether the relay has confirmed everything written.
    [[nodiscard]] bool is_all_stored() const;
    /// Up to where that device says to have read.
    [[nodiscard]] std::uint64_t seen_by(const SpaceId& space, const DeviceId& device) const;
    [[nodiscard]] const Cursor& cursor(const SpaceId& space) const;

    struct Link {
        Counter first = 0;
        Counter last = 0;
        Digest chain;
        Bytes envelope;
        std::string text;
    };
    using ChainName = std::pair<DeviceId, Incarnation>;
    struct Space {
        Cursor cursor;
        Incarnation own;
        Counter stored = 0;
        std::map<ChainName, std::vector<Link>> chains;
        std::deque<std::string> unsealed;
        std::uint64_t told = 0;  ///< position of our last Seen
        std::map<DeviceId, core::SeenWord> seen;
        std::map<ChainName, Counter> lacked;  ///< where the log ends of chains that go further
    };
    /// Everything durable: copy it, and put it back, to go back in time.
    struct State {
        std::vector<Bytes> log;
        std::uint64_t confirmed = 0;
        std::deque<Intent> intents;  ///< of the entries not confirmed
        std::optional<crypto::SignKey> relay_key;
        std::map<SpaceId, Space> spaces;
    };
    [[nodiscard]] const State& state() const { return state_; }
    void restore(State state);

    // Knobs and counts ----------------------------------------------------------------------
    std::optional<Error> receive_error;  ///< the next page fails so
    std::optional<Error> outbox_error;   ///< sealing fails so from now on
    std::size_t applied = 0;             ///< envelopes taken in
    std::size_t known_again = 0;         ///< envelopes that came though they were here
    std::size_t rollbacks = 0;
    std::size_t forks = 0;     ///< times the relay refused our own chain as a fork
    std::size_t receipts = 0;  ///< of the relay's, taken in
    std::vector<Error> refused_entries;
    Time heard = 0;
    FakeEnv env;

    // core::Syncable ------------------------------------------------------------------------
    [[nodiscard]] OrgId org() const override { return membership_->org(); }
    [[nodiscard]] DeviceId device() const override { return key_.id(org()); }
    [[nodiscard]] const crypto::DeviceKey& device_key() const override { return key_; }
    [[nodiscard]] const crypto::Membership& membership() const override { return *membership_; }
    [[nodiscard]] std::uint64_t confirmed_entries() const override { return state_.confirmed; }
    [[nodiscard]] std::optional<crypto::SignKey> relay_key() const override {
        return state_.relay_key;
    }
    Result<void> pin_relay_key(const crypto::SignKey& key) override;
    void heard_time(Time relay_time, std::int64_t round_trip_ms) override;
    Result<Bytes> entry(std::uint64_t index) override {
        return state_.log[static_cast<std::size_t>(index)];
    }
    Result<void> receive_entries(std::uint64_t from, const std::vector<Bytes>& entries) override;
    std::optional<Bytes> next_entry() override;
    Result<void> entry_accepted() override;
    Result<void> entry_refused(const Error& why) override;
    [[nodiscard]] std::vector<core::SpaceSync> sync_spaces() override;
    Result<std::vector<crypto::EnvelopeRun>> outbox(const SpaceId& space, Counter after,
                                                    std::size_t max_bytes) override;
    Result<void> confirm(const SpaceId& space, const Incarnation& own, Counter last) override;
    Result<core::Received> receive(const SpaceId& space, const Cursor& from, const Cursor& to,
                                   const std::vector<crypto::EnvelopeRun>& runs) override;
    Result<core::Received> receive_repair(const SpaceId& space,
                                          const std::vector<crypto::EnvelopeRun>& runs) override;
    Result<void> move_cursor(const SpaceId& space, const Cursor& to) override;
    Result<std::vector<core::ChainEnd>> chains(const SpaceId& space) override;
    Result<std::optional<Digest>> chain_at(const SpaceId& space,
                                           const core::ChainEnd& place) override;
    Result<std::vector<crypto::EnvelopeRun>> envelopes(const SpaceId& space,
                                                       const core::ChainEnd& after,
                                                       std::size_t max_bytes) override;
    Result<std::vector<core::ChainEnd>> lacked(const SpaceId& space) override;
    Result<void> note_lacked(const SpaceId& space,
                             const std::vector<core::ChainEnd>& ends) override;
    Result<void> settle_lacked(const SpaceId& space, const core::ChainEnd& end) override;
    Result<void> rolled_back(const SpaceId& space) override;
    Result<void> forked(const SpaceId& space) override;
    Result<void> receive_receipt(const SpaceId& /*space*/,
                                 const crypto::Receipt& /*receipt*/) override {
        ++receipts;
        return {};
    }
    Result<std::optional<core::SeenWord>> seen_word(const SpaceId& space) override;
    Result<void> receive_seen(const SpaceId& space, const DeviceId& device,
                              const core::SeenWord& word) override;

private:
    Result<void> replay(std::size_t length);
    void remake();
    Space& space_state(const SpaceId& space);
    [[nodiscard]] bool has_late_work(const SpaceId& space) const;
    Result<crypto::Key> chain_key(const SpaceId& space, std::uint32_t epoch, const ChainName& name);
    Result<void> seal_all(const SpaceId& space);
    /// Takes a run into `state` and rolls `end` on, or says why not.
    Result<std::size_t> take_run(const SpaceId& space, Space& state, Cursor& end,
                                 const crypto::EnvelopeRun& run);

    crypto::DeviceKey key_;
    State state_;
    std::optional<crypto::Membership> membership_;
    crypto::Keyring keyring_;
};

}  // namespace trellis::test
