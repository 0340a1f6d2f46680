// SPDX-License-Identifier: Apache-2.0
// Lost tablets, copies, recovery and quorums, with real programs, files and sockets.
#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>

#include "tests/cli/district.hpp"

using namespace trellis;
using namespace trellis::clients::test;

namespace {

namespace fs = std::filesystem;

void close(std::unique_ptr<Repl>& repl) {
    REQUIRE(repl->ask(R"({"op":"quit"})")["ok"] == Json(true));
    REQUIRE(repl->process().wait() == 0);
    repl.reset();
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a tablet reported lost hands in its work, and erases itself", "[cli]") {
    District district;
    auto& centre = *district.centre;
    auto tablet = district.join("tablet");
    district.put(*tablet, "Ruiz");
    District::sync(*tablet);
    District::sync(centre);
    district.put(*tablet, "Late");
    REQUIRE(centre.code(R"({"op":"revoke","reason":"lost","device":")" + District::id(*tablet) +
                        "\"}").empty());
    District::sync(centre);
    const auto last = District::sync(*tablet);
    CHECK(last["former"] == Json(true));
    CHECK(last["erased"] == Json(true));
    CHECK_FALSE(tablet->ask(R"({"op":"hello"})").has("org"));
    CHECK(District::names(*tablet).empty());
    District::sync(centre);
    CHECK(District::names(centre) == Names{"Ruiz"});
    const auto waiting = centre.ask(R"({"op":"quarantine"})")["quarantine"];
    REQUIRE(waiting.array()->size() == 1);
    const auto id = text_of(waiting.array()->front(), "id");
    CHECK(text_of(waiting.array()->front(), "reason") == "revoked");
    CHECK(centre.code(R"({"op":"adopt","ids":["nothing"]})") == "not_found");
    CHECK(centre.code(R"({"op":"adopt","ids":[")" + id + "\"]}").empty());
    CHECK(District::names(centre) == Names{"Late", "Ruiz"});
    CHECK(centre.ask(R"({"op":"quarantine"})")["quarantine"].array()->empty());
}

TEST_CASE("rights in one space can be taken and given again", "[cli]") {
    District district;
    auto& centre = *district.centre;
    auto tablet = district.join("tablet");
    const auto device = District::id(*tablet);
    const auto in_space = R"(","space":")" + district.space + "\"}";
    CHECK(centre.code(R"({"op":"revoke","rights":"steward","device":")" + device + in_space) ==
          "invalid");
    CHECK(centre.code(R"({"op":"lend","reason":"fire","hours":169,"device":")" + device +
                      in_space) == "invalid");
    REQUIRE(centre.code(R"({"op":"revoke","rights":"write","device":")" + device + in_space)
                .empty());
    District::sync(centre);
    District::sync(*tablet);
    CHECK(District::sync(*tablet)["complete"] == Json(true));
    district.put(centre, "Read");
    District::sync(centre);
    District::sync(*tablet);
    CHECK(District::names(*tablet) == Names{"Read"});
    REQUIRE(centre.code(R"({"op":"grant","rights":"read,write","device":")" + device + in_space)
                .empty());
    District::sync(centre);
    District::sync(*tablet);
    district.put(*tablet, "Written");
    District::sync(*tablet);
    District::sync(centre);
    CHECK(District::names(centre) == Names{"Read", "Written"});
    CHECK(District::digest(centre) == District::digest(*tablet));
}

TEST_CASE("rights taken in part leave the rest, whatever happens to the program", "[cli]") {
    District district;
    auto& centre = district.centre;
    auto tablet = district.join("tablet");
    const auto device = District::id(*tablet);
    REQUIRE(centre->code(R"({"op":"revoke","rights":"write","device":")" + device +
                         R"(","space":")" + district.space + "\"}").empty());
    // Killed right after its word: what it said is all there is, and all of it.
    centre->process().signal(SIGKILL);
    centre->process().wait();
    centre = std::make_unique<Repl>(district.folder.file("centre.db"));
    District::sync(*centre);
    District::sync(*tablet);
    const auto members = tablet->ask(R"({"op":"members"})");
    for (const auto& member : *members["members"].array()) {
        if (text_of(member, "device") != device) continue;
        const Json read{Json::Array{Json("read")}};
        CHECK(std::any_of(member["spaces"].array()->begin(), member["spaces"].array()->end(),
                          [&](const Json& each) {
                              return each["space"] == Json(district.space) &&
                                     each["rights"] == read;
                          }));
    }
    district.put(*centre, "Read");
    District::sync(*centre);
    District::sync(*tablet);
    CHECK(District::names(*tablet) == Names{"Read"});
}

