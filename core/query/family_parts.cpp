// SPDX-License-Identifier: Apache-2.0
// Which records belong to one family: a fixed point over who points at whom.
#include <algorithm>

#include "core/query/family_export.hpp"
#include "core/store/references.hpp"

namespace trellis::core {
namespace {

/// One row of a type that can belong to a family.
struct Node {
    Place place;
    std::vector<RecordId> to;
    std::vector<RecordId> families;  ///< those of `to`
    std::vector<RecordId> people;
};

class Gathering {
public:
    Gathering(Replica& replica, const RecordId& root) : store_(replica.store()), root_(root) {
        for (const auto& space : replica.spaces()) {
            if (const auto* state = store_.spaces.find(space.space)) spaces_.push_back(state->index);
        }
    }

    Result<std::vector<FamilyPart>> run(TypeUse root_use) {
        is_family_ = root_use == TypeUse::family;
        TRELLIS_DO(load());
        family_ = same_as({root_});
        included_ = family_;
        if (is_family_) add_people();
        included_ = same_as(included_);
        add_records();
        return parts();
    }

private:
    /// What the program takes a type of the schema for: those nobody declares are plain.
    [[nodiscard]] TypeUse use_of(TypeId type) const { return store_.schema.type(type)->use; }

    Result<void> load() {
        for (const auto space : spaces_) {
            for (const auto& type : store_.schema.types()) {
                TRELLIS_TRY(const auto places, places_in(store_, space, type.id));
                for (const auto& place : places) types_.emplace(place.record, type.id);
                TRELLIS_TRY(const auto* links, store_.links.load(space, type.id));
                for (auto& same : links->classes()) classes_.push_back(std::move(same));
                if (type.data_class < DataClass::family && !type.is_subject()) continue;
                for (const auto& place : places) nodes_.push_back({place, {}, {}, {}});
            }
        }
        for (auto& node : nodes_) {
            TRELLIS_TRY(const auto state, store_.records.load(node.place));
            TRELLIS_TRY(const auto references, references_of(store_, node.place, *state));
            for (const auto& reference : references) add(node, reference);
        }
        return {};
    }

    /// A record that is not here is what its field says it is.
    void add(Node& node, const Reference& reference) const {
        const auto known = types_.find(reference.to);
        const Type* type = known == types_.end() ? store_.schema.type(reference.field->to)
                                                 : store_.schema.type(known->second);
        node.to.push_back(reference.to);
        if (type == nullptr) return;
        if (type->use == TypeUse::family) node.families.push_back(reference.to);
        if (type->use == TypeUse::person) node.people.push_back(reference.to);
    }

    [[nodiscard]] std::set<RecordId> same_as(std::set<RecordId> records) const {
        for (bool grows = true; grows;) {
            const auto before = records.size();
            for (const auto& same : classes_) {
                if (!any_in(same, records)) continue;
                records.insert(same.begin(), same.end());
            }
            grows = records.size() > before;
        }
        return records;
    }

    [[nodiscard]] static bool any_in(const std::vector<RecordId>& list,
                                     const std::set<RecordId>& records) {
        return std::any_of(list.begin(), list.end(),
                           [&](const RecordId& each) { return records.contains(each); });
    }

    /// Its people: whom the family names, and who name the family.
    void add_people() {
        for (const auto& node : nodes_) {
            if (family_.contains(node.place.record)) {
                included_.insert(node.people.begin(), node.people.end());
            }
            const bool is_person = use_of(node.place.type) == TypeUse::person;
            if (is_person && any_in(node.families, family_)) included_.insert(node.place.record);
        }
    }

    [[nodiscard]] bool belongs(const Node& node) const {
        if (store_.schema.type(node.place.type)->is_subject()) return false;
        if (!any_in(node.to, included_)) return false;
        if (is_family_ && !node.families.empty()) return any_in(node.families, family_);
        if (node.families.empty() && node.people.empty()) return true;
        return any_in(node.families, included_) || any_in(node.people, included_);
    }

    void add_records() {
        for (bool grows = true; grows;) {
            const auto before = included_.size();
            for (const auto& node : nodes_) {
                if (belongs(node)) included_.insert(node.place.record);
            }
            included_ = same_as(std::move(included_));
            grows = included_.size() > before;
        }
    }

    [[nodiscard]] std::vector<FamilyPart> parts() const {
        std::vector<FamilyPart> list;
        const auto is_other = [&](const RecordId& each) { return !included_.contains(each); };
        for (const auto& node : nodes_) {
            if (!included_.contains(node.place.record)) continue;
            list.push_back({node.place,
                            std::any_of(node.families.begin(), node.families.end(), is_other) ||
                                std::any_of(node.people.begin(), node.people.end(), is_other)});
        }
        std::sort(list.begin(), list.end(), [this](const FamilyPart& a, const FamilyPart& b) {
            const auto key = [this](const Place& place) {
                return std::tuple(place.type, place.record, store_.spaces.at(place.space).id);
            };
            return key(a.place) < key(b.place);
        });
        return list;
    }

    Store& store_;
    RecordId root_;
    bool is_family_ = false;
    std::vector<SpaceIndex> spaces_;
    std::vector<Node> nodes_;
    std::map<RecordId, TypeId> types_;
    std::vector<std::vector<RecordId>> classes_;
    std::set<RecordId> family_;    ///< the root and what is the same
    std::set<RecordId> included_;
};

}  // namespace

Result<std::vector<FamilyPart>> family_parts(Replica& replica, const RecordId& root) {
    TRELLIS_TRY(const auto place, replica.place_of(root));
    const Type* type = replica.store().schema.type(place.type);
    if (!type->is_subject()) {
        return Error{Code::invalid, "record " + root.hex() + " is a " + type->name + ": name the "
                                    "family or the person whose record it is part of"};
    }
    return Gathering(replica, root).run(type->use);
}

}  // namespace trellis::core
