// SPDX-License-Identifier: Apache-2.0
#include "core/codec/compress.hpp"

// The frame format without its four magic bytes, which our own first byte stands for, is in the
// part of the interface that only a static link may use.
#define ZSTD_STATIC_LINKING_ONLY
#include "core/base/check.hpp"
#include "core/base/limits.hpp"
#include "core/codec/dictionary.hpp"

#include <zstd.h>

#include <algorithm>
#include <memory>

// packed := 0, the bytes as they are
//         | 1, one zstd frame: no magic, no checksum, no dictionary id, declared size
namespace trellis {
namespace {

constexpr std::uint8_t is_stored = 0;
constexpr std::uint8_t is_zstd_1 = 1;
/// Envelopes are small, and sealed once to be read on many devices: they deserve the effort.
/// Measured with check-ins, level 16 saves 4 % of 12 and costs 0.4 ms; on 64 KiB it would cost 7.
constexpr int level_small = 16;
constexpr int level_large = 12;
constexpr std::size_t small_max = std::size_t{16} * 1024;
constexpr int window_log_max = 20;
constexpr std::size_t ratio_max = 64;
/// What may unpack to this much needs no honest ratio: it is small.
constexpr std::size_t always_allowed = limits::envelope_seal_at;

struct FreeCompressor {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct FreeDecompressor {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

void must(std::size_t zstd_result) {
    TRELLIS_CHECK(ZSTD_isError(zstd_result) == 0U);
}

bool has_honest_ratio(std::size_t plain, std::size_t packed) {
    return plain <= always_allowed || plain / ratio_max <= packed;
}

Error corrupt(const char* what) {
    return {Code::corrupt, std::string("compressed bytes are malformed: ") + what};
}

/// The size that the one frame declares; at most `max`.
Result<std::size_t> declared_size(ByteView frame, std::size_t max) {
    ZSTD_frameHeader header;
    const auto outcome =
        ZSTD_getFrameHeader_advanced(&header, frame.data(), frame.size(), ZSTD_f_zstd1_magicless);
    if (outcome != 0) return corrupt("there is no frame");
    if (header.frameContentSize == ZSTD_CONTENTSIZE_UNKNOWN) return corrupt("no size declared");
    if (header.checksumFlag != 0 || header.dictID != 0) return corrupt("a frame of another kind");
    if (header.frameContentSize > max) {
        return Error{Code::too_large, "compressed bytes declare too large a size"};
    }
    return static_cast<std::size_t>(header.frameContentSize);
}

}  // namespace

struct Compressor::State {
    // Made when first needed: many only read.
    std::unique_ptr<ZSTD_CCtx, FreeCompressor> small;
    std::unique_ptr<ZSTD_CCtx, FreeCompressor> large;
    std::unique_ptr<ZSTD_DCtx, FreeDecompressor> reader;

    ZSTD_CCtx* writer_for(std::size_t size) {
        auto& writer = size <= small_max ? small : large;
        if (writer == nullptr) {
            writer.reset(ZSTD_createCCtx());
            prepare(writer.get(), size <= small_max ? level_small : level_large);
        }
        return writer.get();
    }
    ZSTD_DCtx* reader_for_any() {
        if (reader == nullptr) {
            reader.reset(ZSTD_createDCtx());
            prepare(reader.get());
        }
        return reader.get();
    }

private:
    static void prepare(ZSTD_CCtx* writer, int level) {
        TRELLIS_CHECK(writer != nullptr);
        must(ZSTD_CCtx_setParameter(writer, ZSTD_c_format, ZSTD_f_zstd1_magicless));
        must(ZSTD_CCtx_setParameter(writer, ZSTD_c_compressionLevel, level));
        must(ZSTD_CCtx_setParameter(writer, ZSTD_c_windowLog, window_log_max));
        must(ZSTD_CCtx_setParameter(writer, ZSTD_c_contentSizeFlag, 1));
        must(ZSTD_CCtx_setParameter(writer, ZSTD_c_checksumFlag, 0));
        must(ZSTD_CCtx_setParameter(writer, ZSTD_c_dictIDFlag, 0));
        const auto dictionary = dictionary_1();
        must(ZSTD_CCtx_loadDictionary_byReference(writer, dictionary.data(), dictionary.size()));
    }
    static void prepare(ZSTD_DCtx* reader) {
        TRELLIS_CHECK(reader != nullptr);
        must(ZSTD_DCtx_setParameter(reader, ZSTD_d_format, ZSTD_f_zstd1_magicless));
        must(ZSTD_DCtx_setParameter(reader, ZSTD_d_windowLogMax, window_log_max));
        must(ZSTD_DCtx_setParameter(reader, ZSTD_d_stableOutBuffer, 1));
        const auto dictionary = dictionary_1();
        must(ZSTD_DCtx_loadDictionary_byReference(reader, dictionary.data(), dictionary.size()));
    }
};

Compressor::Compressor() : state_(new State) {}
Compressor::~Compressor() {
    delete state_;
}

Bytes Compressor::compress(ByteView plain) {
    // Room for the worst case: with less, zstd gives up earlier on a 64-bit machine than on a
    // 32-bit one, and the same change would not be the same envelope everywhere.
    Bytes packed(1 + std::max(ZSTD_compressBound(plain.size()), plain.size()));
    const auto size = ZSTD_compress2(state_->writer_for(plain.size()), packed.data() + 1,
                                     packed.size() - 1, plain.data(), plain.size());
    must(size);
    if (size < plain.size() && has_honest_ratio(plain.size(), size)) {
        packed[0] = is_zstd_1;
        packed.resize(1 + size);
        return packed;
    }
    packed[0] = is_stored;
    packed.resize(1 + plain.size());
    std::copy(plain.begin(), plain.end(), packed.begin() + 1);
    return packed;
}

Result<Bytes> Compressor::decompress(ByteView packed, std::size_t max) {
    if (packed.empty()) return corrupt("there are none");
    const auto frame = packed.subspan(1);
    if (packed[0] == is_stored) {
        if (frame.size() > max) return Error{Code::too_large, "stored bytes are over the limit"};
        return to_bytes(frame);
    }
    if (packed[0] != is_zstd_1) {
        return Error{Code::unsupported, "bytes compressed by a newer version; upgrade this one"};
    }
    TRELLIS_TRY(const std::size_t size, declared_size(frame, max));
    if (!has_honest_ratio(size, frame.size())) return corrupt("they claim to grow too much");
    Bytes plain(size);
    ZSTD_inBuffer in{frame.data(), frame.size(), 0};
    ZSTD_outBuffer out{plain.data(), plain.size(), 0};
    auto* const context = state_->reader_for_any();
    must(ZSTD_DCtx_reset(context, ZSTD_reset_session_only));
    const auto outcome = ZSTD_decompressStream(context, &out, &in);
    if (outcome != 0) return corrupt("the frame is broken");
    if (out.pos != size || in.pos != frame.size()) return corrupt("it is not one whole frame");
    return plain;
}

}  // namespace trellis
