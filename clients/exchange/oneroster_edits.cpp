// SPDX-License-Identifier: Apache-2.0
// From a roster to what is written: one keyed record for each organisation, person and family.
#include "clients/exchange/oneroster.hpp"
#include "clients/exchange/oneroster_update.hpp"
#include "core/base/limits.hpp"

#include <algorithm>

namespace trellis::clients {
namespace {

using Role = Roster::Role;

constexpr std::string_view source = "oneroster";
/// What a household's name may have (core/domain/types/household.json).
constexpr std::size_t household_name_max = 120;

/// One part of a composite element (core/domain/README.md).
std::string part(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '|' || c == '\\') escaped += '\\';
        escaped += c;
    }
    return escaped;
}

std::string pair(std::string_view left, std::string_view right) {
    return std::string(left) + "=" + std::string(right);
}

/// A blank value is not written: it would hide what people know.
void set_text(Json& fields, std::string name, const std::string& text) {
    if (!text.empty()) fields.set(std::move(name), text);
}

void set_list(Json& fields, std::string name, Json::Array list) {
    if (!list.empty()) fields.set(std::move(name), std::move(list));
}

std::string full_name(const Roster::User& user) {
    return user.given + (user.given.empty() || user.family.empty() ? "" : " ") + user.family;
}

/// A relation is only as fine as the roster tells it.
std::string_view relation_word(Role role) {
    if (role == Role::guardian) return "guardian";
    return role == Role::relative ? "other_relative" : "parent";
}

/// At most `max` bytes, never half a character.
std::string cut(std::string text, std::size_t max) {
    if (text.size() <= max) return text;
    while (max > 0 && (static_cast<unsigned char>(text[max]) & 0xC0U) == 0x80U)
        --max;
    text.resize(max);
    return text;
}

class EditMaker {
public:
    EditMaker(const Roster& roster, const SpaceId& space, const RecordLookup& records)
        : roster_(roster), space_(space), records_(records) {}

    std::vector<core::Edit> make() {
        for (const auto& [id, user] : roster_.users) {
            if (user.role != Role::student) continue;
            for (const auto& contact : user.contacts)
                students_of_[contact].push_back(&user);
            if (!user.contacts.empty()) households_[user.contacts].push_back(&user);
        }
        for (const auto& [id, org] : roster_.orgs)
            put("site", roster_key("org", id), site(org));
        put_users("staff_person", is_staff, &EditMaker::staff_person);
        put_users("student", [](Role role) { return role == Role::student; }, &EditMaker::student);
        put_users("contact", is_contact, &EditMaker::contact);
        for (const auto& [contacts, students] : households_) {
            put("household", household_key(contacts), household(contacts, students));
        }
        return std::move(edits_);
    }

private:
    using Students = std::vector<const Roster::User*>;

    void put_users(const std::string& type,
                   bool (*is_of)(Role),
                   Json (EditMaker::*fields_of)(const Roster::User&) const) {
        for (const auto& [id, user] : roster_.users) {
            if (is_of(user.role)) put(type, roster_key("user", id), (this->*fields_of)(user));
        }
    }

    void put(const std::string& type, std::string key, Json fields) {
        const auto shown = records_.shown ? records_.shown(type, key) : Json();
        if (shown.object() == nullptr) {
            edits_.emplace_back(core::PutRecord{space_, type, std::move(fields), std::move(key)});
            return;
        }
        const auto record = RecordId::parse(records_.id(type, key));
        TRELLIS_CHECK(record.has_value());
        for (auto& edit : update_of(*record, shown, fields))
            edits_.push_back(std::move(edit));
    }

    [[nodiscard]] std::string site_of(const std::string& org) const {
        return records_.id("site", roster_key("org", org));
    }
    [[nodiscard]] std::string student_of(const std::string& user) const {
        return records_.id("student", roster_key("user", user));
    }

    static Json external_ids(const std::string& id) { return Json::Array{Json(pair(source, id))}; }

    [[nodiscard]] Json site(const Roster::Org& org) const {
        Json fields;
        fields.set("name", org.name);
        // A roster does not tell an elementary from a high school.
        if (org.type != "school") fields.set("kind", "central_office");
        if (!org.parent.empty()) fields.set("parent", site_of(org.parent));
        if (!org.identifier.empty()) {
            fields.set("codes", Json::Array{Json(pair("local", org.identifier))});
        }
        fields.set("status", "active");
        fields.set("external_ids", external_ids(org.id));
        return fields;
    }

    [[nodiscard]] Json staff_person(const Roster::User& user) const {
        Json fields;
        set_text(fields, "display_name", full_name(user));
        set_text(fields, "given", user.given);
        set_text(fields, "family", user.family);
        set_text(fields, "work_email", user.email);
        set_text(fields, "work_phone", user.phone.empty() ? user.sms : user.phone);
        Json::Array roles;
        for (const auto& org : user.orgs) {
            roles.emplace_back(std::string(to_string(user.role)) + "|" + site_of(org));
        }
        set_list(fields, "roles", std::move(roles));
        fields.set("roster_id", user.id);
        fields.set("status", "active");
        fields.set("external_ids", external_ids(user.id));
        return fields;
    }

