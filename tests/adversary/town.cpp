// SPDX-License-Identifier: Apache-2.0
#include "tests/adversary/town.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace trellis::test {

Town::Town() {
    relay.options.new_orgs = true;
    relay.restart();
    centre.found();
    space = centre.add_space("Mission High");
    other_space = centre.add_space("Counselling");
    centre.add_member(reader, false);
    centre.add_member(third, false);
    REQUIRE(pass(centre).complete);
    reader.adopt(centre);
    third.adopt(centre);
    centre.write(space, "the beginning");
    third.write(space, "of the third");
    meet();
    require_equal();
}

void Town::meet() {
    for (int round = 0; round < 2; ++round) {
        for (auto* device : {&centre, &reader, &third}) {
            const auto progress = pass(*device);
            CAPTURE(progress.failure ? progress.failure->message : "");
            REQUIRE_FALSE(progress.failure);
        }
    }
}

void Town::write(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        centre.write(space, "a family sleeps in a car " + std::to_string(log().size() + i));
    }
    REQUIRE(pass(centre).complete);
    REQUIRE(pass(centre).complete);
}

void Town::require_part_of(const std::vector<std::string>& now,
                           const std::vector<std::string>& before,
                           const std::vector<std::string>& truth) {
    const auto lacks = [](const std::vector<std::string>& all, const std::string& text) {
        return std::find(all.begin(), all.end(), text) == all.end();
    };
    for (const auto& text : now) REQUIRE_FALSE(lacks(truth, text));
    for (const auto& text : before) REQUIRE_FALSE(lacks(now, text));
}

void Town::require_equal() const {
    REQUIRE(shown(reader) == shown(centre));
    REQUIRE(shown(third) == shown(centre));
}

}  // namespace trellis::test
