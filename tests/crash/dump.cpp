// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/dump.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

#include "crypto/primitive/hash.hpp"

namespace trellis::test {
namespace {

template <class T>
T must(Result<T> result) {
    if (!result) FAIL(result.error().message);
    return std::move(*result);
}

}  // namespace

std::string dump(sqlite::Database& database) {
    auto tables = must(database.prepare(
        "SELECT name FROM pragma_table_list WHERE schema='main' AND type='table' ORDER BY name"));
    std::string text;
    while (must(tables.step())) {
        const std::string name(tables.text(0));
        auto rows = must(database.prepare("SELECT * FROM \"" + name + "\""));
        std::vector<std::string> lines;
        while (must(rows.step())) {
            std::string line;
            for (int at = 0; at < rows.columns(); ++at) {
                line += std::string(rows.text(at)) + "|" + std::to_string(rows.bytes(at).size()) + "|";
                line += as_text(rows.bytes(at));
            }
            lines.push_back(std::move(line));
        }
        std::sort(lines.begin(), lines.end());
        std::string all;
        for (const auto& line : lines) all += line + "\n";
        const auto digest = crypto::hash(crypto::Label::emergency, {as_bytes(all)});
        text += name + " " + std::to_string(lines.size()) + " " + digest.hex().substr(0, 12) + "\n";
    }
    return text;
}

}  // namespace trellis::test
