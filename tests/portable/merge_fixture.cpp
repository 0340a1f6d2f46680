// SPDX-License-Identifier: Apache-2.0
#include "tests/portable/merge_fixture.hpp"

#include <algorithm>
#include <cstdlib>

namespace trellis::fixtures {
namespace {

using core::Field;

Error wrong(const std::string& what) { return {Code::invalid, what}; }

std::string text_or_empty(const Json& json) {
    return json.string() == nullptr ? std::string() : *json.string();
}

std::int64_t integer_or(const Json& json, std::int64_t otherwise) {
    return json.integer() == nullptr ? otherwise : *json.integer();
}

/// Reads the ops of one fixture, whose names it knows.
class OpReader {
public:
    explicit OpReader(const MergeFixture& fixture) : fixture_(fixture) {}

    Result<core::Op> op(const Json& json) const {
        core::Op op;
        op.type = fixture_.type().id;
        TRELLIS_TRY(op.record, record(json["record"]));
        TRELLIS_DO(set_action(json, op));
        return op;
    }

    Result<VersionVector> vector(const Json& json) const {
        VersionVector vector;
        if (json.is_null()) return vector;
        if (json.object() == nullptr) return wrong("a vector is an object of actors and counters");
        for (const auto& [name, counter] : *json.object()) {
            TRELLIS_TRY(const auto actor, actor_of(name));
            vector.raise(actor, static_cast<Counter>(integer_or(counter, 0)));
        }
        return vector;
    }

    Result<ActorId> actor_of(std::string_view name) const {
        const auto at = fixture_.actors.find(name);
        if (at == fixture_.actors.end()) return wrong("no actor " + std::string(name));
        return at->second;
    }

private:
    Result<RecordId> record(const Json& json) const {
        const auto at = fixture_.records.find(text_or_empty(json));
        if (at == fixture_.records.end()) return wrong("no record " + print_json(json));
        return at->second;
    }

    Result<Dot> dot(const Json& json) const {
        const auto text = text_or_empty(json);
        const auto colon = text.find(':');
        if (colon == std::string::npos) return wrong("not a dot: " + print_json(json));
        TRELLIS_TRY(const auto actor, actor_of(text.substr(0, colon)));
        return Dot{actor, std::strtoull(text.c_str() + colon + 1, nullptr, 10)};
    }

    Result<std::vector<Dot>> dots(const Json& json) const {
        std::vector<Dot> dots;
        if (json.is_null()) return dots;
        if (json.array() == nullptr) return wrong("dots are a list");
        for (const auto& item : *json.array()) {
            TRELLIS_TRY(const auto named, dot(item));
            dots.push_back(named);
        }
        std::sort(dots.begin(), dots.end());
        return dots;
    }

    Result<const Field*> field(const Json& json) const {
        const auto* field = fixture_.type().field(text_or_empty(json));
        if (field == nullptr) return wrong("no field " + print_json(json));
        return field;
    }

    static Result<std::uint32_t> level(const Json& json, const Field& field) {
        const auto& levels = field.levels;
        const auto at = std::find(levels.begin(), levels.end(), text_or_empty(json));
        if (at == levels.end()) return wrong("no level " + print_json(json));
        return static_cast<std::uint32_t>(at - levels.begin());
    }

    Result<core::Value> value(const Json& json, const Field& field) const {
        return core::value_from_json(json, field, fixture_.schema);
    }

    Result<void> set_action(const Json& json, core::Op& op) const {
        if (json.has("write")) return set_write(json, op);
        if (json.has("append")) return set_append(json["append"], op);
        if (json.has("raise") || json.has("advance") || json.has("close")) {
            return set_status(json, op);
        }
        if (json.has("delete")) {
            const auto& given = json["delete"];
            TRELLIS_TRY(auto seen, vector(given["seen"]));
            op.action = core::Delete{std::move(seen), text_or_empty(given["reason"])};
        } else if (json.has("restore")) {
            TRELLIS_TRY(auto deletes, dots(json["restore"]["deletes"]));
            op.action = core::Restore{std::move(deletes)};
        } else if (json.has("link")) {
            TRELLIS_TRY(const auto other, record(json["link"]["other"]));
            op.action = core::Link{other};
        } else if (json.has("unlink")) {
            TRELLIS_TRY(const auto other, record(json["unlink"]["other"]));
            TRELLIS_TRY(auto links, dots(json["unlink"]["links"]));
            op.action = core::Unlink{other, std::move(links)};
        } else if (json.has("unknown")) {
            const auto body = from_hex(text_or_empty(json["unknown"]["body"]));
            const auto kind = integer_or(json["unknown"]["kind"], 255);
            op.action =
                core::UnknownOp{static_cast<std::uint8_t>(kind), body ? *body : Bytes()};
        } else {
            return wrong("an op of no known kind: " + print_json(json));
        }
        return {};
    }

    Result<void> set_write(const Json& json, core::Op& op) const {
        core::Write write;
        write.create = json["create"].boolean() != nullptr && *json["create"].boolean();
        if (json["write"].object() == nullptr) return wrong("a write is an object of fields");
        for (const auto& [name, edit] : *json["write"].object()) {
            TRELLIS_TRY(const auto* target, field(Json(name)));
            TRELLIS_TRY(auto action, field_edit(edit, *target));
            write.fields.push_back(std::move(action));
        }
        std::sort(write.fields.begin(), write.fields.end(),
                  [](const auto& a, const auto& b) { return a.field < b.field; });
        op.action = std::move(write);
        return {};
    }

