// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/server.hpp"

#include <algorithm>
#include <limits>
#include <type_traits>
#include <utility>

#include "server/store/sqlite_care.hpp"

namespace trellis::sim {
namespace {

/// The relay's clock is a wall clock, which may be set back: no alarm sleeps longer.
constexpr Time alarm_max_ms = 60'000;
/// A server that answers before it commits has all the time in the world for the latter.
constexpr Time lazy_commit_ms = 10'000;

/// Little is written here: only where pages are small do several make a delivery.
std::size_t drawn_page(std::uint64_t seed) {
    Random random(seed);
    return static_cast<std::size_t>(random.log_uniform(200, 16 * 1024));
}

}  // namespace

Server::Server(World& world, Network& network, std::uint64_t seed)
    : world_(world), network_(network), env_(world, mixed(seed, 1)),
      store_("sim-server", mixed(seed, 2)), page_bytes_(drawn_page(mixed(seed, 3))) {
    network_.serve({.listens = [this] { return is_up(); },
                    .accepted = [this](WireId wire) { accepted(wire); },
                    .hears = [this](WireId wire, ByteView frame) { heard(wire, frame); },
                    .lost = [this](WireId wire) { lost(wire); },
                    .written = [this](WireId wire, std::size_t bytes) {
                        const auto found = sessions_.find(wire);
                        if (found == sessions_.end() || !is_up()) return;
                        relay_->written(found->second, bytes);
                        run_actions();
                    }});
}

Server::~Server() { went_down(); }

// The machine ----------------------------------------------------------------------------------

void Server::start() {
    if (is_up()) return;
    disk().start();
    disk().set_time(env_.true_time());
    Bytes fresh(32);
    env_.random(fresh);
    const auto prepared = store_.prepare();
    auto seed = prepared ? store_.server_seed(fresh) : Result<Bytes>(prepared.error());
    using Writer = Result<std::unique_ptr<server::StoreWriter>>;
    using Reader = Result<std::unique_ptr<server::StoreReader>>;
    auto writer = seed ? store_.open_writer() : Writer(seed.error());
    auto reader = writer ? store_.open_reader() : Reader(writer.error());
    if (!reader) {
        world_.tell("server", "cannot start: " + reader.error().message);
        if (reader.error().code == Code::corrupt) {
            return world_.fail("C18", "the server does not start: " + reader.error().message);
        }
        went_down();
        return restart_after(30'000);
    }
    key_ = crypto::SignSecret::from_seed(*seed);
    sync::RelayOptions options;
    options.new_orgs = true;
    options.page_bytes_max = page_bytes_;
    relay_ = std::make_unique<sync::Relay>(*key_, options, env_);
    reader_ = std::move(*reader);
    server::CommitWatch& watch = *this;
    committer_ = std::make_unique<server::Committer>(store_, std::move(*writer),
                                                     server::AppendOptions{}, watch);
    world_.note("server.up", {});
    if (on_recovered) on_recovered();
}

void Server::went_down() {
    ++life_;
    relay_.reset();
    committer_.reset();
    reader_.reset();
    connections_.clear();
    sessions_.clear();
    jobs_.clear();
    early_.clear();
    is_committing_ = false;
    alarm_at_.reset();
}

void Server::kill() {
    if (!is_up()) return;
    world_.note("server.kill", {});
    disk().kill();
    went_down();
    network_.drop_server(true);
}

void Server::cut_power() {
    if (!is_up()) return;
    world_.note("server.power", {});
    disk().cut_power();
    went_down();
    env_.boot();
    network_.drop_server(false);
}

void Server::restart_after(Time ms) {
    world_.after(ms, [this] { start(); });
}

void Server::take_backup() {
    backup_ = disk().snapshot();
    world_.note("server.backup", {});
}

void Server::restore_backup(bool properly) {
    went_down();
    disk().start();
    disk().heal();  // who restores a backup has looked at the disk first
    disk().restore(*backup_);
    world_.note("server.restore", {properly});
    if (!properly) return;
    if (const auto marked = store_.mark_restored(); !marked) {
        world_.fail("C18", "a backup cannot be restored: " + marked.error().message);
    }
}

namespace {

/// A look at the disk that no fault disturbs.
class Look {
public:
    explicit Look(test::CrashDisk& disk) : disk_(disk) { disk_.spare(true); }
    Look(const Look&) = delete;
    Look& operator=(const Look&) = delete;
    ~Look() { disk_.spare(false); }

private:
    test::CrashDisk& disk_;
};

}  // namespace

std::map<ActorId, Counter> Server::chains() {
    const Look look(disk());
    std::map<ActorId, Counter> ends;
    auto database = server::open_store_database(store_.place(), false);
    if (!database) return ends;
    auto select = database->prepare("SELECT space.id, device, chain.incarnation, last FROM chain "
                                    "JOIN space ON space.number = chain.space");
    if (!select) return ends;
    for (auto more = select->step(); more && *more; more = select->step()) {
        const auto actor = crypto::actor_id(SpaceId::from(select->bytes(0)),
                                            DeviceId::from(select->bytes(1)),
                                            Incarnation::from(select->bytes(2)));
        ends[actor] = static_cast<Counter>(select->integer(3));
    }
    return ends;
}

std::uint64_t Server::log_length() {
    const Look look(disk());
    auto database = server::open_store_database(store_.place(), false);
    if (!database) return 0;
    const auto length = database->integer("SELECT ifnull(max(entries), 0) FROM org");
    return length ? static_cast<std::uint64_t>(*length) : 0;
}

void Server::read_logs(RelayLog& logs) {
    const Look look(disk());
    auto database = server::open_store_database(store_.place(), false);
    const auto done = database ? logs.read(*database) : Result<void>(database.error());
    // A machine that has lost its power is read when it is back.
    if (done || disk().is_down()) return;
    world_.fail("C18", "the relay's logs cannot be read: " + done.error().message);
}

std::vector<std::string> Server::problems() {
    const Look look(disk());
    auto database = server::open_store_database(store_.place(), false);
    if (!database) return {database.error().message};
    auto found = server::check_store(*database);
    if (!found) return {found.error().message};
    return std::move(*found);
}

// Connections ----------------------------------------------------------------------------------

template <class Work>
void Server::later(Time ms, Work work) {
    world_.after(ms, [this, life = life_, work = std::move(work)]() mutable {
        if (life == life_ && is_up()) work();
    });
}

void Server::accepted(WireId wire) {
    const auto session = relay_->connected(env_.wall_time());
    connections_[session] = {wire, world_.now()};
    sessions_[wire] = session;
    run_actions();
    idle_check(session);
}

/// The WebSocket below asks after each third of a silence; who does not even answer that is gone.
void Server::idle_check(sync::SessionId session) {
    const auto found = connections_.find(session);
    if (found == connections_.end()) return;
    if (world_.now() - found->second.heard >= limits::idle_ms) {
        const WireId wire = found->second.wire;
        network_.close(wire, End::server);
        return lost(wire);
    }
    later(limits::idle_ms, [this, session] { idle_check(session); });
}

void Server::heard(WireId wire, ByteView frame) {
    const auto found = sessions_.find(wire);
    if (found == sessions_.end() || !is_up()) return;
    connections_[found->second].heard = world_.now();
    relay_->receive(found->second, frame, env_.wall_time());
    run_actions();
}

void Server::lost(WireId wire) {
    const auto found = sessions_.find(wire);
    if (found == sessions_.end() || !is_up()) return;
    const auto session = found->second;
    sessions_.erase(found);
    connections_.erase(session);
    relay_->disconnected(session);
    run_actions();
}

// Actions --------------------------------------------------------------------------------------

void Server::run_actions() {
    while (is_up()) {
        auto action = relay_->next_action();
        if (!action) break;
        std::visit([this](auto& request) { carry_out(request); }, *action);
    }
    set_alarm();
}

void Server::carry_out(sync::Send& send) {
    const auto found = connections_.find(send.session);
    if (found != connections_.end()) {
        network_.send(found->second.wire, End::server, std::move(send.frame));
    }
}

void Server::carry_out(sync::Close& close) {
    const auto found = connections_.find(close.session);
    if (found == connections_.end()) return;
    const WireId wire = found->second.wire;
    sessions_.erase(wire);
    connections_.erase(found);
    network_.close(wire, End::server);
}

void Server::carry_out(sync::Verify& verify) {
    server::Verified verified{verify.ticket, {}};
    for (const auto& check : verify.checks) verified.genuine.push_back(sync::is_genuine(check));
    std::vector<server::StageResult> results;
    results.emplace_back(std::move(verified));
    later(world_.random.server.between(0, 3),
          [this, results = std::move(results)]() mutable { answer(std::move(results)); });
}

/// A question to a reader: answered from what is committed when its turn comes.
template <class Request>
void Server::carry_out(Request& request) {
    later(world_.random.server.between(0, 5), [this, request = std::move(request)]() mutable {
        auto result = server::read(*reader_, server::ReadJob(std::move(request)));
        if (auto* missing = std::get_if<server::SpaceMissing>(&result)) {
            return give(server::WriteJob(std::move(missing->request)));
        }
        std::vector<server::StageResult> results;
        results.push_back(std::move(result));
        answer(std::move(results));
    });
}

void Server::give(server::WriteJob job) {
    const auto* append = std::get_if<sync::Append>(&job);
    if (lie_ == Lie::early_answer && append != nullptr) {
        early_.insert(append->ticket);
        std::vector<server::StageResult> results;
        results.emplace_back(server::Appended{
            append->ticket, std::vector<Result<void>>(append->spaces.size(), Result<void>())});
        later(0, [this, results = std::move(results)]() mutable { answer(std::move(results)); });
    }
    jobs_.push_back(std::move(job));
    if (std::exchange(is_committing_, true)) return;
    const Time wait = lie_ == Lie::early_answer ? lazy_commit_ms : 20;
    later(world_.random.server.between(1, wait), [this] { commit(); });
}

/// The answers take a moment, in which the process may end: committed, and nobody was told.
void Server::commit() {
    is_committing_ = false;
    auto jobs = std::exchange(jobs_, {});
    auto results = committer_->carry_out(jobs);
    if (disk().is_down()) {
        went_down();
        network_.drop_server(true);
        return restart_after(5'000);
    }
    std::erase_if(results, [this](const server::StageResult& result) {
        const auto* appended = std::get_if<server::Appended>(&result);
        return appended != nullptr && early_.erase(appended->ticket) > 0;
    });
    if (results.empty()) return;
    later(world_.random.server.between(0, 5),
          [this, results = std::move(results)]() mutable { answer(std::move(results)); });
}

void Server::failed(const Error& error, bool is_news) {
    world_.note("server.refuses", {static_cast<std::int64_t>(error.code)});
    if (is_news) world_.tell("server", "the store refuses: " + error.message);
}

void Server::succeeded(const std::vector<server::WriteJob>& jobs,
                       const std::vector<server::StageResult>& /*results*/, bool /*is_news*/) {
    if (!on_stored) return;
    for (const auto& job : jobs) {
        if (const auto* append = std::get_if<sync::Append>(&job)) {
            for (const auto& space : append->spaces) on_stored(space);
        }
    }
}

void Server::answer(std::vector<server::StageResult> results) {
    for (auto& result : results) take(result);
    run_actions();
}

void Server::take(server::StageResult& result) {
    std::visit(
        [this](auto& answer) {
            using Answer = std::remove_cvref_t<decltype(answer)>;
            if constexpr (std::is_same_v<Answer, server::Verified>) {
                relay_->verified(answer.ticket, answer.genuine);
            } else if constexpr (std::is_same_v<Answer, server::OrgLoaded>) {
                relay_->org_loaded(answer.ticket, std::move(answer.entries));
            } else if constexpr (std::is_same_v<Answer, server::EntryAppended>) {
                relay_->entry_appended(answer.ticket, std::move(answer.stored));
            } else if constexpr (std::is_same_v<Answer, server::SpaceLoaded>) {
                relay_->space_loaded(answer.ticket, std::move(answer.space));
            } else if constexpr (std::is_same_v<Answer, server::Appended>) {
                relay_->appended(answer.ticket, std::move(answer.stored));
            } else if constexpr (std::is_same_v<Answer, server::CaughtUp>) {
                relay_->caught_up(answer.ticket, std::move(answer.page));
            } else if constexpr (std::is_same_v<Answer, server::ChainFetched>) {
                relay_->chain_fetched(answer.ticket, std::move(answer.page));
            } else if constexpr (std::is_same_v<Answer, server::HeadFound>) {
                relay_->head_found(answer.ticket, std::move(answer.head));
            } else if constexpr (std::is_same_v<Answer, server::SubmissionStored>) {
                relay_->submission_stored(answer.ticket, answer.stored);
            } else if constexpr (std::is_same_v<Answer, server::SubmissionsLoaded>) {
                relay_->submissions_loaded(answer.ticket, std::move(answer.items));
            } else if constexpr (std::is_same_v<Answer, server::SubmissionsDropped>) {
                relay_->submissions_dropped(answer.ticket);
            } else if constexpr (std::is_same_v<Answer, server::SpaceShredded>) {
                relay_->space_shredded(answer.ticket, answer.done);
            }
        },
        result);
}

// Time -----------------------------------------------------------------------------------------

void Server::set_alarm() {
    if (!is_up()) return;
    const Time deadline = relay_->deadline();
    const Time wait = deadline == std::numeric_limits<Time>::max()
                          ? alarm_max_ms
                          : std::clamp<Time>(deadline - env_.wall_time(), 1, alarm_max_ms);
    const Time when = world_.now() + wait;
    // An alarm that rings early is harmless and sets itself again.
    if (alarm_at_ && *alarm_at_ <= when) return;
    alarm_at_ = when;
    later(wait, [this, when] {
        if (alarm_at_ != when) return;
        alarm_at_.reset();
        relay_->tick(env_.wall_time());
        run_actions();
    });
}

}  // namespace trellis::sim
