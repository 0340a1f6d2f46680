// SPDX-License-Identifier: Apache-2.0
#include "core/codec/compress.hpp"

#include "core/base/limits.hpp"

#include <catch2/catch.hpp>

namespace trellis {
namespace {

Bytes noise(std::size_t size) {
    Bytes bytes(size);
    std::uint64_t state = 88'172'645'463'325'252;
    for (auto& byte : bytes) {
        state ^= state << 13U;
        state ^= state >> 7U;
        state ^= state << 17U;
        byte = static_cast<std::uint8_t>(state >> 32U);
    }
    return bytes;
}

/// Sentences of a few words: neither noise nor all the same.
Bytes prose(std::size_t size) {
    const std::vector<std::string> words{"the ", "family ", "asked ", "for ", "help ", "with "};
    Bytes bytes;
    for (const auto byte : noise(size)) {
        append(bytes, as_bytes(words[byte % words.size()]));
        if (bytes.size() >= size) break;
    }
    bytes.resize(size);
    return bytes;
}

}  // namespace

TEST_CASE("what was packed unpacks to itself", "[core]") {
    Compressor compressor;
    for (const std::size_t size : {0U, 1U, 2U, 10U, 300U, 5000U, 70'000U, 1'048'576U}) {
        CAPTURE(size);
        const Bytes text = prose(size);
        const Bytes packed = compressor.compress(text);
        CHECK(compressor.decompress(packed, size).value() == text);
        const Bytes random = noise(size);
        CHECK(compressor.decompress(compressor.compress(random), size).value() == random);
    }
}

TEST_CASE("what does not shrink is stored with one byte more", "[core]") {
    Compressor compressor;
    const Bytes packed = compressor.compress(noise(1000));
    CHECK(packed.size() == 1001);
    CHECK(packed[0] == 0);
    CHECK(compressor.compress(prose(1000)).size() < 600);
}

TEST_CASE("a size over the limit is refused before it is unpacked", "[core]") {
    Compressor compressor;
    const Bytes packed = compressor.compress(prose(5000));
    CHECK(compressor.decompress(packed, 5000).has_value());
    CHECK(compressor.decompress(packed, 4999).error().code == Code::too_large);
    CHECK(compressor.decompress(compressor.compress(noise(50)), 49).error().code ==
          Code::too_large);
}

TEST_CASE("bytes that would grow beyond belief are stored, and refused", "[core]") {
    Compressor compressor;
    const Bytes zeros(limits::envelope_plain_max);
    const Bytes packed = compressor.compress(zeros);
    CHECK(packed.size() == zeros.size() + 1);
    CHECK(compressor.decompress(packed, zeros.size()).value() == zeros);
    // A frame of zeros in the bytes that it takes: a declared size of 2^20, one block of that
    // many zeros, in runs of 128 KiB.
    Bytes bomb = from_hex("01a000001000").value();
    for (int i = 0; i < 8; ++i)
        append(bomb, from_hex(i < 7 ? "02001000" : "03001000").value());
    CHECK(compressor.decompress(bomb, zeros.size()).error().code == Code::corrupt);
}

TEST_CASE("a frame cut short, changed or continued is refused or unpacks", "[core]") {
    Compressor compressor;
    const Bytes text = prose(400);
    const Bytes packed = compressor.compress(text);
    REQUIRE(packed[0] == 1);
    for (std::size_t size = 0; size < packed.size(); ++size) {
        const Bytes part(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size));
        CHECK_FALSE(compressor.decompress(part, 1000).has_value());
    }
    for (std::size_t at = 0; at < packed.size(); ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            Bytes other = packed;
            other[at] ^= static_cast<std::uint8_t>(1U << bit);
            const auto plain = compressor.decompress(other, 1000);
            if (plain) CHECK(plain->size() <= 1000);
        }
    }
    Bytes twice = packed;
    append(twice, ByteView(packed).subspan(1));
    CHECK_FALSE(compressor.decompress(twice, 1000).has_value());
    Bytes more = packed;
    more.push_back(0);
    CHECK_FALSE(compressor.decompress(more, 1000).has_value());
    CHECK(compressor.decompress(packed, 1000).value() == text);
}

TEST_CASE("a kind of packing that is not known yet asks for an upgrade", "[core]") {
    Compressor compressor;
    CHECK(compressor.decompress(Bytes{2, 0}, 10).error().code == Code::unsupported);
}

}  // namespace trellis
