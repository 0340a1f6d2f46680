// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace boost::asio::ssl {
class context;
}  // namespace boost::asio::ssl

namespace trellis::net {

/// Whom a client believes: the pin where there is one, else the file, else the system's store.
struct TlsTrust {
    std::filesystem::path ca_file;  ///< PEM certificates
    std::string pinned_sha256;      ///< hexadecimal, of the server's certificate (DER)
};

/// The keys and rules of one side of TLS, of version 1.3 only.
class TlsContext {
public:
    ~TlsContext();
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

    static Result<std::unique_ptr<TlsContext>> for_server(const std::filesystem::path& certificate,
                                                          const std::filesystem::path& key);
    static Result<std::unique_ptr<TlsContext>> for_client(const TlsTrust& trust);

    bool is_server() const { return is_server_; }
    const std::optional<Bytes>& pin() const { return pin_; }
    boost::asio::ssl::context& native() { return *native_; }

private:
    explicit TlsContext(bool is_server);

    std::unique_ptr<boost::asio::ssl::context> native_;
    std::optional<Bytes> pin_;
    bool is_server_;
};

/// Writes a new P-256 certificate that names `host` (with "localhost", also the loopback
/// addresses), and its key, readable by its owner only. For trying out and for tests. Refuses
/// to replace a file.
Result<void> make_self_signed(const std::filesystem::path& certificate,
                              const std::filesystem::path& key, std::string_view host);

/// What a client pins: the SHA-256 of the first certificate of a PEM file, in hexadecimal.
Result<std::string> certificate_sha256(const std::filesystem::path& certificate);

ByteArray<32> sha256(ByteView bytes);

}  // namespace trellis::net
