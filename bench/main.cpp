// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "bench/cases.hpp"

/// trellis-bench DATA WORK [case]: prints one table. DATA holds what gen.mjs made.
int main(int argc, char** argv) {
    using namespace trellis::bench;
    if (argc < 3) {
        std::fprintf(stderr, "usage: trellis-bench DATA WORK [write|bulk|edits|sizes|noop|trust]\n");
        return 2;
    }
    const Folders folders{argv[1], argv[2]};
    std::filesystem::remove_all(folders.work);
    std::filesystem::create_directories(folders.work);
    struct Case {
        const char* name;
        void (*run)(const Folders&, Table&);
    };
    const Case cases[] = {{"write", measure_local_write},
                          {"sizes", measure_sizes},
                          {"edits", measure_edits},
                          {"bulk", measure_bulk},
                          {"noop", measure_no_op},
                          {"trust", measure_trust}};
    Table table;
    for (const auto& each : cases) {
        if (argc > 3 && std::strcmp(argv[3], each.name) != 0) continue;
        std::fprintf(stderr, "bench: %s\n", each.name);
        each.run(folders, table);
    }
    std::fputs(to_markdown(table).c_str(), stdout);
    return 0;
}
