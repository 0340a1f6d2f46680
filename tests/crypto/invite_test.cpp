// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret/invite.hpp"

#include "crypto/secret/base32.hpp"
#include "tests/crypto/expect.hpp"
#include "tests/support/fake_env.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

Invite sample() {
    FakeEnv env;
    Invite invite;
    env.random(invite.secret.span());
    env.random(invite.org.bytes);
    env.random(invite.server_key.bytes);
    invite.log_length = 41;
    env.random(invite.log_head.bytes);
    invite.url = "https://relay.example:8443/";
    return invite;
}

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

}  // namespace

TEST_CASE("an invite is one string of capitals and digits, and comes back", "[crypto]") {
    const auto text = must(to_text(sample()));
    REQUIRE(text.substr(0, 5) == "TRL1:");
    for (const char letter : text.substr(5)) {
        REQUIRE(alphabet.find(letter) != std::string_view::npos);
    }
    const auto invite = must(parse_invite(text));
    REQUIRE(equal(invite.secret.view(), sample().secret.view()));
    REQUIRE(invite.org == sample().org);
    REQUIRE(invite.server_key == sample().server_key);
    REQUIRE(invite.log_length == 41);
    REQUIRE(invite.log_head == sample().log_head);
    REQUIRE(invite.url == "https://relay.example:8443/");
}

TEST_CASE("an invite may be typed in small letters, with O for 0 and gaps", "[crypto]") {
    auto text = must(to_text(sample()));
    for (auto& letter : text) {
        if (letter == '0') letter = 'o';
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    text.insert(20, " \n");
    REQUIRE(must(parse_invite("  " + text + "\n")).org == sample().org);
}

TEST_CASE("every mistyped letter of an invite is noticed", "[crypto]") {
    const auto text = must(to_text(sample()));
    for (std::size_t at = 0; at < text.size(); ++at) {
        CAPTURE(at);
        auto wrong = text;
        wrong[at] = text[at] == 'Z' ? 'Y' : 'Z';
        REQUIRE(outcome(parse_invite(wrong)) == "invalid");
        REQUIRE(outcome(parse_invite(text.substr(0, at))) == "invalid");
        wrong = text;
        if (at > 5 && wrong[at] != wrong[at - 1]) {
            std::swap(wrong[at], wrong[at - 1]);
            REQUIRE(outcome(parse_invite(wrong)) == "invalid");
        }
    }
    REQUIRE(outcome(parse_invite(text + "7")) == "invalid");
    REQUIRE(outcome(parse_invite("https://relay.example")) == "invalid");
}

TEST_CASE("an address is plain text of at most 255 bytes", "[crypto]") {
    auto invite = sample();
    invite.url = std::string(invite_url_max, 'x');
    REQUIRE(must(parse_invite(must(to_text(invite)))).url == invite.url);
    invite.url += "x";
    REQUIRE(outcome(to_text(invite)) == "invalid");
    invite.url = "https://relay example";
    REQUIRE(outcome(to_text(invite)) == "invalid");
    invite.url = "";
    REQUIRE(must(parse_invite(must(to_text(invite)))).url.empty());
}

TEST_CASE("the keys of an invite follow from its secret", "[crypto]") {
    const auto keys = invite_keys(sample());
    REQUIRE(keys.id == invite_id(keys.sign.key(), keys.box.key()));
    REQUIRE(invite_keys(must(parse_invite(must(to_text(sample()))))).id == keys.id);
    auto other = sample();
    other.secret.span()[15] ^= 1;
    REQUIRE(invite_keys(other).id != keys.id);
}

TEST_CASE("base 32 gives back every size of bytes, in one way only", "[crypto]") {
    for (std::size_t size = 0; size < 20; ++size) {
        const Bytes bytes(size, 0xA7);
        const auto text = to_base32(bytes);
        REQUIRE(from_base32(text) == bytes);
        if (size == 1) REQUIRE(text == "MW");
    }
    REQUIRE_FALSE(from_base32("MX").has_value());   // a bit that no byte has
    REQUIRE_FALSE(from_base32("MW0").has_value());  // a digit too many
    REQUIRE_FALSE(from_base32("U0").has_value());   // no digit of ours
    REQUIRE(from_base32("il-Oo").has_value() == from_base32("1100").has_value());
}
