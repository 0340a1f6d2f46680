// SPDX-License-Identifier: Apache-2.0
// Random edits on several real databases, carried about at random: all end the same, and their
// rows say what their envelopes say.
#include <catch2/catch.hpp>

#include <random>

#include "core/query/record_view.hpp"
#include "tests/support/replicas.hpp"

using namespace trellis;
using trellis::test::Replicas;

namespace {

class Workload {
public:
    Workload(Replicas& replicas, std::uint64_t seed) : replicas_(replicas), random_(seed) {}

    void step() {
        replicas_.env().advance(pick(3));
        const auto at = pick(replicas_.size());
        if (records_.empty() || pick(6) == 0) return create(at);
        const auto record = records_[pick(records_.size())];
        if (!replicas_[at].place_of(record)) return carry(at);
        edit(at, record);
        if (pick(4) == 0) carry(at);
    }

private:
    std::size_t pick(std::size_t count) { return random_() % count; }
    std::string text() { return "\"v" + std::to_string(pick(5)) + "\""; }

    void create(std::size_t at) {
        const std::string key = pick(3) == 0 ? "k" + std::to_string(pick(3)) : "";
        records_.push_back(replicas_.put(at, "{\"name\":" + text() + ",\"tags\":[" + text() +
                                                 "],\"most\":" + std::to_string(pick(9)) + "}", key));
    }

    void carry(std::size_t at) { replicas_.carry(pick(replicas_.size()), at); }

    void edit(std::size_t at, const RecordId& record) {
        switch (pick(12)) {
            case 0: return done(replicas_.set(at, record, "{\"phone\":" + text() + "}"));
            case 1: return done(replicas_.set(at, record, "{\"most\":" + std::to_string(pick(9)) +
                                                              ",\"least\":" + std::to_string(pick(9)) + "}"));
            case 2: return done(replicas_.set(at, record, "{\"risk\":\"high\"}"));
            case 3: return done(replicas_.write(at, core::ChangeSet{record, "tags", {Json("a")}, {}}));
            case 4: return done(replicas_.write(at, core::ChangeSet{record, "tags", {}, {Json("a")}}));
            case 5: return done(replicas_.write(at, core::IncrementField{record, "minutes", 5}));
            case 6: return done(replicas_.write(at, core::AppendEntry{record, "visits",
                                                                      *parse_json("{\"text\":\"x\"}")}));
            case 7: return done(replicas_.write(at, core::RaiseStatus{record, "alarm", "raised"}));
            case 8: return close_alarms(at, record);
            case 9: return done(replicas_.write(at, core::DeleteRecord{record, "why"}));
            case 10: return done(replicas_.write(at, core::RestoreRecord{record}));
            default: return done(replicas_.write(at, core::LinkRecords{record,
                                                                       records_[pick(records_.size())],
                                                                       pick(2) == 0}));
        }
    }

    void close_alarms(std::size_t at, const RecordId& record) {
        const auto view = replicas_.get(at, record);
        core::CloseStatus edit{record, "alarm", {}, "done"};
        if (view["fields"]["alarm"]["tokens"].array() == nullptr) return;
        for (const auto& token : *view["fields"]["alarm"]["tokens"].array()) {
            edit.tokens.push_back(*parse_dot(*token["token"].string()));
        }
        done(replicas_.write(at, std::move(edit)));
    }

    /// An edit may be refused for what the device shows; never for our own mistake.
    static void done(const Result<core::WriteResult>& result) {
        if (result) return;
        CAPTURE(result.error().message);
        CHECK(result.error().code != Code::internal);
        CHECK(result.error().code != Code::corrupt);
    }

    Replicas& replicas_;
    std::mt19937_64 random_;
    std::vector<RecordId> records_;
};

}  // namespace

TEST_CASE("whatever is written where, all devices end with the same state", "[core][long]") {
    const auto seed = GENERATE(range(1, 13));
    CAPTURE(seed);
    Replicas replicas(3, static_cast<std::uint64_t>(seed));
    Workload workload(replicas, static_cast<std::uint64_t>(seed));
    for (int i = 0; i < 120; ++i) workload.step();
    replicas.settle();
    CHECK(replicas.digest(1) == replicas.digest(0));
    CHECK(replicas.digest(2) == replicas.digest(0));
    for (std::size_t i = 0; i < replicas.size(); ++i) {
        CHECK(replicas.problems(i) == "");
        const auto before = replicas.digest(i);
        replicas.reopen(i);
        CHECK(replicas.digest(i) == before);
    }
}
