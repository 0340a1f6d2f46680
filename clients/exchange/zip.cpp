// SPDX-License-Identifier: Apache-2.0
#include "clients/exchange/zip.hpp"

#include "core/base/limits.hpp"
#include "core/codec/byte_reader.hpp"

#include <algorithm>
#include <limits>
#include <zlib.h>

namespace trellis::clients {
namespace {

constexpr std::uint32_t end_mark = 0x06054B50;
constexpr std::uint32_t entry_mark = 0x02014B50;
constexpr std::uint32_t file_mark = 0x04034B50;
constexpr std::size_t end_size = 22;
constexpr std::size_t comment_max = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint16_t encrypted_flag = 1;
constexpr std::uint16_t stored = 0;
constexpr std::uint16_t deflated = 8;
constexpr int raw_deflate = -MAX_WBITS;
constexpr int gzip_only = MAX_WBITS + 16;

Error damaged(const std::string& what) {
    return {Code::invalid, "the archive is damaged: " + what + "; ask for it again"};
}

Error too_large(std::size_t max) {
    return {Code::too_large, "the archive unpacks to more than " + std::to_string(max) + " bytes"};
}

/// zlib's state, freed on every way out.
class Inflater {
public:
    explicit Inflater(int window_bits) { ok_ = inflateInit2(&stream_, window_bits) == Z_OK; }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    ~Inflater() { inflateEnd(&stream_); }

    /// All that the bytes hold. The output grows with what was really unpacked, never with what
    /// the archive claims.
    Result<Bytes> run(ByteView bytes, std::size_t max) {
        constexpr std::size_t step = std::size_t{1} << 16U;
        if (!ok_) return Error{Code::internal, "zlib does not start"};
        stream_.next_in = const_cast<Bytef*>(bytes.data());  // zlib only reads it
        stream_.avail_in = static_cast<uInt>(bytes.size());
        Bytes out;
        int state = Z_OK;
        while (state == Z_OK) {
            const auto before = out.size();
            if (before > max) return too_large(max);
            out.resize(before + step);
            stream_.next_out = out.data() + before;
            stream_.avail_out = step;
            state = inflate(&stream_, Z_NO_FLUSH);
            out.resize(before + step - stream_.avail_out);
        }
        if (state != Z_STREAM_END) return damaged("a file in it is cut short or spoilt");
        if (stream_.avail_in > 0) return damaged("a file in it has bytes after its end");
        if (out.size() > max) return too_large(max);
        return out;
    }

private:
    z_stream stream_{};
    bool ok_ = false;
};

struct Entry {
    std::string name;
    std::uint16_t flags = 0;
    std::uint16_t method = 0;
    std::uint32_t checksum = 0;
    std::uint32_t packed_size = 0;
    std::uint32_t size = 0;
    std::uint32_t offset = 0;
};

class ZipReader {
public:
    explicit ZipReader(ByteView bytes) : bytes_(bytes) {}

    Result<std::map<std::string, Bytes>> read() {
        TRELLIS_TRY(ByteReader directory, find_directory());
        std::map<std::string, Bytes> files;
        std::size_t left = limits::exchange_unpacked_max;
        for (std::size_t i = 0; i < count_; ++i) {
            TRELLIS_TRY(const auto entry, read_entry(directory));
            if (entry.name.ends_with('/')) continue;
            TRELLIS_TRY(auto content, unpack(entry, left));
            left -= content.size();
            if (!files.emplace(entry.name, std::move(content)).second) {
                return damaged("two files in it have the same name");
            }
        }
        return files;
    }

private:
    /// The end record, searched backwards: only a comment may follow it.
    Result<ByteReader> find_directory() {
        if (bytes_.size() < end_size) return damaged("it is too short");
        const auto last = bytes_.size() - end_size;
        const auto first = last > comment_max ? last - comment_max : 0;
        for (auto at = last + 1; at-- > first;) {
            ByteReader end(bytes_.subspan(at));
            if (end.u32() == end_mark) return directory_of(end);
        }
        return damaged("it has no list of files; is it a zip?");
    }

