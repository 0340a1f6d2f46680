// SPDX-License-Identifier: Apache-2.0
// Inboxes: where people without a device leave something for a space. Filing is part of sync.
#include "clients/verbs/request.hpp"
#include "clients/verbs/verbs.hpp"
#include "core/base/limits.hpp"
#include "crypto/secret/inbox.hpp"

namespace trellis::clients {
namespace {

/// Far beyond what so few bits ever need.
constexpr std::uint64_t tries_max = std::uint64_t{1} << 34U;

/// Where the relay's page finds an inbox: "wss://HOST/sync" becomes "https://HOST/inbox/…".
std::string address_of(const std::string& url, const OrgId& org, const crypto::InboxId& inbox) {
    std::string address = url;
    if (address.starts_with("ws")) address.replace(0, 2, "http");
    const auto host = address.find("://");
    const auto path = host == std::string::npos ? host : address.find('/', host + 3);
    if (path != std::string::npos) address.resize(path);
    return address + "/inbox/" + org.hex() + "/" + inbox.hex();
}

Json describe(core::Replica& replica, const crypto::InboxRecord& inbox) {
    const auto& membership = replica.membership();
    const auto* key = membership.inbox_key(inbox.id, inbox.key_epoch);
    Json json;
    json.set("org", replica.org().hex());
    json.set("inbox", inbox.id.hex());
    json.set("space", inbox.space.hex());
    json.set("key_epoch", std::int64_t{inbox.key_epoch});
    json.set("key", key->key.hex());
    json.set("fingerprint",
             crypto::inbox_print(replica.org(), inbox.id, inbox.key_epoch, key->key).hex());
    json.set("post", address_of(replica.url(), replica.org(), inbox.id));
    if (inbox.is_closed) json.set("closed", true);
    return json;
}

Result<const crypto::InboxRecord*> known_inbox(core::Replica& replica, const Json& request) {
    TRELLIS_TRY(const auto id, inbox_of(request));
    const auto* inbox = replica.has_org() ? replica.membership().inbox(id) : nullptr;
    if (inbox != nullptr) return inbox;
    return Error{Code::not_found, "there is no such inbox; `inbox_info` lists those there are"};
}

Result<crypto::SubmissionKind> kind_of(const Json& request) {
    TRELLIS_TRY(const auto name, text_if_any(request, "kind"));
    if (!name || *name == "intake") return crypto::SubmissionKind::intake;
    if (*name == "partner_reply") return crypto::SubmissionKind::partner_reply;
    return Error{Code::invalid, "kind must be intake or partner_reply"};
}

/// `text`, or any bytes in `bytes`.
Result<Bytes> body_of(const Json& request) {
    if (!request.has("bytes")) {
        TRELLIS_TRY(const auto text, text_of(request, "text"));
        return to_bytes(as_bytes(text));
    }
    const auto* text = request["bytes"].string();
    auto bytes = text == nullptr ? std::nullopt : from_base64(*text);
    if (!bytes) return Error{Code::invalid, "bytes must be base64"};
    return std::move(*bytes);
}

/// To an inbox that the log names, or, as a page does it, to any by its key.
struct Target {
    OrgId org;
    crypto::SubmissionHeader header;
    crypto::BoxKey key;
    std::string post;
};
Result<Target> target_of(core::Replica& replica, const Json& request) {
    Target target;
    TRELLIS_TRY(target.header.kind, kind_of(request));
    if (!request.has("key")) {
        TRELLIS_TRY(const auto* inbox, known_inbox(replica, request));
        if (inbox->is_closed) return Error{Code::invalid, "that inbox is closed; open another"};
        target.org = replica.org();
        target.header.inbox = inbox->id;
        target.header.key_epoch = inbox->key_epoch;
        target.key = replica.membership().inbox_key(inbox->id, inbox->key_epoch)->key;
        target.post = address_of(replica.url(), target.org, inbox->id);
        return target;
    }
    TRELLIS_TRY(target.header.inbox, inbox_of(request));
    TRELLIS_TRY(const auto org, text_of(request, "org"));
    TRELLIS_TRY(const auto key, text_of(request, "key"));
    TRELLIS_TRY(const auto key_epoch, integer_of(request, "key_epoch"));
    const auto parsed_org = OrgId::parse(org);
    const auto parsed_key = crypto::BoxKey::parse(key);
    if (!parsed_org || !parsed_key || key_epoch < 1 || key_epoch > UINT32_MAX) {
        return Error{Code::invalid,
                     "org, key and key_epoch are those that the inbox's address says"};
    }
    target.org = *parsed_org;
    target.key = *parsed_key;
    target.header.key_epoch = static_cast<std::uint32_t>(key_epoch);
    return target;
}

}  // namespace

Result<Json> Verbs::inbox_open(const Json& request) {
    TRELLIS_TRY(const auto space, space_of(request));
    TRELLIS_TRY(const auto inbox, replica_->open_inbox(space));
    host_.outbox_changed();
    const auto* record = replica_->membership().inbox(inbox);
    // A draft is in nobody's log yet.
    return record == nullptr ? Json{Json::Object{}} : describe(*replica_, *record);
}

Result<Json> Verbs::inbox_rotate(const Json& request) {
    TRELLIS_TRY(const auto* inbox, known_inbox(*replica_, request));
    const auto id = inbox->id;
    TRELLIS_DO(replica_->rotate_inbox(id));
    host_.outbox_changed();
    return describe(*replica_, *replica_->membership().inbox(id));
}

Result<Json> Verbs::inbox_close(const Json& request) {
    TRELLIS_TRY(const auto* inbox, known_inbox(*replica_, request));
    TRELLIS_DO(replica_->close_inbox(inbox->id));
    host_.outbox_changed();
    return Json{Json::Object{}};
}

Result<Json> Verbs::inbox_info(const Json& request) {
    if (request.has("inbox")) {
        TRELLIS_TRY(const auto* inbox, known_inbox(*replica_, request));
        return describe(*replica_, *inbox);
    }
    TRELLIS_TRY(const auto space, space_if_any(request));
    Json list{Json::Array{}};
    if (replica_->has_org()) {
        for (const auto& [id, inbox] : replica_->membership().state().inboxes) {
            if (!space || inbox.space == *space) list.push(describe(*replica_, inbox));
        }
    }
    Json reply;
    reply.set("inboxes", std::move(list));
    return reply;
}

Result<Json> Verbs::inbox_submit(const Json& request) {
    TRELLIS_TRY(const auto target, target_of(*replica_, request));
    TRELLIS_TRY(const auto bits, integer_if_any(request, "work_bits"));
    const auto wanted = bits.value_or(limits::inbox_work_bits);
    if (wanted < 0 || wanted > limits::inbox_work_bits_max) {
        return Error{Code::invalid, "work_bits is a number from 0 to " +
                                        std::to_string(limits::inbox_work_bits_max)};
    }
    crypto::Submission submission;
    submission.kind = target.header.kind;
    TRELLIS_TRY(submission.body, body_of(request));
    TRELLIS_TRY(const auto sealed,
                crypto::seal_submission(target.org, target.header, target.key,
                                        std::move(submission), host_.env()));
    const auto digest = crypto::submission_digest(sealed);
    const auto proof =
        crypto::find_work(target.org, digest, static_cast<unsigned>(wanted), 0, tries_max);
    if (!proof) return Error{Code::internal, "no proof of work was found; seal it again"};
    Json reply;
    reply.set("submission", to_base64(sealed));
    reply.set("digest", digest.hex());
    reply.set("proof", *proof);
    if (!target.post.empty()) {
        reply.set("post", target.post + "?proof=" + std::to_string(*proof));
    }
    return reply;
}

}  // namespace trellis::clients
