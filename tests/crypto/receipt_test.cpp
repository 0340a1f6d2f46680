// SPDX-License-Identifier: Apache-2.0
#include "crypto/public/receipt.hpp"

#include "tests/support/people.hpp"

#include <catch2/catch.hpp>

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

template <class IdType>
IdType filled(std::uint8_t byte) {
    IdType id;
    id.bytes.fill(byte);
    return id;
}

Receipt a_receipt() {
    Receipt receipt{.space = filled<SpaceId>(1),
                    .cursor = {filled<LogIncarnation>(2), 40, filled<Digest>(3)},
                    .log_length = 12,
                    .log_head = filled<Digest>(4),
                    .time = 1'780'000'000'000,
                    .signature = {}};
    sign_receipt(relay_key(), filled<OrgId>(9), receipt);
    return receipt;
}

}  // namespace

TEST_CASE("a receipt is genuine for its relay, its organisation and all that it says", "[crypto]") {
    const auto good = a_receipt();
    const auto key = relay_key().key();
    const auto org = filled<OrgId>(9);
    CHECK(verify_receipt(key, org, good));
    CHECK_FALSE(verify_receipt(key, filled<OrgId>(8), good));
    CHECK_FALSE(verify_receipt(alice().sign().key(), org, good));
    std::vector<Receipt> altered(8, good);
    altered[0].space.bytes[3] ^= 1U;
    altered[1].cursor.incarnation.bytes[3] ^= 1U;
    altered[2].cursor.position += 1;
    altered[3].cursor.head.bytes[3] ^= 1U;
    altered[4].log_length += 1;
    altered[5].log_head.bytes[3] ^= 1U;
    altered[6].time += 1;
    altered[7].signature.bytes[3] ^= 1U;
    for (const auto& receipt : altered) CHECK_FALSE(verify_receipt(key, org, receipt));
}

TEST_CASE("two receipts contradict each other where one place has two heads", "[crypto]") {
    const auto one = a_receipt();
    auto other = one;
    CHECK_FALSE(contradicts(one, other));
    other.time += 5;
    CHECK_FALSE(contradicts(one, other));
    other.cursor.head = filled<Digest>(7);
    CHECK(contradicts(one, other));
    CHECK(contradicts(other, one));
    SECTION("further on there may be any head") { other.cursor.position += 1; }
    SECTION("another life of the log is another log") {
        other.cursor.incarnation = filled<LogIncarnation>(8);
    }
    SECTION("so is another space's") { other.space = filled<SpaceId>(8); }
    CHECK_FALSE(contradicts(one, other));
    other.log_head = filled<Digest>(8);
    CHECK(contradicts(one, other));
    other.log_length += 1;
    CHECK_FALSE(contradicts(one, other));
}
