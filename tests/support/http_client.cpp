// SPDX-License-Identifier: Apache-2.0
#include "tests/support/http_client.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstdlib>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace trellis::test {
namespace {

std::string converse(std::uint16_t port, const std::string& bytes) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(port);
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string answer;
    if (::connect(socket, reinterpret_cast<sockaddr*>(&place), sizeof(place)) == 0) {
        std::size_t sent = 0;
        while (sent < bytes.size()) {
            const auto count =
                ::send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (count <= 0) break;
            sent += static_cast<std::size_t>(count);
        }
        std::array<char, 4096> chunk{};
        for (;;) {
            const auto count = ::read(socket, chunk.data(), chunk.size());
            if (count <= 0) break;
            answer.append(chunk.data(), static_cast<std::size_t>(count));
        }
    }
    ::close(socket);
    return answer;
}

}  // namespace

HttpAnswer http_raw(std::uint16_t port, const std::string& bytes) {
    const auto text = converse(port, bytes);
    const auto end = text.find("\r\n\r\n");
    if (end == std::string::npos) return {};
    HttpAnswer answer;
    answer.head = text.substr(0, end + 2);
    answer.body = text.substr(end + 4);
    answer.status = static_cast<unsigned>(std::atoi(text.substr(9, 3).c_str()));
    return answer;
}

HttpAnswer http_ask(std::uint16_t port, const std::string& path) {
    constexpr auto rest = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    return http_raw(port, "GET " + path + rest);
}

HttpAnswer http_post(std::uint16_t port, const std::string& path, const std::string& body) {
    constexpr auto rest = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ";
    return http_raw(port,
                    "POST " + path + rest + std::to_string(body.size()) + "\r\n\r\n" + body);
}

}  // namespace trellis::test
