// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/server_store.hpp"

#include "server/store/sqlite_reader.hpp"
#include "server/store/sqlite_writer.hpp"

namespace trellis::sim {

Result<void> SimStore::prepare() {
    TRELLIS_TRY(auto database, server::open_store_database(place_, true));
    return server::begin_new_life(database, place_);
}

Result<void> SimStore::mark_restored() {
    TRELLIS_TRY(auto database, server::open_store_database(place_, false));
    return server::mark_as_copy(database);
}

Result<std::unique_ptr<server::StoreWriter>> SimStore::open_writer() {
    return server::SqliteWriter::open(place_, server::StoreOptions{});
}

Result<std::unique_ptr<server::StoreReader>> SimStore::open_reader() {
    return server::SqliteReader::open(place_);
}

Result<Bytes> SimStore::server_seed(ByteView fresh) {
    return server::keep_server_seed(place_, fresh);
}

}  // namespace trellis::sim
