// SPDX-License-Identifier: Apache-2.0
#include "core/codec/byte_reader.hpp"
#include "sync/wire/frame.hpp"
#include "sync/wire/layout.hpp"

#include <utility>

namespace trellis::sync {
namespace {

using namespace layout;

bool get_bool(ByteReader& in) {
    const auto value = in.u8();
    if (value > 1) in.fail();
    return value == 1;
}

Counter get_counter(ByteReader& in) {
    const Counter low = in.u32();
    return low | Counter{in.u8()} << 32U;
}

Code get_code(ByteReader& in) {
    const auto value = in.u8();
    if (value <= static_cast<std::uint8_t>(Code::internal)) return static_cast<Code>(value);
    in.fail();
    return Code::internal;
}

std::string get_text(ByteReader& in) {
    const std::size_t size = in.u16();
    if (size > text_size_max) in.fail();
    const auto text = as_text(in.raw(size));
    if (!is_utf8(text)) in.fail();
    return std::string(text);
}

void get_who(ByteReader& in, DeviceId& device, Incarnation& incarnation) {
    const auto form = in.u8();
    if (form == who_own) return;
    if (form != who_named) return in.fail();
    device = in.id<DeviceId>();
    incarnation = in.id<Incarnation>();
    if (device.is_zero() && incarnation.is_zero()) in.fail();  // that is written as own
}

std::vector<ChainHead> get_heads(ByteReader& in) {
    constexpr std::size_t head_size = 16 + 8 + 5 + 8;
    const std::size_t count = in.u16();
    if (count > limits::vector_actors_max || count * head_size > in.left()) {
        in.fail();
        return {};
    }
    std::vector<ChainHead> heads(count);
    for (auto& head : heads) {
        head.device = in.id<DeviceId>();
        head.incarnation = in.id<Incarnation>();
        head.last = get_counter(in);
        head.chain = in.id<ShortDigest>();
    }
    return heads;
}

crypto::EnvelopeRun get_run(ByteReader& in) {
    crypto::EnvelopeRun run;
    get_who(in, run.device, run.incarnation);
    run.first = get_counter(in);
    const std::size_t count = in.u16();
    if (run.first == 0 || count == 0 || count > limits::page_envelopes_max ||
        count * (envelope_length_size + 1) > in.left()) {
        in.fail();
        return run;
    }
    run.envelopes.reserve(count);
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        std::size_t size = in.u16();
        size |= std::size_t{in.u8()} << 16U;
        if (size == 0 || size > envelope_max) in.fail();
        run.envelopes.push_back(to_bytes(in.raw(size)));
    }
    return run;
}

std::vector<crypto::EnvelopeRun> get_runs(ByteReader& in) {
    constexpr std::size_t least = 1 + 5 + 2 + envelope_length_size + 1;
    const std::size_t count = in.u16();
    if (count > limits::page_envelopes_max || count * least > in.left()) in.fail();
    std::vector<crypto::EnvelopeRun> runs;
    for (std::size_t i = 0; i < count && !in.failed(); ++i)
        runs.push_back(get_run(in));
    if (count_envelopes(runs) > limits::page_envelopes_max) in.fail();
    return runs;
}

void get(ByteReader& in, Bye& bye) {
    bye.code = get_code(in);
    bye.message = get_text(in);
}
void get(ByteReader& in, Ping& ping) {
    ping.token = in.u64();
}
void get(ByteReader& in, Pong& pong) {
    pong.token = in.u64();
}
void get(ByteReader& in, Welcome& welcome) {
    welcome.time = static_cast<Time>(in.u64());
    welcome.log_length = in.u64();
    welcome.log_head = in.id<Digest>();
    welcome.push_window = in.u32();
}
void get(ByteReader& in, GetEntries& get_entries) {
    get_entries.from = in.u64();
}
void get(ByteReader& in, Entries& entries) {
    entries.from = in.u64();
    entries.more = get_bool(in);
    const std::size_t count = in.u16();
    if (count * entry_length_size > in.left()) in.fail();
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        entries.entries.push_back(to_bytes(in.blob(wire_entry_max)));
    }
}
void get(ByteReader& in, PutEntry& put_entry) {
    put_entry.entry = to_bytes(in.blob(wire_entry_max));
}
void get(ByteReader& in, EntryAnswer& answer) {
    answer.accepted = get_bool(in);
    answer.code = get_code(in);
    answer.message = get_text(in);
    answer.log_length = in.u64();
    answer.log_head = in.id<Digest>();
}
void get(ByteReader& in, EntryNews& news) {
    news.log_length = in.u64();
    news.log_head = in.id<Digest>();
}
void get(ByteReader& in, Open& open) {
    open.space = in.id<SpaceId>();
    open.incarnation = in.id<LogIncarnation>();
    open.position = in.u64();
    open.head = in.id<ShortDigest>();
    open.own = in.id<Incarnation>();
    open.follow = get_bool(in);
}
void get(ByteReader& in, Opened& opened) {
    opened.channel = in.u16();
    opened.known = get_bool(in);
    opened.incarnation = in.id<LogIncarnation>();
    opened.position = in.u64();
    opened.head = in.id<ShortDigest>();
    opened.own_last = get_counter(in);
    opened.own_chain = in.id<ShortDigest>();
}
void get(ByteReader& in, OpenRefused& refused) {
    refused.space = in.id<SpaceId>();
    refused.code = get_code(in);
    refused.message = get_text(in);
}
void get(ByteReader& in, Credit& credit) {
    credit.bytes = in.u32();
}
void get(ByteReader& in, Deliver& deliver) {
    deliver.channel = in.u16();
    const auto flags = in.u8();
    if (flags > deliver_flags) in.fail();
    deliver.repair = (flags & deliver_repair) != 0;
    deliver.last = (flags & deliver_last) != 0;
    deliver.from = in.u64();
    if ((flags & deliver_to) != 0) deliver.to = in.u64();
    if ((flags & deliver_head) != 0) {
        deliver.head = in.id<Digest>();
        if (deliver.head.is_zero()) in.fail();
    }
    deliver.runs = get_runs(in);
    const auto implied = deliver.from + count_envelopes(deliver.runs);
    if ((flags & deliver_to) == 0) {
        deliver.to = implied;
    } else if (deliver.to == implied) {
        in.fail();
    }
}
void get(ByteReader& in, Push& push) {
    push.channel = in.u16();
    push.runs = get_runs(in);
    if (push.runs.empty()) in.fail();
}
void get(ByteReader& in, Stored& stored) {
    stored.channel = in.u16();
    get_who(in, stored.device, stored.incarnation);
    stored.last = get_counter(in);
    stored.position = in.u64();
}
void get(ByteReader& in, Need& need) {
    need.channel = in.u16();
    get_who(in, need.device, need.incarnation);
    need.from = get_counter(in);
}
void get(ByteReader& in, PushRefused& refused) {
    refused.channel = in.u16();
    get_who(in, refused.device, refused.incarnation);
    refused.first = get_counter(in);
    refused.code = get_code(in);
    refused.message = get_text(in);
}
void get(ByteReader& in, Vector& vector) {
    vector.channel = in.u16();
    vector.more = get_bool(in);
    vector.heads = get_heads(in);
}
void get(ByteReader& in, Want& want) {
    want.channel = in.u16();
    want.heads = get_heads(in);
}
void get(ByteReader& in, Seen& seen) {
    seen.channel = in.u16();
    seen.device = in.id<DeviceId>();
    seen.incarnation = in.id<LogIncarnation>();
    seen.position = in.u64();
    seen.head = in.id<Digest>();
    seen.signature = in.id<crypto::Signature>();
}
void get(ByteReader& in, GetReceipt& get_receipt) {
    get_receipt.channel = in.u16();
}
void get(ByteReader& in, ReceiptIs& is) {
    is.channel = in.u16();
    auto& receipt = is.receipt;
    receipt.cursor.incarnation = in.id<LogIncarnation>();
    receipt.cursor.position = in.u64();
    receipt.cursor.head = in.id<Digest>();
    receipt.log_length = in.u64();
    receipt.log_head = in.id<Digest>();
    receipt.time = static_cast<Time>(in.u64());
    receipt.signature = in.id<crypto::Signature>();
}

