// SPDX-License-Identifier: Apache-2.0
#include "crypto/primitive/pad.hpp"

#include "core/base/limits.hpp"
#include "tests/crypto/expect.hpp"

#include <set>

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

TEST_CASE("padded sizes follow the published rule", "[crypto]") {
    // Padmé: an exponent of e keeps floor(log2 e) + 1 bits below the highest.
    REQUIRE(padded_size(1) == 64);
    REQUIRE(padded_size(64) == 64);
    REQUIRE(padded_size(65) == 72);
    REQUIRE(padded_size(72) == 72);
    REQUIRE(padded_size(73) == 80);
    REQUIRE(padded_size(1000) == 1024);
    REQUIRE(padded_size(1025) == 1088);
    REQUIRE(padded_size(2049) == 2176);
    REQUIRE(padded_size(65537) == 67584);
}

TEST_CASE("padding is never less than asked, never much more, and settles", "[crypto]") {
    std::set<std::size_t> sizes;
    for (std::size_t size = 1; size <= limits::envelope_sealed_max; ++size) {
        const auto padded = padded_size(size);
        if (padded < size) FAIL(size);
        if (size > limits::pad_floor && (padded - size) * 100 > size * 12) FAIL(size);
        if (padded_size(padded) != padded) FAIL(size);
        sizes.insert(padded);
    }
    REQUIRE(sizes.size() == 209);
}

TEST_CASE("what is padded comes back", "[crypto]") {
    for (std::size_t size = 0; size < 300; ++size) {
        CAPTURE(size);
        const Bytes bytes(size, 0x80);
        const auto padded = pad(bytes);
        REQUIRE(padded.size() == padded_size(size + 1));
        REQUIRE(to_bytes(must(unpad(padded))) == bytes);
        REQUIRE(must(unpad(pad(Bytes(size, 0)))).size() == size);
    }
}

TEST_CASE("bytes that pad() never writes are refused", "[crypto]") {
    REQUIRE(outcome(unpad({})) == "corrupt");
    REQUIRE(outcome(unpad(Bytes(64, 0))) == "corrupt");
    auto padded = pad(Bytes(10, 7));
    REQUIRE(outcome(unpad(ByteView(padded).first(63))) == "corrupt");
    padded.resize(72, 0);  // more zeros than the content needs
    REQUIRE(outcome(unpad(padded)) == "corrupt");
    auto hidden = pad(Bytes(10, 7));
    hidden[63] = 1;
    REQUIRE(outcome(unpad(hidden)) == "corrupt");
}
