// SPDX-License-Identifier: Apache-2.0
#include "clients/c/settings.hpp"

#include <cstddef>

#include "clients/c/status.hpp"
#include "core/base/limits.hpp"
#include "core/domain/family_schema.hpp"

namespace trellis::c {
namespace {

// What the structs of the first version held; later members may be missing.
constexpr std::size_t options_least = sizeof(trellis_options);
constexpr std::size_t host_least = sizeof(trellis_host);
constexpr std::size_t storage_least = sizeof(trellis_storage);

constexpr std::size_t key_size = 32;

Result<core::Schema> schema_of(trellis_bytes json) {
    if (json.size == 0) return core::family_schema();
    TRELLIS_TRY(const auto text, text_in(json, limits::json_bytes_max));
    TRELLIS_TRY(const auto parsed, parse_json(text));
    return core::Schema::parse(parsed);
}

Result<Bytes> key_of(trellis_bytes key, bool is_in_memory) {
    if (key.data == nullptr && key.size > 0) {
        return Error{Code::invalid, "the key is null, yet has a size"};
    }
    if (key.size == 0 && is_in_memory) return Bytes();
    if (key.size == key_size) return to_bytes({key.data, key.size});
    return Error{Code::invalid, "the key must be 32 bytes"};
}

}  // namespace

Result<Settings> settings_of(const trellis_options& given) {
    trellis_options options{};
    TRELLIS_DO(copy_struct(&given, options_least, &options, sizeof options));
    Settings settings;
    TRELLIS_TRY(settings.path, text_in(options.path, limits::path_max));
    TRELLIS_TRY(settings.custody, text_in(options.custody, limits::path_max));
    if (options.host != nullptr) {
        TRELLIS_DO(copy_struct(options.host, host_least, &settings.host, sizeof settings.host));
    }
    if (options.storage != nullptr) {
        trellis_storage storage{};
        TRELLIS_DO(copy_struct(options.storage, storage_least, &storage, sizeof storage));
        TRELLIS_DO(Storage::check(storage));
        if (settings.path.empty()) {
            return Error{Code::invalid, "a storage needs a path to keep the database under"};
        }
        settings.storage = storage;
    }
    TRELLIS_TRY(settings.key, key_of(options.key, settings.path.empty()));
    TRELLIS_TRY(settings.schema, schema_of(options.schema_json));
    if (options.cache_kib > limits::cache_kib_max) {
        return Error{Code::too_large, "cache_kib is over 1 GiB"};
    }
    settings.cache_kib = static_cast<int>(options.cache_kib);
    return settings;
}

}  // namespace trellis::c
