// SPDX-License-Identifier: Apache-2.0
#include "clients/c/storage.hpp"

#include "clients/c/status.hpp"

namespace trellis::c {
namespace {

Error failed(const char* doing, std::int64_t status) {
    const bool is_status = status > 0 && status <= TRELLIS_INTERNAL;
    return {is_status ? code_of(static_cast<trellis_status>(status)) : Code::internal,
            std::string("the platform's storage failed at ") + doing};
}

Result<void> done(const char* doing, trellis_status status) {
    if (status == TRELLIS_OK) return {};
    return failed(doing, status);
}

Result<std::int64_t> number(const char* doing, std::int64_t answer) {
    if (answer >= 0) return answer;
    return failed(doing, answer == INT64_MIN ? 0 : -answer);
}

}  // namespace

Result<void> Storage::check(const trellis_storage& table) {
    const bool has_all = table.open != nullptr && table.close != nullptr &&
                         table.read != nullptr && table.write != nullptr &&
                         table.truncate != nullptr && table.sync != nullptr &&
                         table.size != nullptr && table.remove != nullptr &&
                         table.exists != nullptr;
    if (has_all) return {};
    return Error{Code::invalid, "a storage needs all of its functions"};
}

Result<sqlite::FileStore::File> Storage::open(const std::string& path, bool create) {
    const std::uint32_t flags = create ? TRELLIS_CREATE : 0;
    return number("opening", table_.open(table_.context, path.c_str(), flags));
}

void Storage::close(File file) { static_cast<void>(table_.close(table_.context, file)); }

Result<std::size_t> Storage::read(File file, std::span<std::uint8_t> to, std::int64_t offset) {
    TRELLIS_TRY(const auto got, number("reading", table_.read(table_.context, file, to.data(),
                                                              to.size(), offset)));
    // A platform that says it read more than it was asked for has read something else.
    if (static_cast<std::uint64_t>(got) > to.size()) return failed("reading", 0);
    return static_cast<std::size_t>(got);
}

Result<void> Storage::write(File file, ByteView bytes, std::int64_t offset) {
    return done("writing",
                table_.write(table_.context, file, bytes.data(), bytes.size(), offset));
}

Result<void> Storage::truncate(File file, std::int64_t size) {
    return done("cutting", table_.truncate(table_.context, file, size));
}

Result<void> Storage::sync(File file) { return done("syncing", table_.sync(table_.context, file)); }

Result<std::int64_t> Storage::size(File file) {
    return number("asking for a size", table_.size(table_.context, file));
}

Result<void> Storage::remove(const std::string& path) {
    return done("deleting", table_.remove(table_.context, path.c_str()));
}

Result<bool> Storage::exists(const std::string& path) {
    TRELLIS_TRY(const auto there, number("looking", table_.exists(table_.context, path.c_str())));
    return there != 0;
}

}  // namespace trellis::c
