// SPDX-License-Identifier: Apache-2.0
#include "core/record/check.hpp"

#include "core/base/limits.hpp"
#include "core/record/change_archive.hpp"

#include <algorithm>
#include <cmath>

namespace trellis::core {
namespace {

constexpr std::int32_t first_day = -719'162;  // 0001-01-01
constexpr std::int32_t last_day = 2'932'896;  // 9999-12-31

Error at_field(FieldId field, Code code, const std::string& what) {
    return {code, "field " + std::to_string(field) + ": " + what};
}

template <class List, class Less>
bool ascends(const List& list, Less less) {
    for (std::size_t i = 1; i < list.size(); ++i) {
        if (!less(list[i - 1], list[i])) return false;
    }
    return true;
}

struct ValueCheck {
    FieldId field;

    Result<void> text(const std::string& text, std::size_t max) const {
        if (text.size() > max) return at_field(field, Code::too_large, "the text is too long");
        if (!is_utf8(text)) return at_field(field, Code::invalid, "the text is not UTF-8");
        return {};
    }
    Result<void> operator()(const std::string& value) const {
        return text(value, limits::text_max);
    }
    Result<void> operator()(const Bytes& bytes) const {
        if (bytes.size() <= limits::value_bytes_max) return {};
        return at_field(field, Code::too_large, "too many bytes; attach them as a file");
    }
    Result<void> operator()(double number) const {
        if (std::isfinite(number) && !(number == 0 && std::signbit(number))) return {};
        return at_field(field, Code::invalid, "infinities, NaN and -0 are no values");
    }
    Result<void> operator()(Date date) const {
        if (date.days >= first_day && date.days <= last_day) return {};
        return at_field(field, Code::invalid, "a date must lie in the years 1 to 9999");
    }
    template <class T>
    Result<void> operator()(const T&) const {
        return {};
    }
};

Result<void> check_value(FieldId field, const Value& value) {
    return std::visit(ValueCheck{field}, value.data);
}

Result<void> check_dots(FieldId field, const std::vector<Dot>& dots) {
    if (dots.size() > limits::heads_max) {
        return at_field(field, Code::too_large, "it names too many earlier ops");
    }
    const auto is_bad = [](const Dot& dot) {
        return dot.counter == 0 || dot.counter > limits::counter_max;
    };
    if (std::any_of(dots.begin(), dots.end(), is_bad) || !ascends(dots, std::less<Dot>{})) {
        return at_field(field, Code::invalid, "the ops it names are not in ascending order");
    }
    return {};
}

Result<void> check_seen(const VersionVector& seen) {
    if (seen.entries().size() > limits::actors_max) {
        return Error{Code::too_large, "a delete names too many actors"};
    }
    for (const auto& entry : seen.entries()) {
        if (entry.counter == 0 || entry.counter > limits::counter_max) {
            return Error{Code::invalid, "a delete names an op that cannot be"};
        }
    }
    return {};
}

struct EditCheck {
    FieldId field;

    Result<void> operator()(const Assign& assign) const {
        TRELLIS_DO(check_dots(field, assign.seen));
        return check_value(field, assign.value);
    }
    Result<void> operator()(const EditSet& edit) const {
        if (edit.add.size() + edit.remove.size() > limits::op_values_max) {
            return at_field(field, Code::too_large, "too many elements at once");
        }
        if (!ascends(edit.add, std::less<Value>{}) ||
            !ascends(edit.remove,
                     [](const auto& a, const auto& b) { return a.element < b.element; })) {
            return at_field(field, Code::invalid, "elements are not in ascending order");
        }
        for (const auto& value : edit.add)
            TRELLIS_DO(check_value(field, value));
        for (const auto& removal : edit.remove) {
            TRELLIS_DO(check_value(field, removal.element));
            TRELLIS_DO(check_dots(field, removal.seen));
        }
        return {};
    }
    Result<void> operator()(const Increment& increment) const {
        if (increment.by <= limits::increment_max && increment.by >= -limits::increment_max) {
            return {};
        }
        return at_field(field, Code::too_large, "the increment is too large");
    }
};

struct OpCheck {
    Result<void> operator()(const Write& write) const {
        if (write.fields.size() > limits::op_fields_max) {
            return Error{Code::too_large, "a write has too many fields"};
        }
        if (!ascends(write.fields,
                     [](const auto& a, const auto& b) { return a.field < b.field; })) {
            return Error{Code::invalid, "the fields of a write are not in ascending order"};
        }
        for (const auto& edit : write.fields) {
            TRELLIS_DO(std::visit(EditCheck{edit.field}, edit.action));
        }
        return {};
    }
    Result<void> operator()(const Append& append) const {
        if (append.entry.size() > limits::op_fields_max) {
            return at_field(append.field, Code::too_large, "an entry has too many fields");
        }
        if (!ascends(append.entry,
                     [](const auto& a, const auto& b) { return a.first < b.first; })) {
            return at_field(append.field, Code::invalid, "an entry's fields do not ascend");
        }
        for (const auto& [field, value] : append.entry)
            TRELLIS_DO(check_value(field, value));
        return {};
    }
    Result<void> operator()(const Advance& advance) const {
        return check_dots(advance.field, {advance.token});
    }
    Result<void> operator()(const CloseTokens& close) const {
        TRELLIS_DO(check_dots(close.field, close.tokens));
        return ValueCheck{close.field}.text(close.reason, limits::reason_max);
    }
    Result<void> operator()(const Delete& deletion) const {
        TRELLIS_DO(check_seen(deletion.seen));
        return ValueCheck{0}.text(deletion.reason, limits::reason_max);
    }
    Result<void> operator()(const Restore& restore) const { return check_dots(0, restore.deletes); }
    Result<void> operator()(const Unlink& unlink) const { return check_dots(0, unlink.links); }
    Result<void> operator()(const UnknownOp& unknown) const {
        if (unknown.kind < unknown_kind_min) return Error{Code::invalid, "no such kind of op"};
        if (unknown.body.size() <= limits::op_max) return {};
        return Error{Code::too_large, "an op of a newer version is too large"};
    }
    Result<void> operator()(const Raise&) const { return {}; }
    Result<void> operator()(const Link&) const { return {}; }
};

}  // namespace

Result<void> check_op(const Op& op) {
    if (!op.record.is_possible()) {
        return Error{Code::invalid, "no record can have the name " + op.record.hex()};
    }
    return std::visit(OpCheck{}, op.action);
}

Result<void> check_change(const Change& change) {
    if (change.ops.empty()) return Error{Code::invalid, "a change needs at least one edit"};
    if (change.ops.size() > limits::change_ops_max) {
        return Error{
            Code::too_large,
            "a change may have at most " + std::to_string(limits::change_ops_max) + " edits"};
    }
    if (change.first == 0 || change.last() > limits::counter_max) {
        return Error{Code::invalid, "the counters of a change are out of range"};
    }
    if (change.stamp.time > limits::time_max || change.stamp.time < -limits::time_max) {
        return Error{Code::invalid, "the time of a change is out of range"};
    }
    for (const auto& op : change.ops) {
        TRELLIS_DO(check_op(op));
        ChangeWriter writer(nullptr);
        writer.context.stamp = change.stamp.time;
        writer(op);
        if (writer.size() > limits::op_max) {
            return Error{Code::too_large,
                         "one edit may have at most " + std::to_string(limits::op_max) + " bytes"};
        }
    }
    return {};
}

}  // namespace trellis::core
