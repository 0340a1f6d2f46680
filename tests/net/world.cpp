// SPDX-License-Identifier: Apache-2.0
#include "tests/net/world.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <future>

#include <boost/asio/post.hpp>
#include <openssl/sha.h>

#include "core/net/tls.hpp"

namespace trellis::test {
namespace {

void set_deadline(int descriptor) {
    const timeval ten_seconds{10, 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &ten_seconds, sizeof ten_seconds);
    ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &ten_seconds, sizeof ten_seconds);
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

std::string big_endian(std::uint64_t value, unsigned bytes) {
    std::string text;
    for (unsigned i = 0; i < bytes; ++i) {
        text.push_back(static_cast<char>(value >> (8U * (bytes - 1 - i))));
    }
    return text;
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "trellis-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TemporaryFolder::write(const std::string& name,
                                             const std::string& content) const {
    const auto path = path_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
    return path;
}

net::Awaitable<void> echo(net::WebSocket& socket, const std::string& /*remote_address*/) {
    for (;;) {
        auto message = co_await socket.receive();
        if (!message || !*message) co_return;
        if (!socket.send(std::move(**message))) co_return;
    }
}

World::World(WorldOptions options)
    : http_(options.http, std::move(options.files),
            options.speak ? options.speak : server::UpgradeHandler(echo)) {
    http_.add_route("/healthz", [] { return server::HttpResponse{200, "text/plain", "ok\n"}; });
    if (options.task) http_.add_task("/task/", options.task);
    http_.add_route("/broken", [] { return server::HttpResponse{503, "text/plain", "no\n"}; });
    std::unique_ptr<net::TlsContext> tls;
    if (!options.certificate.empty()) {
        auto context = net::TlsContext::for_server(options.certificate, options.key);
        REQUIRE(context);
        tls = std::move(*context);
    }
    auto opened = server::Listener::open(
        io_, options.listener, std::move(tls),
        [this](net::StreamPtr stream) { return http_.serve(std::move(stream)); });
    REQUIRE(opened);
    listener_ = std::move(*opened);
    thread_ = std::thread([this] { io_.run(); });
}

World::~World() {
    // Without the guard the thread ends by itself once the last connection has: none may stay.
    on_thread([this] {
        listener_.reset();
        work_.reset();
    });
    thread_.join();
}

std::string World::url(const std::string& scheme) const {
    return scheme + "://127.0.0.1:" + std::to_string(port()) + "/sync";
}

void World::on_thread(const std::function<void()>& action) {
    std::promise<void> done;
    boost::asio::post(io_, [&] {
        action();
        done.set_value();
    });
    done.get_future().wait();
}

RawSocket::RawSocket(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
    set_deadline(descriptor_);
    const sockaddr_in address = loopback(port);
    REQUIRE(::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
            0);
}

RawSocket::~RawSocket() { ::close(descriptor_); }

void RawSocket::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        const auto count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) {
            has_failed_ = true;
            return;
        }
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

std::string RawSocket::read(std::size_t count) const {
    std::string bytes(count, '\0');
    std::size_t have = 0;
    while (have < count) {
        const auto got = ::recv(descriptor_, bytes.data() + have, count - have, 0);
        if (got <= 0) {
            has_failed_ = got < 0;
            break;
        }
        have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return bytes;
}

std::string RawSocket::read_until(std::string_view end) const {
    std::string bytes;
    while (!std::string_view(bytes).ends_with(end)) {
        const std::string next = read(1);
        if (next.empty()) break;
        bytes += next;
    }
    return bytes;
}

std::string RawSocket::read_all() const {
    std::string bytes;
    for (std::string next = read(1); !next.empty(); next = read(1)) bytes += next;
    return bytes;
}

void RawSocket::end_writing() const { ::shutdown(descriptor_, SHUT_WR); }

RawServer::RawServer() : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
    set_deadline(descriptor_);
    sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    REQUIRE(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), length) == 0);
    REQUIRE(::listen(descriptor_, 8) == 0);
    REQUIRE(::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &length) == 0);
    port_ = ntohs(address.sin_port);
}

RawServer::~RawServer() { ::close(descriptor_); }

std::unique_ptr<RawSocket> RawServer::accept() const {
    const int accepted = ::accept(descriptor_, nullptr, nullptr);
    if (accepted >= 0) set_deadline(accepted);
    return std::make_unique<RawSocket>(accepted);
}

std::string frame(const FrameParts& parts) {
    const std::uint64_t length = parts.claimed.value_or(parts.payload.size());
    const unsigned form = parts.length_bytes != 0 ? parts.length_bytes
                          : length < 126          ? 0
                          : length < 65536        ? 2
                                                  : 8;
    const std::uint64_t short_length = form == 0 ? length : form == 2 ? 126 : 127;
    std::string bytes = big_endian(parts.first, 1);
    bytes += big_endian(short_length | (parts.is_masked ? 0x80U : 0U), 1);
    bytes += big_endian(length, form);
    if (!parts.is_masked) return bytes + parts.payload;
    const std::string mask = "\x12\x34\x56\x78";
    bytes += mask;
    for (std::size_t i = 0; i < parts.payload.size(); ++i) {
        bytes.push_back(static_cast<char>(parts.payload[i] ^ mask[i % 4]));
    }
    return bytes;
}

std::string close_payload(unsigned code, std::string_view reason) {
    return big_endian(code, 2) + std::string(reason);
}

ByteArray<20> sha1(std::string_view text) {
    ByteArray<20> digest{};
    SHA1(as_bytes(text).data(), text.size(), digest.data());
    return digest;
}

unsigned ReceivedFrame::close_code() const {
    if (first != 0x88 || payload.size() < 2) return 0;
    return static_cast<unsigned>(static_cast<std::uint8_t>(payload[0])) * 256U +
           static_cast<std::uint8_t>(payload[1]);
}

ReceivedFrame read_frame(const RawSocket& socket) {
    ReceivedFrame received;
    const std::string head = socket.read(2);
    if (head.size() < 2) return received;
    received.first = static_cast<std::uint8_t>(head[0]);
    const auto second = static_cast<std::uint8_t>(head[1]);
    received.is_masked = (second & 0x80U) != 0;
    std::uint64_t length = second & 0x7FU;
    const std::string longer = socket.read(length == 126 ? 2 : length == 127 ? 8 : 0);
    if (!longer.empty()) length = 0;
    for (const char byte : longer) length = length * 256 + static_cast<std::uint8_t>(byte);
    const std::string mask = socket.read(received.is_masked ? 4 : 0);
    received.payload = socket.read(length);
    for (std::size_t i = 0; i < received.payload.size() && !mask.empty(); ++i) {
        received.payload[i] = static_cast<char>(received.payload[i] ^ mask[i % 4]);
    }
    return received;
}

std::unique_ptr<RawSocket> upgraded(std::uint16_t port) {
    auto socket = std::make_unique<RawSocket>(port);
    socket->send(upgrade_request);
    const std::string answer = socket->read_until("\r\n\r\n");
    REQUIRE(answer.starts_with("HTTP/1.1 101"));
    return socket;
}

}  // namespace trellis::test
