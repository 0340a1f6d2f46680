// SPDX-License-Identifier: Apache-2.0
#include "core/record/schema.hpp"

#include <algorithm>

namespace trellis::core {
namespace {

template <class Named>
const Named* find_id(const std::vector<Named>& sorted, std::uint32_t id) {
    const auto at = std::lower_bound(
        sorted.begin(), sorted.end(), id, [](const Named& item, std::uint32_t wanted) {
            return item.id < wanted;
        });
    return at != sorted.end() && at->id == id ? &*at : nullptr;
}

template <class Named>
const Named* find_name(const std::vector<Named>& items, std::string_view name) {
    const auto at = std::find_if(
        items.begin(), items.end(), [name](const Named& item) { return item.name == name; });
    return at == items.end() ? nullptr : &*at;
}

}  // namespace

const Field* Type::field(FieldId wanted) const {
    return find_id(fields, wanted);
}
const Field* Type::field(std::string_view wanted) const {
    return find_name(fields, wanted);
}

const Type* Schema::type(TypeId wanted) const {
    return find_id(types_, wanted);
}
const Type* Schema::type(std::string_view wanted) const {
    return find_name(types_, wanted);
}

const Type* Schema::type_for(TypeUse use) const {
    for (const auto& type : types_) {
        if (type.use == use) return &type;
    }
    return nullptr;
}

const std::vector<std::string>& Schema::codes(std::string_view enumeration) const {
    static const std::vector<std::string> none;
    const auto at = enumerations_.find(enumeration);
    return at == enumerations_.end() ? none : at->second.codes;
}

std::string_view Schema::label(std::string_view enumeration,
                               std::string_view code,
                               std::string_view language) const {
    const auto list = enumerations_.find(enumeration);
    if (list == enumerations_.end()) return code;
    const auto entry = list->second.by_code.find(code);
    if (entry == list->second.by_code.end()) return code;
    const auto& labels = entry->second.labels;
    for (const auto wanted : {language, std::string_view("en")}) {
        const auto at = labels.find(wanted);
        if (at != labels.end()) return at->second;
    }
    return code;
}

}  // namespace trellis::core
