// SPDX-License-Identifier: Apache-2.0
#include "tests/crypto/known_inbox.hpp"

#include "core/base/json.hpp"
#include "crypto/secret/inbox.hpp"
#include "tests/support/organisation.hpp"

namespace trellis::test {
namespace {

using namespace trellis::crypto;

template <class T>
T must(Result<T> result) {
    TRELLIS_CHECK(result.has_value());
    return std::move(result).value();
}

struct Known {
    Organisation it;
    InboxId inbox;
    std::map<std::string, std::string> files;
    Json submissions{Json::Array{}};

    void drop(std::string_view text) {
        const auto key_epoch = it.membership.inbox(inbox)->key_epoch;
        const auto key = it.membership.inbox_key(inbox, key_epoch)->key;
        Submission submission;
        submission.body = to_bytes(as_bytes(text));
        const auto bytes = must(seal_submission(
            it.org(), {SubmissionKind::intake, inbox, key_epoch}, key, submission, it.env));
        const auto name = "submission-" + std::to_string(key_epoch) + ".hex";
        files[folder() + name] = to_hex(bytes) + "\n";
        const auto digest = submission_digest(bytes);
        Json json;
        json.set("file", name);
        json.set("key_epoch", std::int64_t{key_epoch});
        json.set("text", std::string(text));
        json.set("digest", digest.hex());
        json.set("key", key.hex());
        json.set("fingerprint", inbox_print(it.org(), inbox, key_epoch, key).hex());
        json.set("proof", *find_work(it.org(), digest, 12, 0, 1'000'000));
        submissions.push(std::move(json));
    }
    static std::string folder() { return "fixtures/membership/v1-inbox/"; }
};

}  // namespace

std::map<std::string, std::string> known_inbox() {
    Known known;
    auto& it = known.it;
    const auto made = must(inbox_open(it.as(it.alice), it.school));
    it.append(made.entry);
    known.inbox = made.inbox;
    known.drop("Please call after six.");
    it.append(revoke_device(it.as(it.alice), it.id(it.bob), {}));
    known.drop("We moved.");
    it.append(inbox_close(it.as(it.alice), known.inbox));
    auto again = must(Membership::found(it.log.front()));
    Json digests{Json::Array{}};
    for (std::size_t i = 0; i < it.log.size(); ++i) {
        if (i > 0) TRELLIS_CHECK(again.extend(it.log[i]).has_value());
        const auto number = (i < 10 ? "0" : "") + std::to_string(i);
        known.files[Known::folder() + number + ".hex"] = to_hex(it.log[i]) + "\n";
        digests.push(again.state().digest.hex());
    }
    Json json;
    json.set("post_states", std::move(digests));
    json.set("org", it.org().hex());
    json.set("inbox", known.inbox.hex());
    json.set("space", it.school.hex());
    json.set("submissions", std::move(known.submissions));
    // In two steps: g++ 12 sees an overrun in the sum of both where there is none.
    auto about = Known::folder();
    about += "about.json";
    known.files[about] = print_json(json) + "\n";
    return std::move(known.files);
}

}  // namespace trellis::test
