// SPDX-License-Identifier: Apache-2.0
// The law of a family's record, on generated graphs: exactly what belongs to it is in it. What
// belongs is computed a second time here, from the visible state as JSON and from the rules as
// they stand in docs/decisions/0016, naively.
#include <catch2/catch.hpp>

#include <functional>
#include <map>
#include <random>
#include <set>

#include "core/query/export.hpp"
#include "core/query/family_export.hpp"
#include "tests/support/district.hpp"

using namespace trellis;
using trellis::test::District;

namespace {

using Ids = std::set<std::string>;

/// A field that points, as the test writes it and as the oracle reads it.
struct Pointer {
    std::string field;
    bool is_set = false;
    std::string to;  ///< a type; empty: any
};
const std::map<std::string, std::vector<Pointer>>& pointers() {
    static const std::map<std::string, std::vector<Pointer>> table = {
        {"household", {{"members", true, ""}, {"linked_to", true, "household"}}},
        {"student", {{"households", true, "household"}}},
        {"contact", {{"lives_with", true, "student"}}},
        {"check_in", {{"household", false, "household"}, {"students", true, "student"},
                      {"with", true, "contact"}, {"needs", true, "request"}}},
        {"request", {{"household", false, "household"}, {"student", false, "student"},
                     {"case", true, "case"}}},
        {"case", {{"subject", false, "household"}, {"students", true, "student"}}},
        {"note", {{"about", false, ""}, {"translation_of", false, "note"}}},
        {"task", {{"about", false, ""}}},
        {"goal", {{"case", false, "case"}}},
        {"event", {{"sign_ups", true, "contact"}}},
    };
    return table;
}
bool is_person(const std::string& type) { return type == "student" || type == "contact"; }
bool is_subject(const std::string& type) { return type == "household" || is_person(type); }

/// A few households and people, and records that point at anything, some in a compartment.
class Graph {
public:
    explicit Graph(std::uint32_t seed) : random_(seed), district_(1) {
        hidden_ = district_.compartment("Care");
        for (const auto* type : {"household", "student", "contact", "household", "student",
                                 "contact", "household", "household", "student"}) {
            make(type);
        }
        const std::vector<std::string> others = {"check_in", "request", "case", "note", "task",
                                                 "goal", "event"};
        for (int i = 0; i < 40; ++i) make(others[pick(others.size())]);
        // Earlier records point at later ones, too.
        for (int i = 0; i < 12; ++i) {
            const auto& [id, type] = made_[pick(made_.size())];
            for (const auto& pointer : pointers().at(type)) {
                if (pointer.is_set) point(id, pointer);
            }
        }
        link();
        for (int i = 0; i < 4; ++i) {
            const auto& record = made_[pick(made_.size())].first;
            write(record, core::DeleteRecord{record, "test"});
        }
    }

    District& district() { return district_; }
    [[nodiscard]] std::vector<RecordId> roots() const {
        std::vector<RecordId> list;
        for (const auto& [id, type] : made_) {
            if (is_subject(type)) list.push_back(id);
        }
        return list;
    }

private:
    std::size_t pick(std::size_t below) { return random_() % below; }

    /// A record that the field may point at; nothing where there is none.
    std::optional<RecordId> target(const std::string& type) {
        std::vector<RecordId> fitting;
        for (const auto& [id, each] : made_) {
            if (type.empty() || each == type) fitting.push_back(id);
        }
        if (fitting.empty()) return std::nullopt;
        return fitting[pick(fitting.size())];
    }

    void make(const std::string& type) {
        Json fields{Json::Object{}};
        for (const auto& pointer : pointers().at(type)) {
            if (pick(5) < 2) continue;
            const auto to = target(pointer.to);
            if (!to) continue;
            Json set{Json::Array{}};
            set.push(to->hex());
            fields.set(pointer.field, pointer.is_set ? std::move(set) : Json(to->hex()));
        }
        const bool is_hidden = !is_subject(type) && pick(3) == 0;
        const auto id = district_.put(0, is_hidden ? hidden_ : district_.school(), type,
                                      print_json(fields));
        made_.emplace_back(id, type);
        space_[id] = is_hidden ? hidden_ : district_.school();
    }

    void point(const RecordId& id, const Pointer& pointer) {
        const auto to = target(pointer.to);
        if (to) write(id, core::ChangeSet{id, pointer.field, {Json(to->hex())}, {}});
    }