TEST_CASE("several devices leave together, or none", "[cli]") {
    District district;
    auto& centre = *district.centre;
    auto phone = district.join("phone");
    auto laptop = district.join("laptop");
    const auto ids = R"(["device","device"])";
    const auto two = "[\"" + District::id(*phone) + "\",\"" + District::id(*laptop) + "\"]";
    const auto active = [&] {
        std::size_t count = 0;
        const auto reply = centre.ask(R"({"op":"members"})");
        for (const auto& each : *reply["members"].array()) {
            count += each["active"] == Json(true) ? 1 : 0;
        }
        return count;
    };
    district.put(*phone, "Phone");
    district.put(*laptop, "Laptop");
    District::sync(*phone);
    District::sync(*laptop);
    District::sync(centre);
    district.put(*phone, "Late");
    CHECK(centre.code(R"({"op":"revoke"})") == "invalid");
    CHECK(centre.code(R"({"op":"revoke","devices":)" + std::string(ids) + "}") == "invalid");
    CHECK(centre.code(R"({"op":"revoke","devices":)" + two + R"(,"space":")" + district.space +
                      "\"}") == "invalid");
    const std::string stranger(32, '3');
    CHECK(centre.code(R"({"op":"revoke","device":")" + stranger + R"(","devices":)" + two + "}") ==
          "not_found");
    CHECK(active() == 3);
    const auto reply = centre.ask(R"({"op":"revoke","all_devices":true,"devices":)" + two + "}");
    REQUIRE(reply["ok"] == Json(true));
    CHECK(reply["devices"].array()->size() == 2);
    CHECK(active() == 1);
    District::sync(centre);
    for (auto* repl : {phone.get(), laptop.get()}) {
        CHECK(District::sync(*repl)["former"] == Json(true));
    }
    District::sync(centre);
    CHECK(District::names(centre) == Names{"Laptop", "Phone"});
}

TEST_CASE("a database that is copied goes on as two, and nothing is lost", "[cli]") {
    District district;
    auto& centre = *district.centre;
    auto tablet = district.join("tablet");
    district.put(*tablet, "Before");
    close(tablet);
    for (const auto* suffix : {"", ".key"}) {
        fs::copy_file(district.folder.file("tablet.db") + suffix,
                      district.folder.file("copy.db") + suffix);
    }
    tablet = std::make_unique<Repl>(district.folder.file("tablet.db"));
    auto copy = std::make_unique<Repl>(district.folder.file("copy.db"));
    district.put(*tablet, "Here");
    const auto there = district.put(*copy, "There");
    for (int round = 0; round < 2; ++round) {
        for (auto* repl : {copy.get(), tablet.get(), &centre}) District::sync(*repl);
    }
    const Names all{"Before", "Here", "There"};
    CHECK(District::names(centre) == all);
    CHECK(District::names(*tablet) == all);
    CHECK(District::names(*copy) == all);
    CHECK(District::digest(*copy) == District::digest(centre));
    CHECK(District::digest(*tablet) == District::digest(centre));
    // Its own name has not changed by any of it: it was another actor's from the start.
    CHECK(copy->ask(R"({"op":"get","rec":")" + there + "\"}")["ok"] == Json(true));
}

