// SPDX-License-Identifier: Apache-2.0
// V-01: everything that a copied tablet gives away to somebody who only looks.
#include <algorithm>

#include "tests/crypto/expect.hpp"
#include "tests/support/shared_tablet.hpp"

using namespace trellis;
using namespace trellis::test;

namespace {

Bytes utf16(std::string_view text, bool is_big) {
    Bytes bytes;
    for (const char c : text) {
        if (is_big) bytes.push_back(0);
        bytes.push_back(static_cast<std::uint8_t>(c));
        if (!is_big) bytes.push_back(0);
    }
    return bytes;
}

/// The word as a file may hold it. Base64 of a word in the middle of a text depends on what is
/// before it, so its inner digits are looked for at each of the three places.
std::vector<Bytes> forms_of(const std::string& word) {
    std::vector<Bytes> forms = {to_bytes(as_bytes(word)), utf16(word, false), utf16(word, true),
                                to_bytes(as_bytes(to_hex(as_bytes(word))))};
    forms.emplace_back(word.rbegin(), word.rend());
    for (std::size_t before = 0; before < 3; ++before) {
        const auto digits = to_base64(as_bytes(std::string(before, 'x') + word + "xx"));
        const auto start = (before * 8 + 5) / 6;
        const auto end = (before + word.size()) * 8 / 6;
        forms.push_back(to_bytes(as_bytes(digits.substr(start, end - start))));
    }
    return forms;
}

/// The first form of the word that a file holds, as "file: form".
std::string found(const std::map<std::string, Bytes>& image, const std::string& word) {
    const auto forms = forms_of(word);
    for (const auto& [name, bytes] : image) {
        for (std::size_t i = 0; i < forms.size(); ++i) {
            const auto at = std::search(bytes.begin(), bytes.end(), forms[i].begin(),
                                        forms[i].end());
            if (at != bytes.end()) return name + ": form " + std::to_string(i);
        }
    }
    return "";
}

}  // namespace

TEST_CASE("V-01 no planted word is found in any file of a tablet, open or locked", "[adversary]") {
    SharedTablet tablet;
    tablet.member("Ben", "274910", 1);
    const auto ana = tablet.add("Lockscreen", "830517");
    auto seat = tablet.unlock(ana, "830517");
    tablet.join(*seat, "Quillonberry tablet");
    std::vector<std::string> planted = {"Quillonberry", "830517", "Made-up District"};
    for (int i = 0; i < 200; ++i) {
        planted.push_back("Zebrafinch" + std::to_string(1000 + i));
        tablet.write(*seat, planted.back() + " family");
    }
    const auto check = [&](const char* when) {
        const auto image = tablet.folder().image();
        REQUIRE(image.size() > 5);
        for (const auto& word : planted) {
            CAPTURE(when, word);
            REQUIRE(found(image, word).empty());
        }
    };
    check("open");
    must(tablet.seats().lock(std::move(seat)));
    check("locked");
    must(tablet.seats().ask_rescue(ana));
    check("asking for a rescue");
    must(tablet.seats().destroy(ana));
    check("destroyed");
    // The search finds what is there: what the lock screen shows is not hidden.
    REQUIRE(found(tablet.folder().image(), "Lockscreen") == ana.hex() + "/label: form 0");
}

TEST_CASE("V-01 no key lies in any file of a tablet", "[adversary]") {
    SharedTablet tablet;
    const auto ana = tablet.member("Ana", "830517", 1);
    auto seat = tablet.unlock(ana, "830517");
    const auto& key = seat->replica->device_key();
    const Bytes secrets[] = {to_bytes(seat->secrets.database.view()),
                             to_bytes(seat->vault_key.view()), to_bytes(key.sign().seed()),
                             to_bytes(key.box().seed())};
    for (const auto& secret : secrets) {
        for (const auto& [name, bytes] : tablet.folder().image()) {
            CAPTURE(name);
            CHECK(std::search(bytes.begin(), bytes.end(), secret.begin(), secret.end()) ==
                  bytes.end());
        }
    }
    must(tablet.seats().lock(std::move(seat)));
}
