// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/base/dot.hpp"
#include "core/base/record_id.hpp"
#include "core/base/version_vector.hpp"
#include "core/record/schema.hpp"
#include "core/record/value.hpp"

namespace trellis::core {

/// Replaces exactly the heads in `seen` of a register by one new head.
struct Assign {
    std::vector<Dot> seen;  ///< ascending
    Value value;
    bool operator==(const Assign&) const = default;
};

/// Adds and removes elements of a set. A removal takes away only the adds it names.
struct EditSet {
    struct Removal {
        Value element;
        std::vector<Dot> seen;  ///< the adds of `element` that the author saw; ascending
        bool operator==(const Removal&) const = default;
    };
    std::vector<Value> add;        ///< ascending, no repeats
    std::vector<Removal> remove;   ///< ascending by element, no repeats
    bool operator==(const EditSet&) const = default;
};

/// Adds to a counter.
struct Increment {
    std::int64_t by = 0;  ///< at most limits::increment_max either way
    bool operator==(const Increment&) const = default;
};

/// What one write does to one field.
struct FieldEdit {
    FieldId field = 0;
    std::variant<Assign, EditSet, Increment> action;
    bool operator==(const FieldEdit&) const = default;
};

/// Edits fields of a record; `create` says the author had not known the record before.
struct Write {
    bool create = false;
    std::vector<FieldEdit> fields;  ///< ascending by field, no repeats
    bool operator==(const Write&) const = default;
};

/// One immutable entry of a log field; the entry is named by the op's dot.
struct Append {
    FieldId field = 0;
    std::vector<std::pair<FieldId, Value>> entry;  ///< ascending by field
    bool operator==(const Append&) const = default;
};

/// Opens a token of a protective status; the token is named by the op's dot.
struct Raise {
    FieldId field = 0;
    std::uint32_t level = 0;
    bool operator==(const Raise&) const = default;
};

/// Lifts an open token to at least `level`.
struct Advance {
    FieldId field = 0;
    Dot token;
    std::uint32_t level = 0;
    bool operator==(const Advance&) const = default;
};

/// Closes exactly the named tokens.
struct CloseTokens {
    FieldId field = 0;
    std::vector<Dot> tokens;  ///< ascending
    std::string reason;
    bool operator==(const CloseTokens&) const = default;
};

/// Marks the record deleted, as far as the author had seen it.
struct Delete {
    VersionVector seen;  ///< of writes to this record
    std::string reason;
    bool operator==(const Delete&) const = default;
};

/// Lifts exactly the named deletes.
struct Restore {
    std::vector<Dot> deletes;  ///< ascending
    bool operator==(const Restore&) const = default;
};

/// Says that two records of one type are the same; the link is named by the op's dot.
struct Link {
    RecordId other;
    bool operator==(const Link&) const = default;
};

/// Takes back exactly the named links.
struct Unlink {
    RecordId other;
    std::vector<Dot> links;  ///< ascending
    bool operator==(const Unlink&) const = default;
};

/// An op of a kind that only a newer version knows, kept byte for byte. The record it names
/// is shown, and frozen for local edits until this program is upgraded.
struct UnknownOp {
    std::uint8_t kind = 0;
    Bytes body;
    bool operator==(const UnknownOp&) const = default;
};

/// One edit of one record. Its dot follows from its place in its change.
struct Op {
    TypeId type = 0;
    RecordId record;
    std::variant<Write, Append, Raise, Advance, CloseTokens, Delete, Restore, Link, Unlink,
                 UnknownOp>
        action;
    bool operator==(const Op&) const = default;
};

/// True for ops that say something about the record's content, which a delete must have seen
/// to hide it; Delete, Restore, Link and Unlink are not.
bool is_write(const Op& op);

}  // namespace trellis::core
