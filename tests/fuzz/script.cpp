// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/script.hpp"

namespace trellis::test {

std::vector<Bytes> steps_of(ByteView script) {
    constexpr std::size_t steps_max = 48;
    std::vector<Bytes> steps;
    Tape tape(script);
    while (!tape.is_empty() && steps.size() < steps_max) {
        const auto size = tape.u16();
        steps.push_back(to_bytes(tape.take(size)));
    }
    return steps;
}

Bytes script_of(const std::vector<Bytes>& steps) {
    Bytes script;
    for (const auto& step : steps) {
        const auto size = std::min<std::size_t>(step.size(), 0xFFFF);
        script.push_back(static_cast<std::uint8_t>(size));
        script.push_back(static_cast<std::uint8_t>(size >> 8U));
        append(script, ByteView(step).first(size));
    }
    return script;
}

void shuffle_steps(std::vector<Bytes>& steps, unsigned random) {
    const auto at = random / 8 % steps.size();
    const auto other = random / 512 % steps.size();
    switch (random % 4) {
        case 0: steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(at)); break;
        case 1: std::swap(steps[at], steps[other]); break;
        default:
            const auto copy = steps[other];
            steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(at), copy);
    }
}

Bytes step(std::uint8_t what, const std::vector<std::uint8_t>& numbers, ByteView rest) {
    Bytes bytes;
    bytes.reserve(1 + numbers.size() + rest.size());
    bytes.push_back(what);
    for (const auto number : numbers) bytes.push_back(number);
    append(bytes, rest);
    return bytes;
}

}  // namespace trellis::test
