// SPDX-License-Identifier: Apache-2.0
// All targets for libFuzzer in one program; TRELLIS_FUZZ_TARGET in the environment names the one
// to run. From the root of the repository; -seeds=FOLDER writes the target's seeds there and
// ends, -list says the names.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include "tests/fuzz/script.hpp"
#include "tests/fuzz/targets.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max);

namespace {

using namespace trellis;
using namespace trellis::test;

const FuzzTarget& target() {
    static const FuzzTarget* const chosen = [] {
        const char* name = std::getenv("TRELLIS_FUZZ_TARGET");
        for (const auto& each : fuzz_targets()) {
            if (name != nullptr && std::string_view(each.name) == name) return &each;
        }
        std::fprintf(stderr, "TRELLIS_FUZZ_TARGET names no target; -list shows them\n");
        std::exit(2);
    }();
    return *chosen;
}

void write_seeds(const std::string& folder) {
    std::size_t number = 0;
    for (const auto& seed : target().seeds()) {
        std::ofstream(folder + "/seed" + std::to_string(number++), std::ios::binary)
            << as_text(seed);
    }
    std::printf("%zu seeds\n", number);
}

std::size_t put(const std::vector<Bytes>& steps, std::uint8_t* data, std::size_t max) {
    const auto script = script_of(steps);
    const auto size = std::min(script.size(), max);
    std::copy_n(script.begin(), size, data);
    return size;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
    for (int i = 1; i < *count; ++i) {
        const std::string_view word((*arguments)[i]);
        if (word == "-list") {
            for (const auto& each : fuzz_targets()) std::printf("%s\n", each.name);
            std::exit(0);
        }
        if (word.starts_with("-seeds=")) {
            write_seeds(std::string(word.substr(7)));
            std::exit(0);
        }
    }
    // What is made once, keys and databases, is not in the first input's two seconds.
    static_cast<void>(target().seeds());
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    target().run({data, size});
    return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max, unsigned random) {
    auto steps = target().is_script ? steps_of({data, size}) : std::vector<Bytes>();
    if (steps.empty() || random % 16 == 0) return LLVMFuzzerMutate(data, size, max);
    random /= 16;
    if (random % 2 == 0) {
        shuffle_steps(steps, random / 2);
    } else {
        auto& one = steps[random / 2 % steps.size()];
        const auto used = one.size();
        one.resize(std::min<std::size_t>(used + 64, 0xFFFF));
        one.resize(LLVMFuzzerMutate(one.data(), std::min(used, one.size()), one.size()));
    }
    return put(steps, data, max);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t one_size,
                                                 const std::uint8_t* other, std::size_t other_size,
                                                 std::uint8_t* out, std::size_t max,
                                                 unsigned random) {
    auto steps = steps_of({one, one_size});
    const auto more = steps_of({other, other_size});
    if (!target().is_script || steps.empty() || more.empty()) return 0;
    const auto at = static_cast<std::ptrdiff_t>(random % (steps.size() + 1));
    const auto from = static_cast<std::ptrdiff_t>(random / 64 % more.size());
    const auto size = std::min<std::ptrdiff_t>(1 + random / 4096 % 4,
                                               static_cast<std::ptrdiff_t>(more.size()) - from);
    steps.insert(steps.begin() + at, more.begin() + from, more.begin() + from + size);
    return put(steps, out, max);
}
