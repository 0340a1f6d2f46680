// SPDX-License-Identifier: Apache-2.0
#include "tests/faultlab/device.hpp"

#include "core/base/check.hpp"
#include "tests/cli/run.hpp"
#include "tests/faultlab/lab.hpp"

#include <algorithm>
#include <csignal>
#include <iterator>

namespace trellis::faultlab {

Device::Device(std::string name, std::string database)
    : name_(std::move(name)), database_(std::move(database)) {
    start();
}

void Device::start() {
    demo::Process::Order order;
    order.words = {TRELLIS_PROGRAM, "repl", "--db", database_};
    order.error_file = "/dev/null";
    auto started = demo::Process::start(order);
    TRELLIS_CHECK(started.has_value());
    process_ = std::move(*started);
    unanswered_ = 0;
}

void Device::kill() {
    process_->signal(SIGKILL);
    while (take_answer()) continue;
    process_->wait();
    process_.reset();
}

void Device::write(const std::string& line) {
    ++unanswered_;
    // Where it has ended, the answer will be missed.
    static_cast<void>(process_->write_line(line));
}

void Device::ask_put(const std::string& space) {
    const auto called = name_ + "-" + std::to_string(++asked_);
    write(R"({"op":"put","id":")" + called + R"(","space":")" + space +
          R"(","type":"household","fields":{"display_name":")" + called + "\"}}");
}

void Device::ask_sync(std::int64_t deadline_ms) {
    write(R"({"op":"sync","deadline_ms":)" + std::to_string(deadline_ms) + "}");
}

std::optional<Json> Device::take_answer() {
    if (unanswered_ == 0) return std::nullopt;
    const auto line = process_->read_line(patience);
    if (!line) return std::nullopt;
    auto answer = parse_json(*line);
    if (!answer) return std::nullopt;
    if (answer->has("event")) return std::move(*answer);
    --unanswered_;
    file(*answer);
    return std::move(*answer);
}

bool Device::take_answers() {
    while (unanswered_ > 0) {
        if (!take_answer()) return false;
    }
    return true;
}

void Device::file(const Json& answer) {
    if (answer["ok"] != Json(true)) {
        codes_.insert(clients::test::text_of(answer, "code"));
        return;
    }
    if (const auto* events = answer["events"].array()) {
        for (const auto& event : *events) codes_.insert(clients::test::text_of(event, "code"));
    }
    const auto* id = answer["id"].string();
    if (id != nullptr && answer["ack"] == Json("L0")) {
        promised_.emplace(*id, clients::test::text_of(answer, "dot"));
    }
}

Json Device::ask(const std::string& request) {
    TRELLIS_CHECK(take_answers());
    write(request);
    for (;;) {
        auto answer = take_answer();
        TRELLIS_CHECK(answer.has_value());
        if (!answer->has("event")) return std::move(*answer);
    }
}

std::string Device::sync(std::int64_t deadline_ms) {
    const auto answer = ask(R"({"op":"sync","deadline_ms":)" + std::to_string(deadline_ms) + "}");
    return answer["ok"] == Json(true) ? "" : clients::test::text_of(answer, "code");
}

std::set<std::string> Device::shown() {
    std::set<std::string> names;
    const auto answer = ask(R"({"op":"list","type":"household"})");
    TRELLIS_CHECK(answer["rows"].array() != nullptr);
    for (const auto& row : *answer["rows"].array()) {
        names.insert(clients::test::text_of(row["fields"], "display_name"));
    }
    return names;
}

std::set<std::string> Device::stored() {
    std::string dots;
    for (const auto& [called, dot] : promised_) {
        if (known_stored_.contains(called)) continue;
        dots += (dots.empty() ? "\"" : ",\"") + dot + "\"";
    }
    const auto answer = ask(R"({"op":"acks","dots":[)" + dots + "]}");
    for (const auto& [called, dot] : promised_) {
        if (!known_stored_.contains(called) && answer["acks"][dot] != Json("L0")) {
            known_stored_.insert(called);
        }
    }
    return known_stored_;
}

std::string Device::digest() {
    return clients::test::text_of(ask(R"({"op":"digest"})"), "digest");
}

std::size_t Device::problems() {
    return ask(R"({"op":"check"})")["problems"].array()->size();
}

std::set<std::string> Device::take_codes() { return std::exchange(codes_, {}); }

District::District(const std::string& folder, const std::string& url, std::size_t count) {
    const auto add = [&](const std::string& name) {
        devices.push_back(std::make_unique<Device>(name, folder + "/" + name + ".db"));
    };
    add("founder");
    auto& first = founder();
    const auto good = [](const Json& answer) { return answer["ok"] == Json(true); };
    TRELLIS_CHECK(good(first.ask(R"({"op":"org_create","name":"D","url":")" + url + "\"}")));
    space = clients::test::text_of(first.ask(R"({"op":"space_create","name":"S"})"), "space");
    for (std::size_t i = 1; i < count; ++i) {
        const auto invite = first.ask(R"({"op":"invite","role":"liaison","spaces":[{"space":")" +
                                      space + R"(","rights":["read","write"]}]})");
        TRELLIS_CHECK(first.sync().empty());
        add("device" + std::to_string(i));
        TRELLIS_CHECK(good(devices.back()->ask(
            R"({"op":"join","name":"A","invite":")" + clients::test::text_of(invite, "invite") +
            "\"}")));
    }
    TRELLIS_CHECK(converge().empty());
}

std::string District::converge() {
    std::string trouble;
    const auto round = [&] {
        trouble.clear();
        std::set<std::string> digests;
        for (const auto& device : devices) trouble += device->sync();
        for (const auto& device : devices) digests.insert(device->digest());
        if (digests.size() > 1) trouble += " different digests";
        for (const auto& device : devices) {
            if (device->stored().size() < device->promised().size()) trouble += " not all stored";
        }
        return trouble.empty();
    };
    return eventually(round) ? "" : trouble;
}

std::set<std::string> District::lost(const std::set<std::string>& shown) const {
    std::set<std::string> names;
    for (const auto& device : devices) {
        for (const auto& [called, dot] : device->promised()) {
            if (!shown.contains(called)) names.insert(called);
        }
    }
    return names;
}

std::set<std::string> missing(const std::set<std::string>& wanted,
                              const std::set<std::string>& there) {
    std::set<std::string> names;
    std::set_difference(wanted.begin(), wanted.end(), there.begin(), there.end(),
                        std::inserter(names, names.end()));
    return names;
}

}  // namespace trellis::faultlab
