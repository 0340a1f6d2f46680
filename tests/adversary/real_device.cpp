// SPDX-License-Identifier: Apache-2.0
#include "tests/adversary/real_device.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>

#include "clients/cli/drive.hpp"
#include "core/query/export.hpp"
#include "core/query/query.hpp"
#include "sync/device/join_session.hpp"
#include "tests/support/replicas.hpp"

namespace trellis::test {
namespace {

/// Far more than anything here takes: only a test that fails waits for it.
constexpr std::int64_t patience_ms = 30'000;

/// A session whose frames pass a wire. What drives it does not know.
template <class Session>
class Tapped {
public:
    Tapped(Session& session, Wire& wire) : session_(session), wire_(wire) {}

    void receive(ByteView frame, Time now) {
        for (const auto& arrived : wire_.carry(false, to_bytes(frame))) {
            session_.receive(arrived, now);
        }
    }
    std::optional<sync::DeviceAction> next_action() {
        for (;;) {
            if (!waiting_.empty()) {
                sync::DeviceSend send{std::move(waiting_.front())};
                waiting_.pop_front();
                return sync::DeviceAction(std::move(send));
            }
            if (wire_.is_cut) return sync::DeviceAction(sync::DeviceClose{});
            auto action = session_.next_action();
            auto* send = action ? std::get_if<sync::DeviceSend>(&*action) : nullptr;
            if (send == nullptr) return action;
            for (auto& frame : wire_.carry(true, send->frame)) {
                waiting_.push_back(std::move(frame));
            }
        }
    }
    void tick(Time now) { session_.tick(now); }
    [[nodiscard]] Time deadline() const { return session_.deadline(); }
    [[nodiscard]] bool done() const { return session_.done() && waiting_.empty(); }
    [[nodiscard]] const sync::SessionProgress& progress() const { return session_.progress(); }

private:
    Session& session_;
    Wire& wire_;
    std::deque<Bytes> waiting_;
};

template <class T>
T must(Result<T> result) {
    if (!result) FAIL(result.error().message);
    return std::move(*result);
}

}  // namespace

std::vector<Bytes> Wire::carry(bool is_up, const Bytes& frame) {
    heard.push_back(frame);
    if (is_up) heard_up.push_back(frame);
    return network ? network(is_up, frame) : std::vector<Bytes>{frame};
}

RealDevice::RealDevice(clients::EventLoop& loop, std::string folder, std::string name)
    : loop_(loop), folder_(std::move(folder)), name_(std::move(name)) {
    std::filesystem::create_directories(folder_);
    file_.path = folder_ + "/trellis.db";
    reopen();
}

void RealDevice::reopen() {
    replica_.reset();
    replica_ = must(file_.open(every_kind_schema(), env));
}

sync::SessionProgress RealDevice::sync(const std::string& url) {
    sync::SessionOptions options;
    options.follow = false;
    sync::SessionProgress before;
    wire.is_cut = false;
    for (;;) {
        auto socket = clients::ClientSocket::connect(loop_, url, trust);
        if (!socket) {
            before.complete = false;
            before.failure = socket.error();
            return before;
        }
        const auto now = env.monotonic_time();
        sync::DeviceSession session(*replica_, options, env, now);
        Tapped tapped(session, wire);
        const auto driven = clients::drive(tapped, **socket, env, now + patience_ms);
        auto progress = add_up(before, session.progress());
        if (!driven && !progress.failure) {
            progress.complete = false;
            progress.failure = driven.error();
        }
        const auto next = next_session(session, options);
        if (!next || wire.is_cut) return progress;
        options = *next;
        before = std::move(progress);
    }
}

Result<void> RealDevice::join(const std::string& invite_text, const std::string& url) {
    TRELLIS_TRY(const auto invite, crypto::parse_invite(invite_text));
    TRELLIS_TRY(auto key, replica_->joining_key());
    const auto make_entry = [&](const std::vector<Bytes>& entries) {
        return replica_->join_entry(invite, key, name_, entries);
    };
    TRELLIS_TRY(auto socket, clients::ClientSocket::connect(
                                 loop_, url.empty() ? invite.url : url, trust));
    const auto now = env.monotonic_time();
    wire.is_cut = false;
    sync::JoinSession session(invite, make_entry, {}, env, now);
    Tapped tapped(session, wire);
    TRELLIS_DO(clients::drive(tapped, *socket, env, now + patience_ms));
    TRELLIS_DO(replica_->joined(std::move(key), invite, session.entries()));
    return replica_->pin_relay_key(session.relay_key());
}

RecordId RealDevice::put(const SpaceId& space, const std::string& name) {
    Json fields{Json::Object{}};
    fields.set("name", name);
    return must(write(space, core::PutRecord{space, "thing", std::move(fields), {}}))
        .written[0]
        .record;
}

Result<core::WriteResult> RealDevice::write(const SpaceId& space, core::Edit edit) {
    return replica_->write(space, {std::move(edit)});
}

Names RealDevice::names() {
    Names names;
    const auto rows = must(core::run_query(*replica_, "SELECT name FROM thing", {}));
    for (const auto& row : *rows.array()) {
        if (const auto* name = row["name"].string()) names.insert(*name);
    }
    return names;
}

std::string RealDevice::digest(const SpaceId& space) {
    return must(core::digest_state(*replica_, space)).hex();
}

std::vector<std::string> RealDevice::alarms() {
    std::vector<std::string> kinds;
    for (const auto& alarm : must(replica_->alarms())) {
        kinds.emplace_back(to_string(alarm.kind));
    }
    return kinds;
}

bool RealDevice::alarmed_of(std::string_view kind) {
    const auto kinds = alarms();
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

std::string RealDevice::problems() {
    std::string text;
    for (const auto& problem : must(replica_->check())) text += problem + "\n";
    return text;
}

}  // namespace trellis::test
