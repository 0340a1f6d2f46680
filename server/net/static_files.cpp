// SPDX-License-Identifier: Apache-2.0
#include "server/net/static_files.hpp"

#include <zlib.h>

#include <array>
#include <exception>
#include <fstream>
#include <iterator>
#include <utility>

#include "core/base/bytes.hpp"
#include "core/net/tls.hpp"

namespace trellis::server {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t total_bytes_max = 128U * 1024 * 1024;
constexpr std::size_t files_max = 4096;

constexpr std::array<std::pair<std::string_view, std::string_view>, 18> media_types = {{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".wasm", "application/wasm"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
    {".md", "text/plain; charset=utf-8"},
    {".pdf", "application/pdf"},
}};

std::string_view media_type_of(const fs::path& path) {
    const std::string extension = path.extension().string();
    for (const auto& [known, media_type] : media_types) {
        if (extension == known) return media_type;
    }
    return "application/octet-stream";
}

/// Pictures and fonts are packed already.
bool is_worth_packing(std::string_view media_type) {
    return media_type.starts_with("text/") || media_type.starts_with("application/json") ||
           media_type == "application/wasm" || media_type == "application/manifest+json" ||
           media_type == "image/svg+xml";
}

/// With gzip, as small as can be: it is done once. Empty where it is hardly smaller.
std::string pack(std::string_view content) {
    constexpr int gzip = MAX_WBITS + 16;
    z_stream stream{};
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip, MAX_MEM_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        return {};
    }
    std::string packed(deflateBound(&stream, static_cast<uLong>(content.size())), '\0');
    // zlib's own interface has no const here, and writes nothing.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const bool is_done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    if (!is_done || packed.size() > content.size() / 10 * 9) return {};
    return packed;
}

Result<StaticFiles::File> read(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    StaticFiles::File file;
    file.content.assign(std::istreambuf_iterator<char>(stream), {});
    if (!stream) {
        return Error{Code::denied, "The file '" + path.string() +
                                       "' could not be read; check its rights."};
    }
    file.media_type = media_type_of(path);
    const auto digest = net::sha256(as_bytes(file.content));
    const auto name = to_hex(ByteView(digest).first(16));
    file.etag = '"' + name + '"';
    if (is_worth_packing(file.media_type)) file.packed = pack(file.content);
    file.packed_etag = '"' + name + "-gzip\"";
    return file;
}

}  // namespace

Result<StaticFiles> StaticFiles::load(const fs::path& folder) try {
    StaticFiles all;
    std::uintmax_t total = 0;
    fs::recursive_directory_iterator it(folder);
    for (; it != fs::recursive_directory_iterator(); ++it) {
        if (it->path().filename().string().starts_with('.')) {
            it.disable_recursion_pending();
            continue;
        }
        if (it->is_symlink() || !it->is_regular_file()) continue;
        total += it->file_size();
        if (total > total_bytes_max || all.files_.size() == files_max) {
            return Error{Code::too_large, "The folder '" + folder.string() +
                                              "' holds more than a web app: at most " +
                                              std::to_string(files_max) + " files, 128 MiB."};
        }
        TRELLIS_TRY(auto file, read(it->path()));
        all.files_.emplace("/" + it->path().lexically_relative(folder).generic_string(),
                           std::move(file));
    }
    return all;
} catch (const std::exception& exception) {
    return Error{Code::not_found, "The folder '" + folder.string() +
                                      "' could not be read: " + exception.what() + "."};
}

const StaticFiles::File* StaticFiles::find(std::string_view path) const {
    const auto found = files_.find(path == "/" ? std::string_view("/index.html") : path);
    return found == files_.end() ? nullptr : &found->second;
}

}  // namespace trellis::server
