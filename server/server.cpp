// SPDX-License-Identifier: Apache-2.0
#include "server/server.hpp"

#include "server/net/drop_box.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>

namespace trellis::server {
namespace {

using net::Awaitable;
using net::Milliseconds;

sync::RelayOptions relay_options(const Config& config) {
    sync::RelayOptions options;
    options.new_orgs = config.new_orgs;
    options.proof_deadline_ms = config.before_proof_ms;
    options.device_bytes_per_day = static_cast<std::uint64_t>(config.device_bytes_per_day);
    options.device_envelopes_per_day = static_cast<std::uint64_t>(config.device_envelopes_per_day);
    options.device_entries_per_day = static_cast<std::uint64_t>(config.device_entries_per_day);
    options.late_bytes_max = static_cast<std::uint64_t>(config.late_bytes_max);
    options.device_checks_per_second = config.device_checks_per_second;
    options.inbox_work_bits = static_cast<unsigned>(config.inbox_work_bits);
    options.inbox_posts_per_minute = config.inbox_posts_per_minute;
    options.inbox_posts_at_once = config.inbox_posts_at_once;
    options.inbox_asks_per_minute = config.inbox_asks_per_minute;
    options.pushed_bytes_max = static_cast<std::size_t>(config.pushed_bytes_max);
    options.outgoing_bytes_drop = static_cast<std::size_t>(config.outbound_bytes_max);
    return options;
}

HttpOptions http_options(const Config& config) {
    HttpOptions options;
    options.head_bytes_max = static_cast<std::size_t>(config.http_head_bytes_max);
    options.head_time = Milliseconds(config.http_head_ms);
    options.body_time = Milliseconds(config.http_body_ms);
    options.idle_time = Milliseconds(config.idle_ms);
    options.origins = split_origins(config.origins);
    options.websocket.message_bytes_max = static_cast<std::size_t>(config.message_bytes_max);
    options.websocket.outbound_bytes_max = static_cast<std::size_t>(config.outbound_bytes_max);
    options.websocket.handshake = Milliseconds(config.handshake_ms);
    options.websocket.idle = Milliseconds(config.idle_ms);
    return options;
}

std::size_t verify_threads(const Config& config) {
    if (config.verify_threads > 0) return static_cast<std::size_t>(config.verify_threads);
    return std::max(2U, std::thread::hardware_concurrency()) - 1;
}

Result<net::HostPort> place_of(const Config& config) {
    auto place = net::parse_host_port(config.listen);
    if (place) return place;
    return Error{Code::invalid, "listen: " + place.error().message};
}

}  // namespace

Server::Server(const Config& config, Log& log) : config_(config), log_(log), env_(log) {}

Server::~Server() {
    // From the sockets down: nothing is asked of a stage that has gone.
    if (listener_) listener_->close_all();
    listener_.reset();
    if (verify_) verify_->stop();
    if (catch_up_) catch_up_->stop();
    if (append_) append_->stop();
}

Result<std::unique_ptr<Server>> Server::open(const Config& config, Log& log) {
    std::unique_ptr<Server> server(new Server(config, log));
    TRELLIS_DO(server->open_store());
    TRELLIS_DO(server->open_stages());
    TRELLIS_DO(server->open_net());
    return server;
}

Result<void> Server::open_store() {
    StoreOptions options;
    options.space_bytes_max = config_.space_bytes_max;
    options.inbox_pending_max = config_.inbox_pending_max;
    options.inbox_bytes_max = config_.inbox_bytes_max;
    TRELLIS_TRY(store_, server::open_store(config_.store, options));
    Bytes fresh(32);
    env_.random(fresh);
    TRELLIS_TRY(Bytes seed, store_->server_seed(fresh));
    secret_.emplace(crypto::SignSecret::from_seed(seed));
    std::fill(seed.begin(), seed.end(), std::uint8_t{0});
    if (config_.capture.empty()) return {};
    TRELLIS_TRY(capture_, Capture::open(config_.capture));
    return {};
}

Result<void> Server::open_stages() {
    const auto items_max = static_cast<std::size_t>(config_.inbox_items_max);
    RelayHostOptions options;
    options.relay = relay_options(config_);
    options.message_bytes_max = static_cast<std::size_t>(config_.message_bytes_max);
    options.before_proof_bytes_max = static_cast<std::size_t>(config_.before_proof_bytes_max);
    host_ = std::make_unique<RelayHost>(io_, *secret_, options, env_, metrics_);
    const DeliverResults deliver = [this](std::vector<StageResult> results) {
        host_->post(std::move(results));
    };
    TRELLIS_TRY(auto writer, store_->open_writer());
    std::vector<std::unique_ptr<StoreReader>> readers;
    for (std::int64_t thread = 0; thread < config_.catch_up_threads; ++thread) {
        TRELLIS_TRY(auto reader, store_->open_reader());
        readers.push_back(std::move(reader));
    }
    AppendOptions append;
    append.items_max = items_max;
    append.disk_free_percent_min = config_.disk_free_percent_min;
    append.disk_free_bytes_enough = config_.disk_free_bytes_enough;
    verify_ = std::make_unique<Verify>(verify_threads(config_), items_max, deliver, metrics_);
    append_ = std::make_unique<Append>(*store_, std::move(writer), append, deliver, metrics_, log_);
    catch_up_ = std::make_unique<CatchUp>(std::move(readers), items_max, deliver, metrics_);
    host_->attach({*verify_, *append_, *catch_up_}, capture_.get());
    return {};
}

Result<void> Server::open_net() {
    StaticFiles files;
    if (!config_.static_folder.empty()) {
        TRELLIS_TRY(files, StaticFiles::load(config_.static_folder));
    }
    std::unique_ptr<net::TlsContext> tls;
    if (!config_.tls_cert.empty()) {
        TRELLIS_TRY(tls, net::TlsContext::for_server(config_.tls_cert, config_.tls_key));
    }
    http_ = std::make_unique<HttpServer>(
        http_options(config_),
        std::move(files),
        [this](net::WebSocket& socket, const std::string& /*remote_address*/) {
            return talk(socket);
        });
    http_->add_route("/healthz", [this] { return health(); });
    http_->add_route("/metrics", [this] { return show_metrics(); });
    http_->add_task(std::string(drop_box_prefix), [this](HttpRequest request) {
        return serve_drop_box(*host_, std::move(request));
    });
    ListenerOptions options;
    TRELLIS_TRY(options.place, place_of(config_));
    options.sockets_max = static_cast<std::size_t>(config_.sockets_max);
    options.sockets_per_address_max = static_cast<std::size_t>(config_.sockets_per_address_max);
    options.handshake = Milliseconds(config_.handshake_ms);
    TRELLIS_TRY(listener_,
                Listener::open(io_, options, std::move(tls), [this](net::StreamPtr stream) {
                    return serve(std::move(stream));
                }));
    return {};
}

Awaitable<void> Server::serve(net::StreamPtr stream) {
    if (capture_) stream = captured(std::move(stream), *capture_);
    return http_->serve(std::move(stream));
}

Awaitable<void> Server::talk(net::WebSocket& socket) {
    return host_->serve(socket);
}

HttpResponse Server::health() const {
    if (metrics_.store_accepts.get() == 1) return {200, "text/plain; charset=utf-8", "ok\n"};
    return {503, "text/plain; charset=utf-8", "the store cannot commit\n"};
}

HttpResponse Server::show_metrics() {
    host_->measure();
    return {200, "text/plain; version=0.0.4; charset=utf-8", print_metrics(metrics_)};
}

Result<void> Server::say_ready() const {
    const std::string line = "{\"port\":" + std::to_string(port()) + "}\n";
    const int descriptor = static_cast<int>(config_.ready_fd);
    if (::write(descriptor, line.data(), line.size()) == static_cast<ssize_t>(line.size())) {
        return {};
    }
    return Error{Code::invalid,
                 "ready-fd: descriptor " + std::to_string(descriptor) + " cannot be written to (" +
                     std::strerror(errno) + ")"};
}

Result<void> Server::run() {
    std::signal(SIGPIPE, SIG_IGN);
    signals_.add(SIGTERM);
    signals_.add(SIGINT);
    boost::asio::co_spawn(io_, stop_on_signal(), boost::asio::detached);
    TRELLIS_DO(say_ready());
    log_.write(Level::info,
               "ready",
               {{"port", std::int64_t{port()}}, {"server_key", secret_->key().hex()}});
    io_.run();
    verify_->stop();
    catch_up_->stop();
    append_->stop();
    log_.write(Level::info, "stopped");
    return {};
}

Awaitable<void> Server::stop_on_signal() {
    co_await signals_.async_wait(net::as_values);
    // Whoever asks a second time does not want to wait.
    signals_.clear();
    log_.write(Level::info, "draining");
    listener_->stop_accepting();
    co_await host_->drain(Milliseconds(config_.drain_ms));
    listener_->close_all();
}

}  // namespace trellis::server
