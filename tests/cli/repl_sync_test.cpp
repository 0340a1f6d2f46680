// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/cli/run.hpp"

using namespace trellis;
using namespace trellis::clients::test;

namespace {

struct District {
    Folder folder;
    Server server{folder};
    Repl centre{folder.file("centre.db")};
    std::string space;

    District() {
        const auto found = R"({"op":"org_create","name":"D","url":")" + server.url() + "\"}";
        REQUIRE(centre.code(found) == "");
        space = text_of(centre.ask(R"({"op":"space_create","name":"School"})"), "space");
        REQUIRE(centre.code(R"({"op":"sync"})") == "");
    }
    std::string invite(const std::string& more = "") {
        const auto made = centre.ask(R"({"op":"invite","role":"liaison","spaces":[{"space":")" +
                                     space + R"(","rights":["read","write"]}])" + more + "}");
        REQUIRE(centre.code(R"({"op":"sync"})") == "");
        return text_of(made, "invite");
    }
    std::string join(Repl& repl, const std::string& invite) {
        return repl.code(R"({"op":"join","name":"Ana","invite":")" + invite + "\"}");
    }
    std::string put(Repl& repl, const std::string& name) {
        const auto made = repl.ask(R"({"op":"put","space":")" + space +
                                   R"(","type":"household","fields":{"display_name":")" + name +
                                   "\"}}");
        REQUIRE(made["ok"] == Json(true));
        return text_of(made, "dot");
    }
    std::string ack(Repl& repl, const std::string& dot) {
        return text_of(repl.ask(R"({"op":"acks","dots":[")" + dot + "\"]}")["acks"], dot);
    }
};

}  // namespace

TEST_CASE("two repls that sync show the same, and acks climb no faster than the truth", "[cli]") {
    District district;
    Repl ana(district.folder.file("ana.db"));
    REQUIRE(district.join(ana, district.invite()).empty());
    const auto dot = district.put(ana, "Ruiz");
    CHECK(district.ack(ana, dot) == "L0");
    REQUIRE(ana.code(R"({"op":"sync"})").empty());
    CHECK(district.ack(ana, dot) == "L1");
    REQUIRE(district.centre.code(R"({"op":"sync"})").empty());
    REQUIRE(ana.code(R"({"op":"sync"})").empty());
    CHECK(district.ack(ana, dot) == "L2");
    CHECK(ana.ask(R"({"op":"digest"})")["digest"] ==
          district.centre.ask(R"({"op":"digest"})")["digest"]);
    CHECK(ana.ask(R"({"op":"export"})")["canonical"] ==
          district.centre.ask(R"({"op":"export"})")["canonical"]);
}

TEST_CASE("the last write of a round is seen by others, too", "[cli]") {
    District district;
    Repl ana(district.folder.file("ana.db"));
    Repl ben(district.folder.file("ben.db"));
    REQUIRE(district.join(ana, district.invite()).empty());
    REQUIRE(district.join(ben, district.invite()).empty());
    const auto first = district.put(ana, "Ruiz");
    const auto last = district.put(ben, "Okafor");
    for (int round = 0; round < 4; ++round) {
        for (auto* repl : {&district.centre, &ana, &ben}) {
            REQUIRE(repl->code(R"({"op":"sync"})").empty());
        }
    }
    CHECK(district.ack(ana, first) == "L2");
    CHECK(district.ack(ben, last) == "L2");
}

TEST_CASE("an invite works once, and not after it expired", "[cli]") {
    District district;
    const auto invite = district.invite();
    Repl ana(district.folder.file("ana.db"));
    Repl ben(district.folder.file("ben.db"));
    REQUIRE(district.join(ana, invite).empty());
    CHECK(district.join(ben, invite) == "denied");
    const auto short_lived = district.invite(R"(,"expires_ms":3600000)");
    REQUIRE(ben.code(R"({"op":"clock","offset_ms":7200000})").empty());
    CHECK(district.join(ben, short_lived) == "denied");
    CHECK_FALSE(ben.ask(R"({"op":"hello"})").has("org"));
}

