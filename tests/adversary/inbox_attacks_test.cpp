// SPDX-License-Identifier: Apache-2.0
// P-07 and its neighbours at devices: what strangers drop in, with real replicas, the real
// sessions and the real relay.
#include "core/domain/family_schema.hpp"
#include "core/query/query.hpp"
#include "crypto/secret/inbox.hpp"
#include "tests/adversary/hostile_relay.hpp"
#include "tests/support/replicas.hpp"

#include <catch2/catch.hpp>

using namespace trellis;
using namespace trellis::test;
using crypto::InboxId;

namespace {

struct Office {
    Replicas devices{2, 7, core::family_schema()};
    HostileRelay relay;
    InboxId inbox;

    Office() {
        const auto opened = devices[0].open_inbox(devices.space());
        REQUIRE(opened);
        inbox = *opened;
        publish();
    }
    /// The relay knows the log as the devices do.
    void publish() {
        devices.publish(0);
        devices.tell_all();
        relay.store.orgs[org()] = devices.entries();
        relay.restart();
    }
    [[nodiscard]] OrgId org() { return devices[0].org(); }
    crypto::SubmissionHeader header() {
        return {crypto::SubmissionKind::intake, inbox,
                devices[0].membership().inbox(inbox)->key_epoch};
    }
    Bytes seal(std::string_view text) {
        crypto::Submission submission;
        submission.body = to_bytes(as_bytes(text));
        const auto to = header();
        const auto key = devices[0].membership().inbox_key(inbox, to.key_epoch)->key;
        return *crypto::seal_submission(org(), to, key, submission, devices.env());
    }
    /// Straight into the store, as a relay that checks nothing would.
    void plant(const Bytes& bytes) {
        auto& box = relay.store.inboxes[{org(), inbox}];
        box.push_back({++relay.store.last_submission, crypto::submission_digest(bytes), 3'600'000,
                       bytes});
    }
    [[nodiscard]] std::size_t waiting() { return relay.store.inboxes[{org(), inbox}].size(); }
    sync::SessionProgress pass(std::size_t at) {
        const auto progress = relay.pass(devices[at], devices.env());
        CAPTURE(progress.failure ? progress.failure->message : "");
        REQUIRE_FALSE(progress.failure);
        return progress;
    }
    std::vector<Json> records(std::size_t at) {
        auto listed = devices[at].store().database.prepare("SELECT rec FROM submission");
        REQUIRE(listed);
        std::vector<Json> all;
        for (;;) {
            const auto more = listed->step();
            REQUIRE(more);
            if (!*more) return all;
            const auto record = RecordId::parse(listed->text(0));
            all.push_back(devices.get(at, *record));
        }
    }
    /// Meets everybody until all hold the same; how many records that is.
    std::size_t settle() {
        for (int round = 0; round < 3; ++round) {
            for (std::size_t at = 0; at < devices.size(); ++at) pass(at);
        }
        REQUIRE(devices.digest(0) == devices.digest(1));
        for (std::size_t at = 0; at < devices.size(); ++at) CHECK(devices.problems(at).empty());
        return records(0).size();
    }
    static std::string content(const Json& record) {
        const auto* text = record["fields"]["content"].string();
        return text == nullptr ? std::string() : *text;
    }
    static bool has_flag(const Json& record, std::string_view flag) {
        return print_json(record["fields"]["flags"]).find(flag) != std::string::npos;
    }
};

}  // namespace

TEST_CASE("P-07 a submission becomes one record, and the relay forgets it only then",
          "[adversary]") {
    Office office;
    office.plant(office.seal("We need shoes."));
    office.pass(1);
    CHECK(office.waiting() == 0);
    REQUIRE(office.settle() == 1);
    CHECK(Office::content(office.records(0)[0]) == "We need shoes.");
}

TEST_CASE("P-07 a submission replayed for ever is one record", "[adversary]") {
    Office office;
    const auto bytes = office.seal("once");
    for (int i = 0; i < 3; ++i) {
        office.plant(bytes);
        office.plant(bytes);
        CHECK(office.settle() == 1);
        CHECK(office.waiting() == 0);
    }
}

TEST_CASE("P-07 two devices that file the same at once make one record", "[adversary]") {
    Office office;
    office.plant(office.seal("both"));
    // Each is alone with a relay that knows nothing of the other's work.
    const auto before = office.relay.store;
    office.pass(0);
    office.relay.store = before;
    office.relay.restart();
    office.pass(1);
    CHECK(office.settle() == 1);
    REQUIRE(office.records(0).size() == 1);
    CHECK(office.records(0)[0]["conflicts"] == office.records(1)[0]["conflicts"]);
    CHECK(Office::content(office.records(1)[0]) == "both");
}

TEST_CASE("P-07 a device that dies at any frame loses nothing and files nothing twice",
          "[adversary]") {
    for (std::size_t dies_at = 0;; ++dies_at) {
        CAPTURE(dies_at);
        Office office;
        office.plant(office.seal("first"));
        office.plant(office.seal("second"));
        std::size_t frames = 0;
        office.relay.network = [&](bool, const Bytes& frame) {
            return frames++ < dies_at ? std::vector<Bytes>{frame} : std::vector<Bytes>{};
        };
        const auto progress = office.relay.pass(office.devices[1], office.devices.env());
        const bool was_whole = progress.complete;
        office.relay.network = nullptr;
        office.devices.reopen(1);
        office.relay.restart();
        // What the relay has forgotten is in its log of envelopes.
        const auto& log = office.relay.log(office.org(), office.devices.space());
        if (office.waiting() < 2) CHECK_FALSE(log.empty());
        REQUIRE(office.settle() == 2);
        CHECK(office.waiting() == 0);
        if (was_whole) break;
    }
}

