// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret/inbox.hpp"

#include "core/codec/byte_reader.hpp"
#include "core/codec/byte_writer.hpp"
#include "crypto/primitive/hash.hpp"
#include "crypto/primitive/sodium.hpp"

namespace trellis::crypto {
namespace {

Error refused() {
    return {Code::wrong_key, "a submission was sealed for somebody else, or altered"};
}

/// The payload without its end mark and the zeros behind it.
std::optional<ByteView> unpadded(ByteView payload) {
    while (!payload.empty() && payload.back() == 0) payload = payload.first(payload.size() - 1);
    if (payload.empty() || payload.back() != 0x80) return std::nullopt;
    return payload.first(payload.size() - 1);
}

Result<Submission> read_payload(SubmissionKind kind, ByteView payload) {
    const auto content = unpadded(payload);
    if (!content) return Error{Code::corrupt, "a submission does not end as it should"};
    ByteReader reader(*content);
    Submission submission;
    submission.kind = kind;
    submission.id = reader.id<SubmissionId>();
    if (reader.varint_to(1) == 1) submission.reply = reader.id<BoxKey>();
    if (reader.failed()) return Error{Code::corrupt, "a submission is cut short or malformed"};
    submission.body = to_bytes(reader.rest());
    return submission;
}

}  // namespace

BoxSecret inbox_secret(const Key& space_key, const InboxId& inbox, std::uint32_t key_epoch) {
    ByteWriter context;
    context.raw(inbox.view());
    context.u32(key_epoch);
    return BoxSecret::from_seed(derive(space_key, Label::inbox_secret, context.view()).view());
}

std::optional<std::uint64_t> find_work(const OrgId& org, const Digest& submission, unsigned bits,
                                       std::uint64_t from, std::uint64_t tries) {
    for (std::uint64_t i = 0; i < tries; ++i) {
        if (work_bits(org, submission, from + i) >= bits) return from + i;
    }
    return std::nullopt;
}

Result<Submission> open_submission(const OrgId& org, const SubmissionHeader& expected,
                                   const BoxSecret& inbox_key, ByteView bytes) {
    TRELLIS_TRY(const auto parts, parse_submission(bytes));
    const bool is_for_us = parts.header.inbox == expected.inbox &&
                           parts.header.key_epoch == expected.key_epoch &&
                           parts.header.kind == expected.kind;
    if (!is_for_us) return refused();
    auto secret = open_box(inbox_key, parts.sealed_key);
    if (!secret) return refused();
    const auto key = Key::from(ByteView(*secret).first(Key::size));
    const bool is_bound = equal_in_constant_time(
        submission_binding(org, parts.header_bytes, key).view(), ByteView(*secret).last(Digest::size));
    wipe(*secret);
    if (!is_bound) return refused();
    Bytes associated = to_bytes(parts.header_bytes);
    append(associated, parts.sealed_key);
    auto payload = aead_open(key, parts.nonce, associated, parts.sealed);
    if (!payload) return refused();
    auto submission = read_payload(parts.header.kind, *payload);
    wipe(*payload);
    return submission;
}

}  // namespace trellis::crypto
