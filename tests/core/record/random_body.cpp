// SPDX-License-Identifier: Apache-2.0
#include "tests/core/record/random_body.hpp"

#include "core/base/limits.hpp"

#include <algorithm>

namespace trellis::core {

RandomBody::RandomBody(std::uint64_t seed) : engine_(seed) {
    const auto draw = [this] {
        ActorId id;
        for (auto& byte : id.bytes)
            byte = static_cast<std::uint8_t>(number(256));
        return id;
    };
    table_.author = draw();
    const std::size_t count = chance(10) ? 80 : 1 + number(5);
    for (std::size_t i = 0; i < count; ++i)
        others_.push_back(draw());
    if (chance(20)) {  // two actors that record ids cannot tell apart
        others_.push_back(others_[0]);
        others_.back().bytes[15] ^= 1U;
    }
    for (const auto& other : others_) {
        if (chance(60)) table_.known.push_back(other);
    }
}

std::uint64_t RandomBody::number(std::uint64_t below) {
    return engine_() % below;
}

const ActorId* RandomBody::find(const RecordId::ActorPrefix& prefix) const {
    const auto at = std::find_if(others_.begin(), others_.end(), [&](const ActorId& id) {
        return std::equal(prefix.begin(), prefix.end(), id.bytes.begin());
    });
    // Some actors are known only by what names them in full.
    return at == others_.end() || at->bytes[0] % 4 == 0 ? nullptr : &*at;
}

ActorId RandomBody::actor() {
    return chance(40) ? table_.author : others_[number(others_.size())];
}

std::string RandomBody::text() {
    static const std::vector<std::string> words{
        "", "food ", "ngôn ngữ ", "租金 ", "\U0001F642", "السكن ", std::string(1, '\0'), "open"};
    std::string text;
    const std::size_t count = chance(10) ? number(60) : number(4);
    for (std::size_t i = 0; i < count; ++i)
        text += words[number(words.size())];
    return text;
}

Bytes RandomBody::bytes(std::size_t below) {
    Bytes bytes(number(below));
    for (auto& byte : bytes)
        byte = static_cast<std::uint8_t>(number(256));
    return bytes;
}

Dot RandomBody::dot(Counter own) {
    const auto by = actor();
    if (by == table_.author && own > 1) return {by, 1 + number(own - 1)};
    if (by == table_.author) return {others_[0], 1};
    return {by, 1 + number(chance(50) ? 100 : limits::counter_max)};
}

std::vector<Dot> RandomBody::dots(Counter own, const RecordId* created) {
    std::vector<Dot> dots;
    if (created != nullptr && chance(40) && !created->is_keyed() && created->counter() < own) {
        for (const auto& by : {table_.author, others_[0], others_.back()}) {
            const auto named = RecordId::dotted({by, 1}).actor_prefix() == created->actor_prefix();
            if (named && created->counter() > 0) return {{by, created->counter()}};
        }
    }
    const std::size_t count = chance(80) ? number(3) : number(8);
    for (std::size_t i = 0; i < count; ++i)
        dots.push_back(dot(own));
    std::sort(dots.begin(), dots.end());
    dots.erase(std::unique(dots.begin(), dots.end()), dots.end());
    return dots;
}

RecordId RandomBody::reference(Counter own) {
    if (!chance(10)) return record(own);
    RecordId id;  // perhaps of no record that could be
    for (auto& byte : id.bytes)
        byte = static_cast<std::uint8_t>(number(256));
    return id;
}

RecordId RandomBody::record(Counter own) {
    if (chance(30)) return RecordId::dotted({table_.author, own});
    if (chance(15)) return RecordId::keyed(bytes(1).empty() ? Bytes(16, 7) : Bytes(16, 9));
    const auto by = actor();
    return RecordId::dotted({by, 1 + (chance(10) ? number(limits::counter_max) : number(own + 2))});
}

std::int64_t RandomBody::integer(Time stamp) {
    constexpr std::int64_t minute = 60'000;
    const auto small = static_cast<std::int64_t>(number(40)) - 4;
    switch (number(6)) {
        case 0:
            return small;
        case 1:
            return stamp + small;
        case 2:
            return stamp / minute * minute + small * minute;
        case 3:
            return stamp / minute * minute + (std::int64_t{1} << 20U) * minute + small * minute;
        case 4:
            return stamp + (std::int64_t{1} << 27U) + small;
        default:
            return static_cast<std::int64_t>(engine_());
    }
}

Value RandomBody::value(Time stamp, Counter own) {
    switch (number(9)) {
        case 0:
            return Value();
        case 1:
            return Value(chance(50));
        case 2:
            return Value(integer(stamp));
        case 3:
            return Value(chance(50) ? static_cast<double>(number(100)) / 4
                                    : -1.1e-300 * static_cast<double>(1 + number(9999)));
        case 4:
            return Value(bytes(40));
        case 5:
            return Value(Date{static_cast<std::int32_t>(number(30'000)) - 1000});
        case 6:
            return Value(reference(own));
        default:
            return Value(text());
    }
}

FieldEdit RandomBody::edit(FieldId field, const RecordId& record, Time stamp, Counter own) {
    FieldEdit edit{field, {}};
    if (chance(70)) {
        edit.action = Assign{dots(own, &record), value(stamp, own)};
    } else if (chance(60)) {
        EditSet set;
        for (std::size_t i = number(4); i > 0; --i)
            set.add.push_back(value(stamp, own));
        for (std::size_t i = number(3); i > 0; --i) {
            set.remove.push_back({value(stamp, own), dots(own, &record)});
        }
        const auto less = [](const auto& a, const auto& b) { return a.element < b.element; };
        const auto same = [](const auto& a, const auto& b) { return a.element == b.element; };
        std::sort(set.add.begin(), set.add.end());
        set.add.erase(std::unique(set.add.begin(), set.add.end()), set.add.end());
        std::sort(set.remove.begin(), set.remove.end(), less);
        set.remove.erase(std::unique(set.remove.begin(), set.remove.end(), same), set.remove.end());
        edit.action = std::move(set);
    } else {
        edit.action = Increment{static_cast<std::int64_t>(number(2000)) - 1000};
    }
    return edit;
}

Op RandomBody::op(Time stamp, Counter own) {
    Op op;
    op.type = static_cast<TypeId>(chance(80) ? number(20) : number(std::uint64_t{1} << 32U));
    op.record = record(own);
    if (chance(40)) return later_op(std::move(op), stamp, own);
    Write write;
    write.create = chance(50);
    FieldId field = 0;
    for (std::size_t i = number(14); i > 0; --i) {
        field += 1 + static_cast<FieldId>(chance(90) ? number(3) : number(100'000'000));
        write.fields.push_back(edit(field, op.record, stamp, own));
    }
    op.action = std::move(write);
    return op;
}

Op RandomBody::later_op(Op op, Time stamp, Counter own) {
    const auto field = static_cast<FieldId>(number(30));
    switch (number(9)) {
        case 0:
            op.action = Append{field, {{1, value(stamp, own)}, {4, value(stamp, own)}}};
            break;
        case 1:
            op.action = Raise{field, static_cast<std::uint32_t>(number(5))};
            break;
        case 2:
            op.action = Advance{field, dot(own), 2};
            break;
        case 3:
            op.action = CloseTokens{field, dots(own, &op.record), text()};
            break;
        case 4: {
            Delete deletion;
            for (const auto& seen : dots(own, nullptr)) {
                deletion.seen.raise(seen.actor, seen.counter);
            }
            deletion.reason = text();
            op.action = std::move(deletion);
            break;
        }
        case 5:
            op.action = Restore{dots(own, nullptr)};
            break;
        case 6:
            op.action = Link{reference(own)};
            break;
        case 7:
            op.action = Unlink{reference(own), dots(own, nullptr)};
            break;
        default:
            op.action = UnknownOp{static_cast<std::uint8_t>(64 + number(192)), bytes(30)};
    }
    return op;
}

Change RandomBody::change(Counter first, Time time) {
    Change change;
    change.first = first;
    change.stamp = {time, static_cast<ClockQuality>(number(4))};
    const std::size_t count = 1 + (chance(80) ? number(2) : number(6));
    for (std::size_t i = 0; i < count; ++i)
        change.ops.push_back(op(time, first + i));
    return change;
}

Body RandomBody::body(Counter first) {
    Body body;
    Time time = 1'780'000'000'000 + static_cast<Time>(number(std::uint64_t{1} << 36U));
    for (const auto& other : others_) {
        if (chance(30)) body.seen.raise(other, 1 + number(5000));
    }
    for (std::size_t i = number(6); i > 0; --i) {
        body.changes.push_back(change(first, time));
        first = body.changes.back().last() + 1;
        time += static_cast<Time>(number(1'000'000)) - 1000;
    }
    if (chance(30)) {
        body.witness.log = LogWitness{{}, 1 + number(limits::counter_max), {}};
        body.witness.log->head.bytes[7] = static_cast<std::uint8_t>(number(256));
    }
    if (chance(30)) body.witness.entries = EntryWitness{1 + number(1000), {}};
    introduce_actors(table_, *this, body);
    return body;
}

}  // namespace trellis::core
