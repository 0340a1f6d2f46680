// SPDX-License-Identifier: Apache-2.0
// The end of a space on a device: nothing of it is left in the files, late work of the device's own
// is kept apart, and other spaces do not notice.
#include <catch2/catch.hpp>

#include <algorithm>

#include "core/query/carry_over.hpp"
#include "core/query/export.hpp"
#include "core/query/query.hpp"
#include "core/query/record_view.hpp"
#include "tests/support/district.hpp"

using namespace trellis;
using trellis::test::District;
using trellis::test::Replicas;

namespace {

bool holds(const Bytes& bytes, std::string_view wanted) {
    const auto view = as_bytes(wanted);
    return std::search(bytes.begin(), bytes.end(), view.begin(), view.end()) != bytes.end();
}

/// As text and, for what tables keep as blobs and texts alike, wherever a row of any table,
/// SQLite's own included, has it.
bool is_in_tables(core::Replica& replica, std::string_view wanted) {
    auto& database = replica.store().database;
    auto tables = database.prepare("SELECT name FROM sqlite_schema WHERE type='table'");
    REQUIRE(tables.has_value());
    std::vector<std::string> names;
    while (*tables->step()) names.emplace_back(tables->text(0));
    for (const auto& name : names) {
        auto rows = database.prepare("SELECT * FROM \"" + name + "\"");
        if (!rows) continue;  // a virtual table without contents
        for (;;) {
            const auto more = rows->step();
            if (!more || !*more) break;
            for (int column = 0; column < rows->columns(); ++column) {
                const auto bytes = to_bytes(rows->bytes(column));
                if (holds(bytes, wanted)) return true;
            }
        }
    }
    return false;
}

/// Rows that are kept by who wrote them: envelopes, which hide their words, and changes.
std::int64_t rows_by_actor(core::Replica& replica, const SpaceId& space) {
    std::int64_t rows = 0;
    auto& store = replica.store();
    for (const auto& actor : store.actors.all()) {
        if (actor.index == 0 || actor.space != store.spaces.find(space)->index) continue;
        for (const std::string table : {"_sealed", "_tail", "_aside"}) {
            rows += *store.database.integer(
                "SELECT count(*) FROM " + table + " WHERE id>=" +
                std::to_string(core::row_id(actor.index, 0)) + " AND id<" +
                std::to_string(core::row_id(actor.index + 1, 0)));
        }
    }
    return rows;
}

constexpr std::string_view canary = "zyxwvutsrq";  // one word, so that the search index has it
constexpr std::string_view stays = "mnopqrstuv";

/// A second general space of everybody, beside the one they share.
SpaceId second_space(District& district) {
    auto& admin = district.replicas[0];
    const auto made = admin.create_space("Next year", crypto::SpaceClass::general);
    REQUIRE(made.has_value());
    for (std::size_t at = 1; at < district.replicas.size(); ++at) {
        REQUIRE(admin.grant(district.replicas[at].device(), *made,
                            crypto::right_read | crypto::right_write));
    }
    district.replicas.publish(0);
    district.replicas.tell_all();
    return *made;
}

std::string named(std::string_view name) {
    return R"({"display_name":")" + std::string(name) + R"("})";
}

/// The relay has stored all that a device has written.
void store_all(core::Replica& replica, const SpaceId& space) {
    const auto* state = replica.store().spaces.find(space);
    const auto own = crypto::actor_id(space, replica.device(), state->own);
    const auto* actor = replica.store().actors.find(state->index, own);
    if (actor != nullptr) REQUIRE(replica.confirm(space, state->own, actor->last));
}

/// And has delivered it back, which is when a device notes where it lies.
void confirm_all(core::Replica& replica, const SpaceId& space) {
    const auto* state = replica.store().spaces.find(space);
    const auto own = crypto::actor_id(space, replica.device(), state->own);
    const auto* actor = replica.store().actors.find(state->index, own);
    if (actor == nullptr) return;
    store_all(replica, space);
    const auto row = std::to_string(state->index) + "," + std::to_string(actor->last) + ",0";
    REQUIRE(replica.store().database.run("INSERT OR REPLACE INTO _own_place VALUES(" + row + ")"));
}

/// An admin ends the space that all share, and the relay confirms it.
void shred_school(District& district) {
    auto& admin = district.replicas[0];
    REQUIRE(admin.seal());
    confirm_all(admin, district.school());
    const auto asked = admin.shred(district.school(), "the year is over");
    if (!asked) FAIL(asked.error().message);
    district.replicas.publish(0);
}

}  // namespace

