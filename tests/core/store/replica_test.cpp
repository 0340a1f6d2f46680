// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "core/query/query.hpp"
#include "core/query/record_view.hpp"
#include "core/sqlite/memory_vfs.hpp"
#include "tests/support/every_kind.hpp"
#include "tests/support/replicas.hpp"

using namespace trellis;
using trellis::test::Replicas;

TEST_CASE("what was written is there after reopening, field by field", "[core]") {
    Replicas replicas(1);
    const auto record = replicas.put(
        0, R"({"name":"Ada 張","phone":"555","most":3,"least":-2,"risk":"low","tags":["b","a"],
               "minutes":7,"visits":[{"text":"first","day":"2026-02-28"}],"alarm":"raised",
               "born":"2015-09-01","note":"long","agreed":true,"when":1790000000000,"share":0.25})");
    const auto before = replicas.get(0, record);
    CHECK(print_json(before["fields"]["tags"]) == R"(["a","b"])");
    CHECK(print_json(before["fields"]["share"]) == "0.25");
    CHECK(print_json(before["fields"]["born"]) == R"("2015-09-01")");
    CHECK(print_json(before["fields"]["alarm"]["level"]) == R"("raised")");
    replicas.reopen(0);
    CHECK(replicas.get(0, record) == before);
}

TEST_CASE("a name that no record can have finds nobody else's record", "[core]") {
    Replicas replicas(3);
    std::vector<RecordId> records;
    for (std::size_t at = 0; at < replicas.size(); ++at) {
        records.push_back(replicas.put(at, R"({"name":"somebody"})"));
    }
    replicas.settle();
    for (auto record : records) {
        record.bytes[10] = 1;  // the counter's bits above the limit
        for (std::size_t at = 0; at < replicas.size(); ++at) {
            const auto written = replicas.set(at, record, R"({"name":"another"})");
            REQUIRE_FALSE(written);
            CHECK(written.error().code == Code::not_found);
            CHECK(core::get_record(replicas[at], record).error().code == Code::not_found);
        }
    }
}

TEST_CASE("a database that lost its membership log is refused, not taken for a new one", "[core]") {
    Replicas replicas(1);
    replicas.put(0, R"({"name":"somebody"})");
    sqlite::MemoryDisk disk("without its log");
    for (auto& [name, bytes] : replicas.files(0)) disk.write(name, bytes);
    const auto open = [&] {
        core::ReplicaOptions options;
        options.schema = trellis::test::every_kind_schema();
        options.database.path = "replica.db";
        options.database.key = Bytes(32, 9);
        options.database.cipher = sqlite::Cipher::chacha20;
        options.database.shared_memory = false;
        options.database.vfs = disk.encrypted_vfs();
        return core::Replica::open(std::move(options), replicas.env());
    };
    REQUIRE((*open())->store().database.run("DELETE FROM _entry").has_value());
    const auto spoilt = open();
    REQUIRE_FALSE(spoilt.has_value());
    CHECK(spoilt.error().code == Code::corrupt);
    CHECK(spoilt.error().message.find("membership log") != std::string::npos);
}

TEST_CASE("a failed batch leaves nothing behind", "[core]") {
    Replicas replicas(1);
    const auto before = replicas.digest(0);
    const auto version = replicas[0].version(replicas.space());
    std::vector<core::Edit> edits;
    edits.emplace_back(core::PutRecord{replicas.space(), "thing", *parse_json(R"({"name":"x"})"), {}});
    edits.emplace_back(core::PutRecord{replicas.space(), "thing", *parse_json(R"({"nam":"x"})"), {}});
    const auto result = replicas[0].write(replicas.space(), edits);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error() == Error{Code::invalid, "operation 2: thing has no field nam"});
    CHECK(replicas.digest(0) == before);
    CHECK(*replicas[0].version(replicas.space()) == *version);
}

TEST_CASE("a batch may hold so many operations and no more", "[core][limits]") {
    Replicas replicas(1);
    std::vector<core::Edit> edits;
    for (std::size_t i = 0; i < limits::change_ops_max; ++i) {
        edits.emplace_back(core::PutRecord{replicas.space(), "other", *parse_json("{}"), {}});
    }
    CHECK(replicas[0].write(replicas.space(), edits).has_value());
    edits.push_back(edits.back());
    const auto result = replicas[0].write(replicas.space(), edits);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == Code::too_large);
}

TEST_CASE("two values written without knowing each other are both kept and shown", "[core]") {
    Replicas replicas(2);
    const auto record = replicas.put(0, R"({"phone":"1"})");
    replicas.settle();
    REQUIRE(replicas.set(0, record, R"({"phone":"2"})").has_value());
    REQUIRE(replicas.set(1, record, R"({"phone":"3"})").has_value());
    replicas.settle();
    const auto view = replicas.get(1, record);
    CHECK(view["conflicts"]["phone"].array()->size() == 2);
    CHECK(core::list_conflicts(replicas[0], {})->array()->size() == 1);
    REQUIRE(replicas.write(1, core::ResolveField{record, "phone", "2"}).has_value());
    replicas.settle();
    CHECK(replicas.get(0, record)["conflicts"].object()->empty());
    CHECK(core::list_conflicts(replicas[0], {})->array()->empty());
}

