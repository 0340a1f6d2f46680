// SPDX-License-Identifier: Apache-2.0
#include "core/codec/encode.hpp"

#include <catch2/catch.hpp>

namespace trellis {
namespace {

enum class Colour : std::uint8_t {
    red,
    green
};

template <ArchiveWriter A>
void save(A& archive, const Colour& colour) {
    archive.u8(static_cast<std::uint8_t>(colour));
}
template <ArchiveReader A>
void load(A& archive, Colour& colour) {
    colour = static_cast<Colour>(archive.varint_to(1));
}

struct Sample {
    std::uint32_t number = 0;
    std::int16_t distance = 0;
    bool is_true = false;
    std::string text;
    Bytes bytes;
    std::vector<std::pair<std::string, std::uint8_t>> list;
    Colour colour = Colour::red;
    DeviceId device;
    VersionVector seen;
    bool operator==(const Sample&) const = default;
};

template <class A>
void serialize(A& archive, Sample& sample) {
    archive(sample.number,
            sample.distance,
            sample.is_true,
            sample.text,
            sample.bytes,
            sample.list,
            sample.colour,
            sample.device,
            sample.seen);
}

Sample sample() {
    Sample sample{300, -2, true, "é", {1, 2}, {{"a", 200}, {"", 0}}, Colour::green, {}, {}};
    sample.device.bytes[3] = 9;
    sample.seen.raise(ActorId{{4}}, 70'000);
    sample.seen.raise(ActorId{{2}}, 1);
    return sample;
}

}  // namespace

TEST_CASE("an archive reads back what it wrote", "[core]") {
    const auto decoded = decode<Sample>(encode(sample()), "a sample");
    REQUIRE(decoded.has_value());
    CHECK(*decoded == sample());
}

TEST_CASE("an archive writes known bytes", "[core]") {
    CHECK(to_hex(encode(std::uint64_t{300})) == "ac02");
    CHECK(to_hex(encode(std::int64_t{-2})) == "03");
    CHECK(to_hex(encode(std::int64_t{INT64_MIN})) == "ffffffffffffffffff01");
    CHECK(to_hex(encode(true)) == "01");
    CHECK(to_hex(encode(std::string("é"))) == "02c3a9");
    CHECK(to_hex(encode(std::vector<std::string>{"a", ""})) == "02016100");
}

TEST_CASE("an archive accepts one form of every value", "[core]") {
    const Bytes bytes = encode(sample());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const Bytes part(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        CHECK(decode<Sample>(part, "a sample").error().code == Code::corrupt);
    }
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (unsigned change = 1; change < 256; ++change) {
            Bytes other = bytes;
            other[at] ^= static_cast<std::uint8_t>(change);
            const auto decoded = decode<Sample>(other, "a sample");
            if (decoded && encode(*decoded) != other) FAIL(to_hex(other));
        }
    }
}

TEST_CASE("an archive refuses what is out of range, malformed or left over", "[core]") {
    const auto refuses = [](auto value, const char* hex) {
        return !decode<decltype(value)>(from_hex(hex).value(), "it").has_value();
    };
    CHECK(refuses(std::uint8_t{}, "8002"));
    CHECK(refuses(std::int16_t{}, "808004"));
    CHECK(refuses(std::uint64_t{}, "8000"));
    CHECK(refuses(bool{}, "02"));
    CHECK(refuses(Colour{}, "02"));
    CHECK(refuses(std::string{}, "01ff"));
    CHECK(refuses(std::uint8_t{}, "0100"));
    CHECK(decode<bool>(from_hex("0100").value(), "the flag").error().message.find("the flag") == 0);
}

TEST_CASE("a count that the bytes cannot hold is refused", "[core]") {
    CHECK_FALSE(decode<std::vector<std::uint64_t>>(from_hex("ffffffffffffffffff01").value(), "it")
                    .has_value());
    CHECK_FALSE(decode<Bytes>(from_hex("ffffffff0f01").value(), "it").has_value());
    CHECK_FALSE(decode<std::string>(from_hex("0261").value(), "it").has_value());
}

TEST_CASE("a list over its limit is too large, whatever follows", "[core]") {
    const Bytes bytes = from_hex("0301020300").value();
    BoundedReader reader(bytes);
    CHECK(reader.list(2) == 0);
    reader.fail();
    reader.fail_too_large();
    CHECK(reader.finish("it").error().code == Code::too_large);
    BoundedReader other(bytes);
    CHECK(other.list(3) == 3);
    other.fail();
    other.fail_too_large();
    CHECK(other.finish("it").error().code == Code::corrupt);
}

}  // namespace trellis
