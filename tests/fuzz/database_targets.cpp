// SPDX-License-Identifier: Apache-2.0
// A device's database that somebody who has the key has changed, or a disk: pages, and what
// lies in single cells of its tables. It may be refused, and things may be missing; nothing may
// crash, hang or eat the memory.
#include "core/query/export.hpp"
#include "core/query/query.hpp"
#include "core/query/record_view.hpp"
#include "tests/fuzz/office.hpp"
#include "tests/fuzz/script.hpp"
#include "tests/fuzz/targets.hpp"

namespace trellis::test {
namespace {

using namespace core;

enum class Do : std::uint8_t { page, cell, drop_row, count };

bool has_row(sqlite::Statement& select) {
    const auto row = select.step();
    return row && *row;
}

std::vector<std::string> column_of_texts(sqlite::Database& database, const std::string& sql) {
    std::vector<std::string> texts;
    auto select = database.prepare(sql);
    while (select && has_row(*select)) texts.emplace_back(select->text(0));
    return texts;
}

void change_page(Bytes& file, Tape& tape) {
    const auto at = tape.u32() % std::max<std::size_t>(file.size(), 1);
    const auto bytes = tape.take(std::min<std::size_t>(file.size() - at, 64));
    std::copy(bytes.begin(), bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(at));
}

/// Puts bytes, a text, a number or nothing into one cell of one row of a table.
void change_cell(sqlite::Database& database, Do what, Tape& tape) {
    const auto tables = column_of_texts(
        database, "SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite%'"
                  " ORDER BY name");
    if (tables.empty()) return;
    const auto& table = tables[tape.u8() % tables.size()];
    const auto columns = column_of_texts(
        database, "SELECT name FROM pragma_table_info('" + table + "') ORDER BY cid");
    if (columns.empty()) return;
    const auto& column = columns[tape.u8() % columns.size()];
    const auto row = std::to_string(tape.u8());
    const auto where = " WHERE \"" + columns[0] + "\"=(SELECT \"" + columns[0] + "\" FROM \"" +
                       table + "\" LIMIT 1 OFFSET " + row + ")";
    if (what == Do::drop_row) {
        static_cast<void>(database.run("DELETE FROM \"" + table + "\"" + where));
        return;
    }
    const auto form = tape.u8() % 6;
    auto update = database.prepare("UPDATE OR IGNORE \"" + table + "\" SET \"" + column + "\"=" +
                                   (form == 4 ? "substr(\"" + column + "\",1,?1)" : "?1") + where);
    if (!update) return;
    if (form == 0) update->bind_null(1);
    if (form == 1) update->bind(1, std::int64_t{static_cast<std::int32_t>(tape.u32())});
    if (form == 4) update->bind(1, std::int64_t{tape.u8()});
    if (form == 5) update->bind(1, static_cast<std::int64_t>(std::uint64_t{tape.u32()} << 20U));
    const auto bytes = tape.rest();
    if (form == 2) update->bind_text(1, as_text(bytes));
    if (form == 3) update->bind_bytes(1, bytes);
    static_cast<void>(update->run());
}

void spoil(const std::vector<Bytes>& steps, Bytes& file) {
    Desk desk(file);
    auto database = sqlite::Database::open(desk.database());
    if (!database) return;
    for (const auto& step : steps) {
        Tape tape(step);
        const auto what = static_cast<Do>(tape.u8() % static_cast<std::uint8_t>(Do::count));
        if (what != Do::page) change_cell(*database, what, tape);
    }
    {
        const auto gone = std::move(*database);
    }
    file = desk.bytes();
    for (const auto& step : steps) {
        Tape tape(step);
        const auto what = static_cast<Do>(tape.u8() % static_cast<std::uint8_t>(Do::count));
        if (what == Do::page) change_page(file, tape);
    }
}

/// What a program does with a database in its first minute.
void use(Replica& replica) {
    const auto& office = Office::get();
    static_cast<void>(replica.check());
    static_cast<void>(export_state(replica, {}));
    for (const auto* type : {"thing", "other"}) {
        ListRequest request;
        request.type = type;
        static_cast<void>(list_records(replica, request));
    }
    for (const auto& text : office.records()) {
        const auto record = RecordId::parse(text);
        if (!record) continue;
        static_cast<void>(replica.place_of(*record));
        static_cast<void>(replica.history(office.space(), *record));
        Json fields;
        fields.set("name", "again");
        static_cast<void>(replica.write(office.space(), {SetFields{*record, fields}}));
    }
    static_cast<void>(replica.quarantine());
    static_cast<void>(replica.alarms());
    static_cast<void>(replica.stats());
    static_cast<void>(replica.apply_bundle(office.bundle()));
    if (!replica.has_org()) return;
    FakeEnv env(6);
    MemoryRelayStore store = office.store();
    static_cast<void>(honest_pass(replica, store, env));
    static_cast<void>(replica.check());
}

void database(ByteView script) {
    auto file = Office::get().centre();
    spoil(steps_of(script), file);
    Desk desk(file);
    if (desk.open()) use(desk.replica());
}

std::vector<Bytes> database_seeds() {
    std::vector<Bytes> seeds;
    const auto code = [](Do what) { return static_cast<std::uint8_t>(what); };
    for (std::uint8_t table = 0; table < 48; ++table) {
        std::vector<Bytes> steps;
        for (std::uint8_t column = 0; column < 6; ++column) {
            const auto form = static_cast<std::uint8_t>((table + column) % 6);
            steps.push_back(step(code(Do::cell), {table, column, 0, form, 3},
                                 as_bytes(std::string_view("\x01\x02\x00\xff", 4))));
            seeds.push_back(script_of({steps.back()}));
        }
        seeds.push_back(script_of({step(code(Do::drop_row), {table, 0, 0})}));
    }
    for (std::uint8_t page = 0; page < 60; page += 3) {
        seeds.push_back(script_of(
            {step(code(Do::page), {page, static_cast<std::uint8_t>(page * 16), page, 0},
                  as_bytes("changed"))}));
    }
    return seeds;
}

}  // namespace

std::vector<FuzzTarget> database_targets() {
    return {{"database", &database, &database_seeds, true, true}};
}

}  // namespace trellis::test
