// SPDX-License-Identifier: Apache-2.0
#include "core/net/tls.hpp"

#include <algorithm>
#include <exception>
#include <system_error>

#include <boost/asio/ssl/context.hpp>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace trellis::net {
namespace {

namespace ssl = boost::asio::ssl;

/// OpenSSL's own reason, for the end of a sentence.
std::string openssl_reason() {
    const unsigned long code = ERR_peek_last_error();
    const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    ERR_clear_error();
    return reason == nullptr ? "no reason given" : reason;
}

Error bad_file(std::string_view what, const std::filesystem::path& path) {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
        return Error{Code::not_found, "The " + std::string(what) + " file '" + path.string() +
                                          "' does not exist; check its path."};
    }
    return Error{Code::invalid, "The " + std::string(what) + " file '" + path.string() +
                                    "' could not be used (" + openssl_reason() +
                                    "); it must be PEM and readable."};
}

Result<Bytes> parse_pin(const std::string& text) {
    std::string hex;
    for (const char c : text) {
        if (c != ':') hex.push_back(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
    }
    auto pin = from_hex(hex);
    if (!pin || pin->size() != SHA256_DIGEST_LENGTH) {
        return Error{Code::invalid,
                     "The pinned fingerprint is not a SHA-256: write 64 hexadecimal digits."};
    }
    return std::move(*pin);
}

void set_rules(SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE);
    // A quiet connection keeps no 34 KiB of buffers.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

}  // namespace

TlsContext::TlsContext(bool is_server)
    : native_(std::make_unique<ssl::context>(is_server ? ssl::context::tls_server
                                                       : ssl::context::tls_client)),
      is_server_(is_server) {
    set_rules(native_->native_handle());
}

TlsContext::~TlsContext() = default;

Result<std::unique_ptr<TlsContext>> TlsContext::for_server(
    const std::filesystem::path& certificate, const std::filesystem::path& key) try {
    std::unique_ptr<TlsContext> context(new TlsContext(true));
    SSL_CTX* const native = context->native_->native_handle();
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(native, certificate.c_str()) != 1) {
        return bad_file("certificate", certificate);
    }
    if (SSL_CTX_use_PrivateKey_file(native, key.c_str(), SSL_FILETYPE_PEM) != 1) {
        return bad_file("key", key);
    }
    if (SSL_CTX_check_private_key(native) != 1) {
        ERR_clear_error();
        return Error{Code::invalid, "The key '" + key.string() +
                                        "' does not belong to the certificate '" +
                                        certificate.string() + "'; use the pair."};
    }
    return context;
} catch (const std::exception& exception) {
    return Error{Code::internal, std::string("Setting up TLS failed: ") + exception.what() + "."};
}

Result<std::unique_ptr<TlsContext>> TlsContext::for_client(const TlsTrust& trust) try {
    std::unique_ptr<TlsContext> context(new TlsContext(false));
    SSL_CTX* const native = context->native_->native_handle();
    ERR_clear_error();
    if (!trust.pinned_sha256.empty()) {
        // The stream compares the certificate with the pin; no chain is asked for.
        TRELLIS_TRY(context->pin_, parse_pin(trust.pinned_sha256));
        SSL_CTX_set_verify(native, SSL_VERIFY_NONE, nullptr);
        return context;
    }
    SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
    if (trust.ca_file.empty()) {
        SSL_CTX_set_default_verify_paths(native);
    } else if (SSL_CTX_load_verify_locations(native, trust.ca_file.c_str(), nullptr) != 1) {
        return bad_file("CA", trust.ca_file);
    }
    return context;
} catch (const std::exception& exception) {
    return Error{Code::internal, std::string("Setting up TLS failed: ") + exception.what() + "."};
}

Result<std::string> certificate_sha256(const std::filesystem::path& certificate) {
    ERR_clear_error();
    const std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file(certificate.c_str(), "r"),
                                                         &BIO_free);
    if (!file) return bad_file("certificate", certificate);
    const std::unique_ptr<X509, decltype(&X509_free)> parsed(
        PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr), &X509_free);
    if (!parsed) return bad_file("certificate", certificate);
    ByteArray<SHA256_DIGEST_LENGTH> digest{};
    X509_digest(parsed.get(), EVP_sha256(), digest.data(), nullptr);
    return to_hex(digest);
}

ByteArray<32> sha256(ByteView bytes) {
    ByteArray<32> digest{};
    SHA256(bytes.data(), bytes.size(), digest.data());
    return digest;
}

}  // namespace trellis::net
