// SPDX-License-Identifier: Apache-2.0
// A tablet killed at every system call of a session, a server at every one of serving a push;
// and both ended by every allocation that may fail.
#include <catch2/catch.hpp>

#include <csignal>
#include <set>

#include "tests/faultlab/struck.hpp"

using namespace trellis;
using namespace trellis::clients::test;
using namespace trellis::faultlab;

namespace {

constexpr std::chrono::minutes patience{2};
/// A centre and a tablet of one district; each run of the tablet is a process of its own.
struct Lab {
    Folder folder;
    std::unique_ptr<Server> server = std::make_unique<Server>(folder);
    Repl centre{folder.file("centre.db")};
    std::string tablet = folder.file("tablet.db");
    std::string space;
    std::set<std::string> acknowledged;  ///< dots of the tablet's changes
    int written = 0;

    Lab() {
        std::signal(SIGPIPE, SIG_IGN);  // a killed program no longer reads
        REQUIRE(centre.code(R"({"op":"org_create","name":"D","url":")" + server->url() + "\"}") ==
                "");
        space = text_of(centre.ask(R"({"op":"space_create","name":"School"})"), "space");
        const auto invite = text_of(
            centre.ask(R"({"op":"invite","role":"liaison","spaces":[{"space":")" + space +
                       R"(","rights":["read","write"]}]})"), "invite");
        sync(centre);
        Repl repl(tablet);
        REQUIRE(repl.code(R"({"op":"join","name":"Ana","invite":")" + invite + "\"}") == "");
        sync(repl);
        sync(centre);
    }

    static void sync(Repl& repl) { REQUIRE(repl.code(R"({"op":"sync"})") == ""); }

    std::string put() {
        return R"({"op":"put","space":")" + space +
               R"(","type":"household","fields":{"display_name":"Family )" +
               std::to_string(written++) + "\"}}";
    }

    /// Notes what a tablet says it has saved, to the end of its output.
    void listen(demo::Process& process) {
        while (const auto line = process.read_line(patience)) {
            const auto reply = parse_json(*line);
            if (reply && (*reply)["ack"] == Json("L0")) acknowledged.insert(text_of(*reply, "dot"));
        }
    }

    static std::string about(const std::set<std::string>& dots) {
        std::string list;
        for (const auto& dot : dots) list += (list.empty() ? "\"" : ",\"") + dot + "\"";
        return R"({"op":"acks","dots":[)" + list + "]}";
    }

    /// The tablet starts again: whole, nothing lost, and what it has reaches the centre. What it
    /// was told that the server has comes from there, before it could give anything back.
    void recover() {
        Repl repl(tablet);
        CHECK(repl.ask(R"({"op":"check"})")["problems"].array()->empty());
        const auto reply = repl.ask(about(acknowledged));
        CHECK(reply["ok"] == Json(true));
        std::set<std::string> stored;
        for (const auto& dot : acknowledged) {
            if (reply["acks"][dot] != Json("L0")) stored.insert(dot);
        }
        sync(centre);
        CHECK(centre.code(about(stored)) == "");
        sync(repl);
        sync(centre);
        CHECK(repl.ask(R"({"op":"digest"})")["digest"] ==
              centre.ask(R"({"op":"digest"})")["digest"]);
    }

    /// All that was acknowledged is at the centre, too.
    void compare_at_end() {
        recover();
        CHECK(centre.code(about(acknowledged)) == "");
        CHECK(centre.ask(R"({"op":"check"})")["problems"].array()->empty());
    }
};

/// A tablet writes twice and syncs. True: it was struck.
bool tablet_session(Lab& lab, const Strike& strike) {
    Struck struck(lab.folder, strike, {TRELLIS_PROGRAM, "repl", "--db", lab.tablet});
    for (const auto& line : {lab.put(), lab.put(), std::string(R"({"op":"sync"})"),
                             std::string(R"({"op":"quit"})")}) {
        static_cast<void>(struck.process().write_line(line));
    }
    lab.listen(struck.process());
    INFO("exit status " << struck.wait());
    CHECK(struck.has_ended_well());
    return struck.was_struck();
}

/// A server starts, takes one push and stops. True: it was struck.
bool server_session(Lab& lab, const Strike& strike) {
    const int port = lab.server->port();
    lab.server->stop();
    Struck struck(lab.folder, strike,
                  {TRELLISD_PROGRAM, "--store", "sqlite:" + lab.folder.file("server.db"),
                   "--listen", "127.0.0.1:" + std::to_string(port)});
    if (struck.process().read_line(patience)) {
        Repl repl(lab.tablet);
        REQUIRE(repl.process().write_line(lab.put()));
        REQUIRE(repl.process().write_line(R"({"op":"sync"})"));
        REQUIRE(repl.process().write_line(R"({"op":"quit"})"));
        lab.listen(repl.process());
    }
    struck.process().signal(SIGTERM);
    INFO("exit status " << struck.wait());
    CHECK(struck.has_ended_well());
    lab.server = std::make_unique<Server>(lab.folder, port);
    return struck.was_struck();
}

void run(const Sweep& sweep, bool (*session)(Lab&, const Strike&), const char* whom) {
    Lab lab;
    std::size_t by_struck = 0;  // changes acknowledged by those that did not come to their own end
    const auto strikes = sweep.run([&](const Strike& strike) {
        CAPTURE(strike.at);
        const bool was_struck = session(lab, strike);
        lab.recover();
        if (was_struck) by_struck = lab.acknowledged.size();
        return was_struck;
    });
    lab.compare_at_end();
    sweep.print(whom, strikes, std::to_string(lab.acknowledged.size()) +
                                 " changes acknowledged");
    CHECK(strikes > 0);
    CHECK(by_struck > 0);
}

}  // namespace

TEST_CASE("a tablet killed at a system call of a session loses nothing", "[faultlab]") {
    run(Sweep(7), tablet_session, "a tablet");
}

TEST_CASE("a server killed at a system call of serving a push loses nothing", "[faultlab]") {
    run(Sweep(11), server_session, "a server");
}

#ifdef HAS_FAIL_NEW

TEST_CASE("a tablet whose memory runs out in a session ends, and loses nothing", "[faultlab]") {
    run(Sweep(331, Strike::Of::allocation), tablet_session, "a tablet");
}

TEST_CASE("a server whose memory runs out while it serves a push ends, and loses nothing",
          "[faultlab]") {
    run(Sweep(97, Strike::Of::allocation), server_session, "a server");
}

#endif
