// SPDX-License-Identifier: Apache-2.0
// A tablet killed at every system call of a session, a server at every one of serving a push.
// TRELLIS_SYSCALL_STRIDE=1 strikes at every call, TRELLIS_SYSCALLS=all counts reads, too.
#include <catch2/catch.hpp>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <set>

#include "tests/faultlab/struck.hpp"

using namespace trellis;
using namespace trellis::clients::test;
using namespace trellis::faultlab;

namespace {

constexpr std::chrono::minutes patience{2};
constexpr int killed = 128 + SIGKILL;

bool counts_all() {
    const char* const calls = std::getenv("TRELLIS_SYSCALLS");
    return calls != nullptr && std::string(calls) == "all";
}

Strike strike(std::uint64_t at) { return {at, !counts_all()}; }

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

    std::string list_of_dots() const {
        std::string list;
        for (const auto& dot : acknowledged) list += (list.empty() ? "\"" : ",\"") + dot + "\"";
        return list;
    }

    /// The tablet starts again: whole, nothing lost, and what it has reaches the centre.
    void recover() {
        Repl repl(tablet);
        CHECK(repl.ask(R"({"op":"check"})")["problems"].array()->empty());
        CHECK(repl.code(R"({"op":"acks","dots":[)" + list_of_dots() + "]}") == "");
        sync(repl);
        sync(centre);
        CHECK(repl.ask(R"({"op":"digest"})")["digest"] ==
              centre.ask(R"({"op":"digest"})")["digest"]);
    }

    /// All that was acknowledged is at the centre, too.
    void compare_at_end() {
        recover();
        CHECK(centre.code(R"({"op":"acks","dots":[)" + list_of_dots() + "]}") == "");
        CHECK(centre.ask(R"({"op":"check"})")["problems"].array()->empty());
    }
};

/// A tablet writes twice and syncs. True: it was killed.
bool tablet_session(Lab& lab, std::uint64_t at) {
    Struck struck(lab.folder, strike(at), {TRELLIS_PROGRAM, "repl", "--db", lab.tablet});
    for (const auto& line : {lab.put(), lab.put(), std::string(R"({"op":"sync"})"),
                             std::string(R"({"op":"quit"})")}) {
        static_cast<void>(struck.process().write_line(line));
    }
    lab.listen(struck.process());
    return struck.wait() == killed;
}

/// A server starts, takes one push and stops. True: it was killed.
bool server_session(Lab& lab, std::uint64_t at) {
    const int port = lab.server->port();
    lab.server->stop();
    Struck struck(lab.folder, strike(at),
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
    const bool was_killed = struck.wait() == killed;
    lab.server = std::make_unique<Server>(lab.folder, port);
    return was_killed;
}

void sweep(bool (*session)(Lab&, std::uint64_t), std::uint64_t usual_stride, const char* whom) {
    Lab lab;
    const auto stride = stride_or("TRELLIS_SYSCALL_STRIDE", usual_stride);
    std::uint64_t kills = 0;
    // A little further than the first session that lives: they are not all equally long.
    int survived = 0;
    for (std::uint64_t at = 1; survived < 3; at += stride) {
        CAPTURE(at);
        const bool was_killed = session(lab, at);
        if (was_killed) ++kills;
        survived = was_killed ? 0 : survived + 1;
        lab.recover();
    }
    lab.compare_at_end();
    std::cout << "killed " << whom << " at " << kills << " system calls, every " << stride
              << ". of them; " << lab.acknowledged.size() << " changes acknowledged, none lost\n";
    CHECK(kills > 0);
    CHECK(lab.acknowledged.size() > kills / 2);
}

}  // namespace

TEST_CASE("a tablet killed at a system call of a session loses nothing", "[faultlab]") {
    sweep(tablet_session, 7, "a tablet");
}

TEST_CASE("a server killed at a system call of serving a push loses nothing", "[faultlab]") {
    sweep(server_session, 11, "a server");
}
