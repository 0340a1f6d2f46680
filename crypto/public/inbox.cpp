// SPDX-License-Identifier: Apache-2.0
#include "crypto/public/inbox.hpp"

#include <algorithm>
#include <bit>

#include "core/base/limits.hpp"
#include "core/codec/byte_reader.hpp"
#include "core/codec/byte_writer.hpp"
#include "crypto/primitive/hash.hpp"
#include "crypto/primitive/sodium.hpp"

namespace trellis::crypto {
namespace {

// magic 4 | suite 1 | kind 1 | flags 2 | inbox 16 | key epoch 4 | sealed size 4 || sealed key 112
// | nonce 24 | sealed body
constexpr std::string_view magic = "TRI1";
constexpr std::uint8_t suite = 1;
constexpr std::size_t header_size = 32;
constexpr std::size_t sealed_key_size = Key::size + Digest::size + sealed_box_overhead;
constexpr std::size_t sizes[] = {4 * 1024, 16 * 1024, limits::submission_max};

/// The one size that so many bytes and the end mark are padded to; 0: too many.
std::size_t padded(std::size_t size) {
    for (const auto each : sizes) {
        if (size < each) return each;
    }
    return 0;
}

bool is_kind(std::uint8_t kind) {
    return kind >= static_cast<std::uint8_t>(SubmissionKind::intake) &&
           kind <= static_cast<std::uint8_t>(SubmissionKind::audit);
}

Bytes write_header(const SubmissionHeader& header, SubmissionKind kind, std::size_t sealed) {
    ByteWriter writer;
    writer.raw(as_bytes(magic));
    writer.u8(suite);
    writer.u8(static_cast<std::uint8_t>(kind));
    writer.u16(0);
    writer.raw(header.inbox.view());
    writer.u32(header.key_epoch);
    writer.u32(static_cast<std::uint32_t>(sealed));
    return writer.take();
}

/// submission 16 | u8 whether a reply key follows | reply key 32 | body, then the end mark.
Bytes write_payload(const Submission& submission) {
    ByteWriter writer;
    writer.raw(submission.id.view());
    writer.u8(submission.reply ? 1 : 0);
    if (submission.reply) writer.raw(submission.reply->view());
    writer.raw(submission.body);
    return writer.take();
}

}  // namespace

static_assert(header_size + sealed_key_size + sizeof(Nonce) + aead_tag_size ==
              limits::submission_overhead);

std::size_t submission_body_max(bool has_reply) {
    return limits::submission_max - 1 - SubmissionId::size - 1 - (has_reply ? BoxKey::size : 0);
}

Digest submission_digest(ByteView bytes) { return hash(Label::inbox_item, {bytes}); }

Digest inbox_print(const OrgId& org, const InboxId& inbox, std::uint32_t key_epoch,
                   const BoxKey& key) {
    Hasher hasher(Label::inbox_print);
    hasher.add(org.view()).add(inbox.view()).add_u32(key_epoch).add(key.view());
    return hasher.finish();
}

unsigned work_bits(const OrgId& org, const Digest& submission, std::uint64_t proof) {
    Hasher hasher(Label::inbox_work);
    hasher.add(org.view()).add(submission.view()).add_u64(proof);
    unsigned bits = 0;
    for (const auto byte : hasher.finish().bytes) {
        bits += static_cast<unsigned>(std::countl_zero(byte));
        if (byte != 0) break;
    }
    return bits;
}

Digest submission_binding(const OrgId& org, ByteView header, const Key& key) {
    return hash(Label::inbox_bind, {org.view(), header, key.view()});
}

Result<Bytes> seal_submission(const OrgId& org, const SubmissionHeader& to, const BoxKey& inbox_key,
                              Submission submission, Env& env) {
    env.random(submission.id.bytes);
    auto payload = write_payload(submission);
    const auto size = padded(payload.size());
    if (size == 0) {
        wipe(payload);
        return Error{Code::too_large, "that is too long for one submission; send it in parts"};
    }
    payload.push_back(0x80);
    payload.resize(size);
    const auto header = write_header(to, submission.kind, size + aead_tag_size);
    Key key;
    env.random(key.span());
    SecretBytes<Key::size + Digest::size> secret;
    copy_secret(secret.span().data(), key.view());
    copy_secret(secret.span().data() + Key::size, submission_binding(org, header, key).view());
    auto sealed_key = seal_to(inbox_key, secret.view(), env);
    if (!sealed_key) return std::move(sealed_key).error();
    Nonce nonce{};
    env.random(nonce);
    Bytes associated = header;
    append(associated, *sealed_key);
    Bytes bytes = associated;
    append(bytes, nonce);
    append(bytes, aead_seal(key, nonce, associated, payload));
    wipe(payload);
    return bytes;
}

Result<SubmissionParts> parse_submission(ByteView bytes) {
    ByteReader reader(bytes);
    SubmissionParts parts;
    if (!equal(reader.raw(magic.size()), as_bytes(magic))) {
        return Error{Code::corrupt, "that is no submission"};
    }
    const auto in_suite = reader.u8();
    const auto kind = reader.u8();
    const auto flags = reader.u16();
    if (reader.failed()) return reader.finish("a submission").error();
    if (in_suite != suite || !is_kind(kind) || flags != 0) {
        return Error{Code::unsupported, "the submission was made by a newer version"};
    }
    parts.header.kind = static_cast<SubmissionKind>(kind);
    parts.header.inbox = reader.id<InboxId>();
    parts.header.key_epoch = reader.u32();
    const std::size_t size = reader.u32();
    if (size > limits::submission_max + aead_tag_size) {
        return Error{Code::too_large, "the submission is over the limit"};
    }
    parts.sealed_key = reader.raw(sealed_key_size);
    const auto nonce = reader.raw(parts.nonce.size());
    std::copy(nonce.begin(), nonce.end(), parts.nonce.begin());
    parts.sealed = reader.raw(size);
    TRELLIS_DO(reader.finish("a submission"));
    const bool is_one_of_three = std::any_of(std::begin(sizes), std::end(sizes), [&](auto each) {
        return size == each + aead_tag_size;
    });
    if (!is_one_of_three) return Error{Code::corrupt, "a submission has three sizes only"};
    parts.header_bytes = bytes.first(header_size);
    return parts;
}

}  // namespace trellis::crypto
