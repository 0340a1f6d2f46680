// SPDX-License-Identifier: Apache-2.0
#include "tests/core/record/describe.hpp"

namespace trellis::core {
namespace {

/// As a field shows it, and which kind of value it is.
Json describe(const Value& value) {
    static const std::vector<std::string> kinds{
        "null", "bool", "integer", "number", "text", "bytes", "date", "ref"};
    Json json;
    json.set(kinds.at(value.data.index()), to_json(value));
    return json;
}

Json describe(const std::vector<Dot>& dots) {
    Json json{Json::Array{}};
    for (const auto& dot : dots)
        json.push(to_string(dot));
    return json;
}

Json describe(const VersionVector& vector) {
    Json json{Json::Object{}};
    for (const auto& entry : vector.entries())
        json.set(entry.actor.hex(), entry.counter);
    return json;
}

Json object(std::initializer_list<std::pair<const char*, Json>> members) {
    Json json{Json::Object{}};
    for (const auto& [name, value] : members)
        json.set(name, value);
    return json;
}

struct DescribeEdit {
    Json operator()(const Assign& assign) const {
        return object({{"assign", describe(assign.value)}, {"seen", describe(assign.seen)}});
    }
    Json operator()(const EditSet& edit) const {
        Json add{Json::Array{}};
        for (const auto& value : edit.add)
            add.push(describe(value));
        Json remove{Json::Array{}};
        for (const auto& [element, seen] : edit.remove) {
            remove.push(object({{"element", describe(element)}, {"seen", describe(seen)}}));
        }
        return object({{"add", add}, {"remove", remove}});
    }
    Json operator()(const Increment& increment) const {
        return object({{"increment", increment.by}});
    }
};

struct DescribeOp {
    Json operator()(const Write& write) const {
        Json fields{Json::Object{}};
        for (const auto& edit : write.fields) {
            fields.set(std::to_string(edit.field), std::visit(DescribeEdit{}, edit.action));
        }
        return object({{write.create ? "create" : "update", fields}});
    }
    Json operator()(const Append& append) const {
        Json entry{Json::Object{}};
        for (const auto& [field, value] : append.entry) {
            entry.set(std::to_string(field), describe(value));
        }
        return object({{"append", std::int64_t{append.field}}, {"entry", entry}});
    }
    Json operator()(const Raise& raise) const {
        return object({{"raise", std::int64_t{raise.field}}, {"level", std::int64_t{raise.level}}});
    }
    Json operator()(const Advance& advance) const {
        return object({{"advance", std::int64_t{advance.field}},
                       {"token", to_string(advance.token)},
                       {"level", std::int64_t{advance.level}}});
    }
    Json operator()(const CloseTokens& close) const {
        return object({{"close", std::int64_t{close.field}},
                       {"tokens", describe(close.tokens)},
                       {"reason", close.reason}});
    }
    Json operator()(const Delete& deletion) const {
        return object({{"delete", describe(deletion.seen)}, {"reason", deletion.reason}});
    }
    Json operator()(const Restore& restore) const {
        return object({{"restore", describe(restore.deletes)}});
    }
    Json operator()(const Link& link) const { return object({{"link", link.other.hex()}}); }
    Json operator()(const Unlink& unlink) const {
        return object({{"unlink", unlink.other.hex()}, {"links", describe(unlink.links)}});
    }
    Json operator()(const UnknownOp& unknown) const {
        return object({{"unknown", std::int64_t{unknown.kind}}, {"body", to_hex(unknown.body)}});
    }
};

}  // namespace

Json describe(const Body& body) {
    Json introduced{Json::Array{}};
    for (const auto& actor : body.introduced)
        introduced.push(actor.hex());
    Json changes{Json::Array{}};
    for (const auto& change : body.changes) {
        Json ops{Json::Array{}};
        for (const auto& op : change.ops) {
            Json json = std::visit(DescribeOp{}, op.action);
            json.set("type", std::int64_t{op.type});
            json.set("record", op.record.hex());
            ops.push(std::move(json));
        }
        changes.push(object({{"first", change.first},
                             {"time", change.stamp.time},
                             {"quality", static_cast<int>(change.stamp.quality)},
                             {"ops", ops}}));
    }
    Json json = object(
        {{"introduced", introduced}, {"seen", describe(body.seen)}, {"changes", changes}});
    Json witness;
    if (const auto& log = body.witness.log) {
        witness.set("log", object({{"log", log->log.hex()},
                                   {"position", log->position},
                                   {"head", log->head.hex()}}));
    }
    if (const auto& entries = body.witness.entries) {
        witness.set("entries",
                    object({{"length", entries->length}, {"head", entries->head.hex()}}));
    }
    if (!witness.is_null()) json.set("witness", std::move(witness));
    return json;
}

}  // namespace trellis::core