void get(ByteReader& in, GetSubmissions& get_submissions) {
    get_submissions.channel = in.u16();
    get_submissions.inbox = in.id<crypto::InboxId>();
    get_submissions.after = in.u64();
}
void get(ByteReader& in, Submissions& submissions) {
    submissions.channel = in.u16();
    submissions.inbox = in.id<crypto::InboxId>();
    submissions.more = get_bool(in);
    const std::size_t count = in.u16();
    if (count > limits::submissions_page_max || count * submission_item_size > in.left()) in.fail();
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        auto& item = submissions.items.emplace_back();
        item.number = in.u64();
        item.hour = static_cast<Time>(in.u64());
        item.bytes = to_bytes(in.blob(submission_max));
    }
}
void get(ByteReader& in, SubmissionNews& news) {
    news.channel = in.u16();
    news.inbox = in.id<crypto::InboxId>();
}
void get(ByteReader& in, Filed& filed) {
    filed.channel = in.u16();
    filed.inbox = in.id<crypto::InboxId>();
    const std::size_t count = in.u16();
    if (count == 0 || count > limits::filed_max || count * Digest::size > in.left()) in.fail();
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        filed.submissions.push_back(in.id<Digest>());
    }
}

/// The alternative of this index, read; index 0 is type 1.
template <std::size_t Index = 0>
Result<Message> decode_as(std::size_t index, ByteReader& in) {
    if constexpr (Index < std::variant_size_v<Message>) {
        if (index != Index) return decode_as<Index + 1>(index, in);
        std::variant_alternative_t<Index, Message> message;
        get(in, message);
        TRELLIS_DO(in.finish("a frame of type " + std::to_string(index + 1)));
        return Message(std::move(message));
    } else {
        return Error{Code::unsupported,
                     "a frame of an unknown type " + std::to_string(index + 1) +
                         ": one of the two ends needs an update"};
    }
}

}  // namespace

Result<Message> decode(ByteView bytes) {
    if (bytes.size() > message_max) {
        return Error{Code::too_large,
                     "a frame of " + std::to_string(bytes.size()) + " bytes; at most " +
                         std::to_string(message_max)};
    }
    if (bytes.empty()) return Error{Code::corrupt, "an empty frame"};
    ByteReader in(bytes.subspan(1));
    if (bytes[0] == 0) return Error{Code::corrupt, "a frame of type 0"};
    return decode_as(bytes[0] - 1U, in);
}

}  // namespace trellis::sync
