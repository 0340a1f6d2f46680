// SPDX-License-Identifier: Apache-2.0
#include "crypto/public/membership_entry.hpp"

#include "core/base/limits.hpp"
#include "crypto/primitive/hash.hpp"

namespace trellis::crypto {
namespace {

// magic 4 | version 2 | flags 2 | org 32 | index 8 | previous 32 | time 8 | author 16
// | body size 4 | body: count 4, ops | post_state 32 | signatures 1, { signer 16, signature 64 }
constexpr std::string_view magic = "TRL1";
constexpr std::uint16_t version = 1;
constexpr std::size_t op_head_size = 6;
constexpr std::size_t signature_size = SignerId::size + Signature::size;

// All that comes before post_state.
Bytes write_head_and_ops(const Entry& entry, const OrgId& org) {
    ByteWriter body;
    body.u32(static_cast<std::uint32_t>(entry.ops.size()));
    for (const auto& op : entry.ops)
        write_op(body, op);
    ByteWriter writer;
    writer.raw(as_bytes(magic));
    writer.u16(version);
    writer.u16(0);
    writer.raw(org.view());
    writer.u64(entry.index);
    writer.raw(entry.previous.view());
    writer.u64(static_cast<std::uint64_t>(entry.time));
    writer.raw(entry.author.view());
    writer.blob(body.view());
    return writer.take();
}

OrgId org_of(ByteView genesis_body) {
    return OrgId{hash(Label::org_genesis, {genesis_body}).bytes};
}

Result<void> read_ops(ByteView body, Entry& entry) {
    ByteReader reader(body);
    const std::size_t count = reader.u32();
    if (count > limits::entry_ops_max) {
        return Error{Code::too_large, "an entry of the organisation's log has too many ops"};
    }
    if (count == 0 || count > reader.left() / op_head_size) reader.fail();
    for (std::size_t i = 0; i < count && !reader.failed(); ++i) {
        const auto kind = reader.u16();
        const auto op_body = reader.blob(limits::entry_max);
        if (reader.failed()) break;
        if (entry.index == 0 && i == 0) entry.org = org_of(op_body);
        auto op = read_op(kind, op_body);
        if (op) {
            entry.ops.push_back(std::move(op).value());
        } else if (op.error().code == Code::unsupported) {
            entry.unknown_op = kind;
        } else {
            return op.error();
        }
    }
    return reader.finish("the body of an entry");
}

Result<void> read_signatures(ByteReader& reader, Entry& entry) {
    const std::size_t count = reader.u8();
    if (!reader.failed() && (count == 0 || count > limits::entry_signers_max)) {
        return Error{Code::corrupt, "an entry has no signature, or too many"};
    }
    for (std::size_t i = 0; i < count && reader.left() >= signature_size; ++i) {
        EntrySignature signature{reader.id<SignerId>(), reader.id<Signature>()};
        if (i > 0 && !(entry.signatures.back().signer < signature.signer)) {
            return Error{Code::corrupt, "the signers of an entry are not in order"};
        }
        entry.signatures.push_back(signature);
    }
    if (entry.signatures.size() != count) reader.fail();
    return reader.finish("an entry of the organisation's log");
}

}  // namespace

Result<Entry> parse_entry(ByteView bytes) {
    if (bytes.size() > limits::entry_max) {
        return Error{Code::too_large, "an entry of the organisation's log is over the limit"};
    }
    ByteReader reader(bytes);
    if (as_text(reader.raw(magic.size())) != magic) {
        return Error{Code::corrupt, "these bytes are no entry of an organisation's log"};
    }
    if (reader.u16() != version || reader.u16() != 0) {
        return Error{Code::unsupported,
                     "an entry of the organisation's log was written by a newer version; update"};
    }
    Entry entry;
    entry.org = reader.id<OrgId>();
    entry.index = reader.u64();
    entry.previous = reader.id<Digest>();
    const auto time = reader.u64();
    if (time >> 63U != 0) reader.fail();
    entry.time = static_cast<Time>(time);
    entry.author = reader.id<SignerId>();
    const auto body = reader.blob(limits::entry_max);
    entry.post_state = reader.id<Digest>();
    if (reader.failed()) return reader.finish("an entry of the organisation's log").error();
    entry.hash = entry_hash(bytes.first(bytes.size() - reader.left()));
    if (entry.index == 0 && !(entry.org.is_zero() && entry.previous.is_zero())) {
        return Error{Code::corrupt, "a first entry names something before it"};
    }
    TRELLIS_DO(read_ops(body, entry));
    TRELLIS_DO(read_signatures(reader, entry));
    return entry;
}

OrgId org_of_genesis(const GenesisOp& op) {
    ByteWriter writer;
    write_op(writer, op);
    return org_of(writer.view().subspan(op_head_size));
}

Bytes write_unsigned_entry(const Entry& entry) {
    auto bytes = write_head_and_ops(entry, entry.index == 0 ? OrgId{} : entry.org);
    append(bytes, entry.post_state.view());
    return bytes;
}

Digest entry_hash(ByteView unsigned_entry) {
    return hash(Label::log_entry, {unsigned_entry});
}

void append_signatures(Bytes& entry, const std::vector<EntrySignature>& signatures) {
    TRELLIS_CHECK(!signatures.empty());
    TRELLIS_CHECK(signatures.size() <= limits::entry_signers_max);
    ByteWriter writer;
    writer.u8(static_cast<std::uint8_t>(signatures.size()));
    for (std::size_t i = 0; i < signatures.size(); ++i) {
        TRELLIS_CHECK(i == 0 || signatures[i - 1].signer < signatures[i].signer);
        writer.raw(signatures[i].signer.view());
        writer.raw(signatures[i].signature.view());
    }
    append(entry, writer.view());
}

}  // namespace trellis::crypto
