// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <filesystem>

#include "tests/cli/run.hpp"

using namespace trellis;
using namespace trellis::clients::test;

TEST_CASE("the demo keeps all its promises and leaves nothing behind", "[cli]") {
    const Folder folder;
    demo::Process::Order order;
    order.words = {TRELLIS_DEMO_PROGRAM, "--fast", "--folder", folder.file("demo")};
    auto started = demo::Process::start(order);
    REQUIRE(started);
    std::string said;
    while (auto line = (*started)->read_line(std::chrono::minutes(5))) said += *line + "\n";
    INFO(said);
    CHECK((*started)->wait() == 0);
    CHECK(said.find("✗") == std::string::npos);
    CHECK(said.find("\x1b[") == std::string::npos);
    CHECK(std::filesystem::is_empty(folder.file("demo")));
}
