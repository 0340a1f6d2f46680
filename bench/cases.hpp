// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bench/district.hpp"
#include "bench/table.hpp"

/// Each measures one thing and adds its lines. `data` is the folder of the generated records,
/// `work` an empty folder for databases.
namespace trellis::bench {

struct Folders {
    std::string data;
    std::string work;
};

void measure_local_write(const Folders& folders, Table& table);
void measure_bulk(const Folders& folders, Table& table);
void measure_edits(const Folders& folders, Table& table);
void measure_sizes(const Folders& folders, Table& table);
void measure_no_op(const Folders& folders, Table& table);
void measure_trust(const Folders& folders, Table& table);

}  // namespace trellis::bench
