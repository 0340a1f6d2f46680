// SPDX-License-Identifier: Apache-2.0
#include "tests/exchange/files.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace trellis::clients {
Bytes file_bytes(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) FAIL(path << " is not there, seen from " << std::filesystem::current_path());
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return bytes_of(text);
}

Json file_json(const std::string& path) {
    const auto bytes = file_bytes(path);
    auto json = parse_json(as_text(bytes));
    if (!json) FAIL(path << ": " << json.error().message);
    return std::move(*json);
}

Files grand_bend() {
    Files files;
    const std::string folder = "fixtures/exchange/oneroster-grand-bend-1.1/";
    for (const std::string name : {"manifest",
                                   "orgs",
                                   "users",
                                   "enrollments",
                                   "classes",
                                   "demographics",
                                   "academicSessions",
                                   "courses",
                                   "attendance"}) {
        files[name + ".csv"] = file_bytes(folder + name + ".csv");
    }
    return files;
}

Files small_package_with(const std::string& file,
                         std::string_view text,
                         std::string_view replacement) {
    auto files = small_package();
    std::string content(as_text(files.at(file)));
    const auto at = content.find(text);
    REQUIRE(at != std::string::npos);
    content.replace(at, text.size(), replacement);
    files[file] = bytes_of(content);
    return files;
}

core::Schema shipped_schema() {
    Json types = Json::Array{};
    Json enumerations = Json::Object{};
    for (const auto& entry : std::filesystem::directory_iterator("core/domain/types")) {
        types.push(file_json(entry.path().string()));
    }
    for (const auto& entry : std::filesystem::directory_iterator("core/domain/enumerations")) {
        const auto json = file_json(entry.path().string());
        enumerations.set(*json["name"].string(), json);
    }
    Json all;
    all.set("types", std::move(types));
    all.set("enums", std::move(enumerations));
    auto schema = core::Schema::parse(all);
    if (!schema) FAIL(schema.error().message);
    return std::move(*schema);
}

RecordLookup readable_ids() {
    return {[](std::string_view type, std::string_view key) {
                return "<" + std::string(type) + " " + std::string(key) + ">";
            },
            {}};
}

RecordLookup real_ids() {
    return {[](std::string_view type, std::string_view key) {
                // Two different sums, so that no two names of these tests meet.
                std::uint64_t a = 14'695'981'039'346'656'037U;
                std::uint64_t b = 1;
                for (const char c : std::string(type) + " " + std::string(key)) {
                    a = (a ^ static_cast<std::uint8_t>(c)) * 1'099'511'628'211U;
                    b = b * 6'364'136'223'846'793'005U + static_cast<std::uint8_t>(c);
                }
                ByteArray<16> hash{};
                for (std::size_t i = 0; i < 8; ++i) {
                    hash[i] = static_cast<std::uint8_t>(a >> (8 * i));
                    hash[8 + i] = static_cast<std::uint8_t>(b >> (8 * i));
                }
                return RecordId::keyed(hash).hex();
            },
            {}};
}

}  // namespace trellis::clients
