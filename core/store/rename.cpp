// SPDX-License-Identifier: Apache-2.0
#include "core/store/rename.hpp"

#include <algorithm>

namespace trellis::core {
namespace {

class Renamer {
public:
    explicit Renamer(const Renaming& renaming) : renaming_(renaming) {}

    void operator()(Dot& dot) const {
        if (dot.actor != renaming_.from || dot.counter <= renaming_.after) return;
        dot = {renaming_.to, renamed(dot.counter)};
    }
    void operator()(std::vector<Dot>& dots) const {
        for (auto& dot : dots) (*this)(dot);
        std::sort(dots.begin(), dots.end());
    }
    void operator()(RecordId& record) const {
        if (record.is_keyed()) return;
        Dot dot{renaming_.from, record.counter()};
        if (!record.is_named_by(dot)) return;
        (*this)(dot);
        record = RecordId::dotted(dot);
    }
    void operator()(Value& value) const {
        if (auto* record = std::get_if<RecordId>(&value.data)) (*this)(*record);
    }
    void operator()(VersionVector& vector) const {
        VersionVector renamed;
        for (const auto& entry : vector.entries()) {
            const bool splits = entry.actor == renaming_.from && entry.counter > renaming_.after;
            if (!splits) {
                renamed.raise(entry.actor, entry.counter);
                continue;
            }
            if (renaming_.after > 0) renamed.raise(renaming_.from, renaming_.after);
            renamed.raise(renaming_.to, this->renamed(entry.counter));
        }
        vector = std::move(renamed);
    }

    void operator()(Write& write) const {
        for (auto& edit : write.fields) std::visit(*this, edit.action);
    }
    void operator()(Assign& assign) const {
        (*this)(assign.seen);
        (*this)(assign.value);
    }
    void operator()(EditSet& edit) const {
        for (auto& value : edit.add) (*this)(value);
        for (auto& removal : edit.remove) {
            (*this)(removal.element);
            (*this)(removal.seen);
        }
        std::sort(edit.add.begin(), edit.add.end());
        std::sort(edit.remove.begin(), edit.remove.end(),
                  [](const auto& a, const auto& b) { return a.element < b.element; });
    }
    void operator()(Increment& /*unused*/) const {}
    void operator()(Append& append) const {
        for (auto& [field, value] : append.entry) (*this)(value);
    }
    void operator()(Raise& /*unused*/) const {}
    void operator()(Advance& advance) const { (*this)(advance.token); }
    void operator()(CloseTokens& closing) const { (*this)(closing.tokens); }
    void operator()(Delete& deletion) const { (*this)(deletion.seen); }
    void operator()(Restore& restore) const { (*this)(restore.deletes); }
    void operator()(Link& link) const { (*this)(link.other); }
    void operator()(Unlink& unlink) const {
        (*this)(unlink.other);
        (*this)(unlink.links);
    }
    void operator()(UnknownOp& /*unused*/) const {}

private:
    [[nodiscard]] Counter renamed(Counter counter) const {
        return counter - renaming_.after + renaming_.offset;
    }

    const Renaming& renaming_;
};

}  // namespace

void rename(Change& change, const Renaming& renaming) {
    Dot first{renaming.from, change.first};
    Renamer{renaming}(first);
    change.first = first.counter;
    rename_mentions(change, renaming);
}

void rename_mentions(Change& change, const Renaming& renaming) {
    const Renamer renamer(renaming);
    for (auto& op : change.ops) {
        renamer(op.record);
        std::visit(renamer, op.action);
    }
}

}  // namespace trellis::core