TEST_CASE("a device whose clock stands in 1970 can write, and can sync", "[cli]") {
    District district;
    Repl ana(district.folder.file("ana.db"));
    REQUIRE(ana.code(R"({"op":"clock","offset_ms":-1750000000000})").empty());
    const auto joined = district.join(ana, district.invite());
    CHECK((joined.empty() || joined == "denied"));
    if (!joined.empty()) return;
    const auto dot = district.put(ana, "Ruiz");
    REQUIRE(ana.code(R"({"op":"sync"})").empty());
    CHECK(district.ack(ana, dot) == "L1");
}

TEST_CASE("with the server gone a sync is offline, and writing goes on", "[cli]") {
    District district;
    CHECK(district.server.stop() == 0);
    const auto reply = district.centre.ask(R"({"op":"sync"})");
    CHECK(reply["code"] == Json("offline"));
    CHECK_FALSE(text_of(reply, "message").empty());
    const auto dot = district.put(district.centre, "Ruiz");
    CHECK(district.ack(district.centre, dot) == "L0");
    const Server again(district.folder, district.server.port());
    REQUIRE(district.centre.code(R"({"op":"sync"})").empty());
    CHECK(district.ack(district.centre, dot) == "L1");
}

TEST_CASE("a bundle brings what another holds, once, and a truncated one nothing", "[cli]") {
    District district;
    Repl ana(district.folder.file("ana.db"));
    REQUIRE(district.join(ana, district.invite()).empty());
    REQUIRE(ana.code(R"({"op":"sync"})").empty());
    // A bundle carries no members: the centre learns of Ana here.
    REQUIRE(district.centre.code(R"({"op":"sync"})").empty());
    district.put(ana, "Ruiz");
    const auto path = district.folder.file("b.trl");
    REQUIRE(ana.code(R"({"op":"bundle","space":")" + district.space + R"(","path":")" + path +
                     "\"}").empty());
    const auto before = district.centre.ask(R"({"op":"digest"})")["digest"];
    std::FILE* file = std::fopen(path.c_str(), "rb");
    REQUIRE(file != nullptr);
    std::string bytes(1 << 20, '\0');
    bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file));
    std::fclose(file);
    for (const auto size : {std::size_t{0}, std::size_t{5}, bytes.size() / 2, bytes.size() - 1}) {
        district.folder.write("cut.trl", bytes.substr(0, size));
        const auto cut = R"({"op":"apply","path":")" + district.folder.file("cut.trl") + "\"}";
        CAPTURE(size);
        const auto code = district.centre.code(cut);
        CHECK((code == "corrupt" || code == "invalid"));
        CHECK(district.centre.ask(R"({"op":"digest"})")["digest"] == before);
    }
    const auto apply = R"({"op":"apply","path":")" + path + "\"}";
    CHECK(district.centre.ask(apply)["changes"] == Json(1));
    CHECK(district.centre.ask(apply)["changes"] == Json(0));
    CHECK(district.centre.code(R"({"op":"apply","path":"/nowhere/at/all"})") == "not_found");
}

TEST_CASE("what a bundle brought reaches everybody, though its author never comes back", "[cli]") {
    District district;
    Repl ana(district.folder.file("ana.db"));
    REQUIRE(district.join(ana, district.invite()).empty());
    REQUIRE(ana.code(R"({"op":"sync"})").empty());
    Repl ben(district.folder.file("ben.db"));
    REQUIRE(district.join(ben, district.invite()).empty());
    REQUIRE(ben.code(R"({"op":"sync"})").empty());
    district.put(ana, "Ruiz");
    const auto path = district.folder.file("b.trl");
    REQUIRE(ana.code(R"({"op":"bundle","space":")" + district.space + R"(","path":")" + path +
                     "\"}").empty());
    CHECK(ben.ask(R"({"op":"apply","path":")" + path + "\"}")["changes"] == Json(1));
    // What Ben writes next stands on it.
    const auto dot = district.put(ben, "Okafor");
    REQUIRE(ben.code(R"({"op":"sync"})").empty());
    CHECK(district.ack(ben, dot) == "L1");
    REQUIRE(district.centre.code(R"({"op":"sync"})").empty());
    const auto digest = R"({"op":"digest"})";
    CHECK(district.centre.ask(digest)["digest"] == ben.ask(digest)["digest"]);
    // Asked once more, the relay lacks nothing.
    CHECK(ben.ask(R"({"op":"sync"})")["sent"] == Json(0));
}