TEST_CASE("an alarm that a close had not seen stays open", "[core]") {
    Replicas replicas(2);
    const auto record = replicas.put(0, R"({"alarm":"raised"})");
    replicas.settle();
    REQUIRE(replicas.write(1, core::RaiseStatus{record, "alarm", "owned"}).has_value());
    const auto seen = replicas.get(0, record)["fields"]["alarm"]["tokens"];
    const auto token = *parse_dot(*(*seen.array())[0]["token"].string());
    REQUIRE(replicas.write(0, core::CloseStatus{record, "alarm", {token}, "done"}).has_value());
    replicas.settle();
    for (std::size_t i = 0; i < 2; ++i) {
        const auto alarm = replicas.get(i, record)["fields"]["alarm"];
        CHECK(print_json(alarm["level"]) == R"("owned")");
        CHECK(alarm["tokens"].array()->size() == 1);
    }
}

TEST_CASE("a delete hides what it had seen, and an edit it had not brings back for review", "[core]") {
    Replicas replicas(2);
    const auto record = replicas.put(0, R"({"name":"x"})");
    replicas.settle();
    REQUIRE(replicas.write(0, core::DeleteRecord{record, "moved"}).has_value());
    REQUIRE(replicas
                .write(1, core::AppendEntry{record, "visits", *parse_json(R"({"text":"was here"})")})
                .has_value());
    CHECK(print_json(replicas.get(0, record)["state"]) == R"("deleted")");
    replicas.settle();
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(print_json(replicas.get(i, record)["state"]) == R"("deleted_with_edits")");
        CHECK(core::list_reviews(replicas[i], {})->array()->size() == 1);
    }
    REQUIRE(replicas.write(1, core::RestoreRecord{record}).has_value());
    replicas.settle();
    CHECK(print_json(replicas.get(0, record)["state"]) == R"("live")");
}

TEST_CASE("a field that only a newer schema knows is kept, and shown after the upgrade", "[core]") {
    Replicas replicas(1);
    const auto narrow = core::Schema::parse(*parse_json(
        R"({"types":[{"id":1,"name":"thing","fields":[{"id":1,"name":"name"}]}]})"));
    replicas.add(*narrow);
    const auto record = replicas.put(0, R"({"name":"x","phone":"7","tags":["t"],
        "visits":[{"text":"v"}],"minutes":4})");
    REQUIRE(replicas.write(0, core::PutRecord{replicas.space(), "other",
                                              *parse_json(R"({"name":"o"})"), {}}).has_value());
    replicas.settle();
    CHECK(replicas.get(1, record)["fields"]["phone"].is_null());
    REQUIRE(replicas.set(1, record, R"({"name":"y"})").has_value());
    replicas.settle();
    replicas.reopen(1, trellis::test::every_kind_schema());
    CHECK(replicas.get(1, record) == replicas.get(0, record));
    CHECK(replicas.digest(1) == replicas.digest(0));
    CHECK(replicas.problems(1) == "");
    // In SQL too, not only where states are read.
    const auto rows = core::run_query(replicas[1], "SELECT phone, minutes FROM thing", {});
    CHECK(print_json(*rows) == R"([{"minutes":4,"phone":"7"}])");
}

TEST_CASE("a restored copy writes as a new actor, and unsealed work goes with it", "[core]") {
    Replicas replicas(2);
    const auto first = replicas.put(0, R"({"name":"sealed"})");
    replicas.settle();
    const auto own = replicas[0].sync_spaces().back();
    REQUIRE(replicas[0].confirm(replicas.space(), own.own, own.sealed).has_value());
    const auto second = replicas.put(0, R"({"name":"not sealed"})");
    REQUIRE(replicas.set(0, first, R"({"phone":"9"})").has_value());
    REQUIRE(replicas[0].become_new_incarnation().has_value());
    CHECK(replicas[0].place_of(first).has_value());
    CHECK_FALSE(replicas[0].place_of(second).has_value());
    replicas.settle();
    CHECK(replicas.digest(0) == replicas.digest(1));
    CHECK(print_json(replicas.get(1, first)["fields"]["phone"]) == R"("9")");
    core::ListRequest all;
    all.type = "thing";
    CHECK(core::list_records(replicas[1], all)->array()->size() == 2);
    CHECK(replicas.problems(0) == "");
}