TEST_CASE("a shredded space is gone from a device's files, and others are not", "[shred]") {
    District district(2);
    const auto clear = district.replicas.add_in_the_clear();
    const auto next = second_space(district);
    const auto record = district.put(0, district.school(), "household", named(canary));
    district.put(clear, next, "household", named(stays));
    district.write(0, district.school(),
                   core::SetFields{record, *parse_json(named(std::string(canary) + " again"))});
    district.settle();
    district.put(clear, district.school(), "household", named(std::string(canary) + " of mine"));
    district.settle();
    confirm_all(district.replicas[clear], district.school());
    REQUIRE(holds(district.replicas.disk(clear), canary));
    REQUIRE(is_in_tables(district.replicas[clear], canary));
    const auto before = core::digest_state(district.replicas[clear], next);
    REQUIRE(before.has_value());
    REQUIRE(rows_by_actor(district.replicas[1], district.school()) > 0);

    shred_school(district);
    district.replicas.tell_all();
    for (const auto at : {std::size_t{0}, std::size_t{1}, clear}) {
        CAPTURE(at);
        auto& replica = district.replicas[at];
        CHECK_FALSE(is_in_tables(replica, canary));
        CHECK(rows_by_actor(replica, district.school()) == 0);
        CHECK_FALSE(holds(district.replicas.disk(at), canary));
        CHECK(replica.place_of(record).error().code == Code::not_found);
        CHECK(replica.write(district.school(), {core::DeleteRecord{record, "x"}}).error().code ==
              Code::denied);
        CHECK(district.replicas.problems(at).empty());
        CHECK(replica.orphans()->empty());
    }
    CHECK(*core::digest_state(district.replicas[clear], next) == *before);
    CHECK(is_in_tables(district.replicas[clear], stays));
    // It stays so after a restart, and the keys do not come back.
    district.replicas.reopen(clear);
    CHECK_FALSE(holds(district.replicas.disk(clear), canary));
    CHECK(*core::digest_state(district.replicas[clear], next) == *before);
}

TEST_CASE("nothing is destroyed before the relay has taken the entry", "[shred]") {
    District district(2);
    const auto record = district.put(0, district.school(), "household", named(canary));
    REQUIRE(district.replicas[0].seal());
    confirm_all(district.replicas[0], district.school());
    const auto before = district.replicas.digest(0);
    REQUIRE(district.replicas[0].shred(district.school(), "the year is over"));
    district.replicas.reopen(0);
    REQUIRE(district.replicas[0].next_entry().has_value());
    REQUIRE(district.replicas[0].entry_refused({Code::conflict, "work has arrived since"}));
    CHECK(district.replicas.digest(0) == before);
    CHECK(district.replicas[0].place_of(record).has_value());
    CHECK(district.replicas[0].take_dropped_entries().size() == 1);
    CHECK_FALSE(district.replicas[0].next_entry().has_value());
}

TEST_CASE("a space is not shredded by whom part of it has not reached", "[shred]") {
    District district(2);
    const auto record = district.put(0, district.school(), "household", named(canary));
    CHECK(district.replicas[0].shred(district.school(), "x").error().code == Code::conflict);
    REQUIRE(district.replicas[0].seal());
    CHECK(district.replicas[0].shred(district.school(), "x").error().code == Code::conflict);
    store_all(district.replicas[0], district.school());
    CHECK(district.replicas[0].shred(district.school(), "x").error().code == Code::conflict);
    confirm_all(district.replicas[0], district.school());
    CHECK(district.replicas[0].shred(district.school(), "").error().code == Code::invalid);
    CHECK(district.replicas[1].shred(district.school(), "x").error().code == Code::denied);
    CHECK(district.replicas[0].shred(district.school(), "x").has_value());
    CHECK(record.hex().size() > 0);
}

TEST_CASE("late work of a device is kept apart and adopted elsewhere, once", "[shred]") {
    District district(2);
    const auto next = second_space(district);
    const auto shared = district.put(0, district.school(), "household", named("Shared"));
    district.settle();
    confirm_all(district.replicas[1], district.school());
    // Sealed and not confirmed, and not even sealed.
    const auto sealed = district.put(1, district.school(), "household", named("Sealed late"));
    REQUIRE(district.replicas[1].seal());
    const auto late = district.put(1, district.school(), "household", named("Late"));
    district.write(1, district.school(),
                   core::SetFields{shared, *parse_json(named("Shared, late"))});
    shred_school(district);
    district.replicas.tell_all();
    const auto restarts = GENERATE(false, true);
    if (restarts) district.replicas.reopen(1);

    auto waiting = district.replicas[1].quarantine();
    REQUIRE(waiting.has_value());
    std::set<std::string> names;
    std::vector<Digest> ids;
    for (const auto& each : *waiting) {
        CHECK(each.reason == "shredded");
        CHECK(each.space == district.school());
        names.insert(*each.content["fields"]["display_name"].string());
        ids.push_back(each.id);
    }
    CHECK(names == std::set<std::string>{"Late", "Sealed late", "Shared, late"});
    CHECK(district.replicas[1].place_of(late).error().code == Code::not_found);
    CHECK(district.replicas[1].place_of(sealed).error().code == Code::not_found);

    const auto adopted = core::adopt_orphans(district.replicas[1], ids, next);
    if (!adopted) FAIL(adopted.error().message);
    CHECK((*adopted)["records"].array()->size() == 3);
    CHECK(district.replicas[1].orphans()->empty());
    CHECK(core::adopt_orphans(district.replicas[1], ids, next).error().code == Code::not_found);
    core::ListRequest list;
    list.space = next;
    list.type = "household";
    CHECK(core::list_records(district.replicas[1], list)->array()->size() == 3);
}