    [[nodiscard]] Json student(const Roster::User& user) const {
        Json fields;
        set_text(fields, "display_name", full_name(user));
        set_text(fields, "given", user.given);
        set_text(fields, "middle", user.middle);
        set_text(fields, "family", user.family);
        set_text(fields, "birth_date", user.birth_date);
        set_text(fields, "grade", user.grade);
        set_text(fields, "homeroom", user.homeroom);
        if (!user.homeroom_teacher.empty()) {
            fields.set("homeroom_teacher",
                       records_.id("staff_person", roster_key("user", user.homeroom_teacher)));
        }
        set_text(fields, "local_id", user.identifier);
        set_list(fields, "enrolments", enrolments(user));
        if (!user.contacts.empty()) {
            fields.set("households",
                       Json::Array{Json(records_.id("household", household_key(user.contacts)))});
        }
        fields.set("external_ids", external_ids(user.id));
        return fields;
    }

    /// One entry a school. The end of a class is not the end of an enrolment, so that stays open.
    [[nodiscard]] Json::Array enrolments(const Roster::User& user) const {
        const auto is_school = [this](const std::string& org) {
            return roster_.orgs.at(org).type == "school";
        };
        const bool has_school = std::any_of(user.orgs.begin(), user.orgs.end(), is_school);
        Json::Array entries;
        for (const auto& org : user.orgs) {
            if (has_school && !is_school(org)) continue;
            Json entry;
            entry.set("site", site_of(org));
            const auto day = user.first_day.find(org);
            if (day != user.first_day.end()) set_text(entry, "from", day->second);
            entry.set("source", source);
            entries.push_back(std::move(entry));
        }
        return entries;
    }

    [[nodiscard]] Json contact(const Roster::User& user) const {
        Json fields;
        set_text(fields, "display_name", full_name(user));
        set_text(fields, "given", user.given);
        set_text(fields, "family", user.family);
        Json::Array relations;
        const auto students = students_of_.find(user.id);
        if (students != students_of_.end()) {
            for (const auto* student : students->second) {
                relations.emplace_back(student_of(student->id) + "|" +
                                       std::string(relation_word(user.role)));
            }
        }
        set_list(fields, "relations", std::move(relations));
        Json::Array phones;
        if (!user.sms.empty()) phones.emplace_back(part(user.sms) + "||mobile|yes");
        if (!user.phone.empty() && user.phone != user.sms) phones.emplace_back(part(user.phone));
        set_list(fields, "phones", std::move(phones));
        if (!user.email.empty()) fields.set("emails", Json::Array{Json(user.email)});
        fields.set("external_ids", external_ids(user.id));
        return fields;
    }

    /// The same contacts, the same household; where their ids are too long for a key, the name
    /// of the record that such a key would have stands for them.
    [[nodiscard]] std::string household_key(const std::set<std::string>& contacts) const {
        std::string ids;
        for (const auto& contact : contacts)
            ids += (ids.empty() ? "" : ",") + contact;
        auto key = roster_key("household", ids);
        if (key.size() <= limits::key_max) return key;
        return roster_key("household", "#" + records_.id("household", key));
    }

    [[nodiscard]] Json household(const std::set<std::string>& contacts,
                                 const Students& students) const {
        Json fields;
        std::set<std::string> names;
        Json members = Json::Array{};
        for (const auto* student : students) {
            names.insert(student->family);
            members.push(student_of(student->id));
        }
        for (const auto& contact : contacts) {
            members.push(records_.id("contact", roster_key("user", contact)));
        }
        std::string name;
        for (const auto& family : names)
            name += (name.empty() ? "" : " / ") + family;
        set_text(fields, "display_name", cut(std::move(name), household_name_max));
        fields.set("members", std::move(members));
        return fields;
    }

    const Roster& roster_;
    const SpaceId& space_;
    const RecordLookup& records_;
    std::map<std::string, Students> students_of_;           ///< by contact
    std::map<std::set<std::string>, Students> households_;  ///< by contacts
    std::vector<core::Edit> edits_;
};

/// At least the ops that an edit becomes, and about how many bytes.
struct Weight {
    std::size_t ops = 1;
    std::size_t bytes = 0;
};

Weight weight_of(const core::Edit& edit) {
    if (const auto* put = std::get_if<core::PutRecord>(&edit)) {
        Weight weight{2, print_json(put->fields).size()};  // a deleted record is also restored
        const auto* log = put->fields["enrolments"].array();
        if (log != nullptr) weight.ops += log->size();
        return weight;
    }
    if (const auto* set = std::get_if<core::SetFields>(&edit)) {
        return {1, print_json(set->fields).size()};
    }
    if (const auto* change = std::get_if<core::ChangeSet>(&edit)) {
        return {1, print_json(Json(change->add)).size()};
    }
    return {};  // an entry of a log is small
}

}  // namespace

std::string roster_key(std::string_view kind, std::string_view id) {
    return std::string(source) + ":" + std::string(kind) + ":" + std::string(id);
}

std::vector<core::Edit> to_edits(const Roster& roster,
                                 const SpaceId& space,
                                 const RecordLookup& records) {
    return EditMaker(roster, space, records).make();
}

std::vector<std::vector<core::Edit>> in_changes(std::vector<core::Edit> edits) {
    std::vector<std::vector<core::Edit>> changes;
    Weight sum;
    for (auto& edit : edits) {
        const auto weight = weight_of(edit);
        sum.ops += weight.ops;
        sum.bytes += weight.bytes;
        if (changes.empty() || changes.back().size() == limits::roster_batch_max ||
            sum.ops > limits::change_ops_max || sum.bytes > limits::envelope_seal_at * 2) {
            changes.emplace_back();
            sum = weight;
        }
        changes.back().push_back(std::move(edit));
    }
    return changes;
}

}  // namespace trellis::clients
