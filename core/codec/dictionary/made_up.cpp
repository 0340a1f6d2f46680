// SPDX-License-Identifier: Apache-2.0
#include "core/codec/dictionary/made_up.hpp"

#include <algorithm>

namespace trellis::core {
namespace {

constexpr Time minute = 60'000;
constexpr Time day = 24 * 60 * minute;

struct Weight {
    std::string_view name;
    unsigned weight;
};

/// What a liaison writes in a day, out of a hundred.
constexpr std::array<Weight, 9> types{{{"check_in", 45},
                                       {"outreach_attempt", 17},
                                       {"request", 14},
                                       {"task", 8},
                                       {"note", 6},
                                       {"case", 4},
                                       {"referral", 3},
                                       {"escalation", 2},
                                       {"contact", 1}}};
constexpr std::array<Weight, 6> languages{
    {{"en", 56}, {"es", 22}, {"vi", 6}, {"zh", 6}, {"ar", 5}, {"tl", 5}}};

template <std::size_t N>
std::string_view choose(const std::array<Weight, N>& among, std::uint64_t hundredth) {
    for (const auto& [name, weight] : among) {
        if (hundredth < weight) return name;
        hundredth -= weight;
    }
    return among[0].name;
}

void replace(std::string& text, std::string_view slot, const std::string& with) {
    for (auto at = text.find(slot); at != std::string::npos; at = text.find(slot)) {
        text.replace(at, slot.size(), with);
    }
}

/// Fields that forms always ask for come with nearly every record, the others now and then.
unsigned likelihood(const Field& field) {
    if (field.name == "external_ids") return 2;
    if (field.immutable || field.name == "status" || field.kind == FieldKind::text) return 85;
    if (field.value == ValueType::enumeration || field.value == ValueType::boolean) return 60;
    return 25;
}

}  // namespace

MadeUp::MadeUp(Schema schema, std::string_view phrases, std::uint64_t seed)
    : schema_(std::move(schema)), engine_(seed) {
    while (!phrases.empty()) {
        const auto line = phrases.substr(0, phrases.find('\n'));
        phrases.remove_prefix(std::min(phrases.size(), line.size() + 1));
        const auto colon = line.find(": ");
        if (line.empty() || line[0] == '#' || colon == std::string_view::npos) continue;
        lists_[std::string(line.substr(0, colon))].emplace_back(line.substr(colon + 2));
    }
}

const std::string& MadeUp::pick(const std::string& list) {
    const auto& items = lists_.at(list);
    return items[number(items.size())];
}

std::string MadeUp::note() {
    std::string text;
    for (std::size_t count = 1 + skewed(3); count > 0; --count) {
        auto phrase = pick(language_);
        replace(phrase, "{name}", pick("name"));
        replace(phrase, "{day}", pick(language_ + "-day"));
        replace(phrase, "{time}", std::to_string(8 + number(9)) + (chance(50) ? ":00" : ":30"));
        replace(phrase, "{n}", std::to_string(2 + skewed(9)));
        // A part of a sentence now and then, or words would only be known beside each other.
        const auto comma = phrase.find(", ");
        if (comma != std::string::npos && chance(40)) phrase.erase(0, comma + 2);
        if (!text.empty()) text += ' ';
        text += phrase;
    }
    return text;
}

const Type& MadeUp::type() {
    const auto* type = schema_.type(choose(types, number(100)));
    TRELLIS_CHECK(type != nullptr);
    return *type;
}

RecordId MadeUp::record(const Field& field, Counter own) {
    // People and places come from an import, what was just written from the author.
    const bool is_imported = field.name == "by" || field.name == "household" || chance(70);
    if (!is_imported && own > 1) {
        return RecordId::dotted({table_.author, own - 1 - skewed(std::min<Counter>(own - 1, 40))});
    }
    const bool is_few = field.name == "by" || field.name == "owner" || field.name == "team";
    return RecordId::dotted(
        {table_.known[skewed(table_.known.size())], 1 + number(is_few ? 40 : 12'000)});
}

Value MadeUp::value(const Field& field, Counter own, Time time) {
    switch (field.value) {
        case ValueType::boolean:
            return Value(chance(30));
        case ValueType::integer:
            return Value(static_cast<std::int64_t>(skewed(30)));
        case ValueType::number:
            return Value(static_cast<double>(number(100)) / 4);
        case ValueType::instant:
            return Value(time / minute * minute - static_cast<Time>(skewed(300)) * minute);
        case ValueType::date:
            return Value(Date{static_cast<std::int32_t>(time / day) +
                              static_cast<std::int32_t>(skewed(30))});
        case ValueType::enumeration: {
            const auto& codes = schema_.codes(field.enumeration);
            return codes.empty() ? Value() : Value(codes[skewed(codes.size())]);
        }
        case ValueType::ref:
            return Value(record(field, own));
        case ValueType::bytes:
            return Value(Bytes(16, 0));
        case ValueType::text:
            break;
    }
    if (field.name == "language") return Value(language_);
    if (field.name == "answers") return Value("q" + std::to_string(number(9)) + "=yes");
    if (field.name.find("name") != std::string::npos) return Value(pick("name"));
    return Value(note());
}

std::variant<Assign, EditSet, Increment> MadeUp::edit(const Field& field, Counter own, Time time) {
    if (field.kind != FieldKind::set) return Assign{{}, value(field, own, time)};
    EditSet edit;
    for (std::size_t count = 1 + skewed(3); count > 0; --count) {
        edit.add.push_back(value(field, own, time));
    }
    std::sort(edit.add.begin(), edit.add.end());
    edit.add.erase(std::unique(edit.add.begin(), edit.add.end()), edit.add.end());
    return edit;
}

Op MadeUp::creation(Counter own, Time time) {
    const auto& made = type();
    Write write{true, {}};
    for (const auto& field : made.fields) {
        const bool is_writable = field.kind != FieldKind::status && field.kind != FieldKind::log;
        if (is_writable && chance(likelihood(field))) {
            write.fields.push_back({field.id, edit(field, own, time)});
        }
    }
    created_.emplace_back(&made, RecordId::dotted({table_.author, own}));
    return {made.id, created_.back().second, std::move(write)};
}

Op MadeUp::update(Counter own, Time time) {
    const auto& [made, id] = created_[created_.size() - 1 - skewed(created_.size())];
    const auto& field = made->fields[number(made->fields.size())];
    auto action = field.kind == FieldKind::set
                      ? edit(field, own, time)
                      : Assign{{{table_.author, id.counter()}}, value(field, own, time)};
    return {made->id, id, Write{false, {{field.id, std::move(action)}}}};
}

Change MadeUp::change(Counter first, Time time) {
    const bool is_update = !created_.empty() && chance(30);
    Change change{first, {time, chance(80) ? ClockQuality::precise : ClockQuality::synced}, {}};
    change.ops.push_back(is_update ? update(first, time) : creation(first, time));
    return change;
}

Bytes MadeUp::body(std::size_t changes) {
    const auto draw = [this] {
        ActorId id;
        for (auto& byte : id.bytes)
            byte = static_cast<std::uint8_t>(number(256));
        return id;
    };
    table_ = {draw(), {draw(), draw(), draw()}};
    created_.clear();
    Counter counter = 1 + skewed(4000);
    Time time = 1'787'000'000'000 + static_cast<Time>(number(300)) * day +
                static_cast<Time>(number(static_cast<std::uint64_t>(day)));
    Body body;
    for (std::size_t i = 0; i < changes; ++i) {
        language_ = choose(languages, number(100));
        body.changes.push_back(change(counter, time));
        counter = body.changes.back().last() + 1;
        time += static_cast<Time>(skewed(30 * static_cast<std::uint64_t>(minute)));
    }
    return encode_body(table_, body);
}

}  // namespace trellis::core
