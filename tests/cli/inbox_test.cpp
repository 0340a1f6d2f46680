// SPDX-License-Identifier: Apache-2.0
// The drop box, whole: a form by plain HTTP, a real server, two real devices.
#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/base/bytes.hpp"
#include "core/base/limits.hpp"
#include "tests/cli/run.hpp"
#include "tests/support/http_client.hpp"

using namespace trellis;
using namespace trellis::clients::test;
using trellis::test::http_ask;
using trellis::test::http_post;
using trellis::test::HttpAnswer;

namespace {

/// A centre and a liaison who share a school, whose inbox is open.
struct District {
    Folder folder;
    std::unique_ptr<Server> server = std::make_unique<Server>(folder);
    Repl centre{folder.file("centre.db")};
    Repl ana{folder.file("ana.db")};
    std::string space;
    Json inbox;

    District() {
        const auto found = R"({"op":"org_create","name":"D","url":")" + server->url() + "\"}";
        REQUIRE(centre.code(found) == "");
        space = text_of(centre.ask(R"({"op":"space_create","name":"School"})"), "space");
        inbox = centre.ask(R"({"op":"inbox_open","space":")" + space + "\"}");
        REQUIRE(inbox["ok"] == Json(true));
        sync(centre);
        join(ana);
        sync(ana);
    }
    void join(Repl& repl) {
        const auto made = centre.ask(R"({"op":"invite","role":"liaison","spaces":[{"space":")" +
                                     space + R"(","rights":["read","write"]}]})");
        sync(centre);
        REQUIRE(repl.code(R"({"op":"join","name":"Ana","invite":")" + text_of(made, "invite") +
                          "\"}") == "");
    }
    static Json sync(Repl& repl) {
        auto reply = repl.ask(R"({"op":"sync"})");
        CAPTURE(print_json(reply));
        REQUIRE(reply["ok"] == Json(true));
        return reply;
    }
    [[nodiscard]] std::uint16_t port() const { return static_cast<std::uint16_t>(server->port()); }
    [[nodiscard]] std::string path() const {
        return "/inbox/" + text_of(inbox, "org") + "/" + text_of(inbox, "inbox");
    }
    /// What a page knows of the inbox, says the server.
    [[nodiscard]] Json info() const {
        const auto answer = http_ask(port(), path());
        REQUIRE(answer.status == 200);
        return *parse_json(answer.body);
    }
    struct Sealed {
        std::string bytes;
        std::string proof;
        std::string digest;
    };
    /// Sealed as a page does it: with what the server says, by a program without any keys.
    Sealed seal(const std::string& field, const std::string& value) {
        auto request = info();
        Repl page(folder.file("page.db"));
        request.set("op", "inbox_submit");
        request.set(field, value);
        const auto made = page.ask(print_json(request));
        CAPTURE(print_json(made));
        REQUIRE(made["ok"] == Json(true));
        return {std::string(as_text(*from_base64(text_of(made, "submission")))),
                std::to_string(*made["proof"].integer()), text_of(made, "digest")};
    }
    Sealed seal_text(const std::string& text) { return seal("text", text); }
    HttpAnswer post(const Sealed& sealed) const {
        return http_post(port(), path() + "?proof=" + sealed.proof, sealed.bytes);
    }
    static Json rows(Repl& repl) {
        return repl.ask(R"({"op":"query","sql":"SELECT rec FROM submission"})")["rows"];
    }
    static Json submission(Repl& repl, std::size_t at = 0) {
        const auto list = rows(repl);
        REQUIRE(list.array()->size() > at);
        const auto rec = text_of(list.array()->at(at), "rec");
        return repl.ask(R"({"op":"get","rec":")" + rec + "\"}");
    }
    static std::size_t count(Repl& repl) { return rows(repl).array()->size(); }
    /// True where the server's files hold these bytes anywhere.
    [[nodiscard]] bool server_knows(const std::string& word) const {
        for (const auto& file : std::filesystem::directory_iterator(
                 std::filesystem::path(folder.file("x")).parent_path())) {
            if (!file.path().filename().string().starts_with("server")) continue;
            std::ifstream stream(file.path(), std::ios::binary);
            const std::string all{std::istreambuf_iterator<char>(stream), {}};
            if (all.find(word) != std::string::npos) return true;
        }
        return false;
    }
    [[nodiscard]] std::int64_t pending() const {
        // What the server would give to a stranger's count: only that it is stored.
        const auto metrics = http_ask(port(), "/metrics").body;
        const std::string name = "\ntrellis_submissions_stored_total ";
        const auto at = metrics.find(name);
        REQUIRE(at != std::string::npos);
        return std::stoll(metrics.substr(at + name.size()));
    }
};

