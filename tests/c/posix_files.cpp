// SPDX-License-Identifier: Apache-2.0
#include "tests/c/posix_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace trellis::test {
namespace {

trellis_status why() {
    if (errno == ENOENT) return TRELLIS_NOT_FOUND;
    return errno == ENOSPC ? TRELLIS_NO_SPACE : TRELLIS_INTERNAL;
}

trellis_status said(int result) { return result == 0 ? trellis_status{TRELLIS_OK} : why(); }

int number(std::int64_t file) { return static_cast<int>(file); }

std::int64_t open_file(void*, const char* path, std::uint32_t flags) {
    const int create = (flags & TRELLIS_CREATE) != 0 ? O_CREAT : 0;
    const int file = open(path, O_RDWR | create, 0600);
    return file < 0 ? -std::int64_t{why()} : file;
}

std::int64_t read_file(void*, std::int64_t file, std::uint8_t* data, std::size_t size,
                       std::int64_t offset) {
    std::size_t done = 0;
    while (done < size) {
        const auto got = pread(number(file), data + done, size - done,
                               offset + static_cast<std::int64_t>(done));
        if (got < 0) return -std::int64_t{why()};
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return static_cast<std::int64_t>(done);
}

trellis_status write_file(void*, std::int64_t file, const std::uint8_t* data, std::size_t size,
                          std::int64_t offset) {
    for (std::size_t done = 0; done < size;) {
        const auto put = pwrite(number(file), data + done, size - done,
                                offset + static_cast<std::int64_t>(done));
        if (put <= 0) return why();
        done += static_cast<std::size_t>(put);
    }
    return TRELLIS_OK;
}

std::int64_t size_of(void*, std::int64_t file) {
    struct stat about {};
    return fstat(number(file), &about) != 0 ? -std::int64_t{why()} : std::int64_t{about.st_size};
}

std::int64_t is_there(void*, const char* path) {
    struct stat about {};
    if (stat(path, &about) == 0) return 1;
    return errno == ENOENT ? 0 : -std::int64_t{why()};
}

}  // namespace

trellis_storage posix_files() {
    trellis_storage table{};
    table.struct_size = sizeof table;
    table.open = open_file;
    table.close = [](void*, std::int64_t file) { return said(close(number(file))); };
    table.read = read_file;
    table.write = write_file;
    table.truncate = [](void*, std::int64_t file, std::int64_t size) {
        return said(ftruncate(number(file), size));
    };
    table.sync = [](void*, std::int64_t file) { return said(fsync(number(file))); };
    table.size = size_of;
    table.remove = [](void*, const char* path) { return said(unlink(path)); };
    table.exists = is_there;
    return table;
}

}  // namespace trellis::test
