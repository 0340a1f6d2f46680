// SPDX-License-Identifier: Apache-2.0
#include "server/net/static_files.hpp"

#include <catch2/catch.hpp>

#include "tests/net/world.hpp"

using namespace trellis;

TEST_CASE("a folder becomes a map, and index.html its root", "[net]") {
    const test::TemporaryFolder folder;
    folder.write("index.html", "<p>hello");
    folder.write("assets/app.js", "1");
    folder.write("assets/core.wasm", std::string("\0asm", 4));
    folder.write(".secret", "no");
    folder.write(".git/config", "no");
    const auto files = server::StaticFiles::load(folder.path());
    REQUIRE(files);
    CHECK(files->size() == 3);
    REQUIRE(files->find("/") != nullptr);
    CHECK(files->find("/")->content == "<p>hello");
    CHECK(files->find("/") == files->find("/index.html"));
    CHECK(files->find("/assets/app.js")->media_type == "text/javascript; charset=utf-8");
    CHECK(files->find("/assets/core.wasm")->media_type == "application/wasm");
    CHECK(files->find("/assets/core.wasm")->content.size() == 4);
    CHECK(files->find("/")->etag != files->find("/assets/app.js")->etag);
}

TEST_CASE("nothing outside the folder has a path", "[net]") {
    const test::TemporaryFolder folder;
    const test::TemporaryFolder other;
    folder.write("index.html", "a");
    std::filesystem::create_symlink(other.write("secret", "b"), folder.path() / "link");
    const auto files = server::StaticFiles::load(folder.path());
    REQUIRE(files);
    const auto* const path =
        GENERATE("/link", "/../index.html", "//index.html", "/./index.html", "", "/index.html/",
                 "/%69ndex.html", "index.html", "/etc/passwd");
    CAPTURE(path);
    CHECK(files->find(path) == nullptr);
}

TEST_CASE("a folder that is not there is an error", "[net]") {
    const test::TemporaryFolder folder;
    const auto files = server::StaticFiles::load(folder.path() / "nowhere");
    REQUIRE_FALSE(files);
    CHECK(files.error().code == Code::not_found);
}
