// SPDX-License-Identifier: Apache-2.0
#include "tests/support/pen.hpp"

#include "crypto/secret/seal.hpp"

namespace trellis::test {

Bytes Pen::write(Env& env, std::uint16_t ops, std::string_view text, std::uint32_t epoch) {
    const crypto::EnvelopePlace place{.org = org,
                                      .space = space,
                                      .actor = crypto::actor_id(space, device, incarnation),
                                      .first = last + 1,
                                      .previous = chain};
    // The relay cannot tell what the seal is made with.
    const auto batch = crypto::Key::from(Bytes(32, 7));
    auto envelope = crypto::seal(
        {.place = place, .epoch = epoch, .ops = ops, .packed = as_bytes(text)}, batch, key, env);
    TRELLIS_CHECK(envelope.has_value());
    last += ops;
    chain = crypto::chain_hash(place, *envelope);
    return *std::move(envelope);
}

Pen Pen::again(std::uint8_t incarnation_fill) const {
    auto other = copy();
    other.incarnation.bytes.fill(incarnation_fill);
    other.last = 0;
    other.chain = {};
    return other;
}

Pen Pen::copy() const {
    return {.key = key.clone(),
            .device = device,
            .org = org,
            .space = space,
            .incarnation = incarnation,
            .last = last,
            .chain = chain};
}

}  // namespace trellis::test
