// SPDX-License-Identifier: Apache-2.0
#include "server/ops/log.hpp"

#include "core/base/json.hpp"

#include <chrono>
#include <ctime>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

namespace trellis::server {
namespace {

std::string_view name_of(Level level) {
    switch (level) {
        case Level::debug:
            return "debug";
        case Level::info:
            return "info";
        case Level::warn:
            return "warn";
        case Level::error:
            break;
    }
    return "error";
}

/// An operator's disk may be full too: a line that cannot be written is given up.
void write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace

std::string iso_time(std::int64_t time_ms) {
    const std::time_t seconds = static_cast<std::time_t>(time_ms / 1000);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), time_ms % 1000);
}

std::string log_line(std::int64_t time_ms,
                     Level level,
                     std::string_view event,
                     std::initializer_list<LogField> fields) {
    std::string line =
        fmt::format(R"({{"ts":"{}","level":"{}","event":)", iso_time(time_ms), name_of(level));
    print_json_string(event, line);
    for (const LogField& field : fields) {
        line += ',';
        print_json_string(field.name, line);
        line += ':';
        if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
            line += std::to_string(*number);
        } else {
            print_json_string(std::get<std::string_view>(field.value), line);
        }
    }
    line += '}';
    return line;
}

void Log::write(Level level, std::string_view event, std::initializer_list<LogField> fields) {
    if (level < least_) return;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto time_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    write_all(descriptor_, log_line(time_ms, level, event, fields) + '\n');
}

}  // namespace trellis::server
