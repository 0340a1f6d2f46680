// SPDX-License-Identifier: Apache-2.0
// What people without a device drop in, and devices that file it, at the relay.
#include "crypto/secret/inbox.hpp"
#include "sync/relay/token_bucket.hpp"
#include "tests/sync/relay/scene.hpp"

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;
using crypto::InboxId;

namespace {

constexpr Time hour_ms = 3'600'000;

RelayOptions easy() {
    RelayOptions options;
    options.inbox_work_bits = 6;
    return options;
}

struct Box {
    Scene scene;
    InboxId inbox;

    explicit Box(std::size_t members = 2, const RelayOptions& options = easy())
        : scene(members, options) {
        auto made = crypto::inbox_open(scene.author(), scene.space);
        REQUIRE(made);
        scene.add_entry(made->entry);
        inbox = made->inbox;
        scene.restart();
    }
    [[nodiscard]] OrgId org() const { return scene.membership->org(); }
    Bytes seal(std::string_view text = "help") {
        const auto key_epoch = scene.membership->inbox(inbox)->key_epoch;
        crypto::Submission submission;
        submission.body = to_bytes(as_bytes(text));
        auto bytes = crypto::seal_submission(
            org(), {crypto::SubmissionKind::intake, inbox, key_epoch},
            scene.membership->inbox_key(inbox, key_epoch)->key, submission, scene.env);
        REQUIRE(bytes);
        return *std::move(bytes);
    }
    [[nodiscard]] std::uint64_t work(const Bytes& bytes) const {
        return *crypto::find_work(org(), crypto::submission_digest(bytes),
                                  scene.options.inbox_work_bits, 0, 1'000'000);
    }
    /// The code of a refusal, or "stored"; "waiting" where nothing was answered.
    std::string post(const Bytes& bytes, std::optional<std::uint64_t> proof,
                     std::optional<OrgId> to = {}) {
        const auto ticket =
            scene.relay->submit(to.value_or(org()), inbox, bytes, proof, scene.now);
        scene.host->settle();
        const auto answer = scene.host->take_answer(ticket);
        if (!answer) return "waiting";
        if (!answer->result) {
            CHECK_FALSE(answer->result.error().message.empty());
            return std::string(to_string(answer->result.error().code));
        }
        CHECK(std::get<Digest>(*answer->result) == crypto::submission_digest(bytes));
        return "stored";
    }
    std::string post(const Bytes& bytes) { return post(bytes, work(bytes)); }
    [[nodiscard]] std::size_t kept() const {
        const auto found = scene.store.inboxes.find({org(), inbox});
        return found == scene.store.inboxes.end() ? 0 : found->second.size();
    }
    void rotate() {
        const auto entry = crypto::inbox_rotate(scene.author(), inbox);
        REQUIRE(entry);
        scene.add_entry(*entry);
        scene.restart();
    }
};

/// A line that has opened the space, with what that brings taken.
std::unique_ptr<Line> filer(Scene& scene, std::size_t index, bool follow = true) {
    auto line = std::make_unique<Line>(scene);
    line->greet(index).open({}, follow);
    line->expect<Opened>();
    return line;
}

}  // namespace

TEST_CASE("a submission with its proof is stored, the same one twice is one", "[sync]") {
    Box box;
    const auto bytes = box.seal();
    CHECK(box.post(bytes) == "stored");
    CHECK(box.post(bytes) == "stored");
    CHECK(box.kept() == 1);
    const auto& stored = box.scene.store.inboxes.begin()->second;
    CHECK(stored.front().hour == box.scene.now / hour_ms * hour_ms);
    CHECK(box.post(box.seal()) == "stored");
    CHECK(box.kept() == 2);
}

TEST_CASE("nothing is answered before it is stored", "[sync]") {
    Box box;
    const auto bytes = box.seal();
    box.scene.host->hold(MemoryRelayHost::Kind::submission);
    const auto ticket = box.scene.relay->submit(box.org(), box.inbox, bytes, box.work(bytes),
                                                box.scene.now);
    box.scene.host->settle();
    CHECK_FALSE(box.scene.host->take_answer(ticket));
    box.scene.host->release();
    CHECK(box.scene.host->take_answer(ticket)->result.has_value());
}

TEST_CASE("a post without its work, or with that of another, is refused", "[sync]") {
    Box box;
    const auto bytes = box.seal();
    std::uint64_t poor = 0;
    while (crypto::work_bits(box.org(), crypto::submission_digest(bytes), poor) >= 6) ++poor;
    CHECK(box.post(bytes, std::nullopt) == "denied");
    CHECK(box.post(bytes, poor) == "denied");
    CHECK(box.post(bytes, box.work(bytes)) == "stored");
    CHECK(box.kept() == 1);
}

