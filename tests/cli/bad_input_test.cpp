// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/cli/run.hpp"

using namespace trellis;
using namespace trellis::clients::test;

namespace {

const std::string key_a(64, 'a');
const std::string key_b(64, 'b');

struct District {
    Folder folder;
    std::string database = folder.file("a.db");

    District() {
        folder.write("a.key", key_a + "\n");
        folder.write("b.key", key_b + "\n");
        REQUIRE(run({"init", "D", "--url", "ws://127.0.0.1:9/sync"}, "a.key").status == 0);
        REQUIRE(run({"space", "School"}, "a.key").status == 0);
        REQUIRE(run({"put", "household", "display_name=Ruiz"}, "a.key").status == 0);
    }
    Ended run(std::vector<std::string> words, const std::string& key) const {
        words.insert(words.end(), {"--db", database, "--key-file", folder.file(key)});
        return run_trellis(words);
    }
    std::string rows() const { return run({"list", "household"}, "a.key").out; }
};

/// One sentence for a person on standard error, with the code behind it.
void check_refused(const Ended& ended, const std::string& code) {
    INFO(ended.err);
    CHECK(ended.status != 0);
    CHECK(ended.status < 128);
    CHECK(ended.err.starts_with("trellis: "));
    CHECK(ended.err.find("[" + code + "]") != std::string::npos);
    CHECK(std::count(ended.err.begin(), ended.err.end(), '\n') == 1);
}

}  // namespace

TEST_CASE("a wrong key opens nothing and harms nothing", "[cli]") {
    const District district;
    const auto before = district.rows();
    check_refused(district.run({"list", "household"}, "b.key"), "wrong_key");
    check_refused(district.run({"list", "household"}, "missing.key"), "not_found");
    district.folder.write("short.key", "abc");
    check_refused(district.run({"list", "household"}, "short.key"), "invalid");
    CHECK(district.rows() == before);
    const auto json = district.run({"list", "household", "--json"}, "b.key");
    CHECK(json.json()["ok"] == Json(false));
    CHECK(json.json()["code"] == Json("wrong_key"));
}

TEST_CASE("a foreign or damaged database is refused as it is", "[cli]") {
    const District district;
    district.folder.write("foreign.db", std::string(8192, 'x'));
    const auto key = district.folder.file("a.key");
    check_refused(run_trellis({"spaces", "--db", district.folder.file("foreign.db"), "--key-file",
                               key}),
                  "wrong_key");
    std::filesystem::copy_file(district.database, district.folder.file("cut.db"));
    std::filesystem::resize_file(district.folder.file("cut.db"), 5000);
    const auto cut = run_trellis({"list", "household", "--db", district.folder.file("cut.db"),
                                  "--key-file", key});
    INFO(cut.err);
    CHECK(cut.status == 1);
    CHECK(std::count(cut.err.begin(), cut.err.end(), '\n') == 1);
    CHECK(district.rows().find("Ruiz") != std::string::npos);
}

TEST_CASE("unknown types, fields, records and values are named in one sentence", "[cli]") {
    const District district;
    const auto before = district.rows();
    const auto run = [&](const std::vector<std::string>& words) {
        return district.run(words, "a.key");
    };
    check_refused(run({"put", "housold", "a=b"}), "invalid");
    check_refused(run({"put", "household", "no_such=1"}), "invalid");
    check_refused(run({"put", "household", "display_name"}), "invalid");
    check_refused(run({"put", "check_in", "when=tomorrowish"}), "invalid");
    check_refused(run({"put", "check_in", "method=telepathy"}), "invalid");
    check_refused(run({"put", "check_in", "household=ffff"}), "not_found");
    check_refused(run({"put", "household", "--space", "Moon", "display_name=x"}), "not_found");
    check_refused(run({"get", "ffff"}), "not_found");
    check_refused(run({"get", "x"}), "invalid");
    check_refused(run({"join", "TRL1:NONSENSE"}), "invalid");
    check_refused(run({"query", "DELETE FROM household"}), "denied");
    check_refused(run({"apply", "/nowhere"}), "not_found");
    check_refused(run({"sync"}), "offline");
    CHECK(district.rows() == before);
}

TEST_CASE("without a database every command but init and join says so", "[cli]") {
    const Folder folder;
    check_refused(run_trellis({"list", "household", "--db", folder.file("none.db")}), "not_found");
    CHECK_FALSE(std::filesystem::exists(folder.file("none.db")));
    CHECK_FALSE(std::filesystem::exists(folder.file("none.db.key")));
}

TEST_CASE("a port in use is a sentence and an exit status of trellisd", "[cli]") {
    const Folder folder;
    const Server first(folder);
    const Folder other;
    demo::Process::Order order;
    order.words = {TRELLISD_PROGRAM, "--store", "sqlite:" + other.file("s.db"), "--listen",
                   "127.0.0.1:" + std::to_string(first.port())};
    order.error_file = other.file("log");
    auto second = demo::Process::start(order);
    REQUIRE(second);
    const auto line = (*second)->read_line(std::chrono::minutes(1));
    CHECK_FALSE(line.has_value());
    CHECK((*second)->wait() == 2);
    std::ifstream log(other.file("log"));
    std::string said((std::istreambuf_iterator<char>(log)), std::istreambuf_iterator<char>());
    CHECK(said.find("already listens on 127.0.0.1:") != std::string::npos);
}

TEST_CASE("a database that is open in one program is refused to another", "[cli]") {
    const District district;
    {
        Repl repl(district.database, {"--key-file", district.folder.file("a.key")});
        REQUIRE(repl.ask(R"({"op":"hello"})")["ok"] == Json(true));
        check_refused(district.run({"put", "household", "display_name=Okafor"}, "a.key"), "busy");
    }
    CHECK(district.run({"put", "household", "display_name=Okafor"}, "a.key").status == 0);
}
