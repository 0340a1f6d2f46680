// SPDX-License-Identifier: Apache-2.0
// One target for libFuzzer, named by TRELLIS_FUZZ_TARGET. Run from the root of the repository;
// with -seeds=FOLDER it writes the target's seeds there and ends.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include "tests/fuzz/targets.hpp"

namespace {

const trellis::test::FuzzTarget& target() {
    for (const auto& each : trellis::test::fuzz_targets()) {
        if (std::string_view(each.name) == TRELLIS_FUZZ_TARGET) return each;
    }
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
    for (int i = 1; i < *count; ++i) {
        const std::string_view word((*arguments)[i]);
        if (!word.starts_with("-seeds=")) continue;
        std::size_t number = 0;
        for (const auto& seed : target().seeds()) {
            std::ofstream(std::string(word.substr(7)) + "/seed" + std::to_string(number++),
                          std::ios::binary)
                << trellis::as_text(seed);
        }
        std::printf("%zu seeds\n", number);
        std::exit(0);
    }
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    target().run({data, size});
    return 0;
}
