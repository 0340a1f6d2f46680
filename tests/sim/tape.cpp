// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/tape.hpp"

#include <array>
#include <cstdio>
#include <memory>

namespace trellis::sim {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

Result<void> write_text(const std::string& path, const std::string& text, const char* mode) {
    File file(std::fopen(path.c_str(), mode), std::fclose);
    if (file != nullptr && std::fwrite(text.data(), 1, text.size(), file.get()) == text.size() &&
        std::fflush(file.get()) == 0) {
        return {};
    }
    return Error{Code::denied, path + " cannot be written"};
}

}  // namespace

Result<std::string> read_text(const std::string& path) {
    File file(std::fopen(path.c_str(), "rb"), std::fclose);
    if (file == nullptr) return Error{Code::not_found, path + " cannot be read"};
    std::string text;
    std::array<char, 4096> buffer{};
    while (const auto count = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
        text.append(buffer.data(), count);
    }
    return text;
}

Result<void> append_line(const std::string& path, const std::string& line) {
    return write_text(path, line + "\n", "ab");
}

Result<Plan> read_tape(const std::string& path) {
    TRELLIS_TRY(const auto text, read_text(path));
    TRELLIS_TRY(const auto json, parse_json(text));
    return plan_from(json);
}

Result<void> write_tape(const std::string& path, const Plan& plan) {
    return write_text(path, print_json(to_json(plan)) + "\n", "wb");
}

}  // namespace trellis::sim
