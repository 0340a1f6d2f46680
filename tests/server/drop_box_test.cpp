// SPDX-License-Identifier: Apache-2.0
// The door for people without a device, of the program itself.
#include "core/base/json.hpp"
#include "core/sqlite/database.hpp"
#include "crypto/secret/inbox.hpp"
#include "tests/server/daemon.hpp"
#include "tests/server/folder.hpp"
#include "tests/server/scripted_device.hpp"
#include "tests/support/http_client.hpp"

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <csignal>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace trellis;
using namespace trellis::server::test;
using trellis::test::http_ask;
using trellis::test::http_post;
using trellis::test::Organisation;

namespace {

/// An organisation whose school has an inbox, on a server of its own that asks for little work.
struct Door {
    explicit Door(const std::vector<std::string>& more = {}) : options_(more) {
        start();
        ScriptedDevice device(organisation_, 1);
        REQUIRE(device.found(daemon->url()));
        auto membership = *crypto::Membership::found(organisation_.log[0]);
        for (std::size_t i = 1; i < 3; ++i) REQUIRE(membership.extend(organisation_.log[i]));
        crypto::Keyring ring;
        ring.update(membership, organisation_.alice.key);
        const auto made = crypto::inbox_open({membership, ring, organisation_.alice.key,
                                              organisation_.env.wall_time(), organisation_.env},
                                             organisation_.school);
        REQUIRE(made);
        device.send(sync::PutEntry{made->entry});
        REQUIRE(device.await<sync::EntryAnswer>()->accepted);
        REQUIRE(membership.extend(made->entry));
        inbox = made->inbox;
        key = membership.inbox_key(inbox, 1)->key;
    }
    void start() {
        std::vector<std::string> arguments{
            "--store", "sqlite:" + store(), "--inbox-work-bits", "6"};
        arguments.insert(arguments.end(), options_.begin(), options_.end());
        daemon = std::make_unique<Daemon>(arguments);
        REQUIRE(daemon->port() != 0);
    }
    [[nodiscard]] std::string store() const { return folder / "store"; }
    [[nodiscard]] std::string path() const {
        return "/inbox/" + organisation_.org().hex() + "/" + inbox.hex();
    }
    struct Letter {
        std::string bytes;
        std::string path;
    };
    Letter letter(std::string_view text) {
        crypto::Submission submission;
        submission.body = to_bytes(as_bytes(text));
        const auto bytes = *crypto::seal_submission(
            organisation_.org(), {crypto::SubmissionKind::intake, inbox, 1}, key, submission,
            organisation_.env);
        const auto proof = *crypto::find_work(organisation_.org(), crypto::submission_digest(bytes),
                                              6, 0, 1'000'000);
        return {std::string(as_text(bytes)), path() + "?proof=" + std::to_string(proof)};
    }
    trellis::test::HttpAnswer post(const Letter& letter) const {
        return http_post(daemon->port(), letter.path, letter.bytes);
    }
    /// Rows in the store, read beside the server.
    [[nodiscard]] std::int64_t kept() const {
        sqlite::OpenOptions options;
        options.path = store();
        options.create = false;
        auto database = sqlite::Database::open(options);
        REQUIRE(database);
        return *database->integer("SELECT count(*) FROM submission");
    }

    Folder folder;
    std::unique_ptr<Daemon> daemon;
    crypto::InboxId inbox;
    crypto::BoxKey key;

private:
    std::vector<std::string> options_;
    Organisation organisation_;
};

/// A connection that sends and never listens.
int send_only(std::uint16_t port, const Door::Letter& letter) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(port);
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket, reinterpret_cast<sockaddr*>(&place), sizeof(place)) == 0);
    const std::string request = "POST " + letter.path +
                                " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
                                std::to_string(letter.bytes.size()) + "\r\n\r\n" + letter.bytes;
    REQUIRE(::send(socket, request.data(), request.size(), 0) ==
            static_cast<ssize_t>(request.size()));
    return socket;
}

}  // namespace

TEST_CASE("the door says where an inbox is, and takes what is sealed to it", "[server]") {
    Door door;
    const auto info = http_ask(door.daemon->port(), door.path());
    REQUIRE(info.status == 200);
    CHECK(info.head.find("Content-Type: application/json") != std::string::npos);
    CHECK((*parse_json(info.body))["key"] == Json(door.key.hex()));
    CHECK((*parse_json(info.body))["work_bits"] == Json(6));
    CHECK(door.post(door.letter("one")).status == 202);
    CHECK(door.kept() == 1);
    door.daemon->signal(SIGTERM);
    const auto ended = door.daemon->wait();
    CHECK(ended.status == 0);
    CHECK(ended.err.find("127.0.0.1") == std::string::npos);
}

TEST_CASE("a flood is answered 429 with a sentence, and what came before is kept", "[server]") {
    Door door({"--inbox-posts-at-once", "3", "--inbox-posts-per-minute", "1"});
    for (int i = 0; i < 3; ++i) CHECK(door.post(door.letter("flood")).status == 202);
    for (int i = 0; i < 5; ++i) {
        const auto answer = door.post(door.letter("flood"));
        CHECK(answer.status == 429);
        CHECK(answer.head.find("Retry-After: 60\r\n") != std::string::npos);
        CHECK((*parse_json(answer.body))["message"].string()->find("try again in a minute") !=
              std::string::npos);
    }
    CHECK(door.kept() == 3);
}

TEST_CASE("an inbox that is full says so, and takes again what it has", "[server]") {
    Door door({"--inbox-pending-max", "1"});
    const auto first = door.letter("first");
    CHECK(door.post(first).status == 202);
    CHECK(door.post(door.letter("second")).status == 507);
    CHECK(door.post(first).status == 202);
    CHECK(door.kept() == 1);
}

TEST_CASE("a server killed between storing and answering keeps one of it", "[server]") {
    Door door;
    for (int round = 0; round < 5; ++round) {
        const auto before = door.kept();
        const auto letter = door.letter("killed");
        const int socket = send_only(door.daemon->port(), letter);
        // The row is there, and nobody has read the answer.
        while (door.kept() == before) std::this_thread::yield();
        door.daemon->signal(SIGKILL);
        door.daemon->wait();
        ::close(socket);
        door.start();
        CHECK(door.kept() == before + 1);
        CHECK(door.post(letter).status == 202);
        CHECK(door.kept() == before + 1);
    }
    CHECK(run_trellisd({"check", "--store", "sqlite:" + door.store()}).status == 0);
}
