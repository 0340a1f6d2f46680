// SPDX-License-Identifier: Apache-2.0
#include "tests/portable/merge_view.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "core/merge/resolver.hpp"

namespace trellis::fixtures {
namespace {

using core::Field;
using core::FieldKind;

bool is_earlier(const LogEntry& a, const LogEntry& b) {
    return std::tie(a.time, a.dot.counter, a.dot.actor) <
           std::tie(b.time, b.dot.counter, b.dot.actor);
}

/// Prints one record of a fixture.
struct Printer {
    const MergeFixture& fixture;
    const core::RecordState& state;
    const std::vector<LogEntry>& entries;

    [[nodiscard]] Json record() const {
        static constexpr std::array names{"live", "deleted", "deleted_with_edits"};
        Json json{Json::Object()};
        json.set("state", names[static_cast<std::size_t>(state.presence())]);
        if (!state.frozen_by.empty()) json.set("frozen", true);
        Json fields{Json::Object()};
        Json conflicts{Json::Object()};
        for (const auto& field : fixture.type().fields) {
            fields.set(field.name, value(field));
            const auto* heads = state.find<core::Register>(field.id);
            if (heads != nullptr && core::is_conflict(heads->heads)) {
                conflicts.set(field.name, all_heads(*heads));
            }
        }
        json.set("fields", std::move(fields));
        json.set("conflicts", std::move(conflicts));
        return json;
    }

private:
    [[nodiscard]] Json value(const Field& field) const {
        switch (field.kind) {
            case FieldKind::scalar_register:
            case FieldKind::text: return shown(field);
            case FieldKind::set: return elements(field);
            case FieldKind::counter: {
                const auto* tally = state.find<core::Tally>(field.id);
                return tally == nullptr ? 0 : tally->sum;
            }
            case FieldKind::log: return log(field);
            case FieldKind::status: return status(field);
        }
        return nullptr;
    }

    [[nodiscard]] Json shown(const Field& field) const {
        const auto* content = state.find<core::Register>(field.id);
        if (content == nullptr) return nullptr;
        return core::to_json(content->heads[core::shown_head(content->heads, field)].value);
    }

    [[nodiscard]] Json all_heads(const core::Register& content) const {
        Json list{Json::Array()};
        for (const auto& head : content.heads) {
            Json item;
            item.set("value", core::to_json(head.value));
            item.set("dot", fixture.name(head.dot));
            item.set("at", head.stamp.time);
            list.push(std::move(item));
        }
        return list;
    }

    [[nodiscard]] Json elements(const Field& field) const {
        Json list{Json::Array()};
        const auto* set = state.find<core::ElementSet>(field.id);
        if (set == nullptr) return list;
        for (const auto& element : set->elements) list.push(core::to_json(element.value));
        return list;
    }

    [[nodiscard]] Json log(const Field& field) const {
        Json list{Json::Array()};
        for (const auto& entry : entries) {
            if (entry.append.field != field.id) continue;
            Json item;
            item.set("dot", fixture.name(entry.dot));
            for (const auto& part : field.entry) {
                const auto& given = entry.append.entry;
                const auto at = std::find_if(given.begin(), given.end(), [&](const auto& pair) {
                    return pair.first == part.id;
                });
                if (at != given.end()) item.set(part.name, core::to_json(at->second));
            }
            list.push(std::move(item));
        }
        return list;
    }

    [[nodiscard]] Json status(const Field& field) const {
        Json open{Json::Array()};
        Json highest;
        if (const auto* tokens = state.find<core::Tokens>(field.id)) {
            for (const auto& token : tokens->open) {
                Json item;
                item.set("token", fixture.name(token.dot));
                item.set("level", field.levels[token.level]);
                open.push(std::move(item));
            }
            if (const auto level = tokens->level()) highest = field.levels[*level];
        }
        Json json;
        json.set("level", std::move(highest));
        json.set("open", std::move(open));
        return json;
    }
};

}  // namespace

void Held::apply(const KnownChange& known) {
    Dot dot{known.actor, known.change.first};
    for (const auto& op : known.change.ops) {
        records[op.record].apply(dot, known.change.stamp, op);
        if (const auto* link = std::get_if<core::Link>(&op.action)) {
            links.apply(dot, op.record, *link);
        } else if (const auto* unlink = std::get_if<core::Unlink>(&op.action)) {
            links.apply(op.record, *unlink);
        } else if (const auto* append = std::get_if<core::Append>(&op.action)) {
            auto& log = entries[op.record];
            const LogEntry entry{dot, known.change.stamp.time, *append};
            log.insert(std::upper_bound(log.begin(), log.end(), entry, is_earlier), entry);
        }
        ++dot.counter;
    }
}

Json view(const MergeFixture& fixture, const Held& held) {
    Json records{Json::Object()};
    for (const auto& [name, id] : fixture.records) {
        const auto state = held.records.find(id);
        if (state == held.records.end()) continue;
        const auto log = held.entries.find(id);
        static const std::vector<LogEntry> no_entries;
        const auto& entries = log == held.entries.end() ? no_entries : log->second;
        records.set(name, Printer{fixture, state->second, entries}.record());
    }
    Json classes{Json::Array()};
    for (const auto& members : held.links.classes()) {
        Json names{Json::Array()};
        for (const auto& member : members) names.push(fixture.name(member));
        classes.push(std::move(names));
    }
    Json json;
    json.set("records", std::move(records));
    json.set("classes", std::move(classes));
    return json;
}

}  // namespace trellis::fixtures
