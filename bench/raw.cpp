// SPDX-License-Identifier: Apache-2.0
#include "bench/raw.hpp"

namespace trellis::bench {
namespace {

sqlite::OpenOptions beside(const std::string& path, const core::ReplicaOptions& like) {
    auto options = like.database;
    options.path = path;
    return options;
}

std::string json_list(const std::vector<std::string>& list) {
    Json json{Json::Array{}};
    for (const auto& each : list) json.push(each);
    return print_json(json);
}

}  // namespace

RawTable::RawTable(const std::string& path, const core::ReplicaOptions& like)
    : database_(must(sqlite::Database::open(beside(path, like)), "raw open")) {
    must(database_.run("CREATE TABLE IF NOT EXISTS check_in(id TEXT PRIMARY KEY, site TEXT, "
                       "household TEXT, student TEXT, liaison TEXT, mode TEXT, at INTEGER, "
                       "lang TEXT, score INTEGER, needs TEXT, status TEXT, note TEXT, "
                       "follow TEXT) WITHOUT ROWID"),
         "raw table");
    insert_ = must(database_.prepare(
                       "INSERT INTO check_in VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)"),
                   "raw insert");
}

void RawTable::insert(const CheckIn& row) {
    const std::string needs = json_list(row.needs);
    insert_.bind_text(1, row.id).bind_text(2, row.site).bind_text(3, row.household);
    insert_.bind_text(4, row.student).bind_text(5, row.liaison).bind_text(6, row.mode);
    insert_.bind(7, row.at).bind_text(8, row.lang).bind(9, row.score).bind_text(10, needs);
    insert_.bind_text(11, row.status).bind_text(12, row.note);
    if (row.follow.empty()) {
        insert_.bind_null(13);
    } else {
        insert_.bind_text(13, row.follow);
    }
    must(insert_.run(), "raw insert");
}

void RawTable::update(const EditLine& edit) {
    auto& update = updates_[edit.field];
    if (!update.is_ready()) {
        update = must(database_.prepare("UPDATE check_in SET " + edit.field + "=?2 WHERE id=?1"),
                      "raw update");
    }
    std::string text;
    update.bind_text(1, edit.id);
    if (const auto* string = edit.value.string()) {
        update.bind_text(2, *string);
    } else if (const auto* whole = edit.value.integer()) {
        update.bind(2, *whole);
    } else if (edit.value.is_null()) {
        update.bind_null(2);
    } else {
        text = print_json(edit.value);
        update.bind_text(2, text);
    }
    must(update.run(), "raw update");
}

std::int64_t RawTable::count_open(const std::string& site) {
    auto select = must(database_.prepare(
                           "SELECT count(*) FROM check_in WHERE site=?1 AND status='open'"),
                       "raw count");
    select.bind_text(1, site);
    must(select.step(), "raw count");
    return select.integer(0);
}

std::string RawTable::note_of(const std::string& id) {
    auto select = must(database_.prepare("SELECT note FROM check_in WHERE id=?1"), "raw get");
    select.bind_text(1, id);
    must(select.step(), "raw get");
    return std::string(select.text(0));
}

}  // namespace trellis::bench
