// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret/pin.hpp"

#include "core/base/limits.hpp"
#include "tests/crypto/expect.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

std::string plain(std::string_view typed) {
    const auto pin = Pin::parse(as_bytes(typed));
    return pin ? std::string(as_text(pin->view())) : "refused";
}

std::string tier(std::string_view typed, bool hardware = false) {
    const auto pin = Pin::parse(as_bytes(typed));
    if (!pin) return "no pin";
    const auto judged = judge(*pin, hardware);
    return judged ? std::string(to_string(*judged)) : "refused";
}

}  // namespace

TEST_CASE("a PIN is the same whatever keyboard typed it", "[crypto]") {
    CHECK(plain("830517") == "830517");
    CHECK(plain("８３０５１７") == "830517");
    CHECK(plain("٨٣٠٥١٧") == "830517");
    CHECK(plain("۸۳۰۵۱۷") == "830517");
    CHECK(plain("८३०५१७") == "830517");
    CHECK(plain("⁸³⁰⁵¹⁷") == "830517");
    CHECK(plain("₈₃₀₅₁₇") == "830517");
    CHECK(plain("830517\n") == "830517");
    CHECK(plain("830517\r\n") == "830517");
    CHECK(plain("  two   words ") == "two words");
    CHECK(plain("two\u3000words") == "two words");
    CHECK(plain("ＴｗｏＷｏｒｄｓ") == "TwoWords");
    CHECK(plain("straße à 你好 🙂") == "straße à 你好 🙂");
    CHECK(plain("") == "");
}

TEST_CASE("what has two forms on two keyboards is no PIN", "[crypto]") {
    CHECK(plain("cafe\u0301 au lait") == "refused");
    CHECK(plain("zero\u200Bwidth") == "refused");
    CHECK(plain("soft\u00ADhyphen") == "refused");
    CHECK(plain("line\nbreak in it") == "refused");
    CHECK(plain("tab\tin it") == "refused");
    CHECK(plain(std::string_view("nul\0in it", 9)) == "refused");
    CHECK(plain("\xC0\x80") == "refused");
    CHECK(plain("\xED\xA0\x80") == "refused");
    CHECK(plain("\xF8") == "refused");
    CHECK(plain(std::string(limits::pin_bytes_max, 'x')).size() == limits::pin_bytes_max);
    CHECK(plain(std::string(limits::pin_bytes_max + 1, 'x')) == "refused");
}

TEST_CASE("a PIN says how good it is", "[crypto]") {
    CHECK(tier("830517") == "curious");
    CHECK(tier("830517", true) == "hardware");
    CHECK(tier("48301975628") == "curious");
    CHECK(tier("gx7!kp") == "curious");
    CHECK(tier("gx7!kpqw0zmvtr") == "curious");           // 14
    CHECK(tier("gx7!kpqw0zmvtrb") == "strong");           // 15
    CHECK(tier("raven copper lily torch mango seven") == "strong");
    CHECK(tier("raven copper lily torch mango seven", true) == "strong");
    CHECK(tier("一二三四五六七八九十百千万上下") == "strong");
    CHECK(tier("485930175620493") == "curious");  // fifteen digits are not fifteen letters
}

TEST_CASE("a PIN that everybody tries first is refused, hardware or not", "[crypto]") {
    for (const auto* typed :
         {"", "12345", "８３０５１", "111111", "000000", "123456", "654321", "345678", "890123",
          "987654", "123123", "121212", "112233", "159753", "19841984", "20252025", "password",
          "Password1", "trellis", "qwerty", "１２３４５６", "aaaaaaaaaaaaaaaaaaaa"}) {
        CAPTURE(typed);
        CHECK(tier(typed) == "refused");
        CHECK(tier(typed, true) == "refused");
    }
}
