// SPDX-License-Identifier: Apache-2.0
// What people without a device dropped into an inbox becomes a record of its own, one and the
// same on every device. Its words are a stranger's: shown as they came, never merged into the
// record of a family.
#include <algorithm>

#include "core/base/limits.hpp"
#include "core/replica.hpp"
#include "core/store/edit_ops.hpp"
#include "crypto/secret/inbox.hpp"

namespace trellis::core {
namespace {

constexpr std::string_view type_name = "submission";

const Error no_org{Code::invalid, "this device belongs to no organisation yet: create or join one"};

Json as_json(ByteView bytes) {
    Json json;
    json.set("$bytes", to_base64(bytes));
    return json;
}

std::string_view kind_code(crypto::SubmissionKind kind) {
    switch (kind) {
        case crypto::SubmissionKind::partner_reply: return "partner_reply";
        case crypto::SubmissionKind::audit: return "audit";
        default: return "intake";
    }
}

/// The fields in two parts: what is longer than one edit may be goes into a second.
struct Fields {
    Json first;
    Json second;
};

/// Text where it is one that a field can hold; else every byte as it came.
void add_content(ByteView body, Json& flags, Fields& fields) {
    const auto text = as_text(body);
    const bool is_text = is_utf8(text) && text.find('\0') == std::string_view::npos;
    if (!is_text) flags.push("not_text");
    if (is_text && body.size() > limits::text_max) flags.push("too_long");
    const auto parsed = is_text ? parse_json(text) : Result<Json>(no_org);
    if (!parsed || parsed->object() == nullptr) flags.push("not_form");
    if (is_text && body.size() <= limits::text_max) {
        return fields.first.set("content", std::string(text));
    }
    const auto head = std::min(body.size(), limits::value_bytes_max);
    fields.first.set("raw", as_json(body.first(head)));
    if (head < body.size()) fields.second.set("raw_rest", as_json(body.subspan(head)));
}

Fields fields_of(const crypto::InboxId& inbox, const crypto::SubmissionHeader& header,
                 const std::optional<crypto::Submission>& submission, const Dropped& item,
                 Json flags) {
    Fields fields;
    fields.first.set("digest", as_json(crypto::submission_digest(item.bytes).view()));
    fields.first.set("inbox", as_json(inbox.view()));
    fields.first.set("sent_by", kind_code(header.kind));
    fields.first.set("received", item.hour);
    if (submission) {
        fields.first.set("submission_id", as_json(submission->id.view()));
        if (submission->reply) fields.first.set("reply_key", as_json(submission->reply->view()));
        add_content(submission->body, flags, fields);
    } else {
        flags.push("unreadable");
        const auto head = std::min(item.bytes.size(), limits::value_bytes_max);
        fields.first.set("raw", as_json(ByteView(item.bytes).first(head)));
        if (head < item.bytes.size()) {
            fields.second.set("raw_rest", as_json(ByteView(item.bytes).subspan(head)));
        }
    }
    if (!flags.array()->empty()) fields.first.set("flags", std::move(flags));
    return fields;
}

}  // namespace

/// What we hold of a submission's record.
struct Replica::Found {
    bool is_there = false;
    bool is_other = false;    ///< made of other bytes
    bool is_deleted = false;  ///< somebody has seen it, and deleted it
    std::optional<Dot> own;   ///< our own word of it, under our present name
};

Result<crypto::InboxId> Replica::open_inbox(const SpaceId& space) {
    if (!has_org()) return no_org;
    if (store_->schema.type(type_name) == nullptr) {
        return Error{Code::unsupported, "this district's schema has no record type 'submission', "
                                        "which an inbox needs: add it to the schema"};
    }
    TRELLIS_TRY(const auto made, crypto::inbox_open(author(), space));
    TRELLIS_DO(append_entry(made.entry));
    return made.inbox;
}

Result<void> Replica::rotate_inbox(const crypto::InboxId& inbox) {
    if (!has_org()) return no_org;
    // What is written already leaves under the key it was written for.
    TRELLIS_TRY(const auto sealed, seal());
    static_cast<void>(sealed);
    TRELLIS_TRY(const auto entry, crypto::inbox_rotate(author(), inbox));
    return append_entry(entry);
}

Result<void> Replica::close_inbox(const crypto::InboxId& inbox) {
    if (!has_org()) return no_org;
    TRELLIS_TRY(const auto entry, crypto::inbox_close(author(), inbox));
    return append_entry(entry);
}

/// After somebody gave a space a new key in an entry that had no room for its inboxes.
void Replica::renew_inbox_keys() {
    for (const auto& space : membership().spaces_of(device())) {
        const auto ids = membership().inboxes_of(space);
        const bool is_due = std::any_of(ids.begin(), ids.end(), [this](const auto& id) {
            return membership().is_key_due(id);
        });
        if (!is_due || membership().is_rotation_due(space) || !is_our_turn(space)) continue;
        const auto entry = crypto::inbox_renew(author(), space);
        const auto done = entry ? append_entry(*entry) : Result<void>(entry.error());
        if (!done) env_.log("inbox.put_off", to_string(done.error().code));
    }
}

std::vector<crypto::InboxId> Replica::inboxes_to_file(const SpaceId& space) {
    constexpr auto needed = crypto::right_read | crypto::right_write;
    if (!has_org() || !membership().can(device(), space, needed)) return {};
    return membership().inboxes_of(space);
}

/// Nothing: the key is here, and it does not open this; nobody's ever will.
Result<std::optional<crypto::Submission>> Replica::open_dropped(const SpaceId& space,
                                                                const crypto::InboxId& inbox,
                                                                ByteView bytes) {
    TRELLIS_TRY(const auto parts, crypto::parse_submission(bytes));
    if (parts.header.inbox != inbox) {
        return Error{Code::corrupt, "the relay showed a submission of another inbox"};
    }
    const auto* key = membership().inbox_key(inbox, parts.header.key_epoch);
    if (key == nullptr) {
        return Error{Code::wrong_key, "a submission is sealed to a key that this device has not "
                                      "heard of yet; it is filed by a later sync"};
    }
    const auto* space_key = ledger_.keyring().key(space, key->epoch);
    if (space_key == nullptr) {
        return Error{Code::wrong_key, "a submission waits for a device that has the space's key "
                                      "of when it was sealed; this one came later"};
    }
    const auto secret = crypto::inbox_secret(*space_key, inbox, parts.header.key_epoch);
    if (secret.key() != key->key) {
        return Error{Code::wrong_key, "an inbox's key is not the one that its space's key gives: "
                                      "somebody must rotate the inbox, and nobody can open what "
                                      "was sealed to it"};
    }
    auto opened = crypto::open_submission(org(), parts.header, secret, bytes);
    if (!opened) return std::optional<crypto::Submission>();
    return std::optional(std::move(*opened));
}

Result<Replica::Found> Replica::find_filed(const SpaceState& space, const RecordId& record,
                                           const Digest& submission) {
    Found found;
    const auto* type = store_->schema.type(type_name);
    TRELLIS_TRY(const auto row, store_->records.find_row(space.index, record));
    if (!row) return found;
    TRELLIS_TRY(const auto state,
                store_->records.load({type->id, space.index, *row, record}));
    const auto* heads = state ? state->find<Register>(type->field("digest")->id) : nullptr;
    if (heads == nullptr || heads->heads.empty()) return found;
    found.is_there = true;
    found.is_other = true;
    found.is_deleted = !state->tombstones.empty();
    const auto own = crypto::actor_id(space.id, device(), space.own);
    for (const auto& head : heads->heads) {
        const auto* bytes = head.value.get<Bytes>();
        if (bytes == nullptr || !equal(*bytes, submission.view())) continue;
        found.is_other = false;
        if (head.dot.actor == own) found.own = head.dot;
    }
    return found;
}

/// A stranger's words share no envelope with a family's: compressed together, the size would
/// tell what they have in common.
Result<void> Replica::seal_apart(const SpaceId& id) {
    const SpaceState space = *store_->spaces.find(id);
    TRELLIS_TRY(const auto own, own_actor(space));
    TRELLIS_TRY(const auto sealed, seal_space(space, own));
    static_cast<void>(sealed);
    return {};
}

Result<Filing::Item> Replica::file_one(const SpaceState& space, const crypto::InboxId& inbox,
                                       const Dropped& item, std::size_t& written) {
    TRELLIS_TRY(const auto submission, open_dropped(space.id, inbox, item.bytes));
    TRELLIS_TRY(const auto parts, crypto::parse_submission(item.bytes));
    const auto digest = crypto::submission_digest(item.bytes);
    const auto& type = *store_->schema.type(type_name);
    std::string key = submission ? submission->id.hex() : digest.hex();
    Json flags{Json::Array{}};
    auto record = keyed_record(space.id, type, key);
    TRELLIS_TRY(auto found, find_filed(space, record, digest));
    if (found.is_there && found.is_other) {
        // Whoever made the first can make another under its number; both are kept.
        key += "/" + digest.hex();
        flags.push("id_used_again");
        record = keyed_record(space.id, type, key);
        TRELLIS_TRY(found, find_filed(space, record, digest));
    }
    const Filing::Item filed{digest, record};
    if (found.own || found.is_deleted) return filed;
    auto fields = fields_of(inbox, parts.header, submission, item, std::move(flags));
    std::vector<Edit> edits{PutRecord{space.id, std::string(type_name), fields.first, key}};
    if (fields.second.object() != nullptr) {
        edits.emplace_back(PutRecord{space.id, std::string(type_name), fields.second, key});
    }
    TRELLIS_DO(seal_apart(space.id));
    TRELLIS_DO(write(space.id, edits));
    ++written;
    // Where it cannot be sealed now it is sealed later, all the same.
    static_cast<void>(seal_apart(space.id));
    return filed;
}

Result<Filing> Replica::file(const SpaceId& id, const crypto::InboxId& inbox,
                             const std::vector<Dropped>& items) {
    TRELLIS_TRY(const auto* space, known_space(id));
    const SpaceState state = *space;
    Filing filing;
    if (!items.empty() && store_->schema.type(type_name) == nullptr) {
        filing.problems.push_back({Code::unsupported,
                                   "submissions wait in an inbox, and this district's schema has "
                                   "no record type 'submission' to file them as"});
        return filing;
    }
    for (const auto& item : items) {
        auto filed = file_one(state, inbox, item, filing.written);
        if (filed) {
            filing.items.push_back(*filed);
            continue;
        }
        // A full disk stops everything; a submission that must wait stops nothing.
        const auto code = filed.error().code;
        if (code != Code::wrong_key && code != Code::corrupt && code != Code::denied &&
            code != Code::unsupported) {
            return std::move(filed).error();
        }
        filing.problems.push_back(filed.error());
    }
    return filing;
}

Result<std::vector<Digest>> Replica::filed_for_good(const SpaceId& id,
                                                    const std::vector<Filing::Item>& items) {
    TRELLIS_TRY(const auto* known, known_space(id));
    const SpaceState space = *known;
    std::vector<Digest> stored;
    for (const auto& item : items) {
        TRELLIS_TRY(const auto found, find_filed(space, item.record, item.submission));
        const bool is_stored = found.own && found.own->counter <= space.stored;
        if (is_stored || found.is_deleted) stored.push_back(item.submission);
    }
    return stored;
}

}  // namespace trellis::core