TEST_CASE("what is altered, of another size or for another inbox is refused", "[sync]") {
    Box box;
    const auto bytes = box.seal();
    auto wrong = bytes;
    wrong[10] ^= 1U;  // names another inbox
    CHECK(box.post(wrong) == "invalid");
    wrong = bytes;
    wrong.pop_back();
    CHECK(box.post(wrong) == "corrupt");
    wrong = bytes;
    wrong.push_back(0);
    CHECK(box.post(wrong) == "corrupt");
    wrong = Bytes(limits::submission_max + limits::submission_overhead + 1, 0);
    CHECK(box.post(wrong) == "corrupt");
    wrong = bytes;
    wrong[4] = 9;  // a suite to come
    CHECK(box.post(wrong) == "unsupported");
    CHECK(box.post({}) == "corrupt");
    CHECK(box.kept() == 0);
    // Sealed bytes that were changed look like any others to who has no key.
    wrong = bytes;
    wrong.back() ^= 1U;
    CHECK(box.post(wrong) == "stored");
}

TEST_CASE("an organisation or inbox that is not here, or is closed, is not found", "[sync]") {
    Box box;
    const auto bytes = box.seal();
    OrgId stranger;
    stranger.bytes.fill(7);
    const auto proof = crypto::find_work(stranger, crypto::submission_digest(bytes), 6, 0, 100'000);
    CHECK(box.post(bytes, proof, stranger) == "not_found");
    const auto entry = crypto::inbox_close(box.scene.author(), box.inbox);
    REQUIRE(entry);
    box.scene.add_entry(*entry);
    box.scene.restart();
    CHECK(box.post(bytes) == "not_found");
    CHECK(box.kept() == 0);
}

TEST_CASE("an old key is taken for a while, and one that never was is not", "[sync]") {
    Box box;
    const auto old = box.seal();
    box.rotate();
    CHECK(box.post(old) == "stored");
    CHECK(box.post(box.seal()) == "stored");
    const auto late = box.scene.now + limits::inbox_late_ms;
    const auto another = [&] {
        auto bytes = old;
        bytes.back() ^= 1U;
        return bytes;
    }();
    box.scene.now = late;
    CHECK(box.post(another) == "stored");
    box.scene.now = late + 1;
    CHECK(box.post(old) == "conflict");
    CHECK(box.post(box.seal()) == "stored");
    auto future = old;
    future[24] = 9;
    CHECK(box.post(future) == "conflict");
    future[24] = 0;
    CHECK(box.post(future) == "conflict");
}

TEST_CASE("a flood is told to wait, and a minute later the door is open", "[sync]") {
    auto options = easy();
    options.inbox_posts_at_once = 3;
    options.inbox_posts_per_minute = 2;
    Box box(2, options);
    for (int i = 0; i < 3; ++i) CHECK(box.post(box.seal()) == "stored");
    CHECK(box.post(box.seal()) == "busy");
    // Who has not worked takes nobody's place.
    for (int i = 0; i < 9; ++i) CHECK(box.post(box.seal(), std::nullopt) == "denied");
    box.scene.now += 30'000;
    CHECK(box.post(box.seal()) == "stored");
    CHECK(box.post(box.seal()) == "busy");
    CHECK(box.kept() == 4);
}

TEST_CASE("a bucket gives its tokens at its rate, and no clock cheats it", "[sync]") {
    TokenBucket bucket(60, 2);
    CHECK(bucket.take(1000));
    CHECK(bucket.take(1000));
    CHECK_FALSE(bucket.take(1000));
    CHECK_FALSE(bucket.take(1999));
    CHECK(bucket.take(2000));
    CHECK_FALSE(bucket.take(0));
    CHECK_FALSE(bucket.take(999));
    CHECK(bucket.take(1000));
    CHECK(bucket.take(1'000'000'000'000));
    CHECK(bucket.take(1'000'000'000'000));
    CHECK_FALSE(bucket.take(1'000'000'000'000));
}

TEST_CASE("where an inbox is, anybody may ask, and its key is the newest", "[sync]") {
    Box box;
    const auto ask = [&] {
        const auto ticket = box.scene.relay->find_inbox(box.org(), box.inbox, box.scene.now);
        box.scene.host->settle();
        return box.scene.host->take_answer(ticket);
    };
    const auto before = std::get<InboxPlace>(*ask()->result);
    CHECK(before.key_epoch == 1);
    CHECK(before.key == box.scene.membership->inbox_key(box.inbox, 1)->key);
    CHECK(before.work_bits == 6);
    box.rotate();
    CHECK(std::get<InboxPlace>(*ask()->result).key_epoch == 2);
}

TEST_CASE("so many questions for an inbox are answered in a minute, and no more", "[sync][limits]") {
    RelayOptions options = easy();
    CHECK(options.inbox_asks_per_minute == limits::inbox_asks_per_minute);
    options.inbox_asks_per_minute = GENERATE(std::int64_t{3}, limits::inbox_asks_per_minute);
    Box box(2, options);
    const auto ask = [&] {
        const auto ticket = box.scene.relay->find_inbox(box.org(), box.inbox, box.scene.now);
        box.scene.host->settle();
        return box.scene.host->take_answer(ticket)->result;
    };
    for (std::int64_t asked = 0; asked < options.inbox_asks_per_minute; ++asked) REQUIRE(ask());
    const auto refused = ask();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::busy);
    box.scene.now += 60'000 / options.inbox_asks_per_minute;
    CHECK(ask());
    CHECK_FALSE(ask());
}

