// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <future>

#include "tests/net/world.hpp"

namespace trellis::test {

/// True where a TLS client that knows no version after `newest` (OpenSSL's number of it) ends its
/// handshake with what listens on `port`. It asks for nobody's certificate.
bool old_client_connects(std::uint16_t port, int newest);

/// Takes one connection as a TLS server that knows no version after `newest`, shakes hands and
/// closes.
class OldServer {
public:
    OldServer(const std::filesystem::path& certificate, const std::filesystem::path& key, int newest);

    std::uint16_t port() const { return server_.port(); }
    /// Waits for the one connection. To be asked once.
    bool shook_hands() { return shaken_.get(); }

private:
    RawServer server_;
    std::future<bool> shaken_;
};

}  // namespace trellis::test