TEST_CASE("a word of who has seen the log costs its reader a signature only where it tells something",
          "[core]") {
    Replicas replicas(2);
    const core::SeenWord made_up{};
    const auto by = replicas[1].device();
    // Nothing of ours is unseen: it is not looked at.
    CHECK(replicas[0].receive_seen(replicas.space(), by, made_up).has_value());
    replicas.put(0, R"({"name":"x"})");
    REQUIRE(replicas[0].seal().has_value());
    CHECK(replicas[0].receive_seen(replicas.space(), by, made_up).error().code == Code::corrupt);
}

TEST_CASE("what waited for a key is let go where an end of the program came between", "[core]") {
    Replicas replicas(2);
    replicas.put(0, R"({"name":"x"})");
    const auto runs = replicas[0].outbox(replicas.space(), 0, SIZE_MAX);
    REQUIRE(runs->size() == 1);
    const auto end = replicas[0].chains(replicas.space())->front();
    // As if the key had come after the envelope, and nothing had happened since.
    auto& store = replicas[1].store();
    core::Hold hold(store);
    const auto space = store.spaces.find(replicas.space())->index;
    const core::Hold::Held held{end.device, end.incarnation, 1, runs->front().envelopes[0],
                                "key", end.chain};
    REQUIRE(hold.keep(space, held).has_value());
    REQUIRE(replicas[1].quarantine()->size() == 1);
    replicas.reopen(1, trellis::test::every_kind_schema());
    CHECK(replicas[1].quarantine()->empty());
    CHECK(replicas.digest(1) == replicas.digest(0));
}

TEST_CASE("an envelope waits for what it depends on, whatever the order of arrival", "[core]") {
    Replicas replicas(3);
    const auto record = replicas.put(0, R"({"name":"x"})");
    replicas.carry(0, 1);
    REQUIRE(replicas.set(1, record, R"({"name":"y"})").has_value());
    replicas.carry(1, 2);
    CHECK_FALSE(replicas[2].place_of(record).has_value());
    CHECK(replicas[2].stats()->held == 1);
    replicas.carry(0, 2);
    CHECK(replicas[2].stats()->held == 0);
    CHECK(print_json(replicas.get(2, record)["fields"]["name"]) == R"("y")");
}

TEST_CASE("a bundle brings what is missing, once", "[core]") {
    Replicas replicas(2);
    const auto record = replicas.put(0, R"({"name":"carried"})");
    Bytes bundle;
    REQUIRE(replicas[0].write_bundle(replicas.space(), {}, bundle).has_value());
    CHECK(replicas[1].apply_bundle(bundle)->changes == 1);
    CHECK(replicas[1].apply_bundle(bundle)->changes == 0);
    CHECK(replicas[1].place_of(record).has_value());
    for (std::size_t size = 0; size < bundle.size(); ++size) {
        CHECK_FALSE(replicas[1].apply_bundle(ByteView(bundle).first(size)).has_value());
    }
    CHECK(replicas.digest(0) == replicas.digest(1));
}

TEST_CASE("search finds words in any script", "[core]") {
    Replicas replicas(1);
    replicas.put(0, R"({"name":"María Ruiz","note":"hablamos de la renta"})");
    replicas.put(0, R"({"name":"張偉明","note":"奶奶說下週搬家"})");
    const auto find = [&](const std::string& words) {
        core::ListRequest request;
        request.type = "thing";
        request.where.set("search", words);
        return core::list_records(replicas[0], request)->array()->size();
    };
    CHECK(find("maria") == 1);
    CHECK(find("RENTA ruiz") == 1);
    CHECK(find("ren") == 1);
    CHECK(find("偉明") == 1);
    CHECK(find("搬家") == 1);
    CHECK(find("nobody") == 0);
    CHECK(find("\" OR *") == 0);
}

TEST_CASE("a query reads views and nothing else", "[core]") {
    Replicas replicas(1);
    const auto friend_of = replicas.put(0, R"({"name":"a"})");
    replicas.put(0, R"({"name":"b","friend":")" + friend_of.hex() + R"("})");
    const auto rows = core::run_query(replicas[0], "SELECT name FROM thing WHERE friend=?1",
                                      *parse_json("[\"" + friend_of.hex() + "\"]"));
    REQUIRE(rows.has_value());
    CHECK(print_json(*rows) == R"([{"name":"b"}])");
    for (const auto* sql : {"DELETE FROM thing", "SELECT * FROM _t_1", "SELECT * FROM sqlite_schema",
                            "PRAGMA user_version", "ATTACH 'x' AS y", "SELECT value FROM _meta",
                            "INSERT INTO _t_1(id) VALUES(1)",
                            "WITH x AS (SELECT m FROM _t_1) SELECT * FROM x",
                            "WITH thing AS (SELECT m FROM \"_T_1\") SELECT * FROM thing"}) {
        CAPTURE(sql);
        const auto refused = core::run_query(replicas[0], sql, {});
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().code == Code::denied);
    }
}
