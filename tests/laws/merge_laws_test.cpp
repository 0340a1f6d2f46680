// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "tests/laws/walk.hpp"

namespace trellis::laws {
namespace {

/// One op longer than usual with TRELLIS_LAWS_MORE=1, one shorter with -1.
std::size_t events(std::size_t usual) {
    const char* more = std::getenv("TRELLIS_LAWS_MORE");
    return usual + static_cast<std::size_t>(more == nullptr ? 0 : std::atoi(more));
}

void must_hold(const World& world, const std::vector<History>& histories) {
    Count count;
    const auto wrong = walk(world, histories, count);
    if (wrong) FAIL(*wrong);
    std::cout << world.name << ": " << count.histories << " histories of "
              << histories.front().size() << " ops, " << count.cases << " cases, " << count.edges
              << " arrivals\n";
}

/// With every name of every replica up to one op less, then up to renaming.
void must_hold_up_to_renaming(const World& world, std::size_t usual) {
    for (std::size_t n = 1; n < events(usual); ++n) must_hold(world, all_histories(n, 3));
    must_hold(world, histories_up_to_renaming(events(usual), 3));
}

std::vector<Act> alone(const std::vector<Deed>& deeds) {
    std::vector<Act> acts;
    for (const auto& deed : deeds) acts.push_back({deed});
    return acts;
}

TEST_CASE("a register holds the values that nobody who saw them replaced", "[laws]") {
    World world{"register", alone({{Verb::assign, 1, 0},
                                   {Verb::assign, 1, 1},
                                   {Verb::assign, 1, 2, Names::oldest}})};
    for (std::size_t n = 1; n <= events(5); ++n) must_hold(world, all_histories(n, 3));
    world.name = "register, blind writes";
    world.acts = alone({{Verb::assign, 1, 0}, {Verb::assign, 1, 1, Names::none}});
    must_hold_up_to_renaming(world, 5);
}

TEST_CASE("an element is in a set while an add that no removal saw is", "[laws]") {
    World world{"set", alone({{Verb::add, 1, 0},
                              {Verb::remove, 1, 0},
                              {Verb::remove, 1, 0, Names::oldest}})};
    world.acts.push_back({{Verb::add, 1, 1}, {Verb::remove, 1, 0}});
    must_hold_up_to_renaming(world, 5);
    world.name = "set, several elements at once";
    world.acts = {{{Verb::add, 1, 0}, {Verb::add, 1, 2}, {Verb::remove, 1, 1}},
                  {{Verb::add, 1, 1}, {Verb::remove, 1, 0}, {Verb::remove, 1, 2}},
                  {{Verb::remove, 1, 1}, {Verb::add, 1, 1}}};
    must_hold_up_to_renaming(world, 5);
}

TEST_CASE("a counter is the sum of all increments", "[laws]") {
    const World world{"counter", alone({{Verb::increment, 1, 1},
                                        {Verb::increment, 1, -2},
                                        {Verb::increment, 2, 5}})};
    must_hold_up_to_renaming(world, 5);
}

TEST_CASE("an alarm is open until a close that saw it, at the highest level given", "[laws]") {
    const World world{"protective status", alone({{Verb::raise, 1, 1},
                                                  {Verb::advance, 1, 2, Names::oldest},
                                                  {Verb::advance, 1, 4, Names::all},
                                                  {Verb::close, 1, 0},
                                                  {Verb::close, 1, 0, Names::oldest}})};
    must_hold_up_to_renaming(world, 5);
}

TEST_CASE("a record is deleted while deletes saw every write, and restores lift what they saw",
          "[laws]") {
    World world{"presence", alone({{Verb::assign, 1, 0},
                                   {Verb::erase},
                                   {Verb::restore},
                                   {Verb::restore, 0, 0, Names::oldest}})};
    must_hold_up_to_renaming(world, 5);
    world.name = "presence, every kind of write";
    world.acts = alone({{Verb::append, 3}, {Verb::raise, 2, 1}, {Verb::unknown}, {Verb::erase}});
    must_hold_up_to_renaming(world, 4);
}

TEST_CASE("records are the same while linked by links that no unlink saw", "[laws]") {
    const World world{"links", alone({{Verb::link, 0, 0},
                                      {Verb::link, 0, 1},
                                      {Verb::unlink, 0, 0},
                                      {Verb::unlink, 0, 1, Names::oldest}})};
    must_hold_up_to_renaming(world, 5);
}

TEST_CASE("a whole record is all of this at once", "[laws]") {
    World world{"whole record", alone({{Verb::assign, 1, 0},
                                       {Verb::remove, 2, 0},
                                       {Verb::raise, 4, 2},
                                       {Verb::close, 4, 0},
                                       {Verb::append, 5},
                                       {Verb::erase},
                                       {Verb::restore},
                                       {Verb::link, 0, 0},
                                       {Verb::unknown}})};
    world.acts.push_back({{Verb::assign, 1, 1}, {Verb::add, 2, 0}, {Verb::increment, 3, 1}});
    must_hold_up_to_renaming(world, 4);
}

TEST_CASE("ops of several kinds on one field do not disturb each other", "[laws]") {
    const World world{"one field, several kinds", alone({{Verb::assign, 1, 0},
                                                         {Verb::add, 1, 0},
                                                         {Verb::remove, 1, 0},
                                                         {Verb::increment, 1, 1},
                                                         {Verb::raise, 1, 1},
                                                         {Verb::close, 1, 0}})};
    must_hold_up_to_renaming(world, 4);
}

}  // namespace
}  // namespace trellis::laws