TEST_CASE("an orphan is adopted once, wherever the program ended", "[shred]") {
    District district(2);
    const auto next = second_space(district);
    const auto place = district.put(1, district.school(), "partner", "{}");
    district.write(1, district.school(),
                   core::AppendEntry{place, "local_tips", *parse_json(R"({"text":"ring twice"})")});
    shred_school(district);
    district.replicas.tell_all();
    auto& replica = district.replicas[1];
    REQUIRE(replica.orphans()->size() == 1);
    const std::vector<Digest> ids{replica.orphans()->front().id};
    auto& database = replica.store().database;
    REQUIRE(database.run("CREATE TRIGGER _ends BEFORE DELETE ON _orphan "
                         "BEGIN SELECT RAISE(FAIL, 'injected'); END"));
    CHECK_FALSE(core::adopt_orphans(replica, ids, next).has_value());
    REQUIRE(database.run("DROP TRIGGER _ends"));
    const auto adopted = core::adopt_orphans(replica, ids, next);
    if (!adopted) FAIL(adopted.error().message);
    const auto record = RecordId::parse(*(*adopted)["records"].array()->front().string());
    const auto shown = core::view_record(replica, *replica.place_of(*record));
    REQUIRE(shown.has_value());
    CHECK((*shown)["fields"]["local_tips"].array()->size() == 1);
}

TEST_CASE("an older copy of a device's files is shredded when it hears of it", "[shred]") {
    District district(2);
    district.put(0, district.school(), "household", named(canary));
    district.settle();
    const auto copy = district.replicas.copy(1);
    REQUIRE(is_in_tables(district.replicas[copy], canary));
    shred_school(district);
    district.replicas.tell(1);
    CHECK_FALSE(is_in_tables(district.replicas[1], canary));
    CHECK(is_in_tables(district.replicas[copy], canary));
    district.replicas.tell(copy);
    CHECK_FALSE(is_in_tables(district.replicas[copy], canary));
}

TEST_CASE("a shredding that was cut off goes on when the database is opened", "[shred]") {
    District district(2);
    const auto next = second_space(district);
    district.put(1, district.school(), "household", named(canary));
    district.put(1, next, "household", named(stays));
    shred_school(district);
    auto& database = district.replicas[1].store().database;
    // The entry is kept and the rest fails, as where the disk is full; then the program dies.
    REQUIRE(database.run("CREATE TRIGGER _full BEFORE DELETE ON _tail "
                         "BEGIN SELECT RAISE(FAIL, 'injected'); END"));
    CHECK_FALSE(district.replicas[1].receive_entries(0, district.replicas.entries()).has_value());
    CHECK(is_in_tables(district.replicas[1], canary));
    CHECK(district.replicas[1].orphans()->empty());
    REQUIRE(database.run("DROP TRIGGER _full"));
    district.replicas.reopen(1);
    CHECK(district.replicas[1].orphans()->size() == 1);
    REQUIRE(district.replicas[1].forget_orphans({district.replicas[1].orphans()->front().id}));
    CHECK_FALSE(is_in_tables(district.replicas[1], canary));
    CHECK(is_in_tables(district.replicas[1], stays));
    CHECK(district.replicas.problems(1).empty());
}

TEST_CASE("a bundle of a shredded space is refused and kept nowhere", "[shred]") {
    District district(2);
    district.put(0, district.school(), "household", named(canary));
    Bytes bundle;
    REQUIRE(district.replicas[0].write_bundle(district.school(), {}, bundle));
    shred_school(district);
    district.replicas.tell_all();
    const auto taken = district.replicas[1].apply_bundle(bundle);
    REQUIRE_FALSE(taken.has_value());
    CHECK(taken.error().code == Code::denied);
    CHECK(taken.error().message.find("shredded") != std::string::npos);
    CHECK(district.replicas[1].stats()->envelopes == 0);
    CHECK(district.replicas[1].stats()->held == 0);
}
