// SPDX-License-Identifier: Apache-2.0
#include "tests/adversary/scripted_relay.hpp"

#include <catch2/catch.hpp>

#include "crypto/public/handshake.hpp"
#include "crypto/public/membership_entry.hpp"
#include "sync/wire/frame.hpp"

namespace trellis::test {

ScriptedRelay::ScriptedRelay(clients::EventLoop& loop, crypto::SignSecret secret, Env& env)
    : secret_(std::move(secret)), env_(env) {
    welcome.time = env_.wall_time();
    welcome.push_window = limits::push_window;
    http_ = std::make_unique<server::HttpServer>(
        server::HttpOptions{}, server::StaticFiles(),
        [this](net::WebSocket& socket, const std::string& /*remote*/) { return talk(socket); });
    auto listener = server::Listener::open(
        loop.context(), {}, nullptr,
        [this](net::StreamPtr stream) { return http_->serve(std::move(stream)); });
    if (!listener) FAIL(listener.error().message);
    listener_ = std::move(*listener);
}

std::string ScriptedRelay::url() const {
    return "ws://127.0.0.1:" + std::to_string(listener_->port()) + "/sync";
}

void ScriptedRelay::show_entries(const std::vector<Bytes>& entries) {
    welcome.log_length = entries.size();
    // What cannot be read has no hash that anybody would compare.
    if (const auto last = crypto::parse_entry(entries.back())) {
        welcome.log_head = crypto::entry_hash(crypto::write_unsigned_entry(*last));
    }
    answer = [this, entries](const sync::Message& message) {
        return answer_entries(entries, message);
    };
}

ScriptedRelay::Answers ScriptedRelay::answer_entries(const std::vector<Bytes>& entries,
                                                     const sync::Message& message) {
    if (const auto* get = std::get_if<sync::GetEntries>(&message)) {
        sync::Entries slice;
        slice.from = get->from;
        slice.entries.assign(entries.begin() + static_cast<std::ptrdiff_t>(get->from),
                             entries.end());
        return {slice};
    }
    if (std::holds_alternative<sync::Open>(message)) {
        sync::Opened opened;
        opened.channel = opened_++;
        opened.known = true;
        return {opened};
    }
    if (const auto* ping = std::get_if<sync::Ping>(&message)) return {sync::Pong{ping->token}};
    return {};
}

net::Awaitable<void> ScriptedRelay::talk(net::WebSocket& socket) {
    opened_ = 0;
    crypto::ServerHandshake handshake(secret_, env_);
    const auto hello = co_await socket.receive();
    if (!hello || !*hello) co_return;
    auto greeting = handshake.receive_hello(**hello);
    if (!greeting || !socket.send(std::move(*greeting))) co_return;
    const auto sealed = co_await socket.receive();
    if (!sealed || !*sealed) co_return;
    const auto proof = handshake.receive_proof(**sealed);
    if (!proof) co_return;
    auto channel = handshake.take_channel();
    socket.admit();
    if (!socket.send(channel.seal(sync::encode(welcome)))) co_return;
    for (;;) {
        const auto frame = co_await socket.receive();
        if (!frame || !*frame) co_return;
        const auto plain = channel.open(**frame);
        if (!plain) co_return;
        auto message = sync::decode(*plain);
        if (!message) co_return;
        heard.push_back(*message);
        if (std::holds_alternative<sync::Bye>(*message)) co_return;
        for (const auto& said : answer(*message)) {
            if (!socket.send(channel.seal(sync::encode(said)))) co_return;
        }
    }
}

}  // namespace trellis::test
