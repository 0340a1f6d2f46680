// SPDX-License-Identifier: Apache-2.0
#include "tests/net/old_tls.hpp"

#include <memory>

#include <openssl/ssl.h>

#include "core/base/check.hpp"

namespace trellis::test {
namespace {

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Session = std::unique_ptr<SSL, decltype(&SSL_free)>;

Context context_until(const SSL_METHOD* method, int newest) {
    Context context(SSL_CTX_new(method), &SSL_CTX_free);
    TRELLIS_CHECK(context != nullptr);
    TRELLIS_CHECK(SSL_CTX_set_max_proto_version(context.get(), newest) == 1);
    return context;
}

Session session_on(const Context& context, const RawSocket& socket) {
    Session session(SSL_new(context.get()), &SSL_free);
    TRELLIS_CHECK(session != nullptr);
    TRELLIS_CHECK(SSL_set_fd(session.get(), socket.descriptor()) == 1);
    return session;
}

}  // namespace

bool old_client_connects(std::uint16_t port, int newest) {
    const RawSocket socket(port);
    const auto context = context_until(TLS_client_method(), newest);
    const auto session = session_on(context, socket);
    return SSL_connect(session.get()) == 1;
}

OldServer::OldServer(const std::filesystem::path& certificate,
                     const std::filesystem::path& key,
                     int newest)
    : shaken_(std::async(std::launch::async, [this, certificate, key, newest] {
          const auto context = context_until(TLS_server_method(), newest);
          SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str());
          SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM);
          const auto socket = server_.accept();
          const auto session = session_on(context, *socket);
          return SSL_accept(session.get()) == 1;
      })) {}

}  // namespace trellis::test
