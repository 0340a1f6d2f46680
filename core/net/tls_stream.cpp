// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/consign.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "core/net/stream.hpp"
#include "core/net/tls.hpp"

namespace trellis::net {
namespace {

namespace ssl = asio::ssl;
using asio::ip::tcp;

class TlsStream final : public Stream {
public:
    TlsStream(tcp::socket socket, TlsContext& context, std::string server_name)
        : Stream(socket.get_executor(), net::remote_address(socket)),
          socket_(std::move(socket), context.native()),
          context_(context),
          server_name_(std::move(server_name)) {}

    Awaitable<Result<void>> handshake() override {
        if (context_.is_server()) {
            const auto [error] = co_await socket_.async_handshake(ssl::stream_base::server,
                                                                  as_values);
            if (error) co_return failure(error, "The TLS handshake");
            co_return Result<void>();
        }
        if (auto named = name_server(); !named) co_return std::move(named).error();
        const auto [error] = co_await socket_.async_handshake(ssl::stream_base::client, as_values);
        if (error) co_return refusal(error);
        co_return check_pin();
    }

    void start_read(ReadBuffers buffers, Handler handler) override {
        socket_.async_read_some(buffers, asio::consign(std::move(handler), shared_from_this()));
    }
    void start_write(WriteBuffers buffers, Handler handler) override {
        asio::async_write(socket_, buffers, asio::consign(std::move(handler), shared_from_this()));
    }
    Awaitable<void> shut_down() override {
        // Only our half: the answer is read, or not, by finish().
        SSL_set_shutdown(socket_.native_handle(), SSL_RECEIVED_SHUTDOWN);
        co_await socket_.async_shutdown(as_values);
        SSL_set_shutdown(socket_.native_handle(), SSL_SENT_SHUTDOWN);
        ErrorCode ignored;
        socket_.next_layer().shutdown(tcp::socket::shutdown_send, ignored);
    }
    void close() override {
        ErrorCode ignored;
        socket_.next_layer().close(ignored);
    }
    bool is_encrypted() const override { return true; }

private:
    /// Says before the handshake whom we want to speak to, and whom the certificate must name.
    Result<void> name_server() {
        SSL* const native = socket_.native_handle();
        ErrorCode not_an_address;
        asio::ip::make_address(server_name_, not_an_address);
        const char* const name = server_name_.c_str();
        const int done =
            not_an_address
                ? static_cast<int>(SSL_set_tlsext_host_name(native, name) == 1 &&
                                   SSL_set1_host(native, name) == 1)
                : X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(native), name);
        if (done == 1) return {};
        ERR_clear_error();
        return Error{Code::invalid, "'" + server_name_ + "' is not a name TLS can ask for."};
    }

    Error refusal(const ErrorCode& error) {
        const long verdict = SSL_get_verify_result(socket_.native_handle());
        if (verdict != X509_V_OK) {
            return Error{Code::denied, "The certificate of " + server_name_ +
                                           " is not trusted: " +
                                           X509_verify_cert_error_string(verdict) +
                                           ". Name its CA file or pin its fingerprint."};
        }
        Error failed = failure(error, "The TLS handshake with " + server_name_);
        if (failed.code == Code::timeout) return failed;
        failed.code = Code::offline;
        failed.message += " Does the server speak TLS on this port?";
        return failed;
    }

    Result<void> check_pin() {
        if (!context_.pin()) return {};
        const std::unique_ptr<X509, decltype(&X509_free)> certificate(
            SSL_get1_peer_certificate(socket_.native_handle()), &X509_free);
        ByteArray<32> digest{};
        if (certificate) X509_digest(certificate.get(), EVP_sha256(), digest.data(), nullptr);
        if (certificate && equal(digest, *context_.pin())) return {};
        return Error{Code::denied, "The certificate of " + server_name_ +
                                       " is not the pinned one: its fingerprint is " +
                                       to_hex(digest) + "."};
    }

    ssl::stream<tcp::socket> socket_;
    TlsContext& context_;
    std::string server_name_;
};

}  // namespace

StreamPtr make_tls_stream(tcp::socket socket, TlsContext& context, std::string server_name) {
    return std::make_shared<TlsStream>(std::move(socket), context, std::move(server_name));
}

}  // namespace trellis::net
