// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>

#include "core/device_clock.hpp"
#include "core/edit.hpp"
#include "core/replica_info.hpp"
#include "core/store/hold.hpp"
#include "core/store/lacked.hpp"
#include "core/store/ledger.hpp"
#include "core/store/log_heads.hpp"
#include "core/store/receiver.hpp"
#include "core/store/sealed_store.hpp"
#include "core/store/sealer.hpp"
#include "core/store/store.hpp"
#include "core/store/tail.hpp"
#include "core/store/writer.hpp"
#include "core/syncable.hpp"
#include "crypto/public/inbox.hpp"
#include "crypto/public/receipt.hpp"
#include "crypto/secret/author.hpp"
#include "crypto/secret/invite.hpp"
#include "crypto/secret/recover.hpp"

namespace trellis::core {

struct ReplicaOptions {
    sqlite::OpenOptions database;
    Schema schema;
    /// Names where this database lives (the machine, the device, the file); empty: not known.
    /// Where it differs from the last time, the database is a copy and writes under a new name.
    std::string custody;
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
        std::vector<std::string> recovery_sheets;  ///< to print; kept until recovery_kept()
    };
    Result<Founded> create_org(std::string_view name, std::string_view device_name,
                               std::string_view url);
    Result<SpaceId> create_space(std::string_view name, crypto::SpaceClass space_class);
    Result<std::string> invite(const crypto::InviteOrder& order);
    Result<void> grant(const DeviceId& device, const SpaceId& space, std::uint8_t rights);
    Result<void> set_admin(const DeviceId& device, bool on);
    Result<void> rotate(const SpaceId& space);
    /// Why membership entries of ours were dropped since the last call (core/store/ledger.hpp).
    std::vector<Error> take_dropped_entries() { return ledger_.take_dropped(); }
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

    // Recovery (replica_recovery.cpp).
    /// The same by the organisation's root (sync/device/recover_session.hpp): the entries that
    /// make this device an admin who reads everything. The sheets that replace those used are
    /// kept here before any of it is given out, and are the same each time. No entries where the
    /// log holds ours already.
    Result<std::vector<Bytes>> recover_entries(const crypto::RootKeys& root,
                                               const crypto::DeviceKey& key,
                                               std::string_view device_name,
                                               const std::vector<Bytes>& entries);
    Result<void> recovered(crypto::DeviceKey key, std::string_view url,
                           const std::vector<Bytes>& entries);
    /// The root of a recovery that was begun here, whose end nobody has heard: the relay may
    /// know it already, and then knows the old one no more.
    Result<std::optional<crypto::RootKeys>> begun_recovery(const OrgId& org);
    /// Recovery sheets that were made here and that nobody has said to have in hand.
    Result<std::vector<std::string>> recovery_sheets();
    /// They are in hand: wipes them. `not_found` where there are none.
    Result<void> recovery_kept();

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
    /// The same for many records at once, by one walk. Records that nothing touches are left out.
    Result<std::map<RecordId, std::vector<Past>>> histories(const SpaceId& space,
                                                            const std::set<RecordId>& records);
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

    // Drop boxes (replica_inbox.cpp).
    /// Opens an inbox for a space, in which who has no device may leave something.
    Result<crypto::InboxId> open_inbox(const SpaceId& space);
    /// A new key for the inbox, and for its space.
    Result<void> rotate_inbox(const crypto::InboxId& inbox);
    Result<void> close_inbox(const crypto::InboxId& inbox);

    // Late work and revocation (replica_late.cpp).
    /// Envelopes that are kept and not merged; of one space or of all.
    Result<std::vector<Quarantined>> quarantine(const std::optional<SpaceId>& space = {});
    /// Makes these envelopes count for everybody, and those before them in their chains. They
    /// are named by Quarantined::id.
    Result<void> adopt(const std::vector<Digest>& ids);