    void link() {
        for (int i = 0; i < 30; ++i) {
            const auto& [a, type] = made_[pick(made_.size())];
            const auto b = target(type);
            if (*b != a && space_[a] == space_[*b]) {
                write(a, core::LinkRecords{a, *b});
                if (++links_ == 2) return;
            }
        }
    }

    void write(const RecordId& id, core::Edit edit) {
        district_.write(0, space_[id], std::move(edit));
    }

    std::mt19937 random_;
    District district_;
    SpaceId hidden_;
    std::vector<std::pair<RecordId, std::string>> made_;
    std::map<RecordId, SpaceId> space_;
    int links_ = 0;
};

/// The rules once more.
class Oracle {
public:
    explicit Oracle(const Json& state) {
        for (const auto& line : *state.array()) {
            if (line.has("same_as") && !line.has("rec")) {
                Ids same;
                for (const auto& id : *line["same_as"].array()) same.insert(*id.string());
                classes_.push_back(same);
                continue;
            }
            const auto id = *line["rec"].string();
            type_[id] = *line["type"].string();
            collect(line["fields"], to_[id]);
        }
    }

    Ids record_of(const std::string& root) const {
        const Ids family = closed({root});
        Ids in = family;
        const bool is_family = type_.at(root) == "household";
        if (is_family) {
            for (const auto& [id, type] : type_) {
                if (!is_person(type)) continue;
                for (const auto& each : family) {
                    if (to_.at(id).contains(each) || to_.at(each).contains(id)) in.insert(id);
                }
            }
        }
        in = closed(in);
        for (;;) {
            const auto before = in.size();
            for (const auto& [id, to] : to_) {
                if (is_theirs(id, is_family, family, in)) in.insert(id);
            }
            in = closed(in);
            if (in.size() == before) return in;
        }
    }

private:
    /// Every text that is the name of a record, wherever it stands.
    static void collect(const Json& json, Ids& ids) {
        if (json.string() != nullptr && json.string()->size() == 32) ids.insert(*json.string());
        if (json.array() != nullptr) {
            for (const auto& each : *json.array()) collect(each, ids);
        }
        if (json.object() != nullptr) {
            for (const auto& [name, each] : *json.object()) collect(each, ids);
        }
    }
    static bool meet(const Ids& a, const Ids& b) {
        return std::any_of(a.begin(), a.end(), [&](const auto& id) { return b.contains(id); });
    }
    Ids closed(Ids ids) const {
        for (std::size_t i = 0; i < classes_.size(); ++i) {
            for (const auto& same : classes_) {
                if (meet(same, ids)) ids.insert(same.begin(), same.end());
            }
        }
        return ids;
    }
    bool is_theirs(const std::string& id, bool is_family, const Ids& family, const Ids& in) const {
        const auto& type = type_.at(id);
        if (is_subject(type) || type == "event" || !meet(to_.at(id), in)) return false;
        Ids families;
        Ids subjects;
        for (const auto& each : to_.at(id)) {
            if (type_.at(each) == "household") families.insert(each);
            if (is_subject(type_.at(each))) subjects.insert(each);
        }
        if (is_family && !families.empty()) return meet(families, family);
        return subjects.empty() || meet(subjects, in);
    }

    std::map<std::string, std::string> type_;
    std::map<std::string, Ids> to_;
    std::vector<Ids> classes_;
};

}  // namespace

TEST_CASE("a family's record is exactly what belongs to it", "[family]") {
    std::size_t with_something = 0;
    std::size_t without_something = 0;
    for (std::uint32_t seed = 1; seed <= 3; ++seed) {
        Graph graph(seed);
        const auto state = core::export_state(graph.district().replicas[0], std::nullopt);
        REQUIRE(state.has_value());
        const Oracle oracle(*state);
        for (const auto& root : graph.roots()) {
            CAPTURE(seed, root.hex());
            const auto parts = core::family_parts(graph.district().replicas[0], root);
            REQUIRE(parts.has_value());
            Ids found;
            for (const auto& part : *parts) CHECK(found.insert(part.place.record.hex()).second);
            CHECK(found == oracle.record_of(root.hex()));
            with_something += found.size() > 3 ? 1 : 0;
            without_something += found.size() < 30 ? 1 : 0;
        }
    }
    CHECK(with_something > 5);
    CHECK(without_something > 10);
}