    Result<core::FieldEdit> field_edit(const Json& json, const Field& target) const {
        if (json.has("increment")) {
            return core::FieldEdit{target.id, core::Increment{integer_or(json["increment"], 0)}};
        }
        if (json.has("assign")) {
            TRELLIS_TRY(auto seen, dots(json["seen"]));
            TRELLIS_TRY(auto given, value(json["assign"], target));
            return core::FieldEdit{target.id, core::Assign{std::move(seen), std::move(given)}};
        }
        core::EditSet edit;
        if (json["add"].array() != nullptr) {
            for (const auto& item : *json["add"].array()) {
                TRELLIS_TRY(auto given, value(item, target));
                edit.add.push_back(std::move(given));
            }
        }
        if (json["remove"].array() != nullptr) {
            for (const auto& item : *json["remove"].array()) {
                TRELLIS_TRY(auto given, value(item["value"], target));
                TRELLIS_TRY(auto seen, dots(item["seen"]));
                edit.remove.push_back({std::move(given), std::move(seen)});
            }
        }
        std::sort(edit.add.begin(), edit.add.end());
        std::sort(edit.remove.begin(), edit.remove.end(),
                  [](const auto& a, const auto& b) { return a.element < b.element; });
        return core::FieldEdit{target.id, std::move(edit)};
    }

    Result<void> set_append(const Json& json, core::Op& op) const {
        TRELLIS_TRY(const auto* log, field(json["field"]));
        core::Append append{log->id, {}};
        for (const auto& part : log->entry) {
            if (!json["entry"].has(part.name)) continue;
            TRELLIS_TRY(auto given, value(json["entry"][part.name], part));
            append.entry.emplace_back(part.id, std::move(given));
        }
        op.action = std::move(append);
        return {};
    }

    Result<void> set_status(const Json& json, core::Op& op) const {
        const char* verb = json.has("raise") ? "raise" : json.has("advance") ? "advance" : "close";
        const auto& given = json[verb];
        TRELLIS_TRY(const auto* status, field(given["field"]));
        if (json.has("close")) {
            TRELLIS_TRY(auto tokens, dots(given["tokens"]));
            op.action =
                core::CloseTokens{status->id, std::move(tokens), text_or_empty(given["reason"])};
            return {};
        }
        TRELLIS_TRY(const auto to, level(given["level"], *status));
        if (json.has("raise")) {
            op.action = core::Raise{status->id, to};
            return {};
        }
        TRELLIS_TRY(const auto token, dot(given["token"]));
        op.action = core::Advance{status->id, token, to};
        return {};
    }

    const MergeFixture& fixture_;
};

/// {"name": "hexadecimal id", …}
template <class IdType>
Result<void> parse_names(const Json& json, std::map<std::string, IdType, std::less<>>& names) {
    if (json.object() == nullptr) return wrong("names and their ids are an object");
    for (const auto& [name, hex] : *json.object()) {
        const auto id = IdType::parse(text_or_empty(hex));
        if (!id) return wrong("the id of " + name + " is not 32 hexadecimal digits");
        names[name] = *id;
    }
    return {};
}

Result<KnownChange> parse_change(const OpReader& reader, const Json& json) {
    KnownChange known;
    TRELLIS_TRY(known.actor, reader.actor_of(text_or_empty(json["actor"])));
    known.change.first = static_cast<Counter>(integer_or(json["first"], 0));
    if (known.change.first == 0) return wrong("a change needs 'first', from 1");
    known.change.stamp.time = integer_or(json["at"], 0);
    known.change.stamp.quality = static_cast<ClockQuality>(integer_or(json["quality"], 3));
    TRELLIS_TRY(known.past, reader.vector(json["seen"]));
    known.past.raise(known.actor, known.change.first - 1);
    if (json["ops"].array() == nullptr) return wrong("a change needs 'ops'");
    for (const auto& item : *json["ops"].array()) {
        TRELLIS_TRY(auto op, reader.op(item));
        known.change.ops.push_back(std::move(op));
    }
    return known;
}

}  // namespace

std::string MergeFixture::name(const RecordId& record) const {
    for (const auto& [name, id] : records) {
        if (id == record) return name;
    }
    return record.hex();
}

std::string MergeFixture::name(const Dot& dot) const {
    for (const auto& [name, id] : actors) {
        if (id == dot.actor) return name + ":" + std::to_string(dot.counter);
    }
    return to_string(dot);
}

Result<MergeFixture> parse_merge_fixture(const Json& json) {
    MergeFixture fixture;
    fixture.about = text_or_empty(json["about"]);
    fixture.expect = json["expect"];
    TRELLIS_TRY(fixture.schema, core::Schema::parse(json["schema"]));
    if (fixture.schema.types().size() != 1) return wrong("the schema has one type");
    TRELLIS_DO(parse_names(json["actors"], fixture.actors));
    TRELLIS_DO(parse_names(json["records"], fixture.records));
    if (json["changes"].array() == nullptr) return wrong("there must be 'changes'");
    const OpReader reader(fixture);
    for (const auto& item : *json["changes"].array()) {
        auto known = parse_change(reader, item);
        if (!known) {
            return wrong("change " + std::to_string(fixture.changes.size() + 1) + ": " +
                         known.error().message);
        }
        fixture.changes.push_back(std::move(known).value());
    }
    return fixture;
}

}  // namespace trellis::fixtures