    // The end of a space (replica_shred.cpp, docs/decisions/0015).
    /// Destroys a space and all that was written in it, here and wherever it lies, once the relay
    /// has confirmed it. `conflict` unless this device has come to the end of the space's log, as
    /// far as it knows, and the relay has all of its work there.
    Result<void> shred(const SpaceId& space, std::string_view reason);
    /// Work of this device that no relay had when its space ended: one item a record.
    Result<std::vector<Quarantined>> orphans();
    /// They are in hand elsewhere: forgets them.
    Result<void> forget_orphans(const std::vector<Digest>& ids);
    /// Ends a device's rights, everywhere or in one space. What this device holds of its work
    /// goes on counting; what comes later is quarantined.
    /// `reason`: crypto::removed_left …; a lost device erases itself when it hears of it.
    Result<void> revoke(const DeviceId& device, std::uint8_t reason = crypto::removed_left);
    /// Several in one entry: all of them, or none.
    Result<void> revoke(const std::set<DeviceId>& devices,
                        std::uint8_t reason = crypto::removed_left);
    /// `kept`: the rights that stay, in the same entry.
    Result<void> revoke(const DeviceId& device, const SpaceId& space, std::uint8_t kept = 0);
    /// This device and the others in use of the same person, as far as the log says.
    [[nodiscard]] std::set<DeviceId> devices_of_person(const DeviceId& device) const;
    /// We were reported lost, and the relay holds all our work: the host deletes the files.
    Result<bool> must_erase();

    /// Why entries of ours were dropped since the last call: somebody wanted those.
    std::vector<Error> take_dropped() { return ledger_.take_dropped(); }

    // Entries that several must sign (replica_sign.cpp).
    /// An entry that lacks signatures, and whose, in a sentence.
    struct Draft {
        Bytes entry;
        std::string missing;
    };
    /// While on, what others must sign too is kept for take_draft() instead of refused.
    void allow_drafts(bool on) { allows_drafts_ = on; }
    std::optional<Draft> take_draft() { return std::exchange(draft_, std::nullopt); }
    /// Signs a draft of another device. Where ours was the last signature, the entry is appended
    /// and nothing comes back.
    Result<std::optional<Draft>> co_sign(ByteView entry);
    /// How many admins must sign changes of admins, of the server's key and of this number.
    Result<void> set_admin_quorum(std::uint64_t admins);
    /// Lets a device read a space until then, in an emergency; the reason is written down
    /// elsewhere, the log keeps its hash.
    Result<void> lend(const DeviceId& device, const SpaceId& space, Time until,
                      std::string_view reason);

    // Trust in the relay (replica_trust.cpp).
    /// What an administrator must look at, oldest first.
    Result<std::vector<Alarm>> alarms() { return alarms_.load(); }

