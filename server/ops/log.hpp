// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace trellis::server {

enum class Level : std::uint8_t {
    debug,
    info,
    warn,
    error
};

/// One member of a log line.
struct LogField {
    std::string_view name;
    std::variant<std::int64_t, std::string_view> value;
};

/// What the server tells its operator: one JSON object a line, each written at once. Only
/// identifiers, codes and counts: never a name, an address of a family's device, a key.
/// Any thread may call.
class Log {
public:
    /// Lines less important than `least` are left out.
    Log(int descriptor, Level least) : descriptor_(descriptor), least_(least) {}

    void write(Level level, std::string_view event, std::initializer_list<LogField> fields = {});

private:
    int descriptor_;
    Level least_;
};

/// One line without its end, as Log writes it.
std::string log_line(std::int64_t time_ms,
                     Level level,
                     std::string_view event,
                     std::initializer_list<LogField> fields);

/// "2031-05-06T07:08:09.123Z"
std::string iso_time(std::int64_t time_ms);

}  // namespace trellis::server