TEST_CASE("P-07 what cannot be opened by anybody is kept as it came, and flagged", "[adversary]") {
    Office office;
    auto altered = office.seal("altered");
    altered.back() ^= 1U;
    auto foreign = [&] {
        OrgId stranger;
        stranger.bytes.fill(9);
        const auto to = office.header();
        const auto key = office.devices[0].membership().inbox_key(office.inbox, 1)->key;
        return *crypto::seal_submission(stranger, to, key, {}, office.devices.env());
    }();
    office.plant(altered);
    office.plant(foreign);
    REQUIRE(office.settle() == 2);
    CHECK(office.waiting() == 0);
    std::size_t found = 0;
    for (const auto& record : office.records(1)) {
        CHECK(Office::has_flag(record, "unreadable"));
        const auto* raw = record["fields"]["raw"]["$bytes"].string();
        REQUIRE(raw != nullptr);
        if (*from_base64(*raw) == altered || *from_base64(*raw) == foreign) ++found;
    }
    CHECK(found == 2);
}

TEST_CASE("P-07 what is of another inbox or key waits, and stops nobody", "[adversary]") {
    Office office;
    auto other_inbox = office.seal("other inbox");
    other_inbox[9] ^= 1U;
    auto future = office.seal("a key to come");
    future[24] = 9;
    office.plant(other_inbox);
    office.plant(future);
    office.plant(Bytes(100, 7));
    office.plant(office.seal("good"));
    const auto progress = office.pass(1);
    CHECK(progress.complete);
    CHECK(progress.events.size() == 3);
    for (const auto& event : progress.events) CHECK(event.what.message.size() > 20);
    CHECK(office.waiting() == 3);
    CHECK(office.settle() == 1);
}

TEST_CASE("P-07 two submissions under one id are two records", "[adversary]") {
    Office office;
    // A sender's program that draws no new ids.
    FakeEnv first(50);
    FakeEnv again(50);
    const auto to = office.header();
    const auto key = office.devices[0].membership().inbox_key(office.inbox, 1)->key;
    crypto::Submission submission;
    submission.body = to_bytes(as_bytes("one"));
    office.plant(*crypto::seal_submission(office.org(), to, key, submission, first));
    submission.body = to_bytes(as_bytes("other"));
    office.plant(*crypto::seal_submission(office.org(), to, key, submission, again));
    REQUIRE(office.settle() == 2);
    const auto all = office.records(0);
    CHECK(Office::content(all[0]) != Office::content(all[1]));
    CHECK(Office::has_flag(all[0], "id_used_again") != Office::has_flag(all[1], "id_used_again"));
}

TEST_CASE("P-07 late work under an old key is opened by who stays", "[adversary]") {
    Office office;
    const auto late = office.seal("late");
    REQUIRE(office.devices[0].rotate_inbox(office.inbox));
    office.publish();
    CHECK(office.header().key_epoch == 2);
    office.plant(late);
    office.plant(office.seal("new"));
    REQUIRE(office.settle() == 2);
    CHECK(office.waiting() == 0);
}

TEST_CASE("a record that a person has deleted is not made again by a replay", "[adversary]") {
    Office office;
    const auto bytes = office.seal("spam");
    office.plant(bytes);
    REQUIRE(office.settle() == 1);
    const auto record = RecordId::parse(*office.records(0)[0]["rec"].string());
    REQUIRE(office.devices.write(0, core::DeleteRecord{*record, "spam"}));
    CHECK(office.settle() == 0);
    office.plant(bytes);
    CHECK(office.settle() == 0);
    CHECK(office.waiting() == 0);
}

TEST_CASE("a person's judgement of a submission outlives its replay", "[adversary]") {
    Office office;
    const auto bytes = office.seal("mind this");
    office.plant(bytes);
    REQUIRE(office.settle() == 1);
    const auto record = *RecordId::parse(*office.records(0)[0]["rec"].string());
    REQUIRE(office.devices.set(0, record, R"({"status":"taken_up"})"));
    office.settle();
    office.plant(bytes);
    office.pass(1);
    CHECK(office.settle() == 1);
    CHECK(office.records(1)[0]["fields"]["status"] == Json("taken_up"));
    // What was dropped in never changes.
    CHECK_FALSE(office.devices.set(0, record, R"({"content":"else"})"));
}

TEST_CASE("a stranger's words share no envelope with a family's", "[adversary]") {
    Office office;
    REQUIRE(office.devices.write(1, core::PutRecord{office.devices.space(), "household",
                                                    *parse_json(R"({"display_name":"Ruiz"})"),
                                                    {}}));
    office.plant(office.seal("attacker text"));
    office.plant(office.seal("attacker text again"));
    office.pass(1);
    CHECK(office.relay.log(office.org(), office.devices.space()).size() == 3);
}
