// SPDX-License-Identifier: Apache-2.0
// Bytes of every size and sort, packed. Prints the digest of what came out and fails where it is
// not the one that every platform must give: the same change is the same envelope everywhere.
#include <cstdio>
#include <iterator>
#include <string>

#include "core/codec/compress.hpp"

using namespace trellis;

namespace {

constexpr std::uint64_t expected = 0xb508eeaa0e7b2d86;

/// xorshift64, so that all platforms pack the same.
class Source {
public:
    std::uint64_t next() {
        state_ ^= state_ << 13U;
        state_ ^= state_ >> 7U;
        state_ ^= state_ << 17U;
        return state_ >> 16U;
    }
    std::size_t below(std::size_t most) { return static_cast<std::size_t>(next() % most); }

private:
    std::uint64_t state_ = 88'172'645'463'325'252;
};

/// Words, numbers and noise in shares that differ from one to the next.
Bytes mixed(Source& source, std::size_t size) {
    static const std::string words[] = {"the ", "family ", "asked ", "for ", "help ", "with ",
                                        "rent ", "clinic ", "Friday ", "household "};
    const auto noisy = source.below(10);
    Bytes bytes;
    while (bytes.size() < size) {
        if (source.below(10) < noisy) {
            for (auto left = source.below(40); left > 0; --left) {
                bytes.push_back(static_cast<std::uint8_t>(source.next()));
            }
        } else {
            append(bytes, as_bytes(words[source.below(std::size(words))]));
        }
    }
    bytes.resize(size);
    return bytes;
}

/// FNV-1a, 64 bits.
std::uint64_t fold(std::uint64_t sum, ByteView bytes) {
    for (const auto byte : bytes) sum = (sum ^ byte) * 1'099'511'628'211U;
    return sum;
}

}  // namespace

int main() {
    Source source;
    Compressor compressor;
    std::uint64_t sum = 14'695'981'039'346'656'037U;
    for (int round = 0; round < 2'000; ++round) {
        const std::size_t most = round % 50 == 0 ? 300'000 : round % 5 == 0 ? 20'000 : 2'000;
        const auto packed = compressor.compress(mixed(source, source.below(most)));
        sum = fold(sum, packed);
        // Where two platforms part, these lines say at which round.
        if (round % 100 == 99) std::printf("%d %016llx\n", round, static_cast<unsigned long long>(sum));
    }
    if (sum == expected) return 0;
    std::fprintf(stderr, "expected %016llx\n", static_cast<unsigned long long>(expected));
    return 1;
}
