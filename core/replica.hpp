// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "core/device_clock.hpp"
#include "core/edit.hpp"
#include "core/store/hold.hpp"
#include "core/store/ledger.hpp"
#include "core/store/receiver.hpp"
#include "core/store/sealed_store.hpp"
#include "core/store/sealer.hpp"
#include "core/store/store.hpp"
#include "core/store/tail.hpp"
#include "core/syncable.hpp"
#include "crypto/secret/author.hpp"
#include "crypto/secret/invite.hpp"

namespace trellis::core {

struct ReplicaOptions {
    sqlite::OpenOptions database;
    Schema schema;
};

/// How far a change has come: saved on this device; stored durably by the relay; seen by
/// another device.
enum class Ack : std::uint8_t { saved, stored, seen };

struct SpaceInfo {
    SpaceId space;
    std::string name;
    std::uint32_t epoch = 0;
    std::uint8_t rights = 0;
    bool is_directory = false;
};
struct MemberInfo {
    DeviceId device;
    std::string name;
    std::uint16_t role = 0;        ///< bits of crypto::role_…
    bool is_active = false;
    std::vector<std::pair<SpaceId, std::uint8_t>> spaces;
};

struct WriteResult {
    Dot dot;                       ///< names the change
    std::vector<Written> written;  ///< one for each edit
};

/// A device's own copy of its spaces. Works offline. Use from one thread. Every call that
/// changes something is durable when it returns, and all or nothing.
class Replica final : public Syncable {
public:
    static Result<std::unique_ptr<Replica>> open(ReplicaOptions options, Env& env);

    // Membership (replica_org.cpp). All work offline; the relay confirms at the next sync.
    struct Founded {
        OrgId org;
        DeviceId device;
        std::vector<std::string> recovery_sheets;  ///< to print, shown once
    };
    Result<Founded> create_org(std::string_view name, std::string_view device_name,
                               std::string_view url);
    Result<SpaceId> create_space(std::string_view name, crypto::SpaceClass space_class);
    Result<std::string> invite(const crypto::InviteOrder& order);
    Result<void> grant(const DeviceId& device, const SpaceId& space, std::uint8_t rights);
    Result<void> set_admin(const DeviceId& device, bool on);
    Result<void> rotate(const SpaceId& space);
    [[nodiscard]] std::vector<SpaceInfo> spaces();
    [[nodiscard]] std::vector<MemberInfo> members();

    /// Joining is a conversation with the relay (sync/device/join_session.hpp); these are its
    /// first and last step here.
    /// The key to join with: the same until joined(), so that a join whose answer was lost can
    /// be taken up again.
    Result<crypto::DeviceKey> joining_key();
    /// Empty where the log holds our entry already.
    Result<Bytes> join_entry(const crypto::Invite& invite, const crypto::DeviceKey& key,
                             std::string_view device_name, const std::vector<Bytes>& entries);
    Result<void> joined(crypto::DeviceKey key, const crypto::Invite& invite,
                        const std::vector<Bytes>& entries);

    // Writing (replica_write.cpp). One change in one space.
    Result<WriteResult> write(const SpaceId& space, const std::vector<Edit>& edits);
    /// Where a record is, by its name alone.
    Result<Place> place_of(const RecordId& record);
    /// Seals what is not sealed yet, as a lock or a suspend does. Returns how many envelopes.
    Result<std::size_t> seal();

    // Inspection.
    [[nodiscard]] bool has_org() const { return ledger_.has_org(); }
    [[nodiscard]] const std::string& url() const { return url_; }
    [[nodiscard]] Store& store() { return *store_; }
    [[nodiscard]] DeviceClock& clock() { return clock_; }
    Result<Ack> ack(const Dot& dot);
    Result<VersionVector> version(const SpaceId& space);
    /// Every change in the space that touches `record`, in an order that respects causality.
    struct Past {
        ActorId actor;
        Change change;
    };
    Result<std::vector<Past>> history(const SpaceId& space, const RecordId& record);
    struct Stats {
        std::uint64_t records = 0;
        std::uint64_t changes = 0;          ///< ops counted, of all actors
        std::uint64_t value_bytes = 0;      ///< of records' columns, as SQLite counts lengths
        std::uint64_t merge_bytes = 0;
        std::uint64_t changes_waiting = 0;
        std::uint64_t envelopes = 0;
        std::uint64_t envelope_bytes = 0;
        std::uint64_t held = 0;
        std::uint64_t actors = 0;
    };
    Result<Stats> stats();
    /// What is damaged: the file by SQLite's own check, and rows that do not say what the kept
    /// envelopes say. Empty: all is well.
    Result<std::vector<std::string>> check();
    /// Called after every commit with the types whose rows changed.
    std::function<void(const std::set<TypeId>&)> on_commit;

