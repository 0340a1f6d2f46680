// SPDX-License-Identifier: Apache-2.0
#include "core/codec/byte_writer.hpp"
#include "sync/wire/frame.hpp"
#include "sync/wire/layout.hpp"

namespace trellis::sync {
namespace {

using namespace layout;

void put_counter(ByteWriter& out, Counter counter) {
    TRELLIS_CHECK(counter <= limits::counter_max);
    out.u32(static_cast<std::uint32_t>(counter));
    out.u8(static_cast<std::uint8_t>(counter >> 32U));
}

void put_text(ByteWriter& out, std::string_view text) {
    if (text.size() > text_size_max) {
        text = text.substr(0, text_size_max);
        // Not inside a character: drop its first bytes too.
        while (!text.empty() && !is_utf8(text))
            text.remove_suffix(1);
    }
    out.u16(static_cast<std::uint16_t>(text.size()));
    out.raw(as_bytes(text));
}

void put_code(ByteWriter& out, Code code) {
    out.u8(static_cast<std::uint8_t>(code));
}

void put_who(ByteWriter& out, const DeviceId& device, const Incarnation& incarnation) {
    if (device.is_zero() && incarnation.is_zero()) return out.u8(who_own);
    out.u8(who_named);
    out.raw(device.bytes);
    out.raw(incarnation.bytes);
}

void put_heads(ByteWriter& out, const std::vector<ChainHead>& heads) {
    TRELLIS_CHECK(heads.size() <= limits::vector_actors_max);
    out.u16(static_cast<std::uint16_t>(heads.size()));
    for (const auto& head : heads) {
        out.raw(head.device.bytes);
        out.raw(head.incarnation.bytes);
        put_counter(out, head.last);
        out.raw(head.chain.bytes);
    }
}

void put_runs(ByteWriter& out, const std::vector<crypto::EnvelopeRun>& runs) {
    TRELLIS_CHECK(count_envelopes(runs) <= limits::page_envelopes_max);
    out.u16(static_cast<std::uint16_t>(runs.size()));
    for (const auto& run : runs) {
        TRELLIS_CHECK(!run.envelopes.empty());
        put_who(out, run.device, run.incarnation);
        put_counter(out, run.first);
        out.u16(static_cast<std::uint16_t>(run.envelopes.size()));
        for (const auto& envelope : run.envelopes) {
            TRELLIS_CHECK(!envelope.empty());
            TRELLIS_CHECK(envelope.size() <= envelope_max);
            out.u16(static_cast<std::uint16_t>(envelope.size()));
            out.u8(static_cast<std::uint8_t>(envelope.size() >> 16U));
            out.raw(envelope);
        }
    }
}

void put(ByteWriter& out, const Bye& bye) {
    put_code(out, bye.code);
    put_text(out, bye.message);
}
void put(ByteWriter& out, const Ping& ping) {
    out.u64(ping.token);
}
void put(ByteWriter& out, const Pong& pong) {
    out.u64(pong.token);
}
void put(ByteWriter& out, const Welcome& welcome) {
    out.u64(static_cast<std::uint64_t>(welcome.time));
    out.u64(welcome.log_length);
    out.raw(welcome.log_head.bytes);
    out.u32(welcome.push_window);
}
void put(ByteWriter& out, const GetEntries& get) {
    out.u64(get.from);
}
void put(ByteWriter& out, const Entries& entries) {
    out.u64(entries.from);
    out.u8(entries.more ? 1 : 0);
    TRELLIS_CHECK(entries.entries.size() <= 0xFFFF);
    out.u16(static_cast<std::uint16_t>(entries.entries.size()));
    for (const auto& entry : entries.entries) {
        TRELLIS_CHECK(entry.size() <= wire_entry_max);
        out.blob(entry);
    }
}
void put(ByteWriter& out, const PutEntry& put_entry) {
    TRELLIS_CHECK(put_entry.entry.size() <= wire_entry_max);
    out.blob(put_entry.entry);
}
void put(ByteWriter& out, const EntryAnswer& answer) {
    out.u8(answer.accepted ? 1 : 0);
    put_code(out, answer.code);
    put_text(out, answer.message);
    out.u64(answer.log_length);
    out.raw(answer.log_head.bytes);
}
void put(ByteWriter& out, const EntryNews& news) {
    out.u64(news.log_length);
    out.raw(news.log_head.bytes);
}
void put(ByteWriter& out, const Open& open) {
    out.raw(open.space.bytes);
    out.raw(open.incarnation.bytes);
    out.u64(open.position);
    out.raw(open.head.bytes);
    out.raw(open.own.bytes);
    out.u8(open.follow ? 1 : 0);
}
void put(ByteWriter& out, const Opened& opened) {
    out.u16(opened.channel);
    out.u8(opened.known ? 1 : 0);
    out.raw(opened.incarnation.bytes);
    out.u64(opened.position);
    out.raw(opened.head.bytes);
    put_counter(out, opened.own_last);
    out.raw(opened.own_chain.bytes);
}
void put(ByteWriter& out, const OpenRefused& refused) {
    out.raw(refused.space.bytes);
    put_code(out, refused.code);
    put_text(out, refused.message);
}
void put(ByteWriter& out, const Credit& credit) {
    out.u32(credit.bytes);
}
void put(ByteWriter& out, const Deliver& deliver) {
    const bool has_head = !deliver.head.is_zero();
    const bool has_to = deliver.to != deliver.from + count_envelopes(deliver.runs);
    out.u16(deliver.channel);
    out.u8(static_cast<std::uint8_t>((deliver.repair ? deliver_repair : 0) |
                                     (deliver.last ? deliver_last : 0) |
                                     (has_head ? deliver_head : 0) | (has_to ? deliver_to : 0)));
    out.u64(deliver.from);
    if (has_to) out.u64(deliver.to);
    if (has_head) out.raw(deliver.head.bytes);
    put_runs(out, deliver.runs);
}
void put(ByteWriter& out, const Push& push) {
    TRELLIS_CHECK(!push.runs.empty());
    out.u16(push.channel);
    put_runs(out, push.runs);
}
void put(ByteWriter& out, const Stored& stored) {
    out.u16(stored.channel);
    put_who(out, stored.device, stored.incarnation);
    put_counter(out, stored.last);
    out.u64(stored.position);
}
void put(ByteWriter& out, const Need& need) {
    out.u16(need.channel);
    put_who(out, need.device, need.incarnation);
    put_counter(out, need.from);
}
void put(ByteWriter& out, const PushRefused& refused) {
    out.u16(refused.channel);
    put_who(out, refused.device, refused.incarnation);
    put_counter(out, refused.first);
    put_code(out, refused.code);
    put_text(out, refused.message);
}
void put(ByteWriter& out, const Vector& vector) {
    out.u16(vector.channel);
    out.u8(vector.more ? 1 : 0);
    put_heads(out, vector.heads);
}
void put(ByteWriter& out, const Want& want) {
    out.u16(want.channel);
    put_heads(out, want.heads);
}
void put(ByteWriter& out, const Seen& seen) {
    out.u16(seen.channel);
    out.raw(seen.device.bytes);
    out.raw(seen.incarnation.bytes);
    out.u64(seen.position);
    out.raw(seen.head.bytes);
    out.raw(seen.signature.bytes);
}
void put(ByteWriter& out, const GetReceipt& get) {
    out.u16(get.channel);
}
void put(ByteWriter& out, const ReceiptIs& is) {
    TRELLIS_CHECK(is.receipt.space.is_zero());
    out.u16(is.channel);
    out.raw(is.receipt.cursor.incarnation.bytes);
    out.u64(is.receipt.cursor.position);
    out.raw(is.receipt.cursor.head.bytes);
    out.u64(is.receipt.log_length);
    out.raw(is.receipt.log_head.bytes);
    out.u64(static_cast<std::uint64_t>(is.receipt.time));
    out.raw(is.receipt.signature.bytes);
}

void put(ByteWriter& out, const GetSubmissions& get) {
    out.u16(get.channel);
    out.raw(get.inbox.bytes);
    out.u64(get.after);
}
void put(ByteWriter& out, const Submissions& submissions) {
    TRELLIS_CHECK(submissions.items.size() <= limits::submissions_page_max);
    out.u16(submissions.channel);
    out.raw(submissions.inbox.bytes);
    out.u8(submissions.more ? 1 : 0);
    out.u16(static_cast<std::uint16_t>(submissions.items.size()));
    for (const auto& item : submissions.items) {
        TRELLIS_CHECK(item.bytes.size() <= submission_max);
        out.u64(item.number);
        out.u64(static_cast<std::uint64_t>(item.hour));
        out.blob(item.bytes);
    }
}
void put(ByteWriter& out, const SubmissionNews& news) {
    out.u16(news.channel);
    out.raw(news.inbox.bytes);
}
void put(ByteWriter& out, const Filed& filed) {
    TRELLIS_CHECK(!filed.submissions.empty());
    TRELLIS_CHECK(filed.submissions.size() <= limits::filed_max);
    out.u16(filed.channel);
    out.raw(filed.inbox.bytes);
    out.u16(static_cast<std::uint16_t>(filed.submissions.size()));
    for (const auto& submission : filed.submissions)
        out.raw(submission.bytes);
}

std::size_t expected_size(const Message& message) {
    const std::vector<crypto::EnvelopeRun>* runs = nullptr;
    if (const auto* push = std::get_if<Push>(&message)) runs = &push->runs;
    if (const auto* deliver = std::get_if<Deliver>(&message)) runs = &deliver->runs;
    std::size_t size = 128;
    if (runs == nullptr) return size;
    for (const auto& run : *runs) {
        size += run_header_size;
        for (const auto& envelope : run.envelopes)
            size += envelope_length_size + envelope.size();
    }
    return size;
}

}  // namespace

Bytes encode(const Message& message) {
    ByteWriter out;
    out.reserve(expected_size(message));
    out.u8(static_cast<std::uint8_t>(message.index() + 1));
    std::visit([&out](const auto& value) { put(out, value); }, message);
    TRELLIS_CHECK(out.size() <= message_max);
    return out.take();
}

}  // namespace trellis::sync
