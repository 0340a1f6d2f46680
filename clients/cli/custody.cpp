// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/custody.hpp"

#include <sys/stat.h>

#include "clients/cli/database_file.hpp"

namespace trellis::clients {
namespace {

constexpr std::size_t token_size = 16;

/// Beside the database, and no part of it: a copy of one does not bring the other along in step.
std::string token_file(const std::string& database) { return database + ".custody"; }

std::string content_or_nothing(const std::string& path) {
    const auto content = read_file(path);
    return content ? std::string(as_text(*content)) : std::string();
}

}  // namespace

std::string custody_of(const std::string& database) {
    struct stat file {};
    if (::stat(database.c_str(), &file) != 0) return {};
    return content_or_nothing("/etc/machine-id") + " " + std::to_string(file.st_dev) + " " +
           std::to_string(file.st_ino) + " " + content_or_nothing(token_file(database));
}

Result<std::string> renew_custody(const std::string& database, Env& env) {
    Bytes token(token_size);
    env.random(token);
    TRELLIS_DO(write_file(token_file(database), as_bytes(to_hex(token)), false));
    return custody_of(database);
}

}  // namespace trellis::clients
