// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/laws/ledger.hpp"

namespace trellis::laws {
namespace {

const std::vector<Stamp> stopped_clock{{0, ClockQuality::plausible}};

TEST_CASE("a register holds the values that nobody who saw them replaced", "[laws]") {
    must_hold({"register", choices({{Verb::assign, 1, 0},
                                    {Verb::assign, 1, 1},
                                    {Verb::assign, 1, 2, Names::oldest}})}, 5);
    must_hold({"register, blind writes", choices({{Verb::assign, 1, 0},
                                                  {Verb::assign, 1, 1, Names::none}})}, 5);
}

TEST_CASE("a reference to another record is a value like any other", "[laws]") {
    const std::vector<Act> acts{{{Verb::assign, 1, a_reference}, {Verb::add, 2, a_reference + 1}},
                                {{Verb::assign, 1, a_reference + 1}, {Verb::add, 2, a_reference}},
                                {{Verb::remove, 2, a_reference}}};
    must_hold({"references", choices(acts, stopped_clock)}, 5);
}

TEST_CASE("an element is in a set while an add that no removal saw is", "[laws]") {
    World world{"set", choices({{Verb::add, 1, 0},
                                {Verb::remove, 1, 0},
                                {Verb::remove, 1, 0, Names::oldest}})};
    world.choices.push_back({{{Verb::add, 1, 1}, {Verb::remove, 1, 0}}});
    must_hold(world, 5);
    const std::vector<Act> acts{
        {{Verb::add, 1, 0}, {Verb::add, 1, 2}, {Verb::remove, 1, 1}},
        {{Verb::add, 1, 1}, {Verb::remove, 1, 0}, {Verb::remove, 1, 2}},
        {{Verb::remove, 1, 1}, {Verb::add, 1, 1}}};
    must_hold({"set, several elements at once", choices(acts, stopped_clock)}, 5);
}

TEST_CASE("a counter is the sum of all increments", "[laws]") {
    must_hold({"counter", choices({{Verb::increment, 1, 1},
                                   {Verb::increment, 1, -2},
                                   {Verb::increment, 2, 5}})}, 5);
}

TEST_CASE("an alarm is open until a close that saw it, at the highest level given", "[laws]") {
    must_hold({"protective status", choices({{Verb::raise, 1, 1},
                                             {Verb::advance, 1, 2, Names::oldest},
                                             {Verb::advance, 1, 4, Names::all},
                                             {Verb::close, 1, 0},
                                             {Verb::close, 1, 0, Names::oldest}})}, 5);
}

TEST_CASE("a record is deleted while deletes saw every write, and restores lift what they saw",
          "[laws]") {
    must_hold({"life of a record", choices({{Verb::assign, 1, 0},
                                            {Verb::erase},
                                            {Verb::restore},
                                            {Verb::restore, 0, 0, Names::oldest}})}, 5);
    must_hold({"life, every kind of write", choices({{Verb::append, 3},
                                                     {Verb::raise, 2, 1},
                                                     {Verb::unknown},
                                                     {Verb::erase}})}, 5);
}

TEST_CASE("records are the same while linked by links that no unlink saw", "[laws]") {
    must_hold({"links", choices({{Verb::link, 0, 0},
                                 {Verb::link, 0, 1},
                                 {Verb::unlink, 0, 0},
                                 {Verb::unlink, 0, 1, Names::oldest}})}, 5);
}

TEST_CASE("a whole record is all of this at once", "[laws]") {
    World world{"whole record", choices({{Verb::remove, 2, 0},
                                         {Verb::raise, 4, 2},
                                         {Verb::close, 4, 0},
                                         {Verb::append, 5},
                                         {Verb::erase},
                                         {Verb::restore},
                                         {Verb::link, 0, 0},
                                         {Verb::unknown}})};
    world.choices.push_back({{{Verb::assign, 1, 1}, {Verb::add, 2, 0}, {Verb::increment, 3, 1}}});
    must_hold(world, 4);
}

TEST_CASE("ops of several kinds on one field do not disturb each other", "[laws]") {
    must_hold({"one field, several kinds", choices({{Verb::assign, 1, 0},
                                                    {Verb::add, 1, 0},
                                                    {Verb::remove, 1, 0},
                                                    {Verb::increment, 1, 1},
                                                    {Verb::raise, 1, 1},
                                                    {Verb::close, 1, 0}})}, 4);
}

}  // namespace
}  // namespace trellis::laws
