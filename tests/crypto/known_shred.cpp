// SPDX-License-Identifier: Apache-2.0
#include "tests/crypto/known_shred.hpp"

#include "core/base/json.hpp"
#include "tests/support/organisation.hpp"

namespace trellis::test {

using namespace trellis::crypto;

std::map<std::string, std::string> known_shred() {
    const std::string folder = "fixtures/membership/v1-shred/";
    Organisation it;
    ShredOrder order{it.school, 12, {}, {}};
    order.head.bytes.fill(0x11);
    order.reason.bytes.fill(0x22);
    it.append(shred(it.as(it.alice), order));
    it.append(rotate(it.as(it.alice), it.counselling));
    std::map<std::string, std::string> files;
    auto again = Membership::found(it.log.front());
    TRELLIS_CHECK(again.has_value());
    Json digests{Json::Array{}};
    for (std::size_t i = 0; i < it.log.size(); ++i) {
        if (i > 0) TRELLIS_CHECK(again->extend(it.log[i]).has_value());
        files[folder + (i < 10 ? "0" : "") + std::to_string(i) + ".hex"] =
            to_hex(it.log[i]) + "\n";
        digests.push(again->state().digest.hex());
    }
    Json json;
    json.set("post_states", std::move(digests));
    json.set("space", it.school.hex());
    json.set("position", 12);
    json.set("head", order.head.hex());
    json.set("reason", order.reason.hex());
    files[folder + "about.json"] = print_json(json) + "\n";
    return files;
}

}  // namespace trellis::test
