// SPDX-License-Identifier: Apache-2.0
// Steps 1 and 2: a server that can read nothing, and a district with its roster.
#include <csignal>
#include <filesystem>

#include "clients/demo/demo.hpp"
#include "clients/demo/roster_sample.hpp"
#include "core/net/tls.hpp"

namespace trellis::demo {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds start_time{60};
constexpr std::size_t sample_students = 60;

}  // namespace

Result<void> Demo::start() {
    stage_.step(1, "A server starts. It will store and pass on, and can read nothing.");
    std::error_code failure;
    fs::create_directories(path("server"), failure);
    if (failure) return Error{Code::denied, "making " + path("server") + ": " + failure.message()};
    TRELLIS_DO(net::make_self_signed(path("certificate.pem"), path("server-key.pem"), "localhost"));
    stage_.say("A certificate for this computer was made for the purpose.");
    TRELLIS_DO(start_server());
    stage_.promise(port_ > 0, "trellisd listens on 127.0.0.1:" + std::to_string(port_) +
                                  ", TLS only, on an SQLite store of its own.");
    stage_.say("All that it receives is also written to a file, for a search at the end.");
    return {};
}

Result<void> Demo::start_server() {
    Process::Order order;
    order.words = {options_.trellisd,
                   "--store", "sqlite:" + path("server/store.db"),
                   "--listen", "127.0.0.1:" + std::to_string(port_),
                   "--tls-cert", path("certificate.pem"),
                   "--tls-key", path("server-key.pem"),
                   "--capture", path("server/received.capture")};
    order.error_file = path("server/log.jsonl");
    TRELLIS_TRY(server_, Process::start(order));
    auto line = server_->read_line(start_time);
    if (!line) {
        return Error{Code::offline, "trellisd did not start; " + order.error_file + " says why"};
    }
    TRELLIS_TRY(const auto ready, parse_json(*line));
    port_ = number_in(ready, "port");
    return {};
}

Result<void> Demo::stop_server() {
    server_->signal(SIGTERM);
    const int status = server_->wait();
    server_.reset();
    if (status == 0) return {};
    return Error{Code::internal, "trellisd ended with status " + std::to_string(status)};
}

Result<void> Demo::found_district() {
    stage_.step(2, "A district is made, and its roster imported.");
    const Device::Place place{options_.trellis, folder_, path("certificate.pem")};
    const auto desk_word = words_.name();
    centre_ = std::make_unique<Device>("Centre", "centre.db", place);
    TRELLIS_DO(centre_->open());
    TRELLIS_TRY(const auto made,
                centre_->call(request("org_create",
                                      {{"name", "Grand Bend ISD " + std::string(org_word)},
                                       {"device_name", "Centre, desk of Dr " + desk_word},
                                       {"url", "wss://localhost:" + std::to_string(port_) +
                                                   "/sync"}})));
    people_[text_in(made, "device")] = "Centre";
    stage_.promise(made["recovery"].array()->size() == 3,
                   "The district has its keys, and three recovery sheets for three safes.");
    space_name_ = "Families of Grand Bend, " + words_.name();
    TRELLIS_TRY(const auto space, centre_->call(request("space_create", {{"name", space_name_}})));
    space_ = text_in(space, "space");
    TRELLIS_TRY(const auto hidden,
                centre_->call(request("space_create", {{"name", "Safety team " + words_.name()},
                                                       {"class", "compartment"}})));
    static_cast<void>(hidden);
    return import_roster();
}

Result<void> Demo::import_roster() {
    auto roster = options_.roster;
    if (options_.fast) {
        roster = path("roster");
        TRELLIS_DO(take_sample(options_.roster, roster, sample_students));
    }
    if (!centre_->close()) return Error{Code::internal, "the centre's repl ended badly"};
    stage_.say("The roster is OneRoster 1.1, as the student information system exports it:");
    stage_.command("trellis import oneroster " + fs::path(roster).filename().string());
    Process::Order order;
    order.words = {options_.trellis, "import", "oneroster", roster, "--space", space_name_,
                   "--db", centre_->database()};
    order.shares_output = true;
    TRELLIS_TRY(auto import, Process::start(order));
    const int status = import->wait();
    stage_.promise(status == 0, "All of it is on the centre's device, one record a person.");
    TRELLIS_DO(centre_->open());
    TRELLIS_TRY(const auto sent, centre_->call(request("sync")));
    roster_wire_ = static_cast<std::uint64_t>(number_in(sent, "bytes_up"));
    stage_.promise(number_in(sent, "pending") == 0,
                   "Sealed and sent: " + size_text(roster_wire_) + " in " +
                       std::to_string(number_in(sent, "sent")) + " envelopes.");
    return {};
}

}  // namespace trellis::demo