std::string code_of(const HttpAnswer& answer) {
    const auto json = parse_json(answer.body);
    if (!json) return "no JSON: " + answer.body;
    if ((*json)["ok"] == Json(true)) return "";
    CHECK(text_of(*json, "message").size() > 20);
    return text_of(*json, "code");
}

}  // namespace

TEST_CASE("what a family leaves by plain HTTP is one record at two devices", "[cli]") {
    District district;
    const auto sealed = district.seal_text(R"({"need":"zebracanary shoes","phone":"555"})");
    const auto answer = district.post(sealed);
    REQUIRE(answer.status == 202);
    CHECK(text_of(*parse_json(answer.body), "digest") == sealed.digest);
    CHECK(answer.head.find("Set-Cookie") == std::string::npos);
    district.sync(district.ana);
    district.sync(district.centre);
    for (auto* repl : {&district.ana, &district.centre}) {
        REQUIRE(district.count(*repl) == 1);
        const auto record = district.submission(*repl);
        CHECK(record["fields"]["content"] == Json(R"({"need":"zebracanary shoes","phone":"555"})"));
        CHECK(record["fields"]["sent_by"] == Json("intake"));
        CHECK(*record["fields"]["received"].integer() % 3'600'000 == 0);
        CHECK(record["fields"]["status"].is_null());
    }
    CHECK(district.ana.ask(R"({"op":"digest"})")["digest"] ==
          district.centre.ask(R"({"op":"digest"})")["digest"]);
    // The server has forgotten it: another device that joins finds the record, and no more.
    Repl ben(district.folder.file("ben.db"));
    district.join(ben);
    CHECK(district.sync(ben)["sent"] == Json(0));
    CHECK(district.count(ben) == 1);
    CHECK_FALSE(district.server_knows("zebracanary"));
    CHECK_FALSE(district.server_knows("127.0.0.1"));
    REQUIRE(district.server->stop() == 0);
    CHECK_FALSE(district.server_knows("zebracanary"));
}

TEST_CASE("two devices that file the same submission at once make one record", "[cli]") {
    District district;
    REQUIRE(district.post(district.seal_text("once")).status == 202);
    // Neither has seen what the other made: the centre's record goes up only after Ana's.
    REQUIRE(district.centre.code(R"({"op":"sync_start"})") == "");
    district.sync(district.ana);
    REQUIRE(district.centre.code(R"({"op":"sync_stop"})") == "");
    district.sync(district.centre);
    district.sync(district.ana);
    CHECK(district.count(district.centre) == 1);
    CHECK(district.count(district.ana) == 1);
    CHECK(district.centre.ask(R"({"op":"conflicts"})")["conflicts"].array()->empty());
}

TEST_CASE("a page does the work that is asked for, up to a limit", "[cli][limits]") {
    District district;
    auto request = district.info();
    request.set("op", "inbox_submit");
    request.set("text", "help");
    Repl page(district.folder.file("page.db"));
    for (const std::int64_t bits : {0, 1, -1, static_cast<int>(limits::inbox_work_bits_max) + 1}) {
        request.set("work_bits", bits);
        CAPTURE(bits);
        CHECK(page.code(print_json(request)) == (bits == 0 || bits == 1 ? "" : "invalid"));
    }
}

