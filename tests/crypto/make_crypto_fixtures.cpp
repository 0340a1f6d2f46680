// SPDX-License-Identifier: Apache-2.0
// Writes the fixtures of a new version of a format, by hand: from the root of the repository.
#include "tests/crypto/known_answers.hpp"
#include "tests/crypto/known_inbox.hpp"
#include "tests/crypto/known_seats.hpp"
#include "tests/crypto/known_shred.hpp"
#include "tests/crypto/known_trust.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

int main() {
    auto answers = trellis::test::known_answers();
    answers.merge(trellis::test::known_seats());
    answers.merge(trellis::test::known_trust());
    answers.merge(trellis::test::known_inbox());
    answers.merge(trellis::test::known_shred());
    for (const auto& [path, content] : answers) {
        if (std::filesystem::exists(path)) {
            std::printf("kept    %s\n", path.c_str());
            continue;
        }
        std::filesystem::create_directories(std::filesystem::path(path).parent_path());
        std::ofstream(path, std::ios::binary) << content;
        std::printf("written %s\n", path.c_str());
    }
    return 0;
}
