// SPDX-License-Identifier: Apache-2.0
#include "core/store/store.hpp"

#include "core/sqlite/broken.hpp"
#include "core/store/functions.hpp"
#include "core/store/schema_print.hpp"

namespace trellis::core {

Store::Store(sqlite::Database opened, Schema of, Env& world)
    : env(world)
    , database(std::move(opened))
    , schema(std::move(of))
    , actors(database)
    , spaces(database)
    , records(database, schema, actors)
    , links(database, actors) {}

Result<std::unique_ptr<Store>> Store::open(const sqlite::OpenOptions& options, Schema schema,
                                           Env& env) {
    TRELLIS_TRY(auto database, sqlite::Database::open(options));
    std::unique_ptr<Store> store(new Store(std::move(database), std::move(schema), env));
    TRELLIS_DO(sqlite::migrate(store->database, database_steps()));
    TRELLIS_DO(store->actors.load());
    TRELLIS_DO(store->spaces.load());
    TRELLIS_DO(define_functions(store->database, store->actors, store->spaces));
    TRELLIS_DO(store->adopt_schema());
    return store;
}

/// Tables and views follow the schema only when it has changed: opening is otherwise free.
Result<void> Store::adopt_schema() {
    const Bytes print = schema_print(schema);
    TRELLIS_TRY(const auto known, meta("schema"));
    if (known && *known == print) return {};
    if (const auto missing = known ? missing_from(*known, print) : std::nullopt) {
        return Error{Code::unsupported, "the schema lacks " + *missing + " as this database has "
                                        "it: schemas only grow; use the one it was written with"};
    }
    TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(database));
    TRELLIS_TRY(const auto changes, apply_schema(database, schema));
    TRELLIS_DO(records.adopt(changes));
    TRELLIS_DO(set_meta("schema", print));
    return transaction.commit();
}

Result<std::optional<Bytes>> Store::meta(std::string_view name) {
    TRELLIS_TRY(auto select, database.prepare("SELECT value FROM _meta WHERE name=?1"));
    select.bind_text(1, name);
    TRELLIS_TRY(const bool found, select.step());
    if (!found) return std::optional<Bytes>();
    return std::optional(to_bytes(select.bytes(0)));
}

Result<void> Store::set_meta(std::string_view name, ByteView value) {
    TRELLIS_TRY(auto upsert,
                database.prepare("INSERT OR REPLACE INTO _meta(name, value) VALUES(?1, ?2)"));
    upsert.bind_text(1, name).bind_bytes(2, value);
    return upsert.run();
}

void Store::roll_back() {
    database.rollback();
    links.forget();
    // What memory mirrors is read again. Where that fails, too, nothing more is written by it.
    auto result = actors.load();
    if (result) result = spaces.load();
    if (result) return;
    env.log("store.reload", to_string(result.error().code));
    sqlite::give_up(database.handle());
}

}  // namespace trellis::core