    // Bundles and copies (replica_copy.cpp).
    Result<std::size_t> write_bundle(const SpaceId& space, const VersionVector& have, Bytes& out);
    Result<Received> apply_bundle(ByteView bundle);
    Result<void> backup(const std::string& path);
    /// This database is a copy: every space gets a new incarnation before the next write.
    Result<void> become_new_incarnation();
    /// Where this database lives from now on: what the next open() compares.
    Result<void> keep_custody(const std::string& custody);

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
    Result<Bytes> entry(std::uint64_t index) override { return ledger_.bytes(index); }
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
    Result<std::optional<Digest>> chain_at(const SpaceId& space, const ChainEnd& place) override;
    Result<std::vector<crypto::EnvelopeRun>> envelopes(const SpaceId& space, const ChainEnd& after,
                                                       std::size_t max_bytes) override;
    Result<std::vector<ChainEnd>> lacked(const SpaceId& space) override;
    Result<void> note_lacked(const SpaceId& space, const std::vector<ChainEnd>& ends) override;
    Result<void> settle_lacked(const SpaceId& space, const ChainEnd& end) override;
    Result<void> rolled_back(const SpaceId& space) override;
    Result<void> forked(const SpaceId& space) override;
    [[nodiscard]] bool wants_receipt(const SpaceId& space) override;
    Result<void> receive_receipt(const SpaceId& space, const crypto::Receipt& receipt) override;
    [[nodiscard]] std::vector<crypto::InboxId> inboxes_to_file(const SpaceId& space) override;
    Result<Filing> file(const SpaceId& space, const crypto::InboxId& inbox,
                        const std::vector<Dropped>& items) override;
    Result<std::vector<Digest>> filed_for_good(const SpaceId& space,
                                               const std::vector<Filing::Item>& items) override;
    Result<std::optional<SeenWord>> seen_word(const SpaceId& space) override;
    Result<void> receive_seen(const SpaceId& space, const DeviceId& device,
                              const SeenWord& word) override;

private:
    Replica(std::unique_ptr<Store> store, Env& env);
    Result<void> load();
    Result<void> follow_ledger();
    Result<void> follow_spaces();
    // The end of a space (replica_shred.cpp).
    Result<void> follow_shreds();
    Result<void> end_space(const SpaceState& space);
    Result<void> wipe_space(const SpaceState& space);
    Result<std::map<ActorIndex, Counter>> confirmed_chains(const SpaceState& space);
    Result<std::vector<Change>> unconfirmed_work(const SpaceState& space);
    Result<void> keep_orphans(const SpaceState& space);
    [[nodiscard]] std::vector<SpaceId> new_spaces() const;
    Result<void> enter_spaces(const std::vector<SpaceId>& fresh);
    Result<void> settle_in(std::string_view url, const crypto::SignKey& relay);
    Result<void> follow_rights();
    Result<void> settle_rows();
    // Writing (replica_write.cpp), and the signs of compartments (replica_signs.cpp). In the
    // caller's transaction, but settle_signs().
    Result<WriteResult> write_in(const SpaceState& space, const std::vector<Edit>& edits,
                                 std::set<TypeId>& touched);
    [[nodiscard]] bool is_compartment(const SpaceId& space) const;
    Result<void> follow_with_signs(const SpaceState& space, const std::vector<Edit>& edits,
                                   const std::vector<Written>& written,
                                   std::set<TypeId>& touched);
    Result<void> keep_sign(const Writer::Sign& sign, std::set<TypeId>& touched);
    Result<void> keep_all_signs(std::set<TypeId>& touched);
    Result<void> settle_signs();
    Result<ActorIndex> own_actor(const SpaceState& space);
    Result<Counter> next_counter(ActorIndex own);
    Result<const SpaceState*> known_space(const SpaceId& space) const;
    // Names to write under (replica_incarnation.cpp).
    Incarnation new_incarnation(const SpaceId& space, const Incarnation& before);
    [[nodiscard]] const Actor* find_own(const SpaceId& space, const Incarnation& incarnation) const;
    Result<void> check_custody(const std::string& custody);
    Result<ActorIndex> next_actor(SpaceState& space);
    Result<void> start_incarnation(SpaceState space);
    Result<void> say_again(SpaceState space, Receiver::OwnBranch& branch);
    Result<void> renew_all();
    /// What may have become of the names of our words that the relay has not confirmed.
    enum class Doubt : std::uint8_t {
        none,
        left,  ///< another copy of this database may go on under a name that we have left
        lost   ///< another copy has written under our name
    };
    Result<Doubt> doubt(const SpaceState& space);
    Result<void> set_doubt(const SpaceState& space, Doubt doubt);
    Result<void> settle(const SpaceState& space);
    // Rows (replica_history.cpp, replica_care.cpp).
    Result<void> check_space(const SpaceState& space, std::vector<std::string>& problems);
    Result<void> rebuild_rows(const SpaceState& space, ActorIndex own, std::vector<Change>& tail);
    Result<void> rebuild_space(const SpaceState& space);
    [[nodiscard]] std::set<TypeId> all_types() const;
    // Sync (replica_sync.cpp).
    Result<std::size_t> seal_space(const SpaceState& space, ActorIndex own,
                                   Doubt at_most = Doubt::none);
    [[nodiscard]] bool has_late_work(const SpaceSync& sync);
    [[nodiscard]] Counter held_of(const SpaceState& space, const DeviceId& of,
                                  const Incarnation& incarnation) const;
    Result<std::vector<ChainEnd>> news_in(const SpaceState& space,
                                          const std::vector<crypto::EnvelopeRun>& runs) const;
    Result<std::vector<ChainEnd>> former_chains(const SpaceState& space);
    Result<void> confirm_former(const SpaceState& space, const Incarnation& incarnation,
                                Counter last);
    [[nodiscard]] bool brings_own_future(const SpaceState& space,
                                         const std::vector<crypto::EnvelopeRun>& runs) const;
    Result<void> note_own_places(const SpaceState& space, const ActorId& own,
                                 std::uint64_t position,
                                 const std::vector<crypto::EnvelopeRun>& runs);
    Result<void> release_held();
    Result<void> release_waiting();
    Result<Receiver::Outcome> take_runs(SpaceIndex index,
                                        const std::vector<crypto::EnvelopeRun>& runs,
                                        Source source);
    Result<Received> take_in(const SpaceState& space, const std::vector<crypto::EnvelopeRun>& runs,
                             Source source,
                             const std::function<Result<void>(Receiver::Outcome&)>& before_commit);
    // Drop boxes (replica_inbox.cpp).
    struct Found;
    Result<std::optional<crypto::Submission>> open_dropped(const SpaceId& space,
                                                           const crypto::InboxId& inbox,
                                                           ByteView bytes);
    Result<Filing::Item> file_one(const SpaceState& space, const crypto::InboxId& inbox,
                                  const Dropped& item, std::size_t& written);
    Result<Found> find_filed(const SpaceState& space, const RecordId& record,
                             const Digest& submission);
    Result<void> seal_apart(const SpaceId& space);
    void renew_inbox_keys();
    // Late work (replica_late.cpp) and trust (replica_trust.cpp).
    bool is_our_turn(const SpaceId& space);
    Result<void> rotate_where_due();
    Result<void> complain_of_keys();
    crypto::Author author();
    Result<void> append_entry(const Bytes& entry);
    Result<void> list_aside(const SpaceState& space, std::vector<Quarantined>& list);
    Result<std::vector<crypto::Cutoff>> cutoffs_of(const DeviceId& device,
                                                   const std::optional<SpaceId>& only);
    Result<void> note_log_fork(std::uint64_t from, const std::vector<Bytes>& entries);
    Result<void> compare_log_witnesses();
    Result<void> caught_up(const SpaceState& space);
    Result<void> compare_witness(const SpaceState& space, const Receiver::Heard& heard);
    Result<void> compare_all(const SpaceState& space, const Receiver::Outcome& outcome);
    Result<void> compare_or_keep(const SpaceState& space, AheadWitness said,
                                 const Receiver::Heard& heard);
    Result<void> compare_ahead(const SpaceState& space, bool is_log, std::uint64_t reached);
    Result<void> compare_receipt(const SpaceState& space, const crypto::Receipt& receipt);
    Result<std::optional<ShortDigest>> our_head(const SpaceState& space,
                                                const AheadWitness& said);
    Result<void> raise_split(const SpaceState& space, const AheadWitness& said,
                             const ShortDigest& ours);
    [[nodiscard]] bool is_doubted(const SpaceState& space);
    Result<void> end_answered_claims(const SpaceState& space);
    Result<void> end_withdrawn_claims(const SpaceState& space, const AheadWitness& said);
    Result<void> note_page(const SpaceState& space, Cursor from,
                           const Receiver::Outcome& outcome);
    [[nodiscard]] Witness newest_witness(const SpaceState& space) const;
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
    Aside aside_;
    Alarms alarms_;
    LogHeads log_heads_;
    AheadWitnesses ahead_;
    Lacked lacked_;
    std::string url_;
    std::string custody_;
    bool allows_drafts_ = false;
    bool is_release_due_ = true;  ///< what somebody's work waits for may be here
    bool are_signs_due_ = true;  ///< a compartment, or who reads it, may have changed
    std::optional<Draft> draft_;
    std::map<ActorIndex, Counter> next_;  ///< own actors' next counters, once looked up
};

}  // namespace trellis::core