TEST_CASE("a database put back to an older copy goes on, and nothing is lost", "[cli]") {
    District district;
    auto& centre = *district.centre;
    auto tablet = district.join("tablet");
    close(tablet);
    const auto file = district.folder.file("tablet.db");
    fs::copy_file(file, district.folder.file("older"));
    tablet = std::make_unique<Repl>(file);
    district.put(*tablet, "Sent");
    District::sync(*tablet);
    close(tablet);
    fs::copy_file(district.folder.file("older"), file, fs::copy_options::overwrite_existing);
    tablet = std::make_unique<Repl>(file);
    district.put(*tablet, "After");
    for (int round = 0; round < 2; ++round) {
        for (auto* repl : {tablet.get(), &centre}) District::sync(*repl);
    }
    CHECK(District::names(*tablet) == Names{"After", "Sent"});
    CHECK(District::names(centre) == Names{"After", "Sent"});
    CHECK(District::digest(*tablet) == District::digest(centre));
}

TEST_CASE("printed sheets make a new administrator who reads everything", "[cli]") {
    District district;
    district.put(*district.centre, "Ruiz");
    District::sync(*district.centre);
    close(district.centre);
    Repl fresh(district.folder.file("fresh.db"));
    const auto recover = [&](const std::vector<std::string>& sheets) {
        Json request;
        Json list{Json::Array{}};
        for (const auto& sheet : sheets) list.push(sheet);
        request.set("op", "recover");
        request.set("sheets", std::move(list));
        request.set("name", "New office");
        request.set("url", district.server.url());
        return fresh.ask(print_json(request));
    };
    CHECK(recover({district.sheets[0]})["ok"] == Json(false));
    CHECK(recover({district.sheets[0], "TRELLIS-RECOVERY-1 2/3\nnonsense"})["ok"] == Json(false));
    const auto reply = recover({district.sheets[2], district.sheets[0]});
    INFO(print_json(reply));
    REQUIRE(reply["ok"] == Json(true));
    CHECK(reply["recovery"].array()->size() == 3);
    District::sync(fresh);
    CHECK(District::names(fresh) == Names{"Ruiz"});
    district.put(fresh, "Kim");
    CHECK(District::sync(fresh)["pending"] == Json(0));
    // The sheets that were used open nothing any more.
    Repl other(district.folder.file("other.db"));
    Json again;
    Json list{Json::Array{}};
    for (const auto& sheet : district.sheets) list.push(sheet);
    again.set("op", "recover");
    again.set("sheets", std::move(list));
    again.set("name", "Thief");
    again.set("url", district.server.url());
    CHECK(other.ask(print_json(again))["code"] == Json("denied"));
}

TEST_CASE("what two must sign is drafted by one and signed by the other", "[cli]") {
    District district;
    auto& centre = *district.centre;
    auto second = district.join("second");
    auto third = district.join("third");
    const auto make_admin = [](const std::string& device, bool is_draft) {
        return R"({"op":"grant","role":"admin","device":")" + device + "\"" +
               (is_draft ? R"(,"draft":true})" : "}");
    };
    REQUIRE(centre.code(make_admin(District::id(*second), false)).empty());
    REQUIRE(centre.code(R"({"op":"policy","admins":2})").empty());
    District::sync(centre);
    District::sync(*second);
    CHECK(centre.code(make_admin(District::id(*third), false)) == "denied");
    const auto draft = centre.ask(make_admin(District::id(*third), true));
    INFO(print_json(draft));
    REQUIRE(draft["ok"] == Json(true));
    CHECK_FALSE(text_of(draft, "missing").empty());
    const auto cosign = R"({"op":"cosign","draft":")" + text_of(draft, "draft") + "\"}";
    CHECK(third->code(cosign) == "conflict");  // it has not heard of the last entries
    District::sync(*third);
    CHECK(third->code(cosign) == "denied");
    CHECK(second->ask(cosign)["ok"] == Json(true));
    District::sync(*second);
    District::sync(centre);
    std::size_t admins = 0;
    const auto members = centre.ask(R"({"op":"members"})");
    for (const auto& each : *members["members"].array()) {
        admins += text_of(each, "role") == "admin" ? 1 : 0;
    }
    CHECK(admins == 3);
    CHECK(second->code(cosign) == "conflict");
}
