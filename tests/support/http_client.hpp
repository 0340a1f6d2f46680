// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace trellis::test {

struct HttpAnswer {
    unsigned status = 0;  ///< 0: none came
    std::string head;
    std::string body;
};

/// One request of a program that is no browser, on a connection of its own.
HttpAnswer http_ask(std::uint16_t port, const std::string& path);
HttpAnswer http_post(std::uint16_t port, const std::string& path, const std::string& body);
/// The same with bytes of the test's own making.
HttpAnswer http_raw(std::uint16_t port, const std::string& bytes);

}  // namespace trellis::test
