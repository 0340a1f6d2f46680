// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/env.hpp"
#include "core/codec/compress.hpp"
#include "core/store/applier.hpp"
#include "core/store/link_store.hpp"
#include "core/store/record_store.hpp"
#include "core/store/spaces.hpp"

namespace trellis::core {

/// Everything that one open database holds, and the world it lives in. Its parts refer to each
/// other, so it stays where it was made.
class Store {
public:
    static Result<std::unique_ptr<Store>> open(const sqlite::OpenOptions& options, Schema schema,
                                               Env& env);
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    Env& env;
    sqlite::Database database;
    const Schema schema;
    Actors actors;
    Spaces spaces;
    RecordStore records;
    LinkStore links;
    Compressor compressor;

    /// A small named value; nothing where there is none.
    Result<std::optional<Bytes>> meta(std::string_view name);
    /// In the caller's transaction.
    Result<void> set_meta(std::string_view name, ByteView value);

    /// Undoes, in memory too, what a failed transaction did.
    void roll_back();

private:
    Store(sqlite::Database opened, Schema of, Env& world);
    Result<void> adopt_schema();
};

}  // namespace trellis::core