TEST_CASE("a device fetches what is there, and what it filed is gone", "[sync]") {
    Box box;
    const auto one = box.seal();
    const auto other = box.seal();
    REQUIRE(box.post(one) == "stored");
    REQUIRE(box.post(other) == "stored");
    const auto line = filer(box.scene, 1);
    line->say(GetSubmissions{.channel = 0, .inbox = box.inbox, .after = 0});
    const auto page = line->expect<Submissions>();
    REQUIRE(page.items.size() == 2);
    CHECK(page.items[0].bytes == one);
    line->say(GetSubmissions{.channel = 0, .inbox = box.inbox, .after = page.items[1].number});
    CHECK_FALSE(line->expect<Submissions>().more);
    line->say(Filed{.channel = 0, .inbox = box.inbox,
                    .submissions = {crypto::submission_digest(one)}});
    CHECK(box.kept() == 1);
    CHECK(box.scene.store.inboxes.begin()->second.front().digest ==
          crypto::submission_digest(other));
}

TEST_CASE("what is dropped in while a device follows is told to it at once", "[sync]") {
    Box box;
    const auto line = filer(box.scene, 1);
    REQUIRE(box.post(box.seal()) == "stored");
    line->silence();  // it has not asked yet
    line->say(GetSubmissions{.channel = 0, .inbox = box.inbox, .after = 0});
    CHECK(line->expect<Submissions>().items.size() == 1);
    REQUIRE(box.post(box.seal()) == "stored");
    CHECK(line->expect<SubmissionNews>().inbox == box.inbox);
}

TEST_CASE("a submission is lent to one device, and to another once that has gone", "[sync]") {
    Box box(3);
    REQUIRE(box.post(box.seal()) == "stored");
    const auto first = filer(box.scene, 1);
    const auto second = filer(box.scene, 2);
    const GetSubmissions get{.channel = 0, .inbox = box.inbox, .after = 0};
    first->say(get);
    CHECK_FALSE(first->expect<Submissions>().items.at(0).bytes.empty());
    second->say(get);
    CHECK(second->expect<Submissions>().items.at(0).bytes.empty());
    first->say(get);
    CHECK_FALSE(first->expect<Submissions>().items.at(0).bytes.empty());
    first->hang_up();
    box.scene.host->settle();
    CHECK(second->expect<SubmissionNews>().inbox == box.inbox);
    second->say(get);
    CHECK_FALSE(second->expect<Submissions>().items.at(0).bytes.empty());
}

TEST_CASE("who holds a submission for too long has lost it", "[sync]") {
    Box box(3);
    REQUIRE(box.post(box.seal()) == "stored");
    const auto first = filer(box.scene, 1);
    const auto second = filer(box.scene, 2);
    const GetSubmissions get{.channel = 0, .inbox = box.inbox, .after = 0};
    first->say(get);
    box.scene.now += limits::inbox_lease_ms;
    second->say(get);
    CHECK_FALSE(second->expect<Submissions>().items.at(0).bytes.empty());
}

TEST_CASE("only who may write in the space is given what was dropped in, or ends it", "[sync]") {
    Box box;
    box.scene.add_reader();
    box.scene.restart();
    const auto bytes = box.seal();
    REQUIRE(box.post(bytes) == "stored");
    const auto reader = filer(box.scene, 2);
    reader->say(GetSubmissions{.channel = 0, .inbox = box.inbox, .after = 0});
    CHECK(reader->expect<Submissions>().items.empty());
    reader->say(Filed{.channel = 0, .inbox = box.inbox,
                      .submissions = {crypto::submission_digest(bytes)}});
    CHECK(box.kept() == 1);
    // An inbox of another space, and one that is none.
    const auto writer = filer(box.scene, 1);
    InboxId other;
    other.bytes.fill(1);
    writer->say(GetSubmissions{.channel = 0, .inbox = other, .after = 0});
    CHECK(writer->expect<Submissions>().items.empty());
    CHECK_FALSE(writer->closed());
}
