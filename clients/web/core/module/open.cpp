// SPDX-License-Identifier: Apache-2.0
// The one function of the module that trellis.h does not have: JavaScript has no pointers to
// functions, so the two tables are filled here.
#include <cstdint>

#include "clients/c/trellis.h"
#include "clients/web/core/module/browser.h"

namespace {

trellis_status status_of(double answer) { return static_cast<trellis_status>(answer); }
std::int64_t number_of(double answer) { return static_cast<std::int64_t>(answer); }
double as_double(std::int64_t number) { return static_cast<double>(number); }

constexpr trellis_host host = {
    .struct_size = sizeof(trellis_host),
    .context = nullptr,
    .wall_ms = [](void*) { return number_of(browser_wall_ms()); },
    .monotonic_ms = [](void*) { return number_of(browser_monotonic_ms()); },
    // A page does not know when the machine was started: each of its lives counts as a boot.
    .boot_id = nullptr,
    .random = [](void*, uint8_t* data, size_t size) { browser_random(data, size); },
    .log = [](void*, const char* event, const char* detail) { browser_log(event, detail); },
};

constexpr trellis_storage storage = {
    .struct_size = sizeof(trellis_storage),
    .context = nullptr,
    .open = [](void*, const char* path, uint32_t flags) {
        return number_of(browser_open(path, (flags & TRELLIS_CREATE) != 0));
    },
    .close = [](void*, int64_t file) { return status_of(browser_close(as_double(file))); },
    .read = [](void*, int64_t file, uint8_t* data, size_t size, int64_t offset) {
        return number_of(browser_read(as_double(file), data, size, as_double(offset)));
    },
    .write = [](void*, int64_t file, const uint8_t* data, size_t size, int64_t offset) {
        return status_of(browser_write(as_double(file), data, size, as_double(offset)));
    },
    .truncate = [](void*, int64_t file, int64_t size) {
        return status_of(browser_truncate(as_double(file), as_double(size)));
    },
    .sync = [](void*, int64_t file) { return status_of(browser_sync(as_double(file))); },
    .size = [](void*, int64_t file) { return number_of(browser_size(as_double(file))); },
    .remove = [](void*, const char* path) { return status_of(browser_remove(path)); },
    .exists = [](void*, const char* path) { return number_of(browser_exists(path)); },
};

}  // namespace

extern "C" {

/// trellis_open() with the browser for a world. Where the path is empty, in memory.
__attribute__((export_name("trellis_browser_open"))) trellis_status trellis_browser_open(
    const char* path, trellis_bytes key, trellis_bytes schema_json, std::uint32_t cache_kib,
    trellis_replica** replica, trellis_error* error) {
    const bool is_in_memory = path == nullptr || *path == '\0';
    trellis_options options{};
    options.struct_size = sizeof options;
    options.path = path;
    options.key = key;
    options.schema_json = schema_json;
    options.host = &host;
    options.storage = is_in_memory ? nullptr : &storage;
    options.cache_kib = cache_kib;
    return trellis_open(&options, replica, error);
}

}  // extern "C"
