// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/database_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "clients/cli/custody.hpp"
#include "core/base/limits.hpp"

namespace trellis::clients {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t key_size = 32;
constexpr std::size_t file_max = std::size_t{1} << 30U;

Error file_error(std::string_view doing, const std::string& path) {
    const int why = errno;
    const Code code = why == ENOENT                     ? Code::not_found
                      : why == EACCES || why == EPERM   ? Code::denied
                      : why == ENOSPC || why == EDQUOT  ? Code::no_space
                                                        : Code::internal;
    return {code, std::string(doing) + " " + path + ": " + std::strerror(why)};
}

/// The key of a key file: 32 bytes as they are, or as 64 hexadecimal digits.
Result<Bytes> parse_key(const Bytes& content, const std::string& path) {
    if (content.size() == key_size) return content;
    std::string digits(as_text(content));
    while (!digits.empty() && (digits.back() == '\n' || digits.back() == '\r')) digits.pop_back();
    auto key = from_hex(digits);
    if (key && key->size() == key_size) return std::move(*key);
    return Error{Code::invalid, path + ": a key file holds 32 bytes, or 64 hexadecimal digits"};
}

Result<Bytes> key_of(const DatabaseFile& file, Env& env) {
    if (file.key != nullptr) return to_bytes(file.key->view());
    const std::string path = file.key_file.empty() ? file.path + ".key" : file.key_file;
    if (!file.key_file.empty() || fs::exists(path)) {
        TRELLIS_TRY(const auto content, read_file(path));
        return parse_key(content, path);
    }
    if (fs::exists(file.path)) {
        return Error{Code::wrong_key, file.path + " has no key beside it: name it with --key-file"};
    }
    Bytes key(key_size);
    env.random(key);
    TRELLIS_DO(write_file(path, as_bytes(to_hex(key) + "\n"), true));
    return key;
}

bool has_aes() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("aes") != 0;
#else
    return false;
#endif
}

}  // namespace

Result<std::unique_ptr<core::Replica>> DatabaseFile::open(const core::Schema& schema,
                                                          Env& env) const {
    core::ReplicaOptions options;
    options.schema = schema;
    options.database.path = path;
    // What a replica holds in memory would not follow another process's writes.
    options.database.shared_memory = false;
    TRELLIS_TRY(options.database.key, key_of(*this, env));
    const bool fast = !web_profile && has_aes();
    options.database.cipher = fast ? sqlite::Cipher::aegis : sqlite::Cipher::chacha20;
    options.custody = custody_of(path);
    const bool existed = fs::exists(path);
    auto replica = core::Replica::open(options, env);
    if (!replica && existed && replica.error().code == Code::wrong_key) {
        // It may have come from a machine with the other cipher.
        options.database.cipher = fast ? sqlite::Cipher::chacha20 : sqlite::Cipher::aegis;
        auto second = core::Replica::open(std::move(options), env);
        if (second) replica = std::move(second);
    }
    if (!replica) return replica;
    TRELLIS_TRY(const auto custody, renew_custody(path, env));
    TRELLIS_DO((*replica)->keep_custody(custody));
    return replica;
}

Result<void> DatabaseFile::replace_by(const std::string& other) const {
    std::error_code failure;
    const std::string fresh = path + ".restoring";
    fs::copy_file(other, fresh, fs::copy_options::overwrite_existing, failure);
    if (failure) return Error{Code::not_found, "copying " + other + ": " + failure.message()};
    // The copy holds everything; a log of the old file must not be replayed into it.
    for (const auto* suffix : {"-wal", "-shm"}) fs::remove(path + suffix, failure);
    if (std::rename(fresh.c_str(), path.c_str()) != 0) return file_error("replacing", path);
    return {};
}

Result<void> DatabaseFile::erase() const {
    std::error_code failure;
    // The key first: without it the rest is noise.
    for (const auto* suffix : {".key", "", "-wal", "-shm", ".custody", ".synced"}) {
        const bool is_key = std::string_view(suffix) == ".key";
        if (is_key && !key_file.empty()) continue;
        fs::remove(path + suffix, failure);
        if (failure) {
            return Error{Code::internal, "deleting " + path + suffix + ": " + failure.message()};
        }
    }
    return {};
}

Result<Bytes> read_file(const std::string& path) {
    std::FILE* file = std::fopen(path.c_str(), "rb");
    if (file == nullptr) return file_error("reading", path);
    Bytes bytes;
    Bytes block(64 * 1024);
    for (;;) {
        const auto got = std::fread(block.data(), 1, block.size(), file);
        append(bytes, ByteView(block).first(got));
        if (got < block.size() || bytes.size() > file_max) break;
    }
    const bool failed = std::ferror(file) != 0;
    std::fclose(file);
    if (failed) return Error{Code::internal, "reading " + path + " failed: is it a folder?"};
    if (bytes.size() > file_max) return Error{Code::too_large, path + " is over 1 GiB"};
    return bytes;
}

Result<void> write_file(const std::string& path, ByteView bytes, bool is_secret) {
    const std::string fresh = path + ".tmp";
    const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                            is_secret ? 0600 : 0644);
    if (file < 0) return file_error("writing", path);
    ByteView rest = bytes;
    bool good = true;
    while (good && !rest.empty()) {
        const auto put = ::write(file, rest.data(), rest.size());
        if (put < 0 && errno == EINTR) continue;
        good = put > 0;
        if (good) rest = rest.subspan(static_cast<std::size_t>(put));
    }
    good = good && ::fsync(file) == 0;
    const Error error = good ? Error{} : file_error("writing", path);
    ::close(file);
    if (good && std::rename(fresh.c_str(), path.c_str()) == 0) return {};
    ::unlink(fresh.c_str());
    return good ? file_error("writing", path) : error;
}

Result<core::Schema> load_schema(const std::string& path) {
    TRELLIS_TRY(const auto bytes, read_file(path));
    auto json = parse_json(as_text(bytes));
    if (!json) return Error{json.error().code, path + ": " + json.error().message};
    auto schema = core::Schema::parse(*json);
    if (!schema) return Error{schema.error().code, path + ": " + schema.error().message};
    return schema;
}

}  // namespace trellis::clients
