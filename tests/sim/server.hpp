// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <variant>

#include "server/stage/committer.hpp"
#include "server/stage/reading.hpp"
#include "sync/relay/relay.hpp"
#include "tests/sim/clock.hpp"
#include "tests/sim/network.hpp"
#include "tests/sim/relay_log.hpp"
#include "tests/sim/server_store.hpp"

namespace trellis::sim {

/// What a hostile or broken server does, one at a time.
enum class Lie : std::uint8_t {
    none,
    early_answer,  ///< answers an append before it is committed
};

/// A machine that runs the relay: the product's relay, committer and store on a disk that
/// fails, and a host for them that has virtual time instead of threads and sockets.
class Server final : private server::CommitWatch {
public:
    Server(World& world, Network& network, std::uint64_t seed);
    ~Server() override;

    // The machine.
    void start();
    void kill();       ///< the process ends
    void cut_power();  ///< the machine does
    [[nodiscard]] bool is_up() const { return relay_ != nullptr; }
    /// Comes back after `ms`.
    void restart_after(Time ms);

    // Its operator.
    void take_backup();
    [[nodiscard]] bool has_backup() const { return backup_ != nullptr; }
    /// Puts the backup in place, as `trellisd restore` does (`properly`: every log begins a new
    /// life) or as somebody who copies a disk image back. The server must be down.
    void restore_backup(bool properly);

    void lie(Lie lie) { lie_ = lie; }
    [[nodiscard]] test::CrashDisk& disk() { return store_.disk(); }
    [[nodiscard]] SimEnv& env() { return env_; }
    [[nodiscard]] std::uint64_t commits() const { return commits_; }

    /// Where every chain ends in the store, read from it.
    std::map<ActorId, Counter> chains();
    /// Entries of the membership log in the store, read from it.
    std::uint64_t log_length();
    /// Reads all logs out of the store.
    void read_logs(RelayLog& logs);
    /// What SQLite and the product's own check say of the store; empty: all is well.
    std::vector<std::string> problems();
    /// Every envelope stored so far, as it was appended; for the checkers.
    std::function<void(const sync::SpaceAppend&)> on_stored;
    /// The store was opened again, before anybody is answered.
    std::function<void()> on_recovered;

private:
    struct Connection {
        WireId wire = 0;
        Time heard = 0;
    };

    // The relay's host.
    void run_actions();
    void carry_out(sync::Send& send);
    void carry_out(sync::Close& close);
    void carry_out(sync::Verify& verify);
    void carry_out(sync::SaveSeen& seen) { give(server::WriteJob(std::move(seen))); }
    void carry_out(sync::Append& append) { give(server::WriteJob(std::move(append))); }
    void carry_out(sync::AppendEntry& entry) { give(server::WriteJob(std::move(entry))); }
    void carry_out(sync::StoreSubmission& store) { give(server::WriteJob(std::move(store))); }
    void carry_out(sync::DropSubmissions& drop) { give(server::WriteJob(std::move(drop))); }
    void carry_out(sync::ShredSpace& shred) { give(server::WriteJob(std::move(shred))); }
    void carry_out(sync::PostAnswer& /*nobody posts here*/) {}
    template <class Request>
    void carry_out(Request& request);
    void give(server::WriteJob job);
    void commit();
    void answer(std::vector<server::StageResult> results);
    void take(server::StageResult& result);
    void set_alarm();
    void idle_check(sync::SessionId session);
    void accepted(WireId wire);
    void heard(WireId wire, ByteView frame);
    void lost(WireId wire);
    void went_down();
    template <class Work>
    void later(Time ms, Work work);

    // server::CommitWatch
    void measured(const server::Store::Room& /*room*/) override {}
    void committing() override { ++commits_; }
    void committed() override {}
    void failed(const Error& error, bool is_news) override;
    void succeeded(const std::vector<server::WriteJob>& jobs,
                   const std::vector<server::StageResult>& results, bool is_news) override;

    World& world_;
    Network& network_;
    SimEnv env_;
    SimStore store_;
    std::size_t page_bytes_;  ///< of one delivery
    std::shared_ptr<const test::CrashDisk::Snapshot> backup_;
    Lie lie_ = Lie::none;

    // One life of the process.
    std::uint64_t life_ = 0;
    std::optional<crypto::SignSecret> key_;
    std::unique_ptr<sync::Relay> relay_;
    std::unique_ptr<server::Committer> committer_;
    std::unique_ptr<server::StoreReader> reader_;
    std::map<sync::SessionId, Connection> connections_;
    std::map<WireId, sync::SessionId> sessions_;
    std::vector<server::WriteJob> jobs_;
    std::set<sync::Ticket> early_;  ///< answered before they were committed
    bool is_committing_ = false;
    std::optional<Time> alarm_at_;  ///< virtual time
    std::uint64_t commits_ = 0;
};

}  // namespace trellis::sim