    // Bundles and copies (replica_copy.cpp).
    Result<std::size_t> write_bundle(const SpaceId& space, const VersionVector& have, Bytes& out);
    Result<Received> apply_bundle(ByteView bundle);
    Result<void> backup(const std::string& path);
    /// This database is a copy: every space gets a new incarnation before the next write.
    Result<void> become_new_incarnation();

    // For a session (core/syncable.hpp; replica_sync.cpp).
    [[nodiscard]] OrgId org() const override { return ledger_.membership().org(); }
    [[nodiscard]] DeviceId device() const override { return ledger_.device(); }
    [[nodiscard]] const crypto::DeviceKey& device_key() const override { return ledger_.key(); }
    [[nodiscard]] const crypto::Membership& membership() const override {
        return ledger_.membership();
    }
    [[nodiscard]] std::uint64_t confirmed_entries() const override { return ledger_.confirmed(); }
    [[nodiscard]] std::optional<crypto::SignKey> relay_key() const override;
    Result<void> pin_relay_key(const crypto::SignKey& key) override;
    void heard_time(Time relay_time, std::int64_t round_trip_ms) override;
    Result<void> receive_entries(std::uint64_t from, const std::vector<Bytes>& entries) override;
    std::optional<Bytes> next_entry() override { return ledger_.next_unconfirmed(); }
    Result<void> entry_accepted() override;
    Result<void> entry_refused(const Error& why) override;
    [[nodiscard]] std::vector<SpaceSync> sync_spaces() override;
    Result<std::vector<crypto::EnvelopeRun>> outbox(const SpaceId& space, Counter after,
                                                    std::size_t max_bytes) override;
    Result<void> confirm(const SpaceId& space, const Incarnation& own, Counter last) override;
    Result<Received> receive(const SpaceId& space, const Cursor& from, const Cursor& to,
                             const std::vector<crypto::EnvelopeRun>& runs) override;
    Result<Received> receive_repair(const SpaceId& space,
                                    const std::vector<crypto::EnvelopeRun>& runs) override;
    Result<void> move_cursor(const SpaceId& space, const Cursor& to) override;
    Result<std::vector<ChainEnd>> chains(const SpaceId& space) override;
    Result<std::vector<crypto::EnvelopeRun>> envelopes(const SpaceId& space, const ChainEnd& after,
                                                       std::size_t max_bytes) override;
    Result<void> rolled_back(const SpaceId& space) override;
    Result<std::optional<SeenWord>> seen_word(const SpaceId& space) override;
    Result<void> receive_seen(const SpaceId& space, const DeviceId& device,
                              const SeenWord& word) override;

private:
    Replica(std::unique_ptr<Store> store, Env& env);
    Result<void> load();
    Result<Incarnation> new_incarnation();
    Result<void> follow_ledger();
    Result<ActorIndex> own_actor(const SpaceState& space);
    Result<Counter> next_counter(ActorIndex own);
    Result<const SpaceState*> known_space(const SpaceId& space) const;
    Result<void> start_incarnation(SpaceState space);
    Result<void> check_space(const SpaceState& space, std::vector<std::string>& problems);
    Result<void> rebuild_rows(const SpaceState& space, ActorIndex own, std::vector<Change>& tail);
    Result<void> note_own_places(const SpaceState& space, const ActorId& own,
                                 std::uint64_t position,
                                 const std::vector<crypto::EnvelopeRun>& runs);
    Result<void> release_held();
    Result<Received> take_in(const SpaceState& space, const std::vector<crypto::EnvelopeRun>& runs,
                             const std::function<Result<void>(Receiver::Outcome&)>& before_commit);
    void committed(const std::set<TypeId>& types) const {
        if (on_commit && !types.empty()) on_commit(types);
    }

    Env& env_;
    std::unique_ptr<Store> store_;
    DeviceClock clock_;
    Ledger ledger_;
    Tail tail_;
    SealedStore sealed_;
    Hold hold_;
    Sealer sealer_;
    Receiver receiver_;
    std::string url_;
    std::map<ActorIndex, Counter> next_;  ///< own actors' next counters, once looked up
};

}  // namespace trellis::core
