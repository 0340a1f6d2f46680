// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/seat_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "clients/cli/database_file.hpp"

namespace trellis::clients {
namespace {

namespace fs = std::filesystem;

/// Zeros over all of it. On flash that is no promise; the keys that are gone are.
void overwrite(const std::string& path) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) return;
    struct stat about {};
    constexpr std::size_t overwritten_max = 1024 * 1024;  // of a database its first pages
    const std::size_t size =
        ::fstat(file, &about) == 0
            ? std::min(static_cast<std::size_t>(about.st_size), overwritten_max)
            : 0;
    const Bytes zeros(size);
    if (size > 0 && ::write(file, zeros.data(), size) == static_cast<ssize_t>(size)) {
        ::fsync(file);
    }
    ::close(file);
}

}  // namespace

Result<Bytes> SeatFolder::read(const std::string& name) { return read_file(path(name)); }

Result<void> SeatFolder::write(const std::string& name, ByteView bytes) {
    std::error_code failure;
    const auto folder = fs::path(path(name)).parent_path();
    if (!fs::exists(folder, failure)) {
        fs::create_directories(folder, failure);
        if (failure) {
            return Error{Code::denied, "making the folder " + folder.string() + ": " +
                                           failure.message()};
        }
        fs::permissions(folder, fs::perms::owner_all, failure);
    }
    return write_file(path(name), bytes, true);
}

Result<void> SeatFolder::erase(const std::string& name) {
    overwrite(path(name));
    std::error_code failure;
    fs::remove(path(name), failure);
    if (!failure) return {};
    return Error{Code::denied, "erasing " + path(name) + ": " + failure.message()};
}

Result<std::vector<std::string>> SeatFolder::folders() {
    std::vector<std::string> names;
    std::error_code failure;
    for (fs::directory_iterator at(folder_, failure), end; !failure && at != end;
         at.increment(failure)) {
        if (at->is_directory(failure)) names.push_back(at->path().filename().string());
    }
    if (failure && failure != std::errc::no_such_file_or_directory) {
        return Error{Code::denied, "reading the folder " + folder_ + ": " + failure.message()};
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string default_seats_folder() {
    const char* named = std::getenv("TRELLIS_SEATS");
    if (named != nullptr && *named != '\0') return named;
    const char* home = std::getenv("HOME");
    return std::string(home == nullptr || *home == '\0' ? "." : home) + "/.trellis/seats";
}

}  // namespace trellis::clients
