// SPDX-License-Identifier: Apache-2.0
#include "core/base/dot.hpp"

#include <charconv>

#include "core/base/limits.hpp"
#include "core/base/record_id.hpp"

namespace trellis {

std::string to_string(const Dot& dot) {
    return dot.actor.hex() + ':' + std::to_string(dot.counter);
}

std::optional<Dot> parse_dot(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto actor = ActorId::parse(text.substr(0, colon));
    const auto digits = text.substr(colon + 1);
    Counter counter = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), counter);
    if (!actor || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    if (counter == 0 || counter > limits::counter_max || digits[0] == '0') return std::nullopt;
    return Dot{*actor, counter};
}

RecordId RecordId::dotted(const Dot& dot) {
    TRELLIS_CHECK(dot.counter <= limits::counter_max);
    RecordId id;
    std::copy_n(dot.actor.bytes.begin(), prefix_size, id.bytes.begin());
    for (std::size_t i = 0; i < 6; ++i) {
        id.bytes[15 - i] = static_cast<std::uint8_t>(dot.counter >> (8U * i));
    }
    return id;
}

bool RecordId::is_possible() const {
    return is_keyed() || (counter() > 0 && counter() <= limits::counter_max);
}

RecordId RecordId::keyed(ByteView hash) {
    TRELLIS_CHECK(hash.size() >= size);
    RecordId id = from(hash.first(size));
    id.bytes[prefix_size] |= 0x80U;
    return id;
}

std::optional<RecordId> RecordId::parse(std::string_view hex) {
    const auto bytes = RecordIdBytes::parse(hex);
    if (!bytes) return std::nullopt;
    return RecordId{*bytes};
}

RecordId::ActorPrefix RecordId::actor_prefix() const {
    ActorPrefix prefix{};
    std::copy_n(bytes.begin(), prefix_size, prefix.begin());
    return prefix;
}

Counter RecordId::counter() const {
    Counter counter = 0;
    for (std::size_t i = prefix_size; i < size; ++i) counter = counter << 8U | bytes[i];
    return counter;
}

}  // namespace trellis