    Result<ByteReader> directory_of(ByteReader end) {
        const auto disk = end.u16();
        const auto directory_disk = end.u16();
        end.u16();  // entries on this disk
        count_ = end.u16();
        const std::size_t size = end.u32();
        const std::size_t offset = end.u32();
        if (disk != 0 || directory_disk != 0) {
            return Error{Code::unsupported, "the archive is in several parts; join them first"};
        }
        if (count_ > limits::exchange_members_max) {
            return Error{Code::too_large,
                         "the archive holds more than " +
                             std::to_string(limits::exchange_members_max) + " files"};
        }
        if (offset > bytes_.size() || size > bytes_.size() - offset) {
            return damaged("its list of files is cut short");
        }
        return ByteReader(bytes_.subspan(offset, size));
    }

    static Result<Entry> read_entry(ByteReader& directory) {
        Entry entry;
        const auto mark = directory.u32();
        directory.raw(4);  // versions
        entry.flags = directory.u16();
        entry.method = directory.u16();
        directory.raw(4);  // time and day
        entry.checksum = directory.u32();
        entry.packed_size = directory.u32();
        entry.size = directory.u32();
        const std::size_t name_size = directory.u16();
        const std::size_t extra_size = directory.u16();
        const std::size_t comment_size = directory.u16();
        directory.raw(8);  // disk and attributes
        entry.offset = directory.u32();
        entry.name = std::string(as_text(directory.raw(name_size)));
        directory.raw(extra_size);
        directory.raw(comment_size);
        if (mark != entry_mark || directory.failed()) return damaged("its list of files is spoilt");
        if (!is_safe(entry.name)) {
            return Error{Code::invalid, "the archive holds a file whose name leads out of it"};
        }
        return entry;
    }

    static bool is_safe(std::string_view name) {
        const auto has = [&](std::string_view part) {
            return name.find(part) != std::string_view::npos;
        };
        return !name.empty() && name.size() <= limits::key_max && is_utf8(name) &&
               name.front() != '/' && !has("\\") && !has(":") && !has(std::string_view("\0", 1)) &&
               name != ".." && !name.starts_with("../") && !has("/../") && !name.ends_with("/..");
    }

    [[nodiscard]] Result<Bytes> unpack(const Entry& entry, std::size_t left) const {
        if ((entry.flags & encrypted_flag) != 0) {
            return Error{Code::invalid, "the archive is encrypted; unpack it first"};
        }
        const std::size_t max = std::min(left, limits::exchange_file_max);
        if (entry.size > max) return too_large(max);
        TRELLIS_TRY(const auto packed, packed_of(entry));
        TRELLIS_TRY(auto content, content_of(entry, packed, max));
        const auto checksum =
            crc32(crc32(0, nullptr, 0), content.data(), static_cast<uInt>(content.size()));
        if (content.size() != entry.size || checksum != entry.checksum) {
            return damaged("a file in it does not match its checksum");
        }
        return content;
    }

    static Result<Bytes> content_of(const Entry& entry, ByteView packed, std::size_t max) {
        if (entry.method == stored) return to_bytes(packed);
        if (entry.method == deflated) return Inflater(raw_deflate).run(packed, max);
        return Error{Code::unsupported,
                     "the archive is packed in a way that is not read; zip it "
                     "again with the usual settings"};
    }

    /// The file's own header is only needed to step over it.
    [[nodiscard]] Result<ByteView> packed_of(const Entry& entry) const {
        if (entry.offset > bytes_.size()) return damaged("a file in it is missing");
        ByteReader header(bytes_.subspan(entry.offset));
        const auto mark = header.u32();
        header.raw(22);
        const std::size_t name_size = header.u16();
        const std::size_t extra_size = header.u16();
        header.raw(name_size);
        header.raw(extra_size);
        const auto packed = header.raw(entry.packed_size);
        if (mark != file_mark || header.failed()) return damaged("a file in it is cut short");
        return packed;
    }

    ByteView bytes_;
    std::size_t count_ = 0;
};

}  // namespace

Result<std::map<std::string, Bytes>> read_zip(ByteView bytes) {
    if (bytes.size() > limits::exchange_unpacked_max) {
        return too_large(limits::exchange_unpacked_max);
    }
    return ZipReader(bytes).read();
}

Result<Bytes> read_gzip(ByteView bytes) {
    if (bytes.size() > limits::exchange_unpacked_max) {
        return too_large(limits::exchange_unpacked_max);
    }
    return Inflater(gzip_only).run(bytes, limits::exchange_file_max);
}

}  // namespace trellis::clients