TEST_CASE("the same bytes again are stored once, and after filing still one record", "[cli]") {
    District district;
    const auto sealed = district.seal_text("replayed");
    CHECK(district.post(sealed).status == 202);
    CHECK(district.post(sealed).status == 202);
    district.sync(district.ana);
    CHECK(district.count(district.ana) == 1);
    // The server has forgotten it by now, and takes it again.
    CHECK(district.post(sealed).status == 202);
    district.sync(district.centre);
    district.sync(district.ana);
    CHECK(district.count(district.ana) == 1);
    CHECK(district.count(district.centre) == 1);
}

TEST_CASE("every attack on the door is refused with its reason", "[cli]") {
    District district;
    const auto sealed = district.seal_text("good");
    const auto with = [&](std::string bytes, const std::string& query) {
        return http_post(district.port(), district.path() + query, bytes);
    };
    const auto proof = "?proof=" + sealed.proof;
    auto answer = with(sealed.bytes, "");
    CHECK(answer.status == 428);
    CHECK(code_of(answer) == "denied");
    CHECK(with(sealed.bytes, "?proof=12x").status == 428);
    CHECK(with(sealed.bytes, "?proof=99999999999999999999999").status == 428);
    CHECK(with("hello", proof).status == 400);
    CHECK(with("", proof).status == 400);
    CHECK(with(sealed.bytes + "x", proof).status == 400);
    // Altered: the work was done for other bytes.
    auto altered = sealed.bytes;
    altered[200] = static_cast<char>(altered[200] ^ 1);
    CHECK(with(altered, proof).status == 428);
    altered = sealed.bytes;
    altered[9] = static_cast<char>(altered[9] ^ 1);
    CHECK(code_of(with(altered, proof)) == "invalid");
    CHECK(with(std::string(64 * 1024 + 184 + 1, 'x'), proof).status == 400);
    CHECK(with(std::string(72 * 1024 + 1, 'x'), proof).status == 413);
    const auto elsewhere = "/inbox/" + text_of(district.inbox, "org") + "/" + std::string(32, '0');
    CHECK(http_ask(district.port(), elsewhere).status == 404);
    CHECK(code_of(http_ask(district.port(), "/inbox/zz/yy")) == "not_found");
    CHECK(http_ask(district.port(), "/inbox/" + std::string(64, '1') + "/" + std::string(32, '0'))
              .status == 404);
    CHECK(trellis::test::http_raw(district.port(), "POST " + district.path() +
                                              " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
              .status == 411);
    CHECK(http_post(district.port(), "/healthz", "x").status == 405);
    CHECK(district.pending() == 0);
    CHECK(district.post(sealed).status == 202);
    district.sync(district.ana);
    CHECK(district.count(district.ana) == 1);
}

TEST_CASE("what is no form, no text or too long is kept byte for byte, and flagged", "[cli]") {
    District district;
    std::string odd;
    for (int i = 0; i < 300; ++i) odd += static_cast<char>(i);
    const auto as_base64 = [](const std::string& text) { return to_base64(as_bytes(text)); };
    const std::string longest(64 * 1024 - 18, 'x');
    REQUIRE(district.post(district.seal("bytes", as_base64(odd))).status == 202);
    REQUIRE(district.post(district.seal("bytes", as_base64(longest))).status == 202);
    REQUIRE(district.post(district.seal_text("<script>alert(1)</script>")).status == 202);
    district.sync(district.ana);
    district.sync(district.centre);
    REQUIRE(district.count(district.centre) == 3);
    std::size_t checked = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        const auto fields = district.submission(district.centre, i)["fields"];
        const auto flags = print_json(fields["flags"]);
        if (flags.find("not_text") != std::string::npos) {
            CHECK(text_of(fields["raw"], "$bytes") == as_base64(odd));
            ++checked;
        } else if (flags.find("too_long") != std::string::npos) {
            const auto raw = *from_base64(text_of(fields["raw"], "$bytes"));
            const auto rest = *from_base64(text_of(fields["raw_rest"], "$bytes"));
            CHECK(std::string(as_text(raw)) + std::string(as_text(rest)) == longest);
            ++checked;
        } else {
            CHECK(flags == R"(["not_form"])");
            CHECK(fields["content"] == Json("<script>alert(1)</script>"));
            ++checked;
        }
    }
    CHECK(checked == 3);
}

