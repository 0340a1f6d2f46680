// SPDX-License-Identifier: Apache-2.0
#include "core/record/change.hpp"

#include "core/base/limits.hpp"
#include "core/record/change_archive.hpp"
#include "core/record/check.hpp"

#include <algorithm>

// body    := flags u8: 1 introduces actors, 2 has seen something, 4 witnesses the space's log,
//            8 the membership log; others are refused
//            [count varint, 16 bytes…]                     actors introduced
//            [count varint, (index, counter varints)…]     seen, ascending by actor
//            [4 bytes of the log's incarnation, position varint, 8 bytes of its head]
//            [length varint, 8 bytes of the head]          of the membership log
//            change…                                       to the end
// change  := (count - 1) * 4 + clock quality varint, time less the one before zigzag, op…
//
// A change alone is its first counter and then itself, without a table of actors.
namespace trellis::core {
namespace {

constexpr std::uint8_t flag_introduces = 1;
constexpr std::uint8_t flag_seen = 2;
constexpr std::uint8_t flag_log = 4;
constexpr std::uint8_t flag_entries = 8;
constexpr std::uint8_t flags_known = flag_introduces | flag_seen | flag_log | flag_entries;
constexpr unsigned quality_bits = 2;
constexpr std::size_t op_min = 4;  ///< bytes: kind, type, record, action

void save_change(ChangeWriter& archive, const Change& change, Time previous) {
    TRELLIS_CHECK(!change.ops.empty());
    archive.varint((change.ops.size() - 1) << quality_bits |
                   static_cast<std::uint64_t>(change.stamp.quality));
    archive(change.stamp.time - previous);
    archive.context.stamp = change.stamp.time;
    archive.context.own = change.first;
    for (const auto& op : change.ops) {
        archive(op);
        ++archive.context.own;
    }
}

Error corrupt(std::string_view what) {
    return {Code::corrupt, "the change is malformed: " + std::string(what)};
}

Result<void> load_op(ChangeReader& archive, Op& op) {
    const std::size_t before = archive.left();
    archive(op);
    if (archive.failed()) return archive.finish("the change");
    if (before - archive.left() > limits::op_max) {
        return Error{Code::too_large, "an op of the change is too large"};
    }
    auto checked = check_op(op);
    if (checked || checked.error().code == Code::too_large) return checked;
    return corrupt(checked.error().message);
}

Result<void> load_change(ChangeReader& archive, Change& change, Time previous) {
    const std::uint64_t head = archive.varint();
    change.stamp.quality = static_cast<ClockQuality>(head & ((1U << quality_bits) - 1));
    const std::int64_t distance = archive.zigzag();
    if (distance > 2 * limits::time_max || distance < -2 * limits::time_max) archive.fail();
    if (archive.failed()) return archive.finish("the change");
    change.stamp.time = previous + distance;
    if (change.stamp.time > limits::time_max || change.stamp.time < -limits::time_max) {
        return corrupt("its time is out of range");
    }
    const std::uint64_t more = head >> quality_bits;
    if (more >= archive.left() / op_min) return corrupt("it ends before its ops do");
    if (more >= limits::change_ops_max) return Error{Code::too_large, "a change has too many ops"};
    if (change.first == 0 || change.first + more > limits::counter_max) {
        return corrupt("its counters are out of range");
    }
    change.ops.resize(static_cast<std::size_t>(more + 1));
    archive.context.stamp = change.stamp.time;
    archive.context.own = change.first;
    for (auto& op : change.ops) {
        TRELLIS_DO(load_op(archive, op));
        ++archive.context.own;
    }
    return {};
}

void save_seen(ChangeWriter& archive, const ActorIndex& actors, const VersionVector& seen) {
    archive.varint(seen.entries().size());
    for (const auto& entry : seen.entries()) {
        const auto index = actors.find(entry.actor);
        TRELLIS_CHECK(index.has_value());
        TRELLIS_CHECK(*index > 0);
        archive.varint(*index);
        archive.varint(entry.counter);
    }
}

void load_seen(ChangeReader& archive, const ActorIndex& actors, VersionVector& seen) {
    const std::size_t size = archive.list(limits::space_actors_max, 2);
    if (size == 0) archive.fail();
    for (std::size_t i = 0; i < size; ++i) {
        const std::size_t index = read_index(archive, archive.context, archive.varint());
        const Counter counter = read_counter(archive);
        const auto& entries = seen.entries();
        const auto& actor = actors.at(index);
        if (index == 0 || (!entries.empty() && !(entries.back().actor < actor))) archive.fail();
        if (archive.failed()) return;
        archive.mentioned[index] = true;
        seen.raise(actor, counter);
    }
}

void save_witness(ChangeWriter& archive, const Witness& witness) {
    if (witness.log) {
        archive.raw(witness.log->log.view());
        archive.varint(witness.log->position);
        archive.raw(witness.log->head.view());
    }
    if (witness.entries) {
        archive.varint(witness.entries->length);
        archive.raw(witness.entries->head.view());
    }
}

/// Nobody witnesses an empty log: 0 is refused.
void load_witness(ChangeReader& archive, std::uint8_t flags, Witness& witness) {
    if ((flags & flag_log) != 0) {
        auto& log = witness.log.emplace();
        log.log = archive.id<LogPrint>();
        log.position = archive.varint_to(limits::counter_max);
        log.head = archive.id<ShortDigest>();
        if (log.position == 0) archive.fail();
    }
    if ((flags & flag_entries) != 0) {
        auto& entries = witness.entries.emplace();
        entries.length = archive.varint_to(limits::counter_max);
        entries.head = archive.id<ShortDigest>();
        if (entries.length == 0) archive.fail();
    }
}

std::uint8_t flags_of(const Body& body) {
    unsigned flags = 0;
    if (!body.introduced.empty()) flags |= flag_introduces;
    if (!body.seen.is_empty()) flags |= flag_seen;
    if (body.witness.log) flags |= flag_log;
    if (body.witness.entries) flags |= flag_entries;
    return static_cast<std::uint8_t>(flags);
}

void load_introduced(BoundedReader& reader, std::vector<ActorId>& introduced) {
    introduced.resize(reader.list(limits::actors_max, ActorId::size));
    if (introduced.empty()) reader.fail();
    for (auto& actor : introduced)
        actor = reader.id<ActorId>();
}

bool holds_unknown_op(const Body& body) {
    const auto is_unknown = [](const Op& op) {
        return std::holds_alternative<UnknownOp>(op.action);
    };
    return std::any_of(body.changes.begin(), body.changes.end(), [&](const Change& change) {
        return std::any_of(change.ops.begin(), change.ops.end(), is_unknown);
    });
}

/// Introductions that nothing mentions would be bytes that mean nothing. A newer version's op
/// may mention them where we cannot see it.
bool are_introductions_used(const std::vector<bool>& mentioned, const Body& body) {
    const auto first = mentioned.end() - static_cast<std::ptrdiff_t>(body.introduced.size());
    return std::find(first, mentioned.end(), false) == mentioned.end() || holds_unknown_op(body);
}

Result<void> load_changes(ChangeReader& archive, Counter first, std::vector<Change>& changes) {
    Time previous = 0;
    while (!archive.failed() && archive.left() > 0) {
        if (changes.size() == limits::envelope_changes_max) {
            return Error{Code::too_large, "an envelope has too many changes"};
        }
        auto& change = changes.emplace_back();
        change.first = first;
        TRELLIS_DO(load_change(archive, change, previous));
        first = change.last() + 1;
        previous = change.stamp.time;
    }
    return {};
}

}  // namespace

Bytes encode_body(const ActorTable& table, const Body& body) {
    const ActorIndex actors(table.author, table.known, body.introduced);
    ChangeWriter archive(&actors);
    archive.u8(flags_of(body));
    if (!body.introduced.empty()) archive(body.introduced);
    if (!body.seen.is_empty()) save_seen(archive, actors, body.seen);
    save_witness(archive, body.witness);
    Time previous = 0;
    for (std::size_t i = 0; i < body.changes.size(); ++i) {
        TRELLIS_CHECK(i == 0 || body.changes[i].first == body.changes[i - 1].last() + 1);
        save_change(archive, body.changes[i], previous);
        previous = body.changes[i].stamp.time;
    }
    return archive.take();
}

Result<Body> decode_body(const ActorTable& table, Counter first, ByteView bytes) {
    if (bytes.size() > limits::envelope_plain_max) {
        return Error{Code::too_large, "the inside of an envelope is too large"};
    }
    BoundedReader front(bytes);
    Body body;
    const std::uint8_t flags = front.u8();
    if ((flags & ~flags_known) != 0) front.fail();
    if ((flags & flag_introduces) != 0) load_introduced(front, body.introduced);
    if (front.failed()) return front.finish("the inside of an envelope").error();

    const ActorIndex actors(table.author, table.known, body.introduced);
    if (!body.introduced.empty() && !actors.is_distinct()) {
        return corrupt("it introduces an actor that is known");
    }
    ChangeReader archive(front.rest(), &actors);
    if ((flags & flag_seen) != 0) load_seen(archive, actors, body.seen);
    load_witness(archive, flags, body.witness);
    TRELLIS_DO(load_changes(archive, first, body.changes));
    TRELLIS_DO(archive.finish("the inside of an envelope"));
    if (!are_introductions_used(archive.mentioned, body)) {
        return corrupt("it introduces an actor that it never mentions");
    }
    return body;
}

Bytes encode_change(const Change& change) {
    ChangeWriter archive(nullptr);
    archive(change.first);
    save_change(archive, change, 0);
    return archive.take();
}

Result<Change> decode_change(ByteView bytes) {
    ChangeReader archive(bytes, nullptr);
    Change change;
    change.first = archive.varint_to(limits::counter_max);
    TRELLIS_DO(load_change(archive, change, 0));
    TRELLIS_DO(archive.finish("the change"));
    return change;
}

}  // namespace trellis::core
