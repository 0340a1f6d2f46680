// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <catch2/catch.hpp>

#include "tests/cli/run.hpp"

namespace trellis::clients::test {

/// A server, an organisation, its first device and one space, as real programs and files.
struct District {
    Folder folder;
    Server server{folder};
    std::unique_ptr<Repl> centre = std::make_unique<Repl>(folder.file("centre.db"));
    std::string space;
    std::vector<std::string> sheets;

    District() {
        const auto made = centre->ask(R"({"op":"org_create","name":"D","url":")" + server.url() +
                                      "\"}");
        REQUIRE(made["ok"] == Json(true));
        for (const auto& sheet : *made["recovery"].array()) sheets.push_back(*sheet.string());
        space = text_of(centre->ask(R"({"op":"space_create","name":"School"})"), "space");
        sync(*centre);
    }
    std::string invite() {
        const auto made = centre->ask(R"({"op":"invite","role":"liaison","spaces":[{"space":")" +
                                      space + R"("}]})");
        sync(*centre);
        return text_of(made, "invite");
    }
    std::unique_ptr<Repl> join(const std::string& name) {
        auto repl = std::make_unique<Repl>(folder.file(name + ".db"));
        const auto code = repl->code(R"({"op":"join","invite":")" + invite() + R"(","name":")" +
                                     name + "\"}");
        REQUIRE(code.empty());
        sync(*repl);
        sync(*centre);
        sync(*repl);
        return repl;
    }
    static Json sync(Repl& repl) {
        auto reply = repl.ask(R"({"op":"sync"})");
        INFO(print_json(reply));
        REQUIRE(reply["ok"] == Json(true));
        return reply;
    }
    std::string put(Repl& repl, const std::string& name) const {
        const auto made = repl.ask(R"({"op":"put","space":")" + space +
                                   R"(","type":"household","fields":{"display_name":")" + name +
                                   "\"}}");
        return text_of(made, "rec");
    }
    static std::vector<std::string> names(Repl& repl) {
        const auto reply = repl.ask(
            R"({"op":"query","sql":"SELECT display_name FROM household ORDER BY 1"})");
        std::vector<std::string> names;
        for (const auto& row : *reply["rows"].array()) {
            names.push_back(text_of(row, "display_name"));
        }
        return names;
    }
    static std::string id(Repl& repl) { return text_of(repl.ask(R"({"op":"hello"})"), "device"); }
    static std::string digest(Repl& repl) {
        return text_of(repl.ask(R"({"op":"digest"})"), "digest");
    }
};

}  // namespace trellis::clients::test
