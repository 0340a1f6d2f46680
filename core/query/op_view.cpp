// SPDX-License-Identifier: Apache-2.0
#include "core/query/op_view.hpp"

namespace trellis::core {
namespace {

std::string field_name(const Type* type, FieldId id) {
    const auto* field = type == nullptr ? nullptr : type->field(id);
    return field == nullptr ? "#" + std::to_string(id) : field->name;
}

Json view_dots(const std::vector<Dot>& dots) {
    Json list{Json::Array{}};
    for (const auto& dot : dots) list.push(to_string(dot));
    return list;
}

class Viewer {
public:
    Viewer(const Type* type, Json& json) : type_(type), json_(json) {}

    void operator()(const Write& write) {
        json_.set("op", write.create ? "put" : "set");
        json_.set("fields", Json::Object{});
        for (const auto& edit : write.fields) view_edit(edit);
    }
    void operator()(const Append& append) {
        name("append", append.field);
        Json entry{Json::Object{}};
        const auto* log = type_ == nullptr ? nullptr : type_->field(append.field);
        for (const auto& [id, value] : append.entry) {
            std::string part = "#" + std::to_string(id);
            for (const auto& field : log == nullptr ? std::vector<Field>() : log->entry) {
                if (field.id == id) part = field.name;
            }
            entry.set(part, to_json(value));
        }
        json_.set("entry", std::move(entry));
    }
    void operator()(const Raise& raise) {
        name("raise", raise.field);
        level(raise.field, raise.level);
    }
    void operator()(const Advance& advance) {
        name("advance", advance.field);
        json_.set("token", to_string(advance.token));
        level(advance.field, advance.level);
    }
    void operator()(const CloseTokens& closing) {
        name("close", closing.field);
        json_.set("tokens", view_dots(closing.tokens));
        json_.set("reason", closing.reason);
    }
    void operator()(const Delete& deletion) {
        json_.set("op", "delete");
        json_.set("reason", deletion.reason);
    }
    void operator()(const Restore& restore) {
        json_.set("op", "restore");
        json_.set("deletes", view_dots(restore.deletes));
    }
    void operator()(const Link& link) {
        json_.set("op", "link");
        json_.set("b", link.other.hex());
    }
    void operator()(const Unlink& unlink) {
        json_.set("op", "unlink");
        json_.set("b", unlink.other.hex());
    }
    void operator()(const UnknownOp& unknown) {
        json_.set("op", "unknown");
        json_.set("kind", std::int64_t{unknown.kind});
    }

private:
    void name(std::string_view op, FieldId field) {
        json_.set("op", op);
        json_.set("field", field_name(type_, field));
    }
    void level(FieldId id, std::uint32_t level) {
        const auto* field = type_ == nullptr ? nullptr : type_->field(id);
        if (field != nullptr && level < field->levels.size()) {
            json_.set("level", field->levels[level]);
        } else {
            json_.set("level", std::int64_t{level});
        }
    }
    void view_edit(const FieldEdit& edit) {
        Json one;
        if (const auto* assign = std::get_if<Assign>(&edit.action)) {
            one.set("value", to_json(assign->value));
            one.set("replaces", view_dots(assign->seen));
        } else if (const auto* set = std::get_if<EditSet>(&edit.action)) {
            Json add{Json::Array{}};
            Json remove{Json::Array{}};
            for (const auto& value : set->add) add.push(to_json(value));
            for (const auto& removal : set->remove) remove.push(to_json(removal.element));
            one.set("add", std::move(add));
            one.set("remove", std::move(remove));
        } else if (const auto* increment = std::get_if<Increment>(&edit.action)) {
            one.set("by", increment->by);
        }
        json_.object()->find("fields")->second.set(field_name(type_, edit.field), std::move(one));
    }

    const Type* type_;
    Json& json_;
};

}  // namespace

Json view_op(const Op& op, const Schema& schema) {
    Json json{Json::Object{}};
    std::visit(Viewer(schema.type(op.type), json), op.action);
    return json;
}

}  // namespace trellis::core
