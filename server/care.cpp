// SPDX-License-Identifier: Apache-2.0
#include "server/care.hpp"

#include "core/base/json.hpp"
#include "server/store/sqlite_care.hpp"
#include "server/store/sqlite_reader.hpp"
#include "server/store/sqlite_store.hpp"

#include <cstdio>
#include <fmt/format.h>

namespace trellis::server {
namespace {

Result<int> backup(const std::string& store, const std::string& path) {
    TRELLIS_DO(backup_store(store, path));
    fmt::print("The store was copied to {}.\n", path);
    return 0;
}

Result<int> restore(const std::string& store, const std::string& path) {
    TRELLIS_TRY(const std::string aside, restore_store(store, path));
    fmt::print("{} now holds what was backed up; devices will push again what it lacks.\n", store);
    if (!aside.empty()) fmt::print("What was there before is kept as {}.\n", aside);
    return 0;
}

Result<int> check(const std::string& store) {
    const auto problems = check_store(store);
    if (!problems && problems.error().code != Code::corrupt) return problems.error();
    if (!problems) {
        fmt::print("{}\n", problems.error().message);
        return 1;
    }
    for (const std::string& problem : *problems)
        fmt::print("{}\n", problem);
    if (problems->empty()) fmt::print("No problems found.\n");
    return problems->empty() ? 0 : 1;
}

Result<int> stats(const std::string& store) {
    // Opened once the strict way, which says what is wrong with it.
    TRELLIS_DO(open_store_file(store, false));
    TRELLIS_TRY(const auto reader, SqliteReader::open(store));
    TRELLIS_TRY(const StoreStats stats, reader->stats());
    Json line;
    line.set("orgs", stats.orgs);
    line.set("entries", stats.entries);
    line.set("spaces", stats.spaces);
    line.set("chains", stats.chains);
    line.set("envelopes", stats.envelopes);
    line.set("envelope_bytes", stats.envelope_bytes);
    line.set("store_bytes", stats.store_bytes);
    fmt::print("{}\n", print_json(line));
    return 0;
}

}  // namespace

Result<int> care_for_store(const Request& request) {
    TRELLIS_TRY(const std::string store, sqlite_path(request.config.store));
    switch (request.verb) {
        case Request::Verb::backup:
            return backup(store, request.path);
        case Request::Verb::restore:
            return restore(store, request.path);
        case Request::Verb::check:
            return check(store);
        default:
            break;
    }
    TRELLIS_CHECK(request.verb == Request::Verb::stats);
    return stats(store);
}

}  // namespace trellis::server
