// SPDX-License-Identifier: Apache-2.0
// train_dictionary OUT: writes a dictionary trained on made-up bodies. Run from the root of the
// repository, by hand, for a new number of dictionary: one that has shipped never changes.
#define ZDICT_STATIC_LINKING_ONLY
#include "core/base/limits.hpp"
#include "core/codec/dictionary/made_up.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <zdict.h>

namespace trellis::core {
namespace {

constexpr std::size_t dictionary_size = 16 * 1024;
constexpr std::size_t bodies = 6000;

std::string read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The files of a folder in the same order everywhere.
std::vector<Json> read_all(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    std::vector<Json> all;
    for (const auto& path : paths)
        all.push_back(parse_json(read(path)).value());
    return all;
}

Schema district() {
    Json json;
    json.set("types", read_all("core/domain/types"));
    Json enumerations{Json::Object{}};
    for (auto& list : read_all("core/domain/enumerations")) {
        enumerations.set(*list["name"].string(), list);
    }
    json.set("enums", std::move(enumerations));
    return Schema::parse(json).value();
}

Bytes train() {
    MadeUp made_up(district(), read("core/codec/dictionary/phrases.txt"), 1);
    Bytes samples;
    std::vector<std::size_t> sizes;
    for (std::size_t i = 0; i < bodies; ++i) {
        const auto body = made_up.body(1 + i % 7);
        append(samples, body);
        sizes.push_back(body.size());
    }
    ZDICT_cover_params_t settings{};
    settings.k = 64;
    settings.d = 8;
    settings.nbThreads = 1;
    settings.splitPoint = 1.0;
    settings.zParams.compressionLevel = 12;
    settings.zParams.dictID = 1;
    Bytes dictionary(dictionary_size);
    const auto size = ZDICT_trainFromBuffer_cover(dictionary.data(),
                                                  dictionary.size(),
                                                  samples.data(),
                                                  sizes.data(),
                                                  static_cast<unsigned>(sizes.size()),
                                                  settings);
    TRELLIS_CHECK(!ZDICT_isError(size));
    dictionary.resize(size);
    return dictionary;
}

}  // namespace
}  // namespace trellis::core

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: train_dictionary OUT\n";
        return 2;
    }
    const auto dictionary = trellis::core::train();
    std::ofstream file(argv[1], std::ios::binary);
    file << trellis::as_text(dictionary);
    std::cout << dictionary.size() << " bytes\n";
    return file.good() ? 0 : 1;
}