TEST_CASE("a former reader is not given what is sealed after the rotation, late work is", "[cli]") {
    District district;
    const auto before = district.seal_text("sealed before");
    const auto device = text_of(district.ana.ask(R"({"op":"hello"})"), "device");
    district.sync(district.centre);
    REQUIRE(district.centre.code(R"({"op":"revoke","device":")" + device + "\"}") == "");
    district.sync(district.centre);
    // Twice, where the key was due already because somebody had joined.
    CHECK(*district.info()["key_epoch"].integer() >= 2);
    CHECK_FALSE(district.info()["fingerprint"] == district.inbox["fingerprint"]);
    // The page was open when the key changed; another is loaded anew.
    CHECK(district.post(before).status == 202);
    CHECK(district.post(district.seal_text("sealed after")).status == 202);
    const auto reply = district.ana.ask(R"({"op":"sync"})");
    CHECK(reply["former"] == Json(true));
    CHECK(district.count(district.ana) == 0);
    district.sync(district.centre);
    CHECK(district.count(district.centre) == 2);
}

TEST_CASE("a closed inbox takes no more, and what lay in it is still fetched", "[cli]") {
    District district;
    const auto late = district.seal_text("late");
    REQUIRE(district.post(district.seal_text("in time")).status == 202);
    REQUIRE(district.centre.code(R"({"op":"inbox_close","inbox":")" +
                                 text_of(district.inbox, "inbox") + "\"}") == "");
    district.sync(district.centre);
    CHECK(district.post(late).status == 404);
    CHECK(district.count(district.centre) == 1);
}

TEST_CASE("a server killed after it answered has what it answered for", "[cli]") {
    District district;
    const auto one = district.seal_text("acknowledged");
    REQUIRE(district.post(one).status == 202);
    const int port = district.server->port();
    district.server->kill();
    district.server = std::make_unique<Server>(district.folder, port);
    // The sender heard nothing of a second try: again is harmless.
    CHECK(district.post(one).status == 202);
    district.sync(district.ana);
    CHECK(district.count(district.ana) == 1);
}

TEST_CASE("a device killed between filing and saying so files nothing twice", "[cli]") {
    District district;
    REQUIRE(district.post(district.seal_text("once")).status == 202);
    {
        Repl ben(district.folder.file("ben.db"));
        district.join(ben);
        // Live: the record is made at once; nobody waits for the end of the pass.
        REQUIRE(ben.code(R"({"op":"sync_start"})") == "");
        ben.process().signal(SIGKILL);
        ben.process().wait();
    }
    Repl ben(district.folder.file("ben.db"));
    district.sync(ben);
    district.sync(district.ana);
    district.sync(district.centre);
    for (auto* repl : {&ben, &district.ana, &district.centre}) {
        CHECK(district.count(*repl) == 1);
    }
}

TEST_CASE("the command opens an inbox, seals for it, and says where to", "[cli]") {
    District district;
    const auto db = district.folder.file("centre2.db");
    REQUIRE(run_trellis({"init", "--db", db, "E", "--url", district.server->url()}).status == 0);
    REQUIRE(run_trellis({"space", "--db", db, "School"}).status == 0);
    const auto opened = run_trellis({"inbox", "open", "--db", db, "--space", "School", "--json"});
    REQUIRE(opened.status == 0);
    const auto file = district.folder.file("sealed");
    const auto sealed = run_trellis(
        {"inbox", "submit", "--db", db, "--text", "hello", "--out", file, "--json"});
    REQUIRE(sealed.status == 0);
    const auto post = text_of(sealed.json(), "post");
    const auto path = post.substr(post.find("/inbox/"));
    CHECK(http_post(district.port(), path, district.folder.read("sealed")).status == 202);
    REQUIRE(run_trellis({"sync", "--db", db}).status == 0);
    const auto listed = run_trellis({"list", "--db", db, "submission", "--json"});
    CHECK(listed.out.find("hello") != std::string::npos);
    CHECK(run_trellis({"inbox", "nonsense", "--db", db}).status == 2);
}
