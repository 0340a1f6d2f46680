// SPDX-License-Identifier: Apache-2.0
// C12: the server never learns a word.
#include <algorithm>

#include "tests/sim/checkers/checkers.hpp"
#include "tests/sim/fleet.hpp"

namespace trellis::sim {
namespace {

/// The word as it would look in other clothes. Base64 depends on where it starts: the middle of
/// it is the same for each of the three.
std::vector<Bytes> disguises(const std::string& word) {
    std::vector<Bytes> all;
    all.push_back(to_bytes(as_bytes(word)));
    all.push_back(to_bytes(as_bytes(to_hex(as_bytes(word)))));
    Bytes wide;
    for (const char letter : word) {
        wide.push_back(static_cast<std::uint8_t>(letter));
        wide.push_back(0);
    }
    all.push_back(std::move(wide));
    for (std::size_t shift = 0; shift < 3; ++shift) {
        const auto text = to_base64(as_bytes(std::string(shift, 'x') + word));
        all.push_back(to_bytes(as_bytes(text.substr(4, text.size() - 8))));
    }
    return all;
}

bool holds(const Bytes& bytes, const Bytes& word) {
    return std::search(bytes.begin(), bytes.end(),
                       std::boyer_moore_horspool_searcher(word.begin(), word.end())) != bytes.end();
}

}  // namespace

void check_blindness(Fleet& fleet) {
    const auto words = disguises(fleet.canary);
    for (const auto& file : fleet.server.disk().files()) {
        const auto bytes = fleet.server.disk().read(file);
        if (!bytes) continue;
        for (const auto& word : words) {
            if (holds(*bytes, word)) {
                return fleet.world.fail("C12", "a word of a record lies in the server's " + file);
            }
        }
    }
    // A device's disk is under the page cipher.
    for (std::size_t i = 0; i < fleet.size(); ++i) {
        for (const auto& file : fleet.device(i).disk().files()) {
            const auto bytes = fleet.device(i).disk().read(file);
            if (bytes && holds(*bytes, words.front())) {
                return fleet.world.fail("C12", "a word lies in the clear on " +
                                                   fleet.device(i).name());
            }
        }
    }
}

}  // namespace trellis::sim
