// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <boost/asio/ip/address.hpp>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "core/net/tls.hpp"

namespace trellis::net {
namespace {

constexpr long validity_seconds = 397L * 24 * 3600;  // what browsers accept at the most

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

Error openssl_failed() {
    return Error{Code::internal, "OpenSSL could not make a certificate; check its installation."};
}

/// Opens a file that did not exist, with its rights from the first moment on.
Result<File> create(const std::filesystem::path& path, mode_t rights) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, rights);
    if (descriptor < 0) {
        const Code code = errno == EEXIST ? Code::conflict : Code::denied;
        return Error{code, "Cannot create '" + path.string() + "': " + std::strerror(errno) + "."};
    }
    return File(::fdopen(descriptor, "w"), &std::fclose);
}

bool add_extension(X509* certificate, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
        X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), &X509_EXTENSION_free);
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

/// Empty where `host` is neither a name nor an address: a comma would start another entry.
std::string alternative_names(const std::string& host) {
    boost::system::error_code error;
    boost::asio::ip::make_address(host, error);
    if (!error) return "IP:" + host;
    if (host.empty() || host.find_first_of(",:;= \n") != std::string::npos) return {};
    const std::string name = "DNS:" + host;
    return host == "localhost" ? name + ",IP:127.0.0.1,IP:::1" : name;
}

bool fill(X509* certificate, EVP_PKEY* key, const std::string& host, const std::string& names) {
    ByteArray<8> random{};
    if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) return false;
    std::uint64_t serial = 0;
    std::memcpy(&serial, random.data(), sizeof serial);
    X509_NAME* const subject = X509_get_subject_name(certificate);
    // A common name holds at most 64 bytes; what is checked is the alternative name.
    const std::string common = host.substr(0, 64);
    return X509_set_version(certificate, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), (serial >> 1U) | 1U) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) != nullptr &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), validity_seconds) != nullptr &&
           X509_set_pubkey(certificate, key) == 1 &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(common.data()),
                                      static_cast<int>(common.size()), -1, 0) == 1 &&
           X509_set_issuer_name(certificate, subject) == 1 &&
           add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
           add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
           add_extension(certificate, NID_subject_alt_name, names) &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

}  // namespace

Result<void> make_self_signed(const std::filesystem::path& certificate,
                              const std::filesystem::path& key, std::string_view host) {
    const std::string name(host);
    const std::string names = alternative_names(name);
    if (names.empty()) {
        return Error{Code::invalid, "'" + name + "' is neither a host name nor an address."};
    }
    const Key new_key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const Certificate made(X509_new(), &X509_free);
    if (!new_key || !made || !fill(made.get(), new_key.get(), name, names)) return openssl_failed();
    TRELLIS_TRY(const File key_file, create(key, 0600));
    TRELLIS_TRY(const File certificate_file, create(certificate, 0644));
    if (PEM_write_PrivateKey(key_file.get(), new_key.get(), nullptr, nullptr, 0, nullptr,
                             nullptr) != 1 ||
        PEM_write_X509(certificate_file.get(), made.get()) != 1 ||
        std::fflush(key_file.get()) != 0 || std::fflush(certificate_file.get()) != 0) {
        return Error{Code::no_space, "Writing the certificate '" + certificate.string() +
                                         "' failed; is the disk full?"};
    }
    return {};
}

}  // namespace trellis::net
